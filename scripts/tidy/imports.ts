/**
 * Owns how imports are found in a source file: by the compiler's own parser, so that no comment, string or template is
 * mistaken for an import and none is missed.
 */
import { dirname, join } from 'node:path/posix';
import ts from 'typescript';

export interface Import {
  readonly specifier: string;
  /** `type`: erased before the program runs. */
  readonly kind: 'type' | 'value';
  readonly line: number;
}

/** Stands for the argument of `import(...)` that only the running program knows. */
export const COMPUTED = '<computed>';

export function importsOf(path: string, text: string): readonly Import[] {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true);
  const found: Import[] = [];
  const add = (specifier: string, kind: Import['kind'], at: ts.Node): void => {
    found.push({ specifier, kind, line: source.getLineAndCharacterOfPosition(at.getStart()).line + 1 });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(textOf(node.moduleSpecifier), kindOfImport(node.importClause), node);
    else if (ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined) {
      add(textOf(node.moduleSpecifier), node.isTypeOnly ? 'type' : 'value', node);
    } else if (ts.isImportTypeNode(node)) {
      add(ts.isLiteralTypeNode(node.argument) ? textOf(node.argument.literal) : COMPUTED, 'type', node);
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      add(textOf(node.arguments[0]), 'value', node);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** `import {} from` and `import { type A } from` are values: with verbatimModuleSyntax the module still runs. */
const kindOfImport = (clause: ts.ImportClause | undefined): Import['kind'] =>
  clause?.phaseModifier === ts.SyntaxKind.TypeKeyword ? 'type' : 'value';

const textOf = (node: ts.Node | undefined): string =>
  node !== undefined && ts.isStringLiteralLike(node) ? node.text : COMPUTED;

/** Where an import leads: a path of the tree, `npm:NAME` or `node:NAME`. */
export function destinationOf(from: string, specifier: string): string {
  if (specifier.startsWith('.')) return join(dirname(from), specifier);
  if (specifier.startsWith('node:')) return specifier;
  const [first = '', second = ''] = specifier.split('/');
  return `npm:${first.startsWith('@') ? `${first}/${second}` : first}`;
}
