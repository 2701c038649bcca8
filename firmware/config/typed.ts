/** Owns how values in force become the typed settings that the core acts on: a line's own *set* hides the whole global set (original-phone 2). */

import { zoneFor } from '../kernel/zone.ts';
import { ALERT_WORDS } from './acted-on-calls.ts';
import { codecSettings } from './codecs.ts';
import { DEFAULT_REGISTRATION_PERIOD_S, LINES_MAX } from './defaults.ts';
import { keySettings, settableKeys } from './keys.ts';
import type { SetName } from './parameter.ts';
import { SET_MEMBERS, spelled } from './parameters.ts';
import type {
  CallSettings,
  DeskSettings,
  DiallingSettings,
  DnsQueryType,
  LineSettings,
  NatSettings,
  PhoneModel,
  PhoneSettings,
  Profile,
  ServerPair,
  ServerSetting,
  SoundSettings,
  TransportChoice,
} from './settings.ts';
import { subscriptionSettings } from './subscription-parameters.ts';
import { NO_HOST } from './values.ts';
import { xmlSettings } from './xml-parameters.ts';

/** What is known of a spelled name. */
export interface Values {
  /** Whether any file names it, be its value good or bad. */
  readonly names: (name: string) => boolean;
  /** Whether any file gives it a good value. */
  readonly given: (name: string) => boolean;
  /** The value in force: that of a file, else the default. */
  readonly value: (name: string) => string;
  /** Whether a file keeps what is set at the phone from holding. */
  readonly fixed: (name: string) => boolean;
}

export const LINE_NUMBERS: readonly number[] = Array.from({ length: LINES_MAX }, (_line, index) => index + 1);
const TRANSPORTS: readonly TransportChoice[] = [0, 1, 2, 4];
const QUERY_TYPES: readonly DnsQueryType[] = [0, 1, 2];
const PROFILES: readonly Profile[] = ['modern', 'r2.0', 'r2.1'];

export function typedSettings(
  values: Values,
  { model, mac }: { readonly model: PhoneModel; readonly mac: string },
): PhoneSettings {
  const number = (name: string): number => Number(values.value(name));
  const ifGiven = (name: string): number | null => (values.given(name) ? number(name) : null);
  const flag = (name: string): boolean => values.value(name) === '1';
  return {
    model,
    mac,
    lines: LINE_NUMBERS.flatMap((line) => lineSettings(values, line)),
    transport: oneOf(TRANSPORTS, values.value('sip transport protocol'), 1),
    dnsQueryType: oneOf(QUERY_TYPES, values.value('sip dns query type'), 1),
    streamKeepAliveS: number('sip persistent tls keep alive'),
    tls: {
      localPort: number('sip local tls port'),
      authorities: ['sips root and intermediate certificates', 'sips trusted certificates']
        .map((name) => values.value(name))
        .filter((file) => file !== ''),
      certificate: values.value('sips local certificate'),
      key: values.value('sips private key'),
    },
    timers: {
      t1Ms: number('sip t1 timer'),
      t2Ms: number('sip t2 timer'),
      transactionMs: ifGiven('sip transaction timer'),
      registrationRetryS: ifGiven('sip registration retry timer'),
      registrationTimeoutRetryS: ifGiven('sip registration timeout retry timer'),
      registrationRenewalS: number('sip registration renewal timer'),
      blacklistS: number('sip blacklist duration'),
    },
    failover: {
      profile: oneOf(PROFILES, values.value('failover profile'), 'modern'),
      probePeriodS: number('failover probe period'),
      hedgeLimitMs: number('failover hedge limit'),
      codes: codesOf(values.value('failover codes')),
      jitterS: number('failover jitter'),
      startSpreadS: number('failover start spread'),
    },
    dialling: diallingSettings(values.value, number, flag),
    desk: deskSettings(values.value, flag),
    sound: soundSettings(values.value('tone set'), number),
    calls: callSettings(number, flag, values.value),
    keys: keySettings(values.value, model),
    settableKeys: settableKeys(values, model),
    xml: xmlSettings(values.value),
    subscriptions: subscriptionSettings(values.value),
    localPort: number('sip local port'),
    nat: natSettings(values.value('sip nat ip'), number, flag),
    signallingDscp: number('tos sip'),
    outbound: flag('sip outbound support'),
    whitelist: flag('sip whitelist'),
    sendMac: flag('sip send mac'),
    sendLine: flag('sip send line'),
    clock24: flag('time format'),
    zone: { zone: zoneFor(values.value('time zone name')), zoneMinutesWest: number('time zone minutes') },
  };
}

