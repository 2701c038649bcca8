/** Owns a set of keys read as raw contacts: de-bounced each by itself, and told as edges. */
import type { KeyEdge, KeyName } from '../devices.ts';
import type { Contact } from './debounce.ts';
import { OPEN_CONTACT, readContact } from './debounce.ts';

/** Poll intervals: idle, and while a contact is closed or moving, ms (docs/board.md). */
const IDLE_MS = 20;
const BUSY_MS = 10;

export interface Contacts {
  onKey(listener: (edge: KeyEdge) => void): void;
  /** One reading of one key. */
  read(key: KeyName, closed: boolean): void;
  /** After a reading of all keys: how long to wait for the next one, ms. */
  interval(): number;
}

export function createContacts(): Contacts {
  const contacts = new Map<KeyName, Contact>();
  const listeners: ((edge: KeyEdge) => void)[] = [];
  let intervalMs = IDLE_MS;
  return {
    onKey: (listener) => void listeners.push(listener),
    read(key, closed) {
      const before = contacts.get(key) ?? OPEN_CONTACT;
      const after = readContact(before, closed, intervalMs);
      contacts.set(key, after);
      if (after.settled === before.settled) return;
      for (const listener of listeners) listener({ key, edge: after.settled ? 'down' : 'up' });
    },
    interval() {
      const busy = [...contacts.values()].some(({ raw, settled }) => raw || settled);
      intervalMs = busy ? BUSY_MS : IDLE_MS;
      return intervalMs;
    },
  };
}
