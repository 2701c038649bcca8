/** Owns which files belong to the project: all that git would keep, read as text; what is no text counts as empty. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path/posix';

/** Text by path, of every file that belongs to the project. */
export type Tree = ReadonlyMap<string, string>;

export interface Problem {
  readonly path: string;
  readonly line: number;
  readonly text: string;
}

export type Rule = (tree: Tree) => readonly Problem[];

/** As .gitignore has it; the tree is also read where there is no git, such as in an unpacked archive. */
const LEFT_OUT = new Set(['.git', 'node_modules', 'dist', 'state', 'coverage', 'tmp', 'build']);

export function readTree(root: string): Tree {
  const tree = new Map<string, string>();
  const walk = (folder: string): void => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory() && !LEFT_OUT.has(entry.name)) walk(path);
      else if (entry.isFile() && !LEFT_OUT.has(entry.name) && !entry.name.endsWith('.log')) add(path);
    }
  };
  const add = (path: string): void => {
    const text = readFileSync(join(root, path), 'utf8');
    tree.set(path, text.includes('\0') ? '' : text);
  };
  walk('');
  return tree;
}
