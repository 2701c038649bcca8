/** Owns the log: one event one line of JSON on standard error, by pino; secrets never reach it. */
import type { Logger } from 'pino';
import { destination, pino } from 'pino';

export type Log = Pick<Logger, 'debug' | 'info' | 'warn' | 'error'>;

/** Field names whose values are masked whatever logs them. */
const SECRET_FIELDS = ['password', 'token', 'authorization', '*.password', '*.token', '*.authorization'];

export const createLog = (level: string): Log =>
  pino(
    { level, base: null, messageKey: 'name', redact: { paths: SECRET_FIELDS, censor: '***' } },
    destination({ dest: 2, sync: true }),
  );
