/** Owns the sentences of "what was decided and why": one public event becomes at most one line for a person. Pure. */
import { DECISIONS_KEPT } from './config/defaults.ts';
import type { PhoneEvent } from './events.ts';
import type { Decision, FailureCause, ServerName } from './status.ts';

const SERVER_WORDS: Readonly<Record<ServerName, string>> = { primary: 'main', backup: 'backup' };

/** Why a server failed, in the words of a person. */
export const CAUSE_WORDS: Readonly<Record<FailureCause, string>> = {
  'no-answer': 'no answer',
  refused: 'connection refused',
  unreachable: 'host unreachable',
  reset: 'connection reset',
  tls: 'certificate not accepted',
  code: 'it answered with an error',
  'name-unknown': 'its name is not known to DNS',
  'dns-failed': 'DNS does not answer',
  'not-offered': 'DNS says it is not offered',
};

/** Targets whose failing checks are remembered; one more, and the oldest is told anew. */
const FAILING_MAX = 64;

interface Sentence {
  readonly line: number | null;
  readonly text: string;
  readonly severity: Decision['severity'];
}

export function decisionOf(event: PhoneEvent, t: number): Decision | null {
  const sentence = sentenceOf(event);
  return sentence === null ? null : { t, ...sentence };
}

export interface Decisions {
  /** The last ones, oldest first. */
  readonly kept: readonly Decision[];
  tell(event: PhoneEvent, t: number): void;
}

/** A server that stays dead is told once, not at each check: an outage of an hour must not push out why the phone moved. */
export function createDecisions(): Decisions {
  const kept: Decision[] = [];
  /** When the last check failed, of targets that have answered none since. */
  const failing = new Map<string, number>();
  /** Calls that have been answered: one that is held and taken up again is no news. */
  const answered = new Set<string>();

  function isKnown(event: PhoneEvent, t: number): boolean {
    if (event.event === 'call') return isAnswered(event);
    // The failure that a check found is told by both.
    if (event.event === 'target-failed') return failing.get(event.target) === t;
    if (event.event !== 'probe') return false;
    const known = failing.has(event.target);
    failing.delete(event.target);
    if (event.ok) return false;
    failing.set(event.target, t);
    if (failing.size > FAILING_MAX) failing.delete([...failing.keys()][0] ?? '');
    return known;
  }

  function isAnswered({ id, state }: Extract<PhoneEvent, { event: 'call' }>): boolean {
    if (state === 'ended') answered.delete(id);
    if (state !== 'connected') return false;
    const known = answered.has(id);
    answered.add(id);
    return known;
  }

  return {
    kept,
    tell(event, t) {
      const decision = isKnown(event, t) ? null : decisionOf(event, t);
      if (decision === null) return;
      kept.push(decision);
      if (kept.length > DECISIONS_KEPT) kept.shift();
    },
  };
}

function sentenceOf(event: PhoneEvent): Sentence | null {
  switch (event.event) {
    case 'connecting':
      return { line: event.line, text: `Connecting to ${placeText(event)}`, severity: 'info' };
    case 'attempt':
      return { line: event.line, text: attemptText(event), severity: 'info' };
    case 'target-failed':
      return {
        line: null,
        text: `${event.target}: ${failureText(event)} (after ${duration(event.took)})`,
        severity: 'bad',
      };
    case 'failover':
      return {
        line: event.line,
        text: `Moved from ${event.from} to ${event.to}: ${causeText(event.cause)}`,
        severity: 'bad',
      };
    case 'failback':
      return { line: event.line, text: `Back home from ${event.from} to ${event.to}`, severity: 'good' };
    case 'registration':
      return registrationSentence(event);
    case 'call':
      return callSentence(event);
    case 'call-sound':
      return event.heard
        ? { line: null, text: `The far side of call ${event.id} is heard again`, severity: 'good' }
        : { line: null, text: `The far side of call ${event.id} is not heard any more`, severity: 'bad' };
    case 'unregistered':
      return {
        line: event.line,
        text: `Removed the binding left at the ${SERVER_WORDS[event.server]} server ${event.target}`,
        severity: 'info',
      };
    case 'late-answer':
      return {
        line: null,
        text: `Late answer ${event.code}${event.target === '' ? '' : ` of ${event.target}`}: ${LATE_WORDS[event.action]}`,
        severity: 'info',
      };
    case 'probe':
      return event.ok
        ? null
        : {
            line: null,
            text: `Check of ${event.target} failed: ${event.cause === undefined ? 'dead' : CAUSE_WORDS[event.cause]}`,
            severity: 'bad',
          };
    case 'dns':
      return dnsSentence(event);
    case 'problem':
      return { line: null, text: `${event.file}:${event.line}: ${event.message}`, severity: 'bad' };
    default:
      return null;
  }
}

