/** Owns running the panel's contract on the simulated chips, and proving that each of its rules catches the defect that it names. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DESK_V1 } from '../../boards/desk-v1/board.ts';
import type { Keypad } from '../../hal/devices.ts';
import { LAMP_NAMES } from '../../hal/devices.ts';
import type { I2cBus } from '../../hal/ports.ts';
import type { PanelUnderTest } from './panel.ts';
import { RULES } from './panel.ts';
import { simPanel } from './sim-panel.ts';

describe('desk-v1 on simulated chips', () => {
  for (const { part, rule, check } of RULES) it(`${part}: ${rule}`, () => check(simPanel()));
});

describe('a hook switch whose edges the system tells', () => {
  const rule = RULES.find(({ part }) => part === 'hook switch') ?? assert.fail();
  it(rule.rule, () => rule.check(simPanel({ edges: 'told' })));
});

describe('a key that is touched for 4 ms', () => {
  it('is no press, whenever the driver looks', async () => {
    const { keypad, contact, pass } = simPanel();
    const edges: string[] = [];
    keypad.onKey(({ key, edge }) => void edges.push(`${key} ${edge}`));
    for (let phase = 0; phase < 40; phase += 1) {
      await contact('6', true);
      await pass(4);
      await contact('6', false);
      await pass(57);
    }
    assert.deepEqual(edges, []);
  });
});

/** Each defect where the rule's own words put it. */
const DEFECTS: Readonly<Record<string, () => PanelUnderTest>> = {
  'two keys share a pin': () =>
    simPanel({ keys: DESK_V1.keys.map((wired, index) => (index === 1 ? { ...wired, pin: 0 } : wired)) }),
  'contacts are not de-bounced': () => {
    const panel = simPanel();
    const listeners: Parameters<Keypad['onKey']>[0][] = [];
    return {
      ...panel,
      keypad: { onKey: (listener) => void listeners.push(listener) },
      async contact(key, closed) {
        for (const listener of listeners) listener({ key, edge: closed ? 'down' : 'up' });
      },
    };
  },
  'only the first key of a chip is told': () => simPanel({ keys: DESK_V1.keys.filter(({ pin }) => pin === 0) }),
  'the selectors of the neighbours are overwritten': () => simPanel({ lampBus: (bus) => clobbering(bus) }),
  'a change during a transfer is forgotten': () => {
    const panel = simPanel();
    let told = false;
    const set = (...[lamp, state]: Parameters<typeof panel.lamps.set>): void => {
      if (!told) panel.lamps.set(lamp, state);
      told = true;
    };
    return { ...panel, lamps: { set } };
  },
  'a changed run is cut at the first equal cell': () =>
    simPanel({
      cells: (sink) => ({
        ...sink,
        writeCells: (row, column, text) => sink.writeCells(row, column, text.slice(0, 2)),
      }),
    }),
  'the polarity is the wrong way round': () => simPanel({ closedMeans: 'off' }),
};

/** A chip register holds four lamps; this one writes the one that is meant and clears the others. */
function clobbering(bus: I2cBus): I2cBus {
  return {
    transfer(transfer, done) {
      const [register = 0, value = 0] = transfer.write;
      const isOne = transfer.write.length === 2;
      const kept = [0, 2, 4, 6].find((shift) => ((value >> shift) & 0b11) !== 0b01) ?? 0;
      const write = isOne
        ? Uint8Array.of(register, (0x55 & ~(0b11 << kept)) | (value & (0b11 << kept)))
        : transfer.write;
      bus.transfer({ ...transfer, write }, done);
    },
  };
}

describe('each rule catches the defect that it names', () => {
  for (const { rule, defect, check } of RULES)
    it(`${defect}: "${rule}" fails`, async () => {
      const make = DEFECTS[defect] ?? assert.fail(`nobody plants "${defect}"`);
      await assert.rejects(check(make()), assert.AssertionError);
    });
});

