/**
 * Owns notifications that nobody has asked for: of waiting messages, from a configured server, for a line of ours (RFC 3842 3.9). All
 * others belong to a subscription, and there is none (RFC 6665 4.1.3).
 */
import type { LineSettings } from '../../config/settings.ts';
import type { Endpoint } from '../../kernel/target.ts';
import type { Millis } from '../../kernel/time.ts';
import { headerValue } from '../message/headers.ts';
import type { SipRequest } from '../message/message.ts';
import type { StackReport } from '../vocabulary.ts';
import type { Answer } from './answers.ts';
import { lineOf } from './called.ts';

export interface NotifiedOptions {
  readonly lines: () => readonly LineSettings[];
  readonly isServer: (from: Endpoint) => boolean;
  readonly report: (report: StackReport, now: Millis) => void;
}

const PACKAGE = 'message-summary';
const BAD_EVENT: Answer = { status: 489, headers: [{ name: 'Allow-Events', value: PACKAGE }] };

export const createNotified =
  ({ lines, isServer, report }: NotifiedOptions) =>
  (request: SipRequest, from: Endpoint, now: Millis): Answer => {
    const event = (headerValue(request, 'Event') ?? '').split(';', 1)[0]?.trim().toLowerCase();
    if (event !== PACKAGE) return BAD_EVENT;
    const line = lineOf(request, lines());
    if (line === null || !isServer(from)) return { status: 481 };
    report({ kind: 'notified', line: line.line, body: request.body }, now);
    return { status: 200 };
  };
