/** Owns the hook switch: one contact, de-bounced; which level means "lifted" is wiring. */
import type { HookState, HookSwitch } from '../devices.ts';
import type { InputLine, Scheduler } from '../ports.ts';
import { OPEN_CONTACT, readContact } from './debounce.ts';

const POLL_MS = 20;
/** Where the system tells edges, one that it lost is still found, ms. */
const SAFETY_MS = 1000;

export interface HookOptions {
  readonly line: InputLine;
  /** The level of the line while the contact is closed. */
  readonly closedLevel: 'low' | 'high';
  /** What a closed contact means on this board. */
  readonly closedMeans: HookState;
  readonly scheduler: Scheduler;
}

/** Its first state is what the line says at the start. */
export interface HookDriver extends HookSwitch {
  readonly first: HookState;
  stop(): void;
}

export function createHookSwitch({ line, closedLevel, closedMeans, scheduler }: HookOptions): HookDriver {
  const listeners: ((state: HookState) => void)[] = [];
  const openMeans: HookState = closedMeans === 'on' ? 'off' : 'on';
  const closed = (): boolean | null => {
    const high = line.read();
    return high === null ? null : high === (closedLevel === 'high');
  };
  const atStart = closed() ?? closedMeans === 'on';
  let contact = { ...OPEN_CONTACT, settled: atStart, raw: atStart };
  let callOff: () => void = () => undefined;
  let idle = false;

  /** A line that cannot be read leaves the state as it was. */
  function poll(): void {
    const before = contact.settled;
    contact = readContact(contact, closed() ?? contact.raw, POLL_MS);
    if (contact.settled !== before)
      for (const listener of listeners) listener(contact.settled ? closedMeans : openMeans);
    again();
  }

  function again(): void {
    idle = line.onEdge !== null && contact.raw === contact.settled;
    callOff = scheduler.after(idle ? SAFETY_MS : POLL_MS, poll);
  }

  /** An edge only wakes: many of them are a bounce, and must not count as rest. */
  function wake(): void {
    if (!idle) return;
    callOff();
    idle = false;
    callOff = scheduler.after(POLL_MS, poll);
  }

  again();
  line.onEdge?.(wake);
  return {
    first: atStart ? closedMeans : openMeans,
    onHook: (listener) => void listeners.push(listener),
    stop: () => callOff(),
  };
}
