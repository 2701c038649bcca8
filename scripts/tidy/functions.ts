/** Owns how long the functions of a source file are: their own lines, without the functions that lie within them. */
import ts from 'typescript';

export interface FunctionLength {
  readonly name: string;
  readonly line: number;
  readonly ownLines: number;
}

export function functionsOf(path: string, text: string): readonly FunctionLength[] {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true);
  const found: FunctionLength[] = [];
  const lineAt = (position: number): number => source.getLineAndCharacterOfPosition(position).line + 1;
  /** Gives the lines that the functions below a node take. */
  const visit = (node: ts.Node): number => {
    let taken = 0;
    ts.forEachChild(node, (child) => {
      taken += visit(child);
    });
    if (!ts.isFunctionLike(node) || !('body' in node) || node.body === undefined) return taken;
    const line = lineAt(node.getStart());
    const lines = lineAt(node.end) - line + 1;
    found.push({ name: nameOf(node), line, ownLines: lines - taken });
    return lines;
  };
  visit(source);
  return found;
}

function nameOf(node: ts.SignatureDeclaration): string {
  if (node.name !== undefined) return node.name.getText();
  const { parent } = node;
  return ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent) ? parent.name.getText() : 'a function';
}