const LATE_WORDS: Readonly<Record<string, string>> = {
  return: 'this is the way home',
  unregister: 'that binding is one too many and is removed',
  none: 'noted, nothing to do',
  cancel: 'cancelled',
  'ack-bye': 'acknowledged and ended',
};

const placeText = ({ server, target }: { readonly server: ServerName; readonly target: string }): string =>
  `the ${SERVER_WORDS[server]} server ${target}`;

/** What a fresh attempt is for. */
const DOING: Readonly<Record<string, string>> = {
  REGISTER: 'Registering',
  INVITE: 'Calling',
  SUBSCRIBE: 'Subscribing',
};

function attemptText(event: Extract<PhoneEvent, { event: 'attempt' }>): string {
  const where = placeText(event);
  const wait = `silence is waited for ${duration(event.waitMs)}`;
  const dead = event.known === 'dead' ? ', because it is known to be dead' : '';
  switch (event.reason) {
    case 'challenge':
      return `Answering the challenge of ${where}`;
    case 'hedge':
      return `Trying ${where} too; ${wait}`;
    case 'redirect':
      return `Sent elsewhere: asking ${where}; ${wait}`;
    case 'return':
      return `Going home: asking ${where}; ${wait}`;
    case 'renewal':
      return `${event.method === 'SUBSCRIBE' ? 'Renewing a subscription' : 'Renewing'}: ${where} is asked first; ${wait}${dead}`;
    case 'fresh':
      return `${DOING[event.method] ?? event.method}: ${where} is asked first; ${wait}${dead}`;
  }
}

const failureText = (event: Extract<PhoneEvent, { event: 'target-failed' }>): string =>
  event.cause === 'code' ? `answered ${event.code ?? 'with an error'}` : CAUSE_WORDS[event.cause];

const causeText = (cause: string): string => (cause in CAUSE_WORDS ? CAUSE_WORDS[cause as FailureCause] : cause);

function registrationSentence(event: Extract<PhoneEvent, { event: 'registration' }>): Sentence | null {
  const { line } = event;
  const server = event.server === undefined ? 'server' : `${SERVER_WORDS[event.server]} server`;
  switch (event.state) {
    case 'registered':
      return {
        line,
        text: `Registered on the ${server} ${event.target ?? ''} for ${event.expires ?? 0} s`,
        severity: 'good',
      };
    case 'rejected':
      return {
        line,
        text: `The ${server} refused with ${event.code ?? '?'}; asked again in ${duration((event.retryIn ?? 0) * 1000)}`,
        severity: 'bad',
      };
    case 'waiting':
      return event.retryIn === undefined
        ? null
        : { line, text: `No server answered well; next attempt in ${duration(event.retryIn * 1000)}`, severity: 'bad' };
    case 'off':
      return { line, text: 'No registrar is configured: the line does not register', severity: 'info' };
    case 'trying':
      return null;
  }
}

function dnsSentence(event: Extract<PhoneEvent, { event: 'dns' }>): Sentence | null {
  const what = `DNS ${event.type} ${event.name}`;
  if (event.source === 'stale')
    return { line: null, text: `${what}: no answer, the last good one is used`, severity: 'bad' };
  if (typeof event.result !== 'string' || event.source !== 'live') return null;
  return { line: null, text: `${what}: ${event.result}`, severity: event.result === 'nodata' ? 'info' : 'bad' };
}

/** `350 ms`, `4.0 s`, `2 min`. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 120_000) return `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`;
  return `${Math.round(ms / 60_000)} min`;
}

/** What a person who made a call would ask about it: who was asked for it, and why it ended where nobody hung up. */
function callSentence(event: Extract<PhoneEvent, { event: 'call' }>): Sentence | null {
  const { line, peer, state, server, cause } = event;
  if (state === 'dialing' && server === 'backup')
    return { line, text: `Call to ${peer}: trying ${SERVER_WORDS.backup}`, severity: 'bad' };
  if (state === 'connected' && server !== undefined)
    return { line, text: `Call to ${peer} connected through ${SERVER_WORDS[server]}`, severity: 'good' };
  if (state !== 'ended' || cause === 'hangup' || cause === 'remote') return null;
  const code = event.code === undefined ? '' : ` (${event.code})`;
  return { line, text: `Call to ${peer} ended: ${cause ?? 'failed'}${code}`, severity: 'info' };
}

/** How many of what is watched are told of by which server. */
export function servedText(subscriptions: readonly { readonly server: ServerName | null }[]): string {
  const at = (server: ServerName | null): number => subscriptions.filter((each) => each.server === server).length;
  const dark = at(null) === 0 ? '' : `, ${at(null)} by none`;
  return `${at('primary')} by the main server, ${at('backup')} by the backup${dark}`;
}
