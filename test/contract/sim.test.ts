/** Owns running the panel's contract on the simulated chips under virtual time, and what is special to the chips. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { KEY_WIRING, KEYS_AT, LAMP_WIRING, LAMPS_AT } from '../../boards/virtual/board.ts';
import type { HookState } from '../../hal/devices.ts';
import { createHookSwitch } from '../../hal/drivers/hook-switch.ts';
import { createKeys } from '../../hal/drivers/keys-pca9552.ts';
import { createLamps } from '../../hal/drivers/lamps-pca9552.ts';
import { createTextDisplay } from '../../hal/drivers/text-display.ts';
import type { Scheduler } from '../../hal/ports.ts';
import { SimDisplay } from '../../hal/sim/display.ts';
import { SimI2c, SimPca9552 } from '../../hal/sim/pca9552.ts';
import type { PanelUnderTest } from './panel.ts';
import { panelContract } from './panel.ts';

/** Virtual time for drivers: work runs when `pass` reaches it. */
class VirtualScheduler implements Scheduler {
  #now = 0;
  #queue: { readonly at: number; readonly work: () => void }[] = [];

  after(ms: number, work: () => void): () => void {
    const entry = { at: this.#now + ms, work };
    this.#queue.push(entry);
    return () => {
      this.#queue = this.#queue.filter((other) => other !== entry);
    };
  }

  pass(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const next = this.#queue.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#queue = this.#queue.filter((other) => other !== next);
      this.#now = next.at;
      next.work();
    }
    this.#now = end;
  }
}

interface Sim extends PanelUnderTest {
  readonly bus: SimI2c;
  readonly screen: SimDisplay;
  readonly health: string[];
  readonly scheduler: VirtualScheduler;
}

function sim(): Sim {
  const scheduler = new VirtualScheduler();
  const bus = new SimI2c();
  for (const address of [LAMPS_AT, ...KEYS_AT]) bus.chips.set(address, new SimPca9552());
  const screen = new SimDisplay(60, 20);
  const health: string[] = [];
  let hook: HookState = 'on';
  return {
    bus,
    screen,
    health,
    scheduler,
    keypad: createKeys({ bus, keys: KEY_WIRING, scheduler }),
    hook: createHookSwitch({ closed: () => hook === 'on', closedMeans: 'on', scheduler }),
    lamps: createLamps({
      bus,
      address: LAMPS_AT,
      outputs: LAMP_WIRING,
      scheduler,
      onHealth: (state) => void health.push(state),
    }),
    display: createTextDisplay(screen),
    contact(key, closed) {
      const wired = KEY_WIRING.find((candidate) => candidate.key === key);
      if (wired !== undefined) bus.chips.get(wired.address)?.pull(wired.pin, closed);
    },
    lift(state) {
      hook = state;
    },
    lampSeen: (lamp) => bus.chips.get(LAMPS_AT)?.lamp(LAMP_WIRING[lamp]) ?? 'off',
    screenSeen: () => screen.lines(),
    async pass(ms) {
      scheduler.pass(ms);
    },
  };
}

panelContract('simulated chips', sim);

describe('the cost on the bus', () => {
  it('a lamp change is at most 8 octets, the same state again is none', () => {
    const { bus, lamps } = sim();
    const before = bus.octets;
    lamps.set('line1', 'on');
    assert.ok(bus.octets - before <= 8, `${bus.octets - before} octets`);
    const after = bus.octets;
    lamps.set('line1', 'on');
    assert.equal(bus.octets, after);
  });

  it('a screen change sends at most twice the changed cells', () => {
    const { display, screen } = sim();
    const rows = Array.from({ length: 20 }, () => 'x'.repeat(60));
    display.show({ columns: 60, rows });
    const before = screen.sent;
    display.show({
      columns: 60,
      rows: rows.map((row, index) => (index === 3 ? `${row.slice(0, 10)}abc d${row.slice(15)}` : row)),
    });
    assert.ok(screen.sent - before <= 10, `${screen.sent - before} cells`);
  });
});

describe('a chip that stops answering', () => {
  it('is reported once, retried with back-off, and has every lamp right when it is back', () => {
    const { bus, lamps, health, lampSeen, scheduler } = sim();
    const chip = bus.chips.get(LAMPS_AT) ?? assert.fail();
    chip.present = false;
    lamps.set('line1', 'on');
    lamps.set('message', 'slow-flash');
    scheduler.pass(5000);
    assert.deepEqual(health, ['lost']);
    chip.present = true;
    scheduler.pass(10_000);
    assert.deepEqual(health, ['lost', 'back']);
    assert.deepEqual([lampSeen('line1'), lampSeen('message')], ['on', 'slow-flash']);
  });

  it('of the keys: its keys are silent, the others go on', async () => {
    const { bus, keypad, contact, pass } = sim();
    const keys: string[] = [];
    keypad.onKey(({ key }) => void keys.push(key));
    const [first] = KEYS_AT;
    const chip = bus.chips.get(first) ?? assert.fail();
    chip.present = false;
    contact('1', true);
    contact('speaker', true);
    await pass(200);
    assert.deepEqual(keys, ['speaker']);
  });
});
