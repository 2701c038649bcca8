/** Owns the rows of the parameters that the phone acts on: servers, identity, timers, and those of our own (original-phone 1, rules 5). */
import { CALLS } from './acted-on-calls.ts';
import {
  BLACKLIST_S,
  DEFAULT_REGISTRATION_PERIOD_S,
  DIAL_PLAN,
  DIGIT_TIMEOUT_S,
  EMERGENCY_DIAL_PLAN,
  FAILOVER_CODES,
  FAILOVER_JITTER_S,
  HEDGE_LIMIT_MS,
  LOCAL_PORT,
  LOCAL_TLS_PORT,
  PROBE_PERIOD_S,
  R2_TRANSACTION_MS,
  REGISTRATION_RENEWAL_S,
  REGISTRATION_RETRY_S,
  REGISTRATION_TIMEOUT_RETRY_MIN_S,
  REGISTRATION_TIMEOUT_RETRY_S,
  RTP_PORT_BASE,
  START_SPREAD_S,
  T1_MS,
  T2_MS,
} from './defaults.ts';
import type { Parameter, ParameterKind, Row } from './parameter.ts';
import { choice, FLAG, HOST, integer, orDefault, PORT, rows, secret, text } from './parameter.ts';

const server = (name: string, title: string): readonly Row[] => [
  [name, HOST, '0.0.0.0', '', `${title}: name or address; 0.0.0.0 or empty = not configured`],
  [
    `${name.replace(/ ip$/, '')} port`,
    PORT,
    '0',
    '',
    `Port of the ${title.toLowerCase()}; 0 = SRV lookup of a name, default port of an address; else A lookup`,
  ],
];

const NETWORK = rows('original-phone 1.1', { scope: 'line', set: 'network', active: true }, [
  ...server('sip proxy ip', 'Primary proxy'),
  ...server('sip backup proxy ip', 'Backup proxy'),
  ...server('sip outbound proxy', 'Outbound proxy'),
  ...server('sip backup outbound proxy', 'Backup outbound proxy'),
  ...server('sip registrar ip', 'Primary registrar'),
  ...server('sip backup registrar ip', 'Backup registrar'),
  [
    'sip registration period',
    integer(0, 2_147_483_647),
    '0',
    's',
    `Expiry asked for; 0 = ${DEFAULT_REGISTRATION_PERIOD_S}. What the registrar grants counts`,
  ],
]);

/** The original stops at 20 characters; users of other servers have longer names. */
const NAME: ParameterKind = text(64);

const IDENTITY = rows('original-phone 1.4', { scope: 'line', set: 'auth', active: true }, [
  ['sip screen name', NAME, '', '', 'Name on the idle screen'],
  ['sip screen name 2', NAME, '', '', 'Second name on the idle screen'],
  ['sip user name', NAME, '', '', 'User part of the address of record; a line without one does not exist'],
  ['sip display name', NAME, '', '', 'Caller ID'],
  ['sip auth name', NAME, '', '', 'Digest user name; empty = the user name'],
  ['sip password', secret(128), '', '', 'Digest password'],
  ['sip bla number', text(64), '', '', 'Number of a shared line; empty = the user name'],
  [
    'sip mode',
    choice('0', '1', '2', '3'),
    '0',
    '',
    'Line mode: 3 = shared (BLA), 1 = shared (BroadSoft): its line key shows what the others do',
  ],
]);

const SERVER_CHOICE = rows('original-phone 1.1', { scope: 'global', set: null, active: true }, [
  ['sip dns query type', choice('0', '1', '2'), '1', '', '0 A only, 1 SRV then A, 2 NAPTR, SRV, A'],
]);

const TIMEOUT_RETRY: ParameterKind = {
  type: 'integer',
  min: 0,
  max: 2_147_483_647,
  raiseTo: REGISTRATION_TIMEOUT_RETRY_MIN_S,
};

