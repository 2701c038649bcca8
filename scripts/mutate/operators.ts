/** Owns the slips of the hand that a file could have: an operator, a condition, a call, a number that is another one. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

/** Text of a file that is replaced to see whether some test notices. */
export interface Slip {
  readonly file: string;
  readonly line: number;
  /** Where the text begins and ends in the file. */
  readonly at: number;
  readonly end: number;
  readonly was: string;
  readonly now: string;
}

const LONGEST = 60;
const short = (text: string): string => {
  const line = text.replace(/\s+/g, ' ');
  return line.length <= LONGEST ? line : `${line.slice(0, LONGEST)}…`;
};

export const slipText = ({ file, line, was, now }: Slip): string => `${file}:${line}  ${short(was)}  ->  ${short(now)}`;

const { SyntaxKind } = ts;
const OTHERS: ReadonlyMap<ts.SyntaxKind, readonly string[]> = new Map([
  [SyntaxKind.LessThanToken, ['<=', '>']],
  [SyntaxKind.LessThanEqualsToken, ['<', '>=']],
  [SyntaxKind.GreaterThanToken, ['>=', '<']],
  [SyntaxKind.GreaterThanEqualsToken, ['>', '<=']],
  [SyntaxKind.EqualsEqualsEqualsToken, ['!==']],
  [SyntaxKind.ExclamationEqualsEqualsToken, ['===']],
  [SyntaxKind.AmpersandAmpersandToken, ['||']],
  [SyntaxKind.BarBarToken, ['&&']],
  [SyntaxKind.MinusToken, ['+']],
  [SyntaxKind.AsteriskToken, ['/']],
]);

/** Every slip of a file of the firmware, in the order of its text. */
export function slipsOf(root: string, file: string): readonly Slip[] {
  const text = readFileSync(join(root, file), 'utf8');
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const slips: Slip[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isTypeNode(node) || ts.isInterfaceDeclaration(node) || ts.isImportDeclaration(node)) return;
    for (const [part, now] of slipsAt(node)) {
      const at = part.getStart(source);
      const line = source.getLineAndCharacterOfPosition(at).line + 1;
      slips.push({ file, line, at, end: part.getEnd(), was: part.getText(source), now });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return slips;
}

/** What may be replaced at a node, and by what. */
function slipsAt(node: ts.Node): readonly (readonly [ts.Node, string])[] {
  if (ts.isBinaryExpression(node)) {
    const { operatorToken, right } = node;
    if (operatorToken.kind === SyntaxKind.QuestionQuestionToken) return [[node, right.getText()]];
    return (OTHERS.get(operatorToken.kind) ?? []).map((other) => [operatorToken, other]);
  }
  if (ts.isConditionalExpression(node)) return [[node.condition, `!(${node.condition.getText()})`]];
  if (ts.isIfStatement(node)) return ['false', 'true'].map((always) => [node.expression, always]);
  if (ts.isExpressionStatement(node) && ts.isCallExpression(node.expression)) return [[node, ';']];
  if (ts.isPrefixUnaryExpression(node) && node.operator === SyntaxKind.ExclamationToken)
    return [[node, node.operand.getText()]];
  if (ts.isNumericLiteral(node)) return [[node, String(Number(node.text) + 1)]];
  if (node.kind === SyntaxKind.TrueKeyword) return [[node, 'false']];
  if (node.kind === SyntaxKind.FalseKeyword) return [[node, 'true']];
  return ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)
    ? slipsOfCall(node.expression)
    : [];
}

/** Of `list.filter(…)` and of `Math.min(…)`. */
function slipsOfCall(called: ts.PropertyAccessExpression): readonly (readonly [ts.Node, string])[] {
  const of = called.expression.getText();
  const name = called.name.text;
  if (name === 'filter') return [[called.parent, of]];
  if (of !== 'Math' || (name !== 'min' && name !== 'max')) return [];
  return [[called.name, name === 'min' ? 'max' : 'min']];
}
