/**
 * Owns the rows of the original's parameters that this release knows and keeps, but does not act on: a file of the original reads
 * without false alarms, and a person is told what has no effect (original-phone 1).
 */
import type { Parameter, ParameterKind, Row } from './parameter.ts';
import { choice, FLAG, integer, PORT, rows, secret, text } from './parameter.ts';

const ANY: ParameterKind = text(1024);
const SECONDS: ParameterKind = integer(0, 2_147_483_647);

const kept = (section: string, table: readonly Row[], scope: Parameter['scope'] = 'global'): readonly Parameter[] =>
  rows(`original-phone ${section}`, { scope, set: null, active: false }, table);

/** Names whose values are not judged yet: `/` separates them. */
const names = (section: string, list: string, scope: Parameter['scope'] = 'global'): readonly Parameter[] =>
  kept(
    section,
    list.split('/').map((name): Row => [name.trim(), ANY, '', '', '']),
    scope,
  );

const LINE_IDENTITY = rows('original-phone 1.4', { scope: 'line', set: 'auth', active: false }, [
  ['sip bla number', text(64), '', '', 'Number of a shared line'],
  ['sip mode', choice('0', '1', '2', '3'), '0', '', 'Line mode: 0 generic, 1 SCA, 2 reserved, 3 BLA'],
]);

const SERVERS_AND_TIMERS: readonly Parameter[] = [
  ...kept('1.1', [['sip centralized conf', text(256), '', '', 'Conference server']], 'line'),
  ...kept('1.2', [
    [
      'sip session timer',
      { type: 'integer', min: 90, max: 214_748_364, orZero: true },
      '0',
      's',
      'Session refresh; 0 = off',
    ],
    ['sip subscription timeout retry timer', SECONDS, '0', 's', 'Wait after a SUBSCRIBE that timed out; 0 = off'],
    ['sip subscription failed retry timer', SECONDS, '0', 's', 'Wait after a rejected SUBSCRIBE; 0 = off'],
  ]),
];

const TRANSPORT = kept('1.3', [
  ['sips persistent tls', FLAG, '0', '', 'This phone always keeps its connections'],
  ['sip symmetric udp signaling', FLAG, '1', '', 'This phone always sends from where it listens'],
  ['sip nat rtp port', PORT, '51720', '', 'Public RTP port'],
  ['sip contact matching', choice('0', '1', '2', '3'), '2', '', '0 URI, 1 address, 2 user, 3 address and user'],
  ['sip gruu', FLAG, '1', '', 'A URI of this phone alone is asked for'],
  ['sip instance id', FLAG, '1', '', 'REGISTER names the phone'],
  ['sip accept out of order requests', FLAG, '0', '', 'A CSeq that falls is accepted'],
  ['sip pai', FLAG, '0', '', 'Asserted identity is shown'],
  ['sip diversion display', FLAG, '0', '', 'Who forwarded a call is shown'],
]);

const PER_LINE: readonly Parameter[] = [
  ...kept('1.3', [['sip srtp mode', choice('0', '1', '2'), '0', '', '0 off, 1 preferred, 2 only']], 'line'),
  ...kept(
    '1.4',
    [
      ['sip vmail', text(128), '', '', 'Number of the voice mail'],
      ['call waiting', FLAG, '1', '', 'A second call rings'],
    ],
    'line',
  ),
  ...kept('1.5', [['sip explicit mwi subscription', FLAG, '0', '', 'Voice-mail lamp by SUBSCRIBE']], 'line'),
  ...kept('1.6', [['sip dtmf method', choice('0', '1', '2'), '0', '', '0 RTP, 1 SIP INFO, 2 both']], 'line'),
];

const SECRETS: readonly Parameter[] = [
  ...kept('1.10', [['ftp password', secret(64), '', '', 'Password of the FTP server']]),
  ...rows('rules 5', { scope: 'global', set: null, active: false }, [
    ['api token', secret(256), '', '', 'Token of the HTTP interface; --api-token-file gives it in this release'],
  ]),
];

