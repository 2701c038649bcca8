/** Owns the packages with native code that a board needs, compiled for arm64 against the headers of the image's Node. */
import { cpSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nodeParts } from './node.ts';
import { kept, keyOf, keyOfFiles, run } from './store.ts';
import { NODE } from './versions.ts';

const MODULES = fileURLToPath(new URL('../../node_modules', import.meta.url));

/** Packages with sources to compile, and those of plain JavaScript that go with them. */
const NATIVE = { 'i2c-bus': 'i2c', epoll: 'epoll' } as const;
const PLAIN = ['onoff', 'bindings', 'file-uri-to-path', 'lodash.debounce'] as const;

/** What node-gyp would say to the compiler for each of them. */
const FLAGS = ['-shared', '-fPIC', '-O2', '-s', '-std=gnu++20', '-DBUILDING_NODE_EXTENSION', '-w'] as const;

/** A `node_modules` folder with `onoff`, `i2c-bus` and what they need. Read it, never write to it. */
export function addOns(): string {
  const versions = [...Object.keys(NATIVE), ...PLAIN, 'nan'].map((name) => `${name}@${versionOf(name)}`);
  const recipe = keyOfFiles(fileURLToPath(import.meta.url));
  return kept('add-ons', keyOf(NODE.version, recipe, ...versions), (folder) => {
    for (const name of PLAIN) copyPackage(name, folder);
    for (const [name, target] of Object.entries(NATIVE)) {
      copyPackage(name, folder);
      compile(name, target, join(folder, name, 'build', 'Release'));
    }
  });
}

const versionOf = (name: string): string =>
  (JSON.parse(readFileSync(join(MODULES, name, 'package.json'), 'utf8')) as { version: string }).version;

/** Without what the machine's own npm compiled, and without what is no part of the running program. */
function copyPackage(name: string, folder: string): void {
  const left = /\/(build|src|test|examples?|doc|docs|integration-test|node_modules)$/;
  cpSync(join(MODULES, name), join(folder, name), {
    recursive: true,
    filter: (path) => !left.test(path.slice(MODULES.length + name.length)),
  });
}

function compile(name: string, target: string, into: string): void {
  mkdirSync(into, { recursive: true });
  run('aarch64-linux-gnu-g++', [
    ...FLAGS,
    `-DNODE_GYP_MODULE_NAME=${target}`,
    `-I${nodeParts().headers}`,
    `-I${join(MODULES, 'nan')}`,
    join(MODULES, name, 'src', `${target}.cc`),
    '-o',
    join(into, `${target}.node`),
  ]);
}