const TIMERS = rows('original-phone 1.2', { scope: 'global', set: null, active: true }, [
  [
    'sip transaction timer',
    integer(4000, 64_000),
    String(R2_TRANSACTION_MS),
    'ms',
    'How long a server may be silent; given in a file it bounds every wait of profile modern too',
  ],
  // The forms of the original post 0 for both.
  ['sip t1 timer', orDefault(100, 10_000, T1_MS), String(T1_MS), 'ms', 'T1, the first interval of retransmission'],
  ['sip t2 timer', orDefault(1, 60_000, T2_MS), String(T2_MS), 'ms', 'T2, the longest interval'],
  [
    'sip registration retry timer',
    integer(30, 1800),
    String(REGISTRATION_RETRY_S),
    's',
    'Wait after a rejected REGISTER',
  ],
  [
    'sip registration timeout retry timer',
    TIMEOUT_RETRY,
    String(REGISTRATION_TIMEOUT_RETRY_S),
    's',
    'Wait after a REGISTER that every server left unanswered; given in a file it bounds the back-off of profile modern too',
  ],
  [
    'sip registration renewal timer',
    integer(0, 214_748_364),
    String(REGISTRATION_RENEWAL_S),
    's',
    'Renew this long before expiry, but not before half of it is over',
  ],
  [
    'sip blacklist duration',
    integer(0, 9_999_999),
    String(BLACKLIST_S),
    's',
    'Profile r2.1: a silent server is left out this long; 0 = off',
  ],
]);

const TRANSPORT = rows('original-phone 1.3', { scope: 'global', set: null, active: true }, [
  ['sip transport protocol', choice('0', '1', '2', '4'), '1', '', '0 UDP and TCP, 1 UDP, 2 TCP, 4 TLS'],
  ['sip persistent tls keep alive', integer(0, 3600), '0', 's', 'Empty lines on each TCP and TLS connection; 0 = none'],
  ['sips root and intermediate certificates', text(256), '', '', 'File: authorities that servers are checked against'],
  [
    'sips trusted certificates',
    text(256),
    '',
    '',
    'File: further authorities; where neither is given, the usual public ones',
  ],
  ['sips local certificate', text(256), '', '', 'File: what the phone shows of itself over TLS'],
  ['sips private key', text(256), '', '', 'File: the key of that certificate'],
  [
    'sip local tls port',
    PORT,
    String(LOCAL_TLS_PORT),
    '',
    'Where TLS connections from servers are taken, with a certificate',
  ],
  ['sip local port', PORT, String(LOCAL_PORT), '', 'Local SIP port; 0 = any free one'],
  ['sip outbound support', FLAG, '0', '', '1 = bindings are for flows: instance and reg-id in the Contact (RFC 5626)'],
  ['sip rport', FLAG, '0', '', '1 = the address that the registrar saw stands in the Contact; Via asks for it always'],
  ['sip nat ip', HOST, '0.0.0.0', '', 'Public address: stands in Contact and session over UDP'],
  ['sip nat port', PORT, '0', '', 'Public SIP port; 0 = the local one'],
  ['sip nortel nat support', FLAG, '0', '', '1 = an empty datagram to each serving server keeps a NAT open'],
  ['sip nortel nat timer', integer(5, 3600), '60', 's', 'So often'],
  ['sip whitelist', FLAG, '0', '', '1 = calls are taken from configured servers alone'],
  ['tos sip', integer(0, 63), '26', '', 'DSCP of signalling; nftables sets it: `holdfast dscp`'],
  ['sip send mac', FLAG, '0', '', '1 = REGISTER carries Aastra-Mac'],
  ['sip send line', FLAG, '0', '', '1 = REGISTER carries Aastra-Line'],
]);

const DIALLING = rows('original-phone 1.6', { scope: 'global', set: null, active: true }, [
  ['sip dial plan', { type: 'dial-plan' }, DIAL_PLAN, '', 'Which numbers may be dialled, and when each is sent'],
  ['sip dial plan terminator', FLAG, '0', '', '1 = the # that ends a number is sent with it'],
  ['sip digit timeout', integer(1, 60), String(DIGIT_TIMEOUT_S), 's', 'A number that may be sent is sent after this'],
  [
    'emergency dial plan',
    { type: 'dial-plan' },
    EMERGENCY_DIAL_PLAN,
    '',
    'Numbers that may always be dialled, and that ask every server of every line',
  ],
]);

const DESK = rows('original-phone 1.7', { scope: 'global', set: null, active: true }, [
  ['live dialpad', FLAG, '0', '', '1 = a digit on the hook opens the loudspeaker at once'],
  ['redial disabled', FLAG, '0', '', '1 = numbers that were dialled are not kept'],
  ['callers list disabled', FLAG, '0', '', '1 = callers are not kept'],
  ['missed calls indicator disabled', FLAG, '0', '', '1 = missed calls are not counted on the idle screen'],
  ['call waiting tone', FLAG, '1', '', '0 = a second call is seen and not heard'],
  ['mwi led line', integer(0, 9), '0', '', 'Line whose waiting messages light the lamp; 0 = any'],
  ['goodbye cancels incoming call', FLAG, '1', '', '0 = Goodbye ends the call that is heard instead'],
]);