const UNJUDGED: readonly Parameter[] = [
  ...names('1.4', 'dynamic sip'),
  ...names(
    '1.5',
    `sip explicit mwi subscription period / sip mwi for bla account / sip blf subscription period /
    sip bla subscription period / sip acd subscription period / sip as-feature-event subscription period / list uri /
    directed call pickup / directed call pickup prefix`,
  ),
  ...names(
    '1.6',
    `sip out-of-band dtmf /
    sip use basic codecs / sip customized codec / sip silence suppression / sip rtp port / sip single codec reply in sdp /
    tos rtp / tos rtcp`,
  ),
  ...names(
    '1.7',
    `ring tone / tone set / priority alerting enabled / alert internal / alert external / alert emergency / alert priority /
    handset volume / headset volume / speaker volume / ringer volume / audio mode / headset tx gain / handset tx gain /
    handsfree tx gain / headset sidetone gain / call waiting tone / call waiting tone period / stutter disabled /
    call hold reminder / play a ring splash / display dtmf digits / preferred line / preferred line timeout /
    switch focus to ringing line / sip ignore status code /
    call forward disabled / conference disabled / call transfer disabled /
    no service congestion tone / sip allow auto answer / sip intercom mute mic / sip intercom warning tone /
    sip intercom allow barge in / sip intercom type / sip intercom prefix code / sip intercom line /
    paging group listening / call forward key mode / dnd key mode / sip refer-to with replaces`,
  ),
  ...names(
    '1.9',
    `time server disabled / time server1 / time server2 / time server3 / date format / time zone name / time zone code /
    dst config / dst minutes / dst start relative date / dst end relative date / dst start month / dst start week /
    dst start day / dst start hour / dst end month / dst end week / dst end day / dst end hour`,
  ),
  ...names(
    '1.10',
    `dhcp / ip / subnet mask / default gateway / dns1 / dns2 / tagging enabled / vlan id / priority non-ip / vlan id port 1 /
    tos priority map / download protocol / tftp server / alternate tftp server / use alternate tftp server / ftp server /
    ftp path / ftp username / http server / http path / http port / https server / https path / https port /
    https client method / https validate certificates / firmware server / auto resync mode / auto resync time /
    auto resync max delay / auto resync days / dhcp config option override / contact rcs / options password enabled /
    web interface enabled / phone lock / user config url / log server ip / log server port / xml application uri /
    xml application title / xml application post list / xml get timeout / xml status scroll delay / xml beep notification /
    sip xml notify event / action uri startup / action uri registered / action uri registration event /
    action uri incoming / action uri outgoing / action uri offhook / action uri onhook / action uri connected /
    action uri disconnected / action uri xml sip notify / action uri poll / action uri poll interval / sip dns host file /
    upload system info server / config files mandatory download / config files number of reattempt / sprecode / language`,
  ),
  ...names('2', 'aastra md5 / mac md5 / firmware md5'),
];

/** `N` stands for any number of one or two digits. */
const FAMILIES: readonly Parameter[] = [
  ...names('1.7', 'lineN ring tone / bellcore cadence drN', 'family'),
  ...names(
    '1.8',
    [
      ...['prgkeyN', 'softkeyN', 'topsoftkeyN'].flatMap((key) => [`${key} states`, `${key} locked`]),
      ...['type', 'label', 'value', 'line', 'states', 'locked'].map((part) => `expmodN keyN ${part}`),
    ].join('/'),
    'family',
  ),
  ...names(
    '1.10',
    ['name', 'priority', 'weight', 'port', 'target'].map((part) => `sip dns srvN ${part}`).join('/'),
    'family',
  ),
  ...names('2', 'directoryN md5 / directory N', 'family'),
];

const LOG_MODULES = names(
  '1.10',
  'linemgr/user interface/misc/sip/dis/dstore/ept/ind/kbd/net/provis/rtpt/snd/prof/xml/stun'
    .split('/')
    .map((module) => `log module ${module}`)
    .join('/'),
);

export const KEPT: readonly Parameter[] = [
  ...LINE_IDENTITY,
  ...SERVERS_AND_TIMERS,
  ...TRANSPORT,
  ...PER_LINE,
  ...SECRETS,
  ...UNJUDGED,
  ...LOG_MODULES,
  ...FAMILIES,
];
