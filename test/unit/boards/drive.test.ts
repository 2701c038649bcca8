/** Owns the tests of `holdfast drive`: a board's drivers ordered and told by lines. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { PassThrough } from 'node:stream';
import { describe, it } from 'node:test';
import { drive } from '../../../boards/drive.ts';
import { createVirtualPanel } from '../../../boards/virtual/panel.ts';

function driven() {
  const panel = createVirtualPanel('57i');
  const input = new PassThrough();
  const output = new PassThrough();
  const told: Record<string, unknown>[] = [];
  const lines = createInterface({ input: output });
  lines.on('line', (line) => void told.push(JSON.parse(line) as Record<string, unknown>));
  const ended = drive(panel, input, output);
  // The drivers' own timers keep no process alive.
  const alive = setInterval(() => undefined, 1000);
  const order = (item: unknown): void =>
    void input.write(`${typeof item === 'string' ? item : JSON.stringify(item)}\n`);
  return {
    panel,
    told,
    order,
    async pass(ms: number): Promise<void> {
      order({ wait: ms });
      while (told.at(-1)?.['waited'] !== ms) await once(lines, 'line');
    },
    async end(): Promise<void> {
      input.end();
      await ended;
      clearInterval(alive);
      panel.stop();
    },
  };
}

describe('holdfast drive', () => {
  it('says when it is ready and how large its screen is, tells each key, and ends with its input', async () => {
    const { panel, told, pass, end } = driven();
    await panel.rig.key('hold', 'press', 80);
    await pass(50);
    await end();
    assert.deepEqual(told, [
      { ready: true, columns: 60, rows: 20 },
      { key: 'hold', edge: 'down' },
      { key: 'hold', edge: 'up' },
      { waited: 50 },
    ]);
  });

  it('a wait is over when the keys were read as often as belongs into it, however late the bus is', async () => {
    const { panel, pass, end } = driven();
    const before = panel.readings();
    await pass(200);
    await end();
    assert.ok(panel.readings() - before >= 10, `${panel.readings() - before} readings`);
  });

  it('lights lamps, shows rows and switches sound as it is told', async () => {
    const { panel, order, pass, end } = driven();
    order({ lamp: 'message', state: 'slow-flash' });
    order({ show: ['one', 'two'] });
    order({ sound: 'ring' });
    await pass(100);
    const { lamps, lcd, ringer, amplifier } = panel.rig.panel();
    await end();
    assert.deepEqual(
      [lamps.message, lamps.line1, lcd[1]?.trimEnd(), ringer, amplifier],
      ['slow-flash', 'off', 'two', true, true],
    );
  });

  it('a line that is no order is told, and changes nothing', async () => {
    const { told, order, pass, end } = driven();
    const bad = [
      '{',
      'null',
      { lamp: 'no-such', state: 'on' },
      { lamp: 'line1', state: 'blue' },
      { wait: -1 },
      { show: [1] },
    ];
    for (const item of bad) order(item);
    await pass(10);
    await end();
    const errors = told.filter(({ error }) => error !== undefined);
    assert.equal(errors.length, bad.length);
    assert.deepEqual(errors[0], { error: 'not an order: {' });
  });
});
