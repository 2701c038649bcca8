/** Owns which messages wait for which line, by the last word of a notifier. */
import type { StackReport } from './sip/vocabulary.ts';
import type { MessageSummary } from './subscription/message-summary.ts';
import { readMessageSummary } from './subscription/message-summary.ts';
import type { Effect } from './vocabulary.ts';

export interface PhoneMessages {
  /** What cannot be read changes nothing. */
  notified(report: Extract<StackReport, { kind: 'notified' }>): void;
  of(line: number): MessageSummary | null;
  forget(line: number): void;
}

export function createPhoneMessages(emit: (effect: Effect) => void): PhoneMessages {
  const held = new Map<number, MessageSummary>();
  return {
    notified({ line, body }) {
      const read = readMessageSummary(body);
      if (!read.ok)
        return emit({ kind: 'log', level: 'warn', name: 'mwi-unread', fields: { line, error: read.error } });
      const { value } = read;
      const before = held.get(line);
      const isNews = value?.waiting !== before?.waiting || value?.new !== before?.new || value?.old !== before?.old;
      if (value === null || !isNews) return;
      held.set(line, value);
      emit({ kind: 'event', event: { event: 'mwi', line, ...value } });
    },
    of: (line) => held.get(line) ?? null,
    forget: (line) => void held.delete(line),
  };
}
