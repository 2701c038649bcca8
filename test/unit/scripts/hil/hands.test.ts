/** The second Pi: its chips on the phone's wires, pin to pin, both simulated; its contacts are the phone's keys, its eyes see the phone's lamps. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DESK_V1 } from '../../../../boards/desk-v1/board.ts';
import { createI2cQueue } from '../../../../hal/bus/queue.ts';
import type { HookState, LampState } from '../../../../hal/devices.ts';
import { KEY_NAMES, LAMP_NAMES } from '../../../../hal/devices.ts';
import { createHookSwitch } from '../../../../hal/drivers/hook-switch.ts';
import { createKeys } from '../../../../hal/drivers/keys-pca9552.ts';
import { createLamps } from '../../../../hal/drivers/lamps-pca9552.ts';
import { SimI2c } from '../../../../hal/sim/i2c.ts';
import { SimLine } from '../../../../hal/sim/lines.ts';
import { SimPca9552 } from '../../../../hal/sim/pca9552.ts';
import { createHands } from '../../../../scripts/hil/hands.ts';
import { wiresApp } from '../../../../scripts/hil/wires.ts';
import { VirtualScheduler } from '../../../support/virtual-scheduler.ts';

const ADDRESSES = [DESK_V1.lamps.address, ...new Set(DESK_V1.keys.map(({ address }) => address))];
/** A turn of the world, ms. */
const TURN_MS = 5;
const HALF_TURN_MS: Readonly<Record<LampState, number>> = { off: 0, on: 0, 'slow-flash': 500, 'fast-flash': 125 };

function bench() {
  const scheduler = new VirtualScheduler();
  const side = (): SimI2c => {
    const bus = new SimI2c({ scheduler, octetMs: 0.09 });
    for (const address of ADDRESSES) bus.chips.set(address, new SimPca9552());
    return bus;
  };
  const [phone, second] = [side(), side()];
  const chip = (bus: SimI2c, address: number): SimPca9552 => bus.chips.get(address) as SimPca9552;
  const hookLine = new SimLine(true);
  const hands = createHands({ data: DESK_V1, bus: createI2cQueue(second, scheduler), hook: hookLine, scheduler });
  const phoneBus = createI2cQueue(phone, scheduler);
  const keys: string[] = [];
  createKeys({ bus: phoneBus, keys: DESK_V1.keys, scheduler }).onKey(({ key, edge }) => keys.push(`${key} ${edge}`));
  const lamps = createLamps({ bus: phoneBus, ...DESK_V1.lamps, scheduler });
  const hook: HookState[] = [];
  createHookSwitch({ ...DESK_V1.hook, line: hookLine, scheduler }).onHook((state) => hook.push(state));
  let now = 0;
  /** The ribbon: an output that is on pulls the other side's pin low. */
  const run = (ms: number): void => {
    for (let passed = 0; passed < ms; passed += TURN_MS) {
      now += TURN_MS;
      for (const address of ADDRESSES)
        for (let pin = 0; pin < 16; pin += 1) {
          const [from, to] = address === DESK_V1.lamps.address ? [phone, second] : [second, phone];
          const state = chip(from, address).lamp(pin);
          const half = HALF_TURN_MS[state];
          chip(to, address).pull(pin, half === 0 ? state === 'on' : Math.floor(now / half) % 2 === 0);
        }
      scheduler.pass(TURN_MS);
    }
  };
  run(300);
  return { hands, keys, lamps, hook, run, scheduler };
}

describe('the hands of a second Pi', () => {
  it('close each key of the phone, by its own name, and any number at once', () => {
    const { hands, keys, run } = bench();
    for (const key of KEY_NAMES)
      for (const closed of [true, false]) {
        hands.contact(key, closed);
        run(100);
      }
    assert.deepEqual(
      keys,
      KEY_NAMES.flatMap((key) => [`${key} down`, `${key} up`]),
    );
    for (const key of KEY_NAMES) hands.contact(key, true);
    run(100);
    assert.equal(keys.filter((text) => text.endsWith('down')).length, 2 * KEY_NAMES.length);
  });

  it('lift the handset and lay it down', () => {
    const { hands, hook, run } = bench();
    for (const state of ['off', 'on'] as const) {
      hands.hook(state);
      run(200);
    }
    assert.deepEqual(hook, ['off', 'on']);
  });

  it('see each lamp in each state', () => {
    const { hands, lamps, run } = bench();
    for (const state of ['on', 'slow-flash', 'fast-flash', 'off'] as const) {
      for (const lamp of LAMP_NAMES) lamps.set(lamp, state);
      run(2500);
      assert.deepEqual(hands.lamps(), Object.fromEntries(LAMP_NAMES.map((lamp) => [lamp, state])));
    }
  });

  it('let go of everything when they end', () => {
    const { hands, keys, run } = bench();
    for (const key of ['1', 'speaker'] as const) hands.contact(key, true);
    run(100);
    hands.stop();
    run(100);
    assert.deepEqual(new Set(keys.slice(2)), new Set(['1 up', 'speaker up']));
  });

  it('are asked as a phone is, with the token', async () => {
    const { hands, scheduler } = bench();
    const app = wiresApp(hands, scheduler, 't'.repeat(32));
    const ask = (path: string, token: string, body?: object): Promise<Response> =>
      Promise.resolve(
        app.request(path, {
          headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
          ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
        }),
      );
    assert.equal((await ask('/hil/v1/panel', 'wrong')).status, 401);
    const good = 't'.repeat(32);
    assert.equal((await ask('/hil/v1/hook', good, { state: 'off' })).status, 200);
    const panel = (await (await ask('/hil/v1/panel', good)).json()) as Record<string, unknown>;
    assert.deepEqual([panel['hook'], panel['lcd']], ['off', []]);
    assert.equal((await ask('/hil/v1/keys', good, { key: 'nonsense' })).status, 400);
    assert.equal((await ask('/hil/v1/audio/tone', good, { hz: 1000, ms: 100 })).status, 501);
  });
});
