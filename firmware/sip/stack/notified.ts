/**
 * Owns what becomes of a NOTIFY (RFC 6665 4.1.3): inside a subscription it is that one's. Unasked, from a configured server alone: of waiting
 * messages, for a line of ours (RFC 3842 3.9), that there may be new files (check-sync), and that an XML application has something
 * (aastra-xml). Others have no subscription.
 */
import type { LineSettings } from '../../config/settings.ts';
import type { Endpoint } from '../../kernel/target.ts';
import type { Millis } from '../../kernel/time.ts';
import type { Effect } from '../../vocabulary.ts';
import { ALLOWED_EVENTS } from '../agent-subscribe.ts';
import { headerValue, tagOf, toOf } from '../message/headers.ts';
import type { SipRequest } from '../message/message.ts';
import { packageOf } from '../subscription-state.ts';
import type { StackReport } from '../vocabulary.ts';
import type { Answer } from './answers.ts';
import { lineOf } from './called.ts';
import type { Subscriptions } from './subscriptions.ts';

export interface NotifiedOptions {
  readonly lines: () => readonly LineSettings[];
  readonly isServer: (from: Endpoint) => boolean;
  readonly report: (report: StackReport, now: Millis) => void;
  readonly emit: (effect: Effect) => void;
  /** `sip xml notify event`. */
  readonly takesXml: () => boolean;
  readonly subscriptions: Pick<Subscriptions, 'notified'>;
}

const WAITING_MESSAGES = 'message-summary';
const CHECK_SYNC = 'check-sync';
const AASTRA_XML = 'aastra-xml';
const KNOWN: ReadonlySet<string> = new Set([...ALLOWED_EVENTS.split(', '), CHECK_SYNC]);
const BAD_EVENT: Answer = { status: 489, headers: [{ name: 'Allow-Events', value: ALLOWED_EVENTS }] };
const NO_SUBSCRIPTION: Answer = { status: 481 };

export const createNotified = ({ lines, isServer, report, emit, takesXml, subscriptions }: NotifiedOptions) => {
  /** Only that there is something: what a datagram brings is not believed, the phone asks the address that it knows. */
  function xmlNotified(from: Endpoint, now: Millis): Answer {
    if (!isServer(from)) return { status: 403 };
    report({ kind: 'xml-notified' }, now);
    return { status: 200 };
  }

  function checkSync(request: SipRequest, from: Endpoint): Answer {
    if (!isServer(from)) return { status: 403 };
    const [, reboot] = /;\s*reboot\s*=\s*([^;\s]*)/i.exec(headerValue(request, 'Event') ?? '') ?? [];
    const said = reboot === undefined ? null : reboot.toLowerCase() === 'true';
    emit({ kind: 'event', event: { event: 'check-sync', reboot: said } });
    return { status: 200 };
  }

  return (request: SipRequest, from: Endpoint, now: Millis): Answer => {
    const event = packageOf(headerValue(request, 'Event'));
    if (event === AASTRA_XML && takesXml()) return xmlNotified(from, now);
    if (!KNOWN.has(event)) return BAD_EVENT;
    const to = toOf(request);
    if (to.ok && tagOf(to.value) !== null) return subscriptions.notified(request, from, now) ?? NO_SUBSCRIPTION;
    if (event === CHECK_SYNC) return checkSync(request, from);
    const line = event === WAITING_MESSAGES ? lineOf(request, lines()) : null;
    if (line === null || !isServer(from)) return NO_SUBSCRIPTION;
    report({ kind: 'notified', line: line.line, body: request.body }, now);
    return { status: 200 };
  };
};
