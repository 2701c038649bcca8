/** Proves that the import table allows what the design says, forbids the rest, and leaves no source unclaimed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { GROUPS, LAYERS } from '../../../scripts/layers.ts';
import { forbidden, layerOf, layersTable, matches } from '../../../scripts/tidy/table.ts';
import { readTree } from '../../../scripts/tidy/tree.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));

test('every source of the project belongs to a layer', () => {
  const sources = [...readTree(root).keys()].filter((path) => path.endsWith('.ts'));
  assert.ok(sources.length >= 200, `only ${sources.length} sources were seen`);
  assert.deepEqual(
    sources.filter((path) => layerOf(path) === null),
    [],
  );
});

test('every name in the table is a layer, a group or a package', () => {
  const known = new Set([...LAYERS.map(({ name }) => name), ...Object.keys(GROUPS), '*', 'node:*']);
  const named = LAYERS.flatMap(({ values, types }) => [...values, ...types]).concat(...Object.values(GROUPS));
  assert.deepEqual(
    named.filter((name) => !known.has(name) && !name.startsWith('npm:')),
    [],
  );
});

test('every layer but those of later issues has a file', () => {
  const paths = [...readTree(root).keys()];
  const empty = LAYERS.filter(({ name }) => !paths.some((path) => layerOf(path)?.name === name));
  assert.deepEqual(
    empty.map(({ name }) => name).filter((name) => name !== 'hal/linux'),
    [],
  );
});

const FORBIDDEN = [
  ['firmware/kernel/time.ts', 'firmware/status.ts', 'type', /kernel may not import seams/],
  ['firmware/sip/transaction/key.ts', 'node:crypto', 'value', /may not import node/],
  ['firmware/sip/transaction/key.ts', 'firmware/servers/order.ts', 'type', /may not import servers/],
  ['firmware/sip/request.ts', 'firmware/sip/agent.ts', 'type', /sip\/request may not import sip\/agent/],
  ['firmware/registration/registration.ts', 'firmware/sip/stack.ts', 'value', /may not import sip\/stack/],
  ['firmware/registration/registration.ts', 'firmware/status.ts', 'value', /for its types alone/],
  ['firmware/servers/order.ts', 'firmware/shell/clock.ts', 'value', /may not import shell/],
  ['firmware/phone.ts', 'hal/drivers/hook-switch.ts', 'value', /may not import drivers/],
  ['firmware/phone.ts', 'npm:pino', 'value', /may not import npm:pino/],
  ['firmware/shell/run.ts', 'boards/virtual/main.ts', 'value', /may not import boards/],
  ['firmware/shell/run.ts', 'npm:sip', 'value', /may not import npm:sip/],
  ['hal/drivers/hook-switch.ts', 'firmware/kernel/time.ts', 'type', /may not import kernel/],
  ['boards/virtual/board.ts', 'boards/headless/board.ts', 'type', /never import one another/],
  ['firmware/shell/run.ts', 'scripts/tidy.ts', 'value', /nobody but their tests imports scripts/],
  ['test/sim/world.ts', 'firmware/shell/clock.ts', 'value', /may not import shell/],
  ['nowhere/x.ts', 'firmware/kernel/time.ts', 'value', /no layer .* claims nowhere/],
] as const;

for (const [from, to, kind, why] of FORBIDDEN) {
  test(`${from} may not import ${to} (${kind})`, () => {
    assert.match(forbidden(from, to, kind) ?? 'allowed', why);
  });
}

const ALLOWED = [
  ['firmware/sip/transaction/key.ts', 'firmware/kernel/time.ts', 'value'],
  ['firmware/registration/registration.ts', 'firmware/status.ts', 'type'],
  ['firmware/phone.ts', 'firmware/sip/stack.ts', 'value'],
  ['firmware/shell/run.ts', 'node:dgram', 'value'],
  ['boards/cli.ts', 'scripts/lab/lab.ts', 'value'],
  ['test/sim/world.ts', 'firmware/phone.ts', 'value'],
] as const;

for (const [from, to, kind] of ALLOWED) {
  test(`${from} may import ${to} (${kind})`, () => {
    assert.equal(forbidden(from, to, kind), null);
  });
}

test('one star stays within a folder, two stars go below it', () => {
  assert.equal(matches('boards/*/board.ts', 'boards/virtual/board.ts'), true);
  assert.equal(matches('boards/*/board.ts', 'boards/virtual/deep/board.ts'), false);
  assert.equal(matches('firmware/*.ts', 'firmware/phone.ts'), true);
  assert.equal(matches('firmware/*.ts', 'firmware/phonexts'), false);
  assert.equal(matches('firmware/web/**', 'firmware/web/panel/panel.ts'), true);
});

test('the printed table has one row for every layer', () => {
  const rows = layersTable()
    .split('\n')
    .filter((line) => line.startsWith('| '));
  assert.equal(rows.length, LAYERS.length + 2);
});
