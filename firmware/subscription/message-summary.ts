/** Owns what a notifier says of waiting messages: the body application/simple-message-summary (RFC 3842 5.2). Pure and total. */
import type { Result } from '../kernel/result.ts';
import { fail, ok } from '../kernel/result.ts';

export interface MessageSummary {
  readonly waiting: boolean;
  /** Voice messages; null = the notifier does not count. */
  readonly new: number | null;
  readonly old: number | null;
}

/** RFC 3842 5.2: a count does not exceed 32 bits. */
const COUNT_MAX = 4_294_967_295;
/** More lines than any mailbox has classes; the rest is not read. */
const LINES_MAX = 64;

/** Any case, line feeds alone, unknown classes and headers are borne; null = an empty body, which changes nothing (3.2). */
export function readMessageSummary(body: string): Result<MessageSummary | null, string> {
  const fields = new Map<string, string>();
  for (const line of body.split('\n', LINES_MAX)) {
    const [, name, value] = /^\s*([A-Za-z0-9-]+)\s*:\s*(.*?)\s*$/.exec(line) ?? [];
    if (name !== undefined && value !== undefined && !fields.has(name.toLowerCase()))
      fields.set(name.toLowerCase(), value);
  }
  if (body.trim() === '') return ok(null);
  const status = fields.get('messages-waiting')?.toLowerCase();
  if (status !== 'yes' && status !== 'no') return fail('Messages-Waiting says neither yes nor no');
  const [, unheard, heard] = /^(\d{1,15})\s*\/\s*(\d{1,15})(?:\s|\(|$)/.exec(fields.get('voice-message') ?? '') ?? [];
  return ok({ waiting: status === 'yes', new: countOf(unheard), old: countOf(heard) });
}

const countOf = (digits: string | undefined): number | null =>
  digits === undefined ? null : Math.min(Number(digits), COUNT_MAX);
