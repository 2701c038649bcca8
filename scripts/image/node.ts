/** Owns the Node of an image: npm's package of the arm64 binary with its headers, checked against the hash that is pinned. */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ImageError, kept, keyOf, run } from './store.ts';
import { NODE } from './versions.ts';

export interface NodeParts {
  /** The binary, as its makers left it. */
  readonly binary: string;
  /** Folder with `node.h`. */
  readonly headers: string;
}

export function nodeParts(): NodeParts {
  const folder = kept('node', keyOf(NODE.package, NODE.version, NODE.integrity), (growing) => {
    const packed = join(growing, 'packed');
    mkdirSync(packed);
    const name = run('npm', [
      'pack',
      '--silent',
      `${NODE.package}@${NODE.version}`,
      '--pack-destination',
      packed,
    ]).trim();
    const archive = join(packed, name);
    const found = `sha512-${createHash('sha512').update(readFileSync(archive)).digest('base64')}`;
    if (found !== NODE.integrity)
      throw new ImageError(`${NODE.package}@${NODE.version}: its hash is ${found}, ${NODE.integrity} is pinned`);
    run('tar', ['-xzf', archive, '-C', growing]);
    run('rm', ['-r', packed]);
  });
  return { binary: join(folder, 'package', 'bin', 'node'), headers: join(folder, 'package', 'include', 'node') };
}