const soundSettings = (toneSet: string, number: (name: string) => number): SoundSettings => ({
  toneSet,
  ringTone: number('ring tone'),
  rtpPort: number('sip rtp port'),
  dscp: { rtp: number('tos rtp'), rtcp: number('tos rtcp') },
});

const diallingSettings = (
  value: (name: string) => string,
  number: (name: string) => number,
  flag: (name: string) => boolean,
): DiallingSettings => ({
  plan: value('sip dial plan'),
  emergencyPlan: value('emergency dial plan'),
  sendsTerminator: flag('sip dial plan terminator'),
  digitTimeoutMs: number('sip digit timeout') * 1000,
});

const deskSettings = (value: (name: string) => string, flag: (name: string) => boolean): DeskSettings => ({
  redialList: onOff(!flag('redial disabled')),
  callersList: onOff(!flag('callers list disabled')),
  missedIndicator: onOff(!flag('missed calls indicator disabled')),
  predial: onOff(!flag('live dialpad')),
  goodbyeRejects: onOff(flag('goodbye cancels incoming call')),
  waitingTone: onOff(flag('call waiting tone')),
  messageLine: Number(value('mwi led line')) || null,
  webPages: onOff(flag('web interface enabled')),
  optionsLock:
    flag('options password enabled') && value('admin password') !== '' ? { password: value('admin password') } : null,
});

const onOff = (on: boolean): 'on' | 'off' => (on ? 'on' : 'off');

const ringsOf = (
  number: (name: string) => number,
  text: (name: string) => string,
): NonNullable<CallSettings['rings']> => ({
  cadences: [null, ...[2, 3, 4, 5].map((dr) => text(`bellcore cadence dr${dr}`).split(',').map(Number))],
  words: Object.fromEntries(ALERT_WORDS.map((word) => [word, number(`alert ${word}`)])),
});

const callSettings = (
  number: (name: string) => number,
  flag: (name: string) => boolean,
  text: (name: string) => string,
): CallSettings => ({
  ...codecSettings(text('sip customized codec'), flag('sip use basic codecs')),
  ignoreCode: number('sip ignore status code'),
  forward: onOff(!flag('call forward disabled')),
  conference: onOff(!flag('conference disabled')),
  transfer: onOff(!flag('call transfer disabled')),
  joinsTransfers: onOff(flag('sip refer-to with replaces')),
  autoAnswer: !flag('sip allow auto answer') ? 'off' : flag('sip intercom mute mic') ? 'silent' : 'open',
  rings: flag('priority alerting enabled') ? ringsOf(number, text) : null,
  // Two spellings of one parameter: each may switch it off.
  warningTone: onOff(flag('sip intercom warning tone') && flag('sip intercom play warning tone')),
  obeysRefer: onOff(flag('sip accept refer')),
  sessionTimerS: number('sip session timer'),
  soundLimitS: number('call sound timeout'),
  bargeIn: onOff(flag('sip intercom allow barge in')),
});

const natSettings = (
  address: string,
  number: (name: string) => number,
  flag: (name: string) => boolean,
): NatSettings => ({
  address: address === NO_HOST ? null : address,
  port: number('sip nat port') === 0 ? null : number('sip nat port'),
  learns: flag('sip rport'),
  keepAliveS: flag('sip nortel nat support') ? number('sip nortel nat timer') : 0,
});

function oneOf<T extends number | string>(all: readonly T[], value: string, fallback: T): T {
  return all.find((item) => String(item) === value) ?? fallback;
}

