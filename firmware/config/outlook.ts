/**
 * Owns saying in words what a phone with these settings does: where each line registers and calls, how soon a dead primary is noticed,
 * when the line is home again, what follows where nobody answers (rules 2-4). For a person who is about to change something.
 */
import { isIpv4, isIpv6 } from '../kernel/target.ts';
import {
  BACKOFF_BASE_S,
  BACKOFF_LOW_RATIO,
  BACKOFF_MAX_S,
  DEFAULT_SIP_PORT,
  DEFAULT_SIPS_PORT,
  HEDGE_FLOOR_MS,
  HEDGE_UNKNOWN_MS,
  PROBE_CONFIRM_MS,
  R2_TRANSACTION_MS,
  REGISTRATION_RETRY_S,
  REGISTRATION_TIMEOUT_RETRY_S,
} from './defaults.ts';
import type { LineSettings, PhoneSettings, ServerPair, ServerSetting, TransportChoice } from './settings.ts';

export interface Outlook {
  readonly title: string;
  readonly sentences: readonly string[];
}

export const outlook = (settings: PhoneSettings): readonly Outlook[] => [
  ...settings.lines.map((line) => ({
    title: `Line ${line.line} (${line.userName})`,
    sentences: lineSentences(line, settings),
  })),
  { title: 'A primary server fails', sentences: failureSentences(settings) },
  { title: 'It comes back', sentences: returnSentences(settings) },
  { title: 'No server answers', sentences: nobodySentences(settings) },
  { title: 'Transport', sentences: [`${TRANSPORTS[settings.transport]}.`] },
];

const TRANSPORTS: Readonly<Record<TransportChoice, string>> = {
  0: 'SIP goes over UDP, over TCP where DNS offers nothing else',
  1: 'SIP goes over UDP',
  2: 'SIP goes over TCP',
  4: 'SIP goes over TLS',
};

function lineSentences(line: LineSettings, settings: PhoneSettings): readonly string[] {
  const { registrar, proxy, outboundProxy } = line;
  const place = (server: ServerSetting): string => placeText(server, settings);
  const pair = ({ primary, backup }: ServerPair): string =>
    primary === null
      ? backup === null
        ? ''
        : place(backup)
      : `${place(primary)}, ${backup === null ? 'and has no backup there' : `then the backup ${place(backup)}`}`;
  return [
    registrar.primary === null
      ? `It does not register: ${registrar.backup === null ? 'no registrar is' : 'a backup registrar alone is'} configured.`
      : `It registers at ${pair(registrar)}.`,
    registrar.primary === null ? '' : renewalSentence(line, settings),
    proxy.primary === null && proxy.backup === null
      ? 'It calls addresses alone: no proxy is configured.'
      : `It calls by ${pair(proxy)}.`,
    outboundProxy.primary === null && outboundProxy.backup === null
      ? ''
      : `All of it goes through ${pair(outboundProxy)}.`,
  ].filter((sentence) => sentence !== '');
}

function placeText({ name, port }: ServerSetting, { transport, dnsQueryType }: PhoneSettings): string {
  const isAddress = isIpv4(name) || isIpv6(name);
  const usual = transport === 4 ? DEFAULT_SIPS_PORT : DEFAULT_SIP_PORT;
  if (isAddress) return `${name}${port === 0 ? ` port ${usual}` : ` port ${port}`}`;
  if (port !== 0) return `${name} port ${port} (A lookup)`;
  return dnsQueryType === 0 ? `${name} port ${usual} (A lookup)` : `${name} (SRV lookup)`;
}

/** Without the lists' own waits, which are known only when they have been looked up. */
const renewalS = ({ registrationPeriodS }: LineSettings, { timers }: PhoneSettings): number =>
  Math.max(registrationPeriodS - timers.registrationRenewalS, registrationPeriodS / 2);

const renewalSentence = (line: LineSettings, settings: PhoneSettings): string =>
  `It asks for ${line.registrationPeriodS} s and renews after ${text(renewalS(line, settings))}, or sooner where the server grants less.`;

