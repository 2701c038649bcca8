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
  TestPage,
  TestState,
} from '../hal/devices.ts';
import { LAMP_NAMES, TEST_PAGES, TRIED_STATES } from '../hal/devices.ts';
import { withRepeat } from '../hal/drivers/repeat.ts';
import type { Scheduler } from '../hal/ports.ts';
import { testFrame } from './self-test-pages.ts';

/** Options held so long begins the test, also where it is held while the phone starts, ms. */
export const BEGIN_HELD_MS = 5000;
/** In the test every key is a key to try: held so long it is an order, ms. */
export const ORDER_HELD_MS = 1500;
/** How long one lamp or one pattern is shown, ms. */
const STEP_MS = 1000;
/** A test that nobody touches so long is one that was forgotten: the desk is a phone again, ms. */
export const FORGOTTEN_MS = 180_000;

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
  let calls = false;
  let locked = false;
  /** Steps since anybody did anything. */
  let quiet = 0;
  let turned = false;
  let handset = first;
  /** What the phone believes: while the handset itself is tried it is told nothing, so that nothing is dialled. */
  let told = first;
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

  function begin(): boolean {
    if (test !== null || calls) return !calls;
    const down = new Set(held.keys());
    test = { page: 'keys', step: 0, stays: false, seen: down, down, handset, note: '' };
    quiet = 0;
    for (const name of LAMP_NAMES) lamp(name, name === 'backlight' ? 'on' : 'off');
    draw();
    callOff = scheduler.after(STEP_MS, step);
    return true;
  }

  function end(): void {
    if (test === null) return;
    test = null;
    tellHook();
    callOff();
    for (const name of LAMP_NAMES) lamp(name, lit.get(name) ?? 'off');
    draw();
  }

  function step(): void {
    if (test === null) return;
    quiet += 1;
    if (quiet * STEP_MS >= FORGOTTEN_MS) return end();
    if (!test.stays) test = { ...test, step: test.step + 1 };
    if (test.page === 'lamps' && !test.stays) oneLamp(test.step);
    draw();
    callOff = scheduler.after(STEP_MS, step);
  }

  /** One after the other, in each state. */
  function oneLamp(at: number): void {
    const before = LAMP_NAMES[Math.floor((at - 1) / TRIED_STATES.length) % LAMP_NAMES.length];
    const now = LAMP_NAMES[Math.floor(at / TRIED_STATES.length) % LAMP_NAMES.length];
    if (before !== undefined && before !== now) lamp(before, before === 'backlight' ? 'on' : 'off');
    if (now !== undefined) lamp(now, TRIED_STATES[at % TRIED_STATES.length] ?? 'off');
  }

  function show(page: TestPage, at: number | null): void {
    if (test === null) return;
    quiet = 0;
    if (page !== 'handset' && handset === 'off' && told === 'on') return end();
    for (const name of LAMP_NAMES) lamp(name, name === 'backlight' ? 'on' : 'off');
    test = { ...test, page, step: at ?? 0, stays: at !== null, note: '' };
    if (page === 'lamps') oneLamp(test.step);
    draw();
  }

  /** A key that was held long enough. */
  function ordered(key: KeyName): void {
    if (test === null) return key === 'options' && !locked ? void begin() : undefined;
    if (key === 'goodbye') return end();
    if (key === 'options')
      return show(TEST_PAGES[(TEST_PAGES.indexOf(test.page) + 1) % TEST_PAGES.length] ?? 'keys', null);
    if (test.page === 'handset' && key === '1') learn();
  }

  /** The handset lies on its cradle, says the person. */
  function learn(): void {
    if (test === null) return;
    quiet = 0;
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
    quiet = 0;
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
    // Who lifts the handset wants to call, but where the handset itself is tried.
    if (test !== null && test.page !== 'handset' && handset === 'off') end();
    if (test !== null) {
      quiet = 0;
      test = { ...test, handset };
      draw();
    }
    if (test?.page !== 'handset') tellHook();
  }

  function tellHook(): void {
    if (told === handset) return;
    told = handset;
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
    selfTest: {
      ...{ begin, end, show, learnHook: learn, state: () => test },
      lock(state) {
        locked = state === 'on';
      },
      calls(has) {
        calls = has;
        if (has) end();
      },
    },
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

const other = (state: HookState): HookState => (state === 'on' ? 'off' : 'on');
