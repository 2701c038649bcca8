/** Owns the log: one event one line of JSON on standard error, by pino; secrets never reach it. */
import type { Logger } from 'pino';
import { destination, pino } from 'pino';
import type { PhoneEvent } from '../events.ts';
import type { JournalLevel } from './journal.ts';
import { journalPrefix } from './journal.ts';

export type Log = Pick<Logger, 'debug' | 'info' | 'warn' | 'error'>;

/** Field names whose values are masked whatever logs them. */
const SECRET_FIELDS = ['password', 'token', 'authorization', '*.password', '*.token', '*.authorization'];

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

export const isLogLevel = (text: string): text is LogLevel => (LOG_LEVELS as readonly string[]).includes(text);

/** Characters that may wait for a slow reader. */
const UNREAD_MAX = 1_048_576;

export function createLog(level: LogLevel): Log {
  // Written behind the phone's back: a reader that stops must not stop the phone. What it leaves unread is dropped.
  const out = destination({ dest: 2, sync: false, maxLength: UNREAD_MAX });
  out.on('error', () => undefined);
  const options = { level, base: null, messageKey: 'name', redact: { paths: SECRET_FIELDS, censor: '***' } };
  if (journalPrefix('info') === '') return pino(options, out);
  // The journal keeps its own times and goes by priorities.
  const journal = (line: string): unknown => out.write(`${journalPrefix(levelIn(line))}${line}`);
  return pino(
    { ...options, timestamp: false, formatters: { level: (label) => ({ level: label }) } },
    { write: journal },
  );
}

const JOURNAL_LEVELS: readonly JournalLevel[] = ['debug', 'info', 'warn', 'error'];

/** Each line begins with its level: pino writes it first. */
const levelIn = (line: string): JournalLevel =>
  JOURNAL_LEVELS.find((level) => line.startsWith(`{"level":"${level}"`)) ?? 'info';

type EventName = PhoneEvent['event'];

/** By whom it concerns: service was lost or moved, service is as it should be, or only what led there. Null = told elsewhere. */
const LEVELS: Readonly<Record<EventName, 'warn' | 'info' | 'debug' | null>> = {
  problem: 'warn',
  'target-failed': 'warn',
  failover: 'warn',
  failback: 'info',
  ready: 'info',
  registration: 'info',
  unregistered: 'info',
  'late-answer': 'info',
  call: 'info',
  media: 'debug',
  'call-sound': 'warn',
  mwi: 'info',
  'check-sync': 'info',
  provisioning: 'info',
  subscription: 'info',
  watched: 'debug',
  stopped: 'info',
  connecting: 'debug',
  attempt: 'debug',
  'attempt-ended': 'debug',
  dns: 'debug',
  probe: 'debug',
  result: null,
  lamp: null,
  screen: null,
};

/** Null = told elsewhere. */
export const levelOf = ({ event }: PhoneEvent): 'warn' | 'info' | 'debug' | null => LEVELS[event];

export function logEvent(log: Log, told: PhoneEvent): void {
  const { event, ...fields } = told;
  const level = levelOf(told);
  if (level !== null) log[level](fields, event);
}
