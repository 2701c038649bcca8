/**
 * Owns the self-test of a board: every key, every lamp, patterns on the display, and which way round the handset's switch is. It is
 * between the drivers and the phone: while it runs the phone goes on unseen, and what it showed stands there again afterwards.
 */
import type {
  Devices,
  Frame,
  HookState,
  HookSwitch,
  KeyEdge,
  KeyName,
  Keypad,
  LampName,
  LampState,
  Lamps,
} from '../hal/devices.ts';
import { LAMP_NAMES } from '../hal/devices.ts';
import { withRepeat } from '../hal/drivers/repeat.ts';
import type { Scheduler } from '../hal/ports.ts';
import type { TestPage, TestState } from './self-test-pages.ts';
import { PAGES, testFrame } from './self-test-pages.ts';

/** Options held so long begins the test, also where it is held while the phone starts, ms. */
export const BEGIN_HELD_MS = 5000;
/** In the test every key is a key to try: held so long it is an order, ms. */
export const ORDER_HELD_MS = 1500;
/** How long one lamp or one pattern is shown, ms. */
const STEP_MS = 1000;

type Parts = Required<Pick<Devices, 'keypad' | 'hook' | 'lamps' | 'display'>>;

export interface SelfTestOptions {
  readonly devices: Parts;
  readonly scheduler: Scheduler;
  /** What the handset's switch said at the start. */
  readonly first: HookState;
  /** The handset's switch is the other way round from now on; the text says whether that is kept. */
  readonly turnHook: () => Promise<string>;
}

/** The same devices, with the test within them, and the way into it. */
export function withSelfTest({
  devices,
  scheduler,
  first,
  turnHook,
}: SelfTestOptions): Parts & Required<Pick<Devices, 'selfTest'>> {
  const keyListeners: ((edge: KeyEdge) => void)[] = [];
  const hookListeners: ((state: HookState) => void)[] = [];
  const lit = new Map<LampName, LampState>();
  let frame: Frame = { columns: devices.display.columns, rows: [] };
  let test: TestState | null = null;
  let turned = false;
  let handset = first;
  /** Keys that are down, and what calls off the order that each becomes. */
  const held = new Map<KeyName, () => void>();
  /** Keys that the phone saw go down. */
  const phoneHolds = new Set<KeyName>();
  let callOff: () => void = () => undefined;

  function draw(): void {
    if (test === null) return devices.display.show(frame);
    devices.display.show(testFrame(test, devices.display));
  }

  function lamp(name: LampName, state: LampState): void {
    devices.lamps.set(name, state);
  }

  function begin(): void {
    if (test !== null) return;
    test = { page: 'keys', step: 0, seen: new Set(held.keys()), down: new Set(held.keys()), handset, note: '' };
    for (const name of LAMP_NAMES) lamp(name, name === 'backlight' ? 'on' : 'off');
    draw();
    callOff = scheduler.after(STEP_MS, step);
  }

  function end(): void {
    test = null;
    callOff();
    for (const name of LAMP_NAMES) lamp(name, lit.get(name) ?? 'off');
    draw();
  }

  function step(): void {
    if (test === null) return;
    test = { ...test, step: test.step + 1 };
    if (test.page === 'lamps') oneLamp(test.step);
    draw();
    callOff = scheduler.after(STEP_MS, step);
  }

  /** One after the other, in each state. */
  function oneLamp(at: number): void {
    const before = LAMP_NAMES[Math.floor((at - 1) / LAMP_STATES.length) % LAMP_NAMES.length];
    const now = LAMP_NAMES[Math.floor(at / LAMP_STATES.length) % LAMP_NAMES.length];
    if (before !== undefined && before !== now) lamp(before, before === 'backlight' ? 'on' : 'off');
    if (now !== undefined) lamp(now, LAMP_STATES[at % LAMP_STATES.length] ?? 'off');
  }

  function turn(to: TestPage): void {
    if (test === null) return;
    for (const name of LAMP_NAMES) lamp(name, name === 'backlight' ? 'on' : 'off');
    test = { ...test, page: to, step: 0, note: '' };
    if (to === 'lamps') oneLamp(0);
    draw();
  }

  /** A key that was held long enough. */
  function ordered(key: KeyName): void {
    if (test === null) return key === 'options' ? begin() : undefined;
    if (key === 'goodbye') return end();
    if (key === 'options') return turn(PAGES[(PAGES.indexOf(test.page) + 1) % PAGES.length] ?? 'keys');
    if (test.page === 'handset' && key === '1') learn();
  }

  /** The handset lies on its cradle, says the person. */
  function learn(): void {
    if (test === null) return;
    if (handset === 'on') {
      test = { ...test, note: 'Right already.' };
      return draw();
    }
    turned = !turned;
    handset = 'on';
    test = { ...test, handset, note: 'Turned round.' };
    draw();
    void turnHook().then((note) => {
      if (test === null) return;
      test = { ...test, note: `Turned round. ${note}` };
      draw();
    });
  }

  function onKey(event: KeyEdge): void {
    const { key, edge } = event;
    held.get(key)?.();
    held.delete(key);
    const ms = test === null ? BEGIN_HELD_MS : ORDER_HELD_MS;
    const order = (): void => ordered(key);
    if (edge === 'down') held.set(key, scheduler.after(ms, order));
    // What the phone saw go down it sees come up, whatever began meanwhile.
    if (test === null || (edge === 'up' && phoneHolds.has(key))) toPhone(event);
    if (test !== null) test = tried(test, event);
  }

  function toPhone(event: KeyEdge): void {
    if (event.edge === 'down') phoneHolds.add(event.key);
    else phoneHolds.delete(event.key);
    for (const listener of keyListeners) listener(event);
  }

  function tried(state: TestState, { key, edge }: KeyEdge): TestState {
    const own = LAMP_NAMES.find((name) => name === key);
    if (own !== undefined && state.page === 'keys') lamp(own, edge === 'down' ? 'on' : 'off');
    const down = new Set([...state.down, key]);
    if (edge === 'up') down.delete(key);
    const next = { ...state, down, seen: edge === 'down' ? new Set([...state.seen, key]) : state.seen };
    devices.display.show(testFrame(next, devices.display));
    return next;
  }

  function onHook(raw: HookState): void {
    handset = turned ? other(raw) : raw;
    if (test !== null) {
      test = { ...test, handset };
      draw();
    }
    for (const listener of hookListeners) listener(handset);
  }

  devices.keypad.onKey(onKey);
  devices.hook.onHook(onHook);
  const keypad: Keypad = { onKey: (listener) => void keyListeners.push(listener) };
  const hook: HookSwitch = { onHook: (listener) => void hookListeners.push(listener) };
  const lamps: Lamps = {
    set(name, state) {
      lit.set(name, state);
      if (test === null) lamp(name, state);
    },
  };
  return {
    selfTest: { begin },
    keypad: withRepeat(keypad, scheduler),
    hook,
    lamps,
    display: {
      columns: devices.display.columns,
      rows: devices.display.rows,
      show(next) {
        frame = next;
        if (test === null) draw();
      },
    },
  };
}

const LAMP_STATES: readonly LampState[] = ['on', 'slow-flash', 'fast-flash'];
const other = (state: HookState): HookState => (state === 'on' ? 'off' : 'on');
