/** Owns the rule that no files import one another in a circle, be it for types alone: each can be read before those that use it. */
import { destinationOf, importsOf } from './imports.ts';
import type { Problem, Tree } from './tree.ts';

/** One problem for each circle, at its first import; tests may do as they like. */
export function noCircles(tree: Tree): readonly Problem[] {
  const uses = new Map<string, readonly { readonly to: string; readonly line: number }[]>();
  for (const [path, text] of tree) {
    if (!path.endsWith('.ts') || path.startsWith('test/')) continue;
    const found = importsOf(path, text).map(({ specifier, line }) => ({ to: destinationOf(path, specifier), line }));
    uses.set(
      path,
      found.filter(({ to }) => tree.has(to)),
    );
  }
  const problems: Problem[] = [];
  const done = new Set<string>();
  const way: string[] = [];
  const follow = (path: string): void => {
    way.push(path);
    for (const { to, line } of uses.get(path) ?? []) {
      const at = way.indexOf(to);
      if (at !== -1)
        problems.push({ path, line, text: `closes a circle of imports: ${[...way.slice(at), to].join(' → ')}` });
      else if (!done.has(to)) follow(to);
    }
    way.pop();
    done.add(path);
  };
  for (const path of uses.keys()) if (!done.has(path)) follow(path);
  return problems;
}