describe('the cost of a change', () => {
  it('a lamp change is at most 8 octets on the bus, the same state again is none', async () => {
    const { bus, lamps, pass } = simPanel({ keys: [] });
    await pass(100);
    for (const lamp of LAMP_NAMES) {
      const before = bus.octets;
      lamps.set(lamp, 'on');
      await pass(100);
      assert.ok(bus.octets - before <= 8 && bus.octets > before, `${lamp}: ${bus.octets - before} octets`);
      const after = bus.octets;
      lamps.set(lamp, 'on');
      await pass(100);
      assert.equal(bus.octets, after);
    }
  });

  for (const bits of [16, 32] as const)
    it(`a screen change writes at most twice the octets of the changed cells, at ${bits} bits a pixel`, () => {
      const { display, framebuffer } = simPanel({ bits });
      const rows = Array.from({ length: 20 }, () => 'x'.repeat(60));
      display.show({ columns: 60, rows });
      for (const [text, changed] of [
        ['a', 1],
        ['ab d', 3],
        ['axxxxb', 2],
        ['axbxxcxxd', 4],
      ] as const) {
        const before = framebuffer.written;
        display.show({ columns: 60, rows: rows.map((row, at) => (at === 3 ? text.padEnd(60, 'x') : row)) });
        const written = framebuffer.written - before;
        assert.ok(written <= 2 * changed * 16 * bits, `${text}: ${written} octets for ${changed} cells`);
        display.show({ columns: 60, rows });
      }
    });
});

describe('a chip that stops answering', () => {
  it('is told once, asked again with back-off, and has every lamp right when it is back from a power loss', async () => {
    const { bus, lamps, lampChip, health, lampSeen, pass } = simPanel();
    await pass(100);
    bus.absent.add(DESK_V1.lamps.address);
    lamps.set('line1', 'on');
    lamps.set('message', 'slow-flash');
    await pass(20_000);
    assert.deepEqual(health, ['lamps lost']);
    lampChip.powerOn();
    bus.absent.clear();
    await pass(10_000);
    assert.deepEqual(health, ['lamps lost', 'lamps back']);
    assert.deepEqual([await lampSeen('line1'), await lampSeen('message')], ['on', 'slow-flash']);
  });

  it('once for nothing, and answers when asked again: nobody is told, no press is lost', async () => {
    const { bus, keypad, contact, pass, health } = simPanel();
    const edges: string[] = [];
    keypad.onKey(({ key, edge }) => void edges.push(`${key} ${edge}`));
    await pass(100);
    bus.glitches = new Set(DESK_V1.keys.map(({ address }) => address)).size;
    await contact('5', true);
    await pass(60);
    await contact('5', false);
    await pass(200);
    assert.deepEqual([edges, health], [['5 down', '5 up'], []]);
  });

  it('is asked less and less often, and at most ten seconds apart', async () => {
    const { bus, pass } = simPanel({ keys: [] });
    bus.fault = 'bus-stuck';
    const asked: number[] = [];
    for (let minute = 0; minute < 3; minute += 1) {
      const before = bus.octets;
      await pass(60_000);
      asked.push((bus.octets - before) / 10);
    }
    const [first = 0, second = 0, third = 0] = asked;
    assert.ok(first >= 10 && first <= 14, `${first} times in the first minute`);
    assert.deepEqual([second, third], [6, 6]);
  });

  it('of the keys: its keys stay as they were, the others go on', async () => {
    const { bus, keypad, contact, pass, health } = simPanel();
    const edges: string[] = [];
    keypad.onKey(({ key, edge }) => void edges.push(`${key} ${edge}`));
    await contact('2', true);
    await pass(100);
    bus.absent.add(DESK_V1.keys[0]?.address ?? assert.fail());
    await contact('2', false);
    await contact('speaker', true);
    await pass(200);
    assert.deepEqual(edges, ['2 down', 'speaker down']);
    bus.absent.clear();
    await pass(1000);
    assert.deepEqual(edges, ['2 down', 'speaker down', '2 up']);
    assert.deepEqual(health, ['keys lost', 'keys back']);
  });
});
