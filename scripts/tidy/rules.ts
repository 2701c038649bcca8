/**
 * Owns the rules that no other tool checks, each a function from the tree of files to the problems that it found: imports,
 * opening comments, folder maps, citations, lengths, and what must not stand in a public repository.
 */
import { dirname, join } from 'node:path/posix';
import { noCircles } from './circles.ts';
import { functionsOf } from './functions.ts';
import { COMPUTED, destinationOf, importsOf } from './imports.ts';
import { forbidden, layersTable } from './table.ts';
import type { Problem, Rule, Tree } from './tree.ts';
import { writesWhole } from './writes.ts';

const LINE_LIMIT = 300;
const FUNCTION_LIMIT = { product: 60, test: 80 } as const;

/** Longer files, each with its reason. */
const LONGER: Readonly<Record<string, { readonly limit: number; readonly why: string }>> = {
  'firmware/phone.ts': { limit: 430, why: 'router 1: the whole wiring of the phone in one place' },
  'firmware/sip/stack/attempts.ts': {
    limit: 340,
    why: 'one walk from DNS list to report; its messages, record and outcomes are files of their own',
  },
  'firmware/sip/stack/subscribes.ts': { limit: 360, why: 'a walk and its first NOTIFY, as attempts.ts is a walk' },
  'scripts/layers.ts': { limit: 400, why: 'one table' },
  'firmware/sip/message/parse.ts': { limit: 400, why: 'one grammar, read from top to bottom' },
};

/** Folders whose README is a map: it names everything that lies in them. */
const MAPPED = ['firmware', 'hal', 'boards', 'scripts', 'test', 'docs'];

/** A check that sees nothing passes: fewer than these, and the tidy run itself is at fault. */
const FEWEST = { sources: 200, imports: 1000 } as const;

export const RULES: Readonly<Record<string, Rule>> = {
  'enough seen': enoughSeen,
  imports: importsAllowed,
  circles: noCircles,
  'whole files': writesWhole,
  'opening comment': opensWithComment,
  'folder map': foldersMapped,
  'open work': noOpenWork,
  'RFC citations': citationsKnown,
  length: filesShort,
  'function length': functionsShort,
  private: nothingPrivate,
  'final newline': endsWithNewline,
  'skipped tests': noSkippedTests,
  'documented numbers': numbersDocumented,
  'used fixtures': fixturesUsed,
  'import table': tableCurrent,
  links: linksResolve,
  'named scripts': scriptsExist,
  'lock file': lockComplete,
};

function enoughSeen(tree: Tree): readonly Problem[] {
  const files = sources(tree);
  const imports = files.reduce((sum, [path, text]) => sum + importsOf(path, text).length, 0);
  if (files.length >= FEWEST.sources && imports >= FEWEST.imports) return [];
  return [{ path: '.', line: 1, text: `only ${files.length} sources and ${imports} imports were seen` }];
}

function importsAllowed(tree: Tree): readonly Problem[] {
  return sources(tree).flatMap(([path, text]) =>
    importsOf(path, text).flatMap(({ specifier, kind, line }) => {
      if (specifier === COMPUTED)
        return mayCompute(path) ? [] : [{ path, line, text: 'imports a module by a computed name' }];
      const to = destinationOf(path, specifier);
      if (to.endsWith('.css') || to.endsWith('.html')) return [];
      if (specifier.startsWith('.') && !tree.has(to))
        return [{ path, line, text: `imports ${to}, which does not exist` }];
      const why = forbidden(path, to, kind);
      return why === null ? [] : [{ path, line, text: `imports ${to}: ${why}` }];
    }),
  );
}

/** The composers load what a command line names; the lab and the tests load what lies on the disk. */
const mayCompute = (path: string): boolean => /^(boards|scripts|test)\//.test(path);

