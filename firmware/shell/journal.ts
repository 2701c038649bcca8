/** Owns what the service manager's journal is told beside a line's text: how much it matters (sd-daemon(3), syslog priorities). */

export type JournalLevel = 'debug' | 'info' | 'warn' | 'error';

const PRIORITIES: Readonly<Record<JournalLevel, string>> = { debug: '<7>', info: '<6>', warn: '<4>', error: '<3>' };

/** What stands before a line; nothing where no journal reads it. */
export const journalPrefix = (level: JournalLevel, env: NodeJS.ProcessEnv = process.env): string =>
  (env['JOURNAL_STREAM'] ?? '') === '' ? '' : PRIORITIES[level];