const codesOf = (list: string): readonly number[] =>
  list
    .split(',')
    .filter((code) => code !== '')
    .map(Number);

/**
 * Line 1 exists where a user name results; lines 2 to 9 only where files name a member of their own: a global account alone is one
 * line, not nine (our choice, the sources are silent).
 */
function lineSettings(values: Values, line: number): readonly LineSettings[] {
  const auth = memberReader(values, line, 'auth');
  const network = memberReader(values, line, 'network');
  const userName = auth.value('sip user name');
  if (userName === '' || (line > 1 && !auth.own && !network.own)) return [];
  const server = (name: string): ServerSetting | null => {
    const host = network.value(name);
    return host === NO_HOST ? null : { name: host, port: Number(network.value(`${name.replace(/ ip$/, '')} port`)) };
  };
  const pair = (primary: string, backup: string): ServerPair => ({ primary: server(primary), backup: server(backup) });
  const period = Number(network.value('sip registration period'));
  return [
    {
      line,
      screenName: auth.value('sip screen name'),
      screenName2: auth.value('sip screen name 2'),
      userName,
      displayName: auth.value('sip display name'),
      authName: auth.value('sip auth name') === '' ? userName : auth.value('sip auth name'),
      password: auth.value('sip password'),
      registrar: pair('sip registrar ip', 'sip backup registrar ip'),
      proxy: pair('sip proxy ip', 'sip backup proxy ip'),
      outboundProxy: pair('sip outbound proxy', 'sip backup outbound proxy'),
      registrationPeriodS: period === 0 ? DEFAULT_REGISTRATION_PERIOD_S : period,
      sharedNumber: auth.value('sip mode') === BLA ? auth.value('sip bla number') || userName : null,
      callInfo: auth.value('sip mode') === BROADSOFT,
      explicitMwi: ownOr(values, 'sip explicit mwi subscription', line) === '1',
      keysSent: keysSent(ownOr(values, 'sip dtmf method', line), values.value('sip out-of-band dtmf') === '1'),
      srtp: SRTP_MODES[ownOr(values, 'sip srtp mode', line)] ?? 'off',
      callerId: ownOr(values, 'sip caller id block', line) === '1' ? 'hidden' : 'shown',
      ringTone: ringToneOf(values.value(`line${line} ring tone`)),
      callWaiting: ownOr(values, 'call waiting', line) === '0' ? 'off' : 'on',
    },
  ];
}

const ringToneOf = (written: string): number | null => (written === '' || written === '-1' ? null : Number(written));

const SRTP_MODES: Readonly<Record<string, LineSettings['srtp']>> = { '1': 'preferred', '2': 'only' };

/** `sip mode` of a shared line, by the BLA draft and by BroadSoft. */
const BLA = '3';
const BROADSOFT = '1';

/** Of a parameter that belongs to no set: the line's own value, else the global one. */
const ownOr = (values: Values, name: string, line: number): string =>
  values.value(values.names(spelled(name, line)) ? spelled(name, line) : name);

/** The matrix of `sip dtmf method` (0 RTP, 1 INFO, 2 both) and `sip out-of-band dtmf` (original-phone 1.6). */
const keysSent = (method: string, events: boolean): LineSettings['keysSent'] => ({
  events: events ? 'on' : 'off',
  sound: !events && method !== '1' ? 'on' : 'off',
  info: method === '0' ? 'off' : 'on',
});

interface MemberReader {
  /** Whether the line has a set of its own. */
  readonly own: boolean;
  readonly value: (name: string) => string;
}

/** Members of a set for a line: all from the line, or all from the global set. What the line leaves out has its default. */
function memberReader(values: Values, line: number, set: SetName): MemberReader {
  const own = ownsSet(values.names, line, set);
  return { own, value: (name) => values.value(spelled(name, own ? line : null)) };
}

/** Whether files name any member of the line's own set. */
export const ownsSet = (names: Values['names'], line: number, set: SetName): boolean =>
  SET_MEMBERS[set].some((name) => names(spelled(name, line)));