function opensWithComment(tree: Tree): readonly Problem[] {
  return sources(tree).flatMap(([path, text]) => {
    const opening = /^(?:#![^\n]*\n)?(?:\/\*\*([\s\S]*?)\*\/|((?:\/\/[^\n]*\n)+))/.exec(text);
    if (opening === null) return [{ path, line: 1, text: 'has no opening comment that says what it owns' }];
    const owns = /\bowns?\b/i.test(opening[0]) || path.startsWith('test/') || path.endsWith('.d.ts');
    return owns ? [] : [{ path, line: 1, text: 'opens with a comment that does not say what it owns' }];
  });
}

function foldersMapped(tree: Tree): readonly Problem[] {
  return MAPPED.flatMap((folder) => {
    const path = `${folder}/README.md`;
    const map = tree.get(path);
    if (map === undefined) return [{ path, line: 1, text: 'is missing' }];
    const children = new Set(
      [...tree.keys()].filter((file) => file.startsWith(`${folder}/`)).map((file) => childName(folder, file)),
    );
    children.delete('README.md');
    const named = new Set(
      [...map.matchAll(/^[|*-]\s*(?:`([\w./-]+)`|\[`?([\w./-]+)`?\]\()/gm)].map(([, a, b]) => a ?? b ?? ''),
    );
    const unnamed = [...children].filter((child) => !named.has(child));
    const gone = [...named].filter((name) => !children.has(name));
    return [
      ...unnamed.map((child) => ({
        path,
        line: 1,
        text: `does not name \`${child}\` at the start of a line of its map`,
      })),
      ...gone.map((name) => ({
        path,
        line: lineOf(map, `\`${name}\``),
        text: `names \`${name}\`, which does not exist`,
      })),
    ];
  });
}

function childName(folder: string, file: string): string {
  const rest = file.slice(folder.length + 1);
  const slash = rest.indexOf('/');
  return slash === -1 ? rest : rest.slice(0, slash + 1);
}

function noOpenWork(tree: Tree): readonly Problem[] {
  const words = new RegExp(`\\b(${['TO' + 'DO', 'FIX' + 'ME', 'X' + 'XX', 'HA' + 'CK'].join('|')})\\b`);
  return hits(code(tree), words, (word) => `leaves ${word} behind: open an issue instead`);
}

function citationsKnown(tree: Tree): readonly Problem[] {
  const list = 'docs/rfc-coverage.md';
  const known = tree.get(list);
  const cited = sources(tree).filter(([path]) => path.startsWith('firmware/'));
  return hits(cited, /\bRFC (\d{3,5})\b/, (citation) => {
    if (known === undefined) return `cites ${citation}, but ${list} is missing`;
    return new RegExp(`\\b${citation.slice(4)}\\b`).test(known)
      ? null
      : `cites ${citation}, which ${list} does not know`;
  });
}

function filesShort(tree: Tree): readonly Problem[] {
  const written = code(tree).filter(([path]) => !path.endsWith('.css'));
  return written.flatMap(([path, text]) => {
    const lines = text.split('\n').length - 1;
    const limit = LONGER[path]?.limit ?? LINE_LIMIT;
    return lines <= limit
      ? []
      : [{ path, line: limit, text: `has ${lines} lines, more than ${limit}: give it a second file` }];
  });
}

/** A function's own lines: what lies in the functions within it is counted there, so that a closure may hold a machine. */
function functionsShort(tree: Tree): readonly Problem[] {
  return sources(tree).flatMap(([path, text]) => {
    const limit = path.startsWith('test/') ? FUNCTION_LIMIT.test : FUNCTION_LIMIT.product;
    return functionsOf(path, text)
      .filter(({ ownLines }) => ownLines > limit)
      .map(({ name, line, ownLines }) => ({
        path,
        line,
        text: `${name} has ${ownLines} lines of its own, more than ${limit}`,
      }));
  });
}

/** Facts of one machine or one network: they mean nothing to a reader, and may tell what is nobody's business. */
function nothingPrivate(tree: Tree): readonly Problem[] {
  const folders = ['wo' + 'rk', 'ro' + 'ot', 'ho' + 'me\\/[a-z]\\w*'].join('|');
  const path = new RegExp(`(?<![\\w.$}-])\\/(${folders})\\/`);
  const registry = /https?:\/\/[^/\s"'`)]*(registry|npmjs|artifactory|verdaccio|nexus|mirror)[^/\s"'`)]*/;
  const files = [...tree];
  return [
    ...hits(files, path, (found) => `names a folder of one machine: ${found}`),
    ...hits(files, registry, (found) => `names a package registry: ${found}`),
  ];
}

function endsWithNewline(tree: Tree): readonly Problem[] {
  return [...tree]
    .filter(([path]) => !path.startsWith('test/fixtures/') || path.includes('golden'))
    .filter(([, text]) => text !== '' && (!text.endsWith('\n') || text.endsWith('\n\n')))
    .map(([path, text]) => ({ path, line: text.split('\n').length, text: 'does not end with exactly one newline' }));
}

function noSkippedTests(tree: Tree): readonly Problem[] {
  const tests = sources(tree).filter(([path]) => /^test\/(unit|tables|property|sim|contract)\//.test(path));
  const skip = /\b(skip|todo)\b\s*:|\.(skip|todo)\(/;
  return hits(tests, skip, (found) => `skips a test (${found}): a test that needs no system package always runs`);
}

/** One comment may speak for the numbers that follow it line by line. */
function numbersDocumented(tree: Tree): readonly Problem[] {
  const path = 'firmware/config/defaults.ts';
  const lines = (tree.get(path) ?? '').split('\n');
  return lines.flatMap((text, index) => {
    const name = /^export const (\w+)/.exec(text)?.[1];
    if (name === undefined) return [];
    const above = lines.slice(0, index).findLast((other) => !other.startsWith('export const ')) ?? '';
    return above.endsWith('*/')
      ? []
      : [{ path, line: index + 1, text: `${name} has no comment with its unit and its source` }];
  });
}

function fixturesUsed(tree: Tree): readonly Problem[] {
  const prefix = 'test/fixtures/';
  const text = sources(tree)
    .map(([, source]) => source)
    .join('\n');
  const names = new Set(
    [...tree.keys()].filter((path) => path.startsWith(prefix)).map((path) => childName('test/fixtures', path)),
  );
  return [...names]
    .filter((name) => name !== 'README.md' && !text.includes(name.replace(/\/$/, '')))
    .map((name) => ({ path: `${prefix}${name}`, line: 1, text: 'is used by no test' }));
}

export const TABLE_FILE = 'ARCHITECTURE.md';
const TABLE = /(<!-- import table: start -->\n)[\s\S]*?(<!-- import table: end -->)/;

/** ARCHITECTURE.md with the import table as it is now, null where the markers are missing. */
export const withTable = (text: string): string | null =>
  TABLE.test(text)
    ? text.replace(TABLE, (_all, start: string, end: string) => `${start}${layersTable()}\n${end}`)
    : null;

function tableCurrent(tree: Tree): readonly Problem[] {
  const text = tree.get(TABLE_FILE);
  if (text !== undefined && withTable(text) === text) return [];
  return [{ path: TABLE_FILE, line: 1, text: 'does not show the import table as it is: npm run tidy -- --write' }];
}

function linksResolve(tree: Tree): readonly Problem[] {
  return [...tree].flatMap(([path, text]) => {
    if (!path.endsWith('.md')) return [];
    return [...text.matchAll(/\]\((?!https?:|mailto:|#)([^)\s#]+)[^)]*\)/g)].flatMap((match) => {
      const to = join(dirname(path), match[1] ?? '').replace(/\/$/, '');
      const known = tree.has(to) || [...tree.keys()].some((file) => file.startsWith(`${to}/`));
      return known ? [] : [{ path, line: lineOf(text, match[0]), text: `links to ${to}, which does not exist` }];
    });
  });
}

function scriptsExist(tree: Tree): readonly Problem[] {
  const scripts = new Set(
    Object.keys((JSON.parse(tree.get('package.json') ?? '{}') as { readonly scripts?: object }).scripts ?? {}),
  );
  return hits(
    [...tree].filter(([path]) => path.endsWith('.md')),
    /\bnpm (?:run )?(?:-s )?(start|test|[a-z]+:[a-z]+|(?<=run )[a-z]+)\b/,
    (found) =>
      scripts.has(found.replace(/^npm (run )?/, '')) ? null : `names \`${found}\`, which package.json does not have`,
  );
}

interface LockFile {
  readonly packages?: Readonly<Record<string, { readonly optionalDependencies?: Readonly<Record<string, string>> }>>;
}

/** npm ci refuses a lock file that leaves out what one of its packages names, be it for another platform. */
function lockComplete(tree: Tree): readonly Problem[] {
  const path = 'package-lock.json';
  const { packages = {} } = JSON.parse(tree.get(path) ?? '{}') as LockFile;
  const named = Object.values(packages).flatMap(({ optionalDependencies = {} }) => Object.keys(optionalDependencies));
  return named
    .filter((name) => packages[`node_modules/${name}`] === undefined)
    .map((name) => ({ path, line: 1, text: `leaves out ${name}: run npm run lock` }));
}

const sources = (tree: Tree): readonly (readonly [string, string])[] =>
  [...tree].filter(([path]) => path.endsWith('.ts'));

const code = (tree: Tree): readonly (readonly [string, string])[] =>
  [...tree].filter(([path]) => /\.(ts|mjs|js|css|sh)$/.test(path) || path === '.ci/run');

/** One problem for every line in which `pattern` is found, unless `tell` has nothing to say of it. */
function hits(
  files: readonly (readonly [string, string])[],
  pattern: RegExp,
  tell: (found: string) => string | null,
): readonly Problem[] {
  const all = new RegExp(pattern, 'g');
  return files.flatMap(([path, source]) =>
    source.split('\n').flatMap((content, index) =>
      [...content.matchAll(all)].flatMap((match) => {
        const text = tell(match[0]);
        return text === null ? [] : [{ path, line: index + 1, text }];
      }),
    ),
  );
}

const lineOf = (text: string, part: string): number => text.slice(0, text.indexOf(part)).split('\n').length;
