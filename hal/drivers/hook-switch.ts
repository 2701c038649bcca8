/** Owns the hook switch: one contact, polled and de-bounced; which level means "lifted" is wiring. */
import type { HookState, HookSwitch } from '../devices.ts';
import type { Scheduler } from '../ports.ts';
import { OPEN_CONTACT, readContact } from './debounce.ts';

const POLL_MS = 20;

export interface HookOptions {
  /** True while the contact is closed. */
  readonly closed: () => boolean;
  /** What a closed contact means on this board. */
  readonly closedMeans: HookState;
  readonly scheduler: Scheduler;
}

export function createHookSwitch({ closed, closedMeans, scheduler }: HookOptions): HookSwitch & { stop(): void } {
  const listeners: ((state: HookState) => void)[] = [];
  let contact = { ...OPEN_CONTACT, settled: closed(), raw: closed() };
  let callOff: () => void = () => undefined;
  const openMeans: HookState = closedMeans === 'on' ? 'off' : 'on';

  function poll(): void {
    const before = contact.settled;
    contact = readContact(contact, closed(), POLL_MS);
    if (contact.settled !== before)
      for (const listener of listeners) listener(contact.settled ? closedMeans : openMeans);
    callOff = scheduler.after(POLL_MS, poll);
  }

  callOff = scheduler.after(POLL_MS, poll);
  return { onHook: (listener) => void listeners.push(listener), stop: () => callOff() };
}
