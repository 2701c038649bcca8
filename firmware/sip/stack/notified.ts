/**
 * Owns notifications that nobody has asked for, from a configured server alone: of waiting messages, for a line of ours (RFC 3842 3.9),
 * and that there may be new files (check-sync). All others belong to a subscription, and there is none (RFC 6665 4.1.3).
 */
import type { LineSettings } from '../../config/settings.ts';
import type { Endpoint } from '../../kernel/target.ts';
import type { Millis } from '../../kernel/time.ts';
import type { Effect } from '../../vocabulary.ts';
import { headerValue } from '../message/headers.ts';
import type { SipRequest } from '../message/message.ts';
import type { StackReport } from '../vocabulary.ts';
import type { Answer } from './answers.ts';
import { lineOf } from './called.ts';

export interface NotifiedOptions {
  readonly lines: () => readonly LineSettings[];
  readonly isServer: (from: Endpoint) => boolean;
  readonly report: (report: StackReport, now: Millis) => void;
  readonly emit: (effect: Effect) => void;
}

const PACKAGE = 'message-summary';
const CHECK_SYNC = 'check-sync';
const BAD_EVENT: Answer = { status: 489, headers: [{ name: 'Allow-Events', value: PACKAGE }] };

export const createNotified =
  ({ lines, isServer, report, emit }: NotifiedOptions) =>
  (request: SipRequest, from: Endpoint, now: Millis): Answer => {
    const [event = '', ...params] = (headerValue(request, 'Event') ?? '')
      .toLowerCase()
      .split(';')
      .map((part) => part.trim());
    if (event === CHECK_SYNC && isServer(from)) {
      const reboot = params.find((param) => param.startsWith('reboot='))?.slice('reboot='.length) ?? null;
      emit({ kind: 'event', event: { event: 'check-sync', reboot: reboot === null ? null : reboot === 'true' } });
      return { status: 200 };
    }
    if (event !== PACKAGE) return event === CHECK_SYNC ? { status: 403 } : BAD_EVENT;
    const line = lineOf(request, lines());
    if (line === null || !isServer(from)) return { status: 481 };
    report({ kind: 'notified', line: line.line, body: request.body }, now);
    return { status: 200 };
  };
