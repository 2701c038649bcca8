/** Two whole phones share a line at the lab, whose agent tells each what the other does: seized, held and taken over, on the main server and on the backup. */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { Composed } from '../../../boards/compose.ts';
import { compose } from '../../../boards/compose.ts';
import { createVirtualPanel } from '../../../boards/virtual/panel.ts';
import { parseRunArgs } from '../../../firmware/shell/args.ts';
import type { Command } from '../../../firmware/vocabulary.ts';
import type { Lab } from '../../../scripts/lab/lab.ts';
import { startLab } from '../../../scripts/lab/lab.ts';
import { folders } from '../../support/folder.ts';

/** Hang guard, ms. */
const PATIENCE_MS = 120_000;
const SHARED = [
  ...['sip line1 mode: 3', 'sip line1 bla number: 2900', 'failover probe period: 5', 'failover jitter: 0'],
  // A call waits so long for the word of the agent before it goes on without: on a slow host that comes late.
  'failover hedge limit: 8000',
];
const folder = folders();
const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

interface Desk {
  readonly composed: Composed;
  /** Of the shared line. */
  lamp(): string;
  call(): string;
  server(): string;
  press(): void;
  order(command: Command): void;
}

/** A phone with one of the lab's accounts as its only line. */
async function deskAt(lab: Lab, account: number): Promise<Desk> {
  const place = await folder();
  const text = await readFile(lab.info().config, 'utf8');
  const own = text.split('\n').flatMap((line) => {
    const [, number, rest = ''] = /^sip line(\d+) (.*)$/.exec(line) ?? [];
    return number === undefined || SHARED.includes(line)
      ? [line]
      : Number(number) === account
        ? [`sip line1 ${rest}`]
        : [];
  });
  const config = join(place, 'phone.cfg');
  await writeFile(config, own.join('\n'));
  const args = parseRunArgs(
    ['--config', config, '--state', place, '--board', 'virtual', '--dns', lab.info().dns, '--bind', '127.0.0.1'],
    {},
  );
  assert.ok(args.ok);
  const panel = createVirtualPanel(args.value.model);
  const composed = await compose(args.value, { panel, logLevel: 'silent' });
  assert.ok(composed.ok, composed.ok ? '' : composed.error);
  const { phone } = composed.value;
  cleanUps.push(async () => {
    await phone.stop();
    panel.stop();
  });
  const last = (name: string): Readonly<Record<string, unknown>> | undefined =>
    phone.events
      .since(0)
      .map(({ json }) => JSON.parse(json) as Record<string, unknown>)
      .findLast(({ event, name: key }) => event === name && (name !== 'lamp' || key === 'line1'));
  return {
    composed: composed.value,
    lamp: () => String(last('lamp')?.['state'] ?? 'off'),
    call: () => String(last('call')?.['state'] ?? 'none'),
    server: () => {
      const shared = phone.host.status().subscriptions.find(({ kind }) => kind === 'bla');
      return shared?.state === 'active' ? (shared.server ?? 'none') : 'none';
    },
    press() {
      for (const edge of ['down', 'up'] as const) phone.input({ kind: 'key', key: 'line1', edge });
    },
    order: (command) => phone.input({ kind: 'command', id: 'x', command }),
  };
}

async function until(what: string, holds: () => boolean, seen: () => unknown): Promise<void> {
  for (const end = performance.now() + PATIENCE_MS; !holds(); await pause(20))
    assert.ok(performance.now() < end, `${what}: not within ${PATIENCE_MS} ms, but ${JSON.stringify(seen())}`);
}

interface Site {
  readonly lab: Lab;
  readonly one: Desk;
  readonly two: Desk;
  readonly until: (what: string, holds: () => boolean) => Promise<void>;
}

async function sharing(): Promise<Site> {
  const lab = await startLab({ accounts: 2, extraConfig: SHARED });
  cleanUps.push(() => lab.stop());
  const [one, two] = [await deskAt(lab, 1), await deskAt(lab, 2)];
  const seen = (): unknown => [one, two].map((desk) => [desk.server(), desk.lamp(), desk.call()]);
  return { lab, one, two, until: (what, holds) => until(what, holds, seen) };
}

it('one dials, the other sees it; one holds, the other takes the call with the key of the line; on the backup as on the main server', async () => {
  const { lab, one, two, until: wait } = await sharing();
  for (const server of ['primary', 'backup'] as const) {
    if (server === 'backup') assert.equal((await lab.fault('primary', 'kill')).ok, true);
    await wait(`both on the ${server}`, () => one.server() === server && two.server() === server);
    for (const desk of [one, two]) await wait('nothing is on', () => desk.lamp() === 'off');
    one.order({ verb: 'dial', target: '200', line: 1 });
    await wait('the line is seized', () => two.lamp() === 'on');
    await wait('the callee answers', () => one.call() === 'connected');
    one.order({ verb: 'hold', call: null });
    await wait('a held call flashes slowly at the other phone', () => two.lamp() === 'slow-flash');
    two.press();
    await wait('the other has it', () => two.call() === 'connected' && one.call() === 'ended');
    await wait('and it is seen at the first', () => one.lamp() === 'on');
    two.order({ verb: 'hangup', call: null });
    await wait('the line is free', () => one.lamp() === 'off' && two.lamp() === 'off');
  }
  const calls = lab.requests().filter(({ method, status }) => method === 'INVITE' && status === 200);
  assert.deepEqual([...new Set(calls.map(({ server }) => server))], ['primary', 'backup']);
});

it('both dial at one instant: one has the line, the other hears that it is busy', async () => {
  const { lab, one, two, until: wait } = await sharing();
  await wait('both watch', () => one.server() === 'primary' && two.server() === 'primary');
  const agents = (): number =>
    lab.requests().filter(({ method, status }) => method === 'NOTIFY' && status === 200).length;
  await wait('both are watched', () => agents() >= 2);
  for (const desk of [one, two]) desk.order({ verb: 'dial', target: '200', line: 1 });
  const calls = (): readonly string[] => [one.call(), two.call()].sort();
  await wait('one talks, one does not', () => calls().join() === 'connected,ended');
  assert.equal(lab.requests().filter(({ method, status }) => method === 'NOTIFY' && status === 409).length, 1);
  const callers = lab
    .requests()
    .filter(({ method }) => method === 'INVITE')
    .map(({ from }) => from);
  assert.equal(new Set(callers).size, 1, 'who was refused has called nobody');
});