const TIME = rows('original-phone 1.9', { scope: 'global', set: null, active: true }, [
  ['time format', FLAG, '1', '', '0 = 12 hours, 1 = 24 hours'],
  ['time zone minutes', integer(-840, 840), '0', 'min', 'Minutes west of Greenwich; east is negative'],
]);

const PROBE_PERIOD: ParameterKind = { type: 'integer', min: 5, max: 300, orZero: true };

const OWN = rows('rules 5', { scope: 'global', set: null, active: true }, [
  [
    'failover profile',
    choice('modern', 'r2.0', 'r2.1'),
    'modern',
    '',
    'Whose timing: ours, that of Release 2.0, that of Release 2.1',
  ],
  ['failover probe period', PROBE_PERIOD, String(PROBE_PERIOD_S), 's', 'Time between two checks of a server; 0 = none'],
  [
    'failover hedge limit',
    integer(300, 8000),
    String(HEDGE_LIMIT_MS),
    'ms',
    'Longest wait for a silent server before the next one is started',
  ],
  [
    'failover codes',
    { type: 'codes' },
    FAILOVER_CODES.join(','),
    '',
    'Answers to REGISTER and SUBSCRIBE that go on to the next server',
  ],
  [
    'failover jitter',
    integer(0, 600),
    String(FAILOVER_JITTER_S),
    's',
    'The way home is spread over this time, each phone at its turn by its MAC address; a large fleet sets 60',
  ],
  [
    'failover start spread',
    integer(0, 600),
    String(START_SPREAD_S),
    's',
    'After an unclean power-on the first REGISTER is spread over this time, the first SUBSCRIBE over the same again; 0 = at once',
  ],
]);

const WEB: readonly Parameter[] = [
  ...rows('original-phone 1.10', { scope: 'global', set: null, active: true }, [
    [
      'admin password',
      secret(64),
      '',
      '',
      'Password of the administrator of the web pages; empty = the first start makes one',
    ],
    ['user password', secret(64), '', '', 'Password of the viewer of the web pages, named user; empty = there is none'],
    [
      'options password enabled',
      FLAG,
      '0',
      '',
      '1 = the Options key asks for `admin password` where a file gives one, and holding it begins no self-test',
    ],
    [
      'web interface enabled',
      FLAG,
      '1',
      '',
      '0 = no web page for anybody and no login by a password; the API token, programs on this machine and XML pushes go on',
    ],
  ]),
  ...rows('rules 5', { scope: 'global', set: null, active: true }, [
    ['web certificate', text(256), '', '', 'File: the certificate of the web pages; empty = the first start makes one'],
    ['web private key', text(256), '', '', 'File: the key of that certificate'],
    ['web plain login', FLAG, '0', '', '1 = passwords are taken over HTTP from the network, in the clear'],
  ]),
];

const TONE_SETS = ['us', 'europe', 'uk', 'france', 'germany', 'italy', 'australia', 'mexico', 'brazil'];

const SOUND = [
  ...rows('original-phone 1.6', { scope: 'global', set: null, active: true }, [
    ['sip rtp port', PORT, String(RTP_PORT_BASE), '', 'First RTP port that is asked for, even; 0 = any'],
    ['tos rtp', integer(0, 63), '46', '', 'DSCP of sound; nftables sets it: `holdfast dscp`'],
    ['tos rtcp', integer(0, 63), '46', '', 'DSCP of reports on sound'],
  ]),
  ...rows('original-phone 1.7', { scope: 'global', set: null, active: true }, [
    ['ring tone', integer(0, 5), '0', '', '0 to 4 = tone 1 to 5, 5 silent'],
    ['tone set', choice(...TONE_SETS), 'us', '', 'Whose dial, ring-back and busy tones'],
  ]),
];

export const ACTED_ON: readonly Parameter[] = [
  ...NETWORK,
  ...IDENTITY,
  ...SERVER_CHOICE,
  ...TIMERS,
  ...TRANSPORT,
  ...DIALLING,
  ...DESK,
  ...SOUND,
  ...CALLS,
  ...OWN,
  ...TIME,
  ...WEB,
];