/** How long a silent target is waited for, ms: before its answers have been timed, at least, at most (rules 4, first row). */
function waits({ failover, timers }: PhoneSettings): {
  readonly first: number;
  readonly least: number;
  readonly most: number;
} {
  const bound = timers.transactionMs ?? Number.POSITIVE_INFINITY;
  const limit = Math.min(failover.hedgeLimitMs, bound);
  return {
    first: Math.min(limit, HEDGE_UNKNOWN_MS),
    least: Math.min(limit, HEDGE_FLOOR_MS),
    most: limit,
  };
}

const isProbing = ({ failover }: PhoneSettings): boolean => failover.profile === 'modern' && failover.probePeriodS > 0;

function failureSentences(settings: PhoneSettings): readonly string[] {
  const { failover, timers } = settings;
  const { first, least, most } = waits(settings);
  if (failover.profile !== 'modern')
    return [
      `A silent primary is noticed in ${text((timers.transactionMs ?? R2_TRANSACTION_MS) / 1000)} by the next renewal, call or subscription, and by nothing else; then the backup is asked.`,
      'A refused or broken connection moves on at once, and so does a 503.',
      ...(failover.profile === 'r2.1' && timers.blacklistS > 0
        ? [`For ${text(timers.blacklistS)} it is then left out, where another server is there.`]
        : []),
    ];
  return [
    `A silent primary is noticed in ${text(first / 1000)} by a renewal, call or subscription${least === most ? '' : `; once eight answers have been timed, in ${number(least / 1000)} to ${text(most / 1000)}`}. Then the next server is asked.`,
    isProbing(settings)
      ? `While nothing is asked of it, within ${text(failover.probePeriodS + (2 * most + PROBE_CONFIRM_MS) / 1000)}: it is probed every ${text(failover.probePeriodS)}.`
      : 'Nothing is probed: while nothing is asked of it, its death is noticed at the next renewal.',
    'A refused or broken connection moves on at once.',
    `So do ${failover.codes.join(', ')} to a registration, and 503 to a call.`,
  ];
}

function returnSentences(settings: PhoneSettings): readonly string[] {
  const { failover, timers, lines } = settings;
  const longest = Math.max(
    0,
    ...lines.filter(({ registrar }) => registrar.primary !== null).map((line) => renewalS(line, settings)),
  );
  const renewal = longest === 0 ? '' : `, at most ${text(longest)} later`;
  if (isProbing(settings))
    return [
      `Home within ${text(failover.probePeriodS + failover.jitterS + 1)}, when no call is on the line: two good probes, then a registration${failover.jitterS > 0 ? `, spread over ${text(failover.jitterS)}` : ''}.`,
      'Every renewal and every new call asks it first as well.',
    ];
  const blacklist =
    failover.profile === 'r2.1' && timers.blacklistS > 0
      ? ` that comes ${text(timers.blacklistS)} after it was last found silent`
      : '';
  return [`Home at the next renewal${blacklist}${renewal}; the next call asks it first as well.`];
}

function nobodySentences({ failover, timers }: PhoneSettings): readonly string[] {
  const rejected = `A registration that is refused for another reason is tried again after ${text(timers.registrationRetryS ?? REGISTRATION_RETRY_S)}.`;
  if (failover.profile !== 'modern')
    return [
      `The next attempt follows after ${text(timers.registrationTimeoutRetryS ?? REGISTRATION_TIMEOUT_RETRY_S)}.`,
      rejected,
    ];
  const bound = timers.registrationTimeoutRetryS ?? Number.POSITIVE_INFINITY;
  // The first failure is the first doubling (RFC 5626 4.5).
  const first = 2 * BACKOFF_BASE_S;
  return [
    `The next attempt follows after ${number(Math.min(first * BACKOFF_LOW_RATIO, bound))} to ${text(Math.min(first, bound))}, later ones after at most ${text(Math.min(BACKOFF_MAX_S, bound))}; at once when a server that was silent answers${failover.probePeriodS > 0 ? ' a probe' : ''}.`,
    rejected,
  ];
}

const number = (value: number): string => String(Math.round(value * 10) / 10);
const text = (seconds: number): string => `${number(seconds)} s`;
