/** Owns the forms of the Web UI as data: the original's addresses, the names of its fields, and the parameter behind each (web-forms). */
import { BASIC_SET, CODEC_PLACES, NO_CODEC } from '../../config/codec-choice.ts';
import { PROGRAMMABLE_KEYS } from '../../config/defaults.ts';
import { LINE_NUMBERS } from '../../config/typed.ts';
import type { FormPage, Section } from './form.ts';
import { section } from './form.ts';
import { MODULE_FORMS, PREFERENCES, PROVIS } from './forms-desk.ts';

const IDENTITY = section('Basic SIP Authentication Settings', [
  ['screenName', 'sip screen name', 'Screen Name'],
  ['screenName2', 'sip screen name 2', 'Screen Name 2'],
  ['userName', 'sip user name', 'Phone Number'],
  ['dispName', 'sip display name', 'Caller ID'],
  ['authName', 'sip auth name', 'Authentication Name'],
  ['password', 'sip password', 'Password'],
  ['blaName', 'sip bla number', 'BLA Number'],
  ['mode', 'sip mode', 'Line Mode'],
  ['callWaiting', 'call waiting', 'Call Waiting'],
]);

const NETWORK = section('Basic SIP Network Settings', [
  ['proxyIp', 'sip proxy ip', 'Proxy Server'],
  ['proxyPort', 'sip proxy port', 'Proxy Port'],
  ['backupProxyIp', 'sip backup proxy ip', 'Backup Proxy Server'],
  ['backupProxyPort', 'sip backup proxy port', 'Backup Proxy Port'],
  ['outboundProxy', 'sip outbound proxy', 'Outbound Proxy Server'],
  ['outboundProxyPort', 'sip outbound proxy port', 'Outbound Proxy Port'],
  ['backupOutboundProxy', 'sip backup outbound proxy', 'Backup Outbound Proxy Server'],
  ['backupOutboundProxyPort', 'sip backup outbound proxy port', 'Backup Outbound Proxy Port'],
  ['regIp', 'sip registrar ip', 'Registrar Server'],
  ['regPort', 'sip registrar port', 'Registrar Port'],
  ['backupRegIp', 'sip backup registrar ip', 'Backup Registrar Server'],
  ['backupRegPort', 'sip backup registrar port', 'Backup Registrar Port'],
  ['registrationPeriod', 'sip registration period', 'Registration Period'],
  ['centraconf', 'sip centralized conf', 'Conference Server URI'],
  ['park+pickup+config', 'sip park pickup config', 'Park Pickup Config'],
]);

/** The original has these on its pages (original-phone 5.2); the names of the fields are ours. */
const MWI = section('Message Waiting', [['explicitMwi', 'sip explicit mwi subscription', 'Explicit MWI Subscription']]);

const ADVANCED = section('Advanced SIP Settings', [
  ['explicitMwiPeriod', 'sip explicit mwi subscription period', 'Explicit MWI Subscription Period'],
  ['sessionTimer', 'sip session timer', 'Session Timer'],
  ['t1Timer', 'sip t1 timer', 'T1 Timer'],
  ['t2Timer', 'sip t2 timer', 'T2 Timer'],
  ['transTimer', 'sip transaction timer', 'Transaction Timer'],
  ['transportProtocol', 'sip transport protocol', 'Transport Protocol'],
  ['sipLocalPort', 'sip local port', 'Local SIP UDP/TCP Port'],
  ['sipLocalTLSPort', 'sip local tls port', 'Local SIP TLS Port'],
  ['regRetry', 'sip registration retry timer', 'Registration Failed Retry Timer'],
  ['regTimeout', 'sip registration timeout retry timer', 'Registration Timeout Retry Timer'],
  ['regRenewal', 'sip registration renewal timer', 'Registration Renewal Timer'],
  ['blfPeriod', 'sip blf subscription period', 'BLF Subscription Period'],
  ['acdPeriod', 'sip acd subscription period', 'ACD Subscription Period'],
  ['blaPeriod', 'sip bla subscription period', 'BLA Subscription Period'],
  ['AFESubscriptionPeriod', 'sip as-feature-event subscription period', 'AFE Subscription Period'],
  ['sendMac', 'sip send mac', 'Send MAC Address in REGISTER'],
  ['sendLine', 'sip send line', 'Send Line Number in REGISTER'],
  ['blacklistDur', 'sip blacklist duration', 'Blacklist Duration'],
  ['whitelist', 'sip whitelist', 'Whitelist Proxy'],
]);

/** Of our own (rules 5); the names of the fields are too. */
const FAILOVER = section('Failover', [
  ['failoverProfile', 'failover profile', 'Profile'],
  ['failoverProbePeriod', 'failover probe period', 'Probe Period'],
  ['failoverHedgeLimit', 'failover hedge limit', 'Hedge Limit'],
  ['failoverCodes', 'failover codes', 'Codes'],
  ['failoverJitter', 'failover jitter', 'Jitter'],
  ['failoverStartSpread', 'failover start spread', 'Start Spread'],
  ['dnsQueryType', 'sip dns query type', 'DNS Query Type'],
]);

const RTP = section('RTP Settings', [
  ['rtpPort', 'sip rtp port', 'RTP Port'],
  ['useNTE', 'sip out-of-band dtmf', 'Out-of-Band DTMF'],
  ['dtmfMethod', 'sip dtmf method', 'DTMF Method'],
  ['srtpMode', 'sip srtp mode', 'RTP Encryption'],
  ['basicCodecs', 'sip use basic codecs', 'Basic Codecs Alone'],
  ['customizedCodec', 'sip customized codec', 'Customized Codec List'],
  ['silenceSuppression', 'sip silence suppression', 'Silence Suppression'],
]);

const AUTO_DIAL = section('Autodial Settings', [
  ['adNumber', 'auto dial number', 'Autodial Number'],
  ['adTimeout', 'auto dial timeout', 'Autodial Timeout'],
]);

const ACTION_URI = section('Action URI', [
  ['offhookField', 'action uri offhook', 'Offhook'],
  ['incomingField', 'action uri incoming', 'Incoming'],
  ['onhookField', 'action uri onhook', 'Onhook'],
  ['outgoingField', 'action uri outgoing', 'Outgoing'],
  ['connectedField', 'action uri connected', 'Connected'],
  ['disconnectedField', 'action uri disconnected', 'Disconnected'],
  ['registeredField', 'action uri registered', 'Registered'],
  ['regeventField', 'action uri registration event', 'Registration Event'],
]);

const CONFIGURATION_SERVER = section('Configuration Server', [
  ['protocol', 'download protocol', 'Download Protocol'],
  ['tftp', 'tftp server', 'TFTP Server'],
  ['tftppath', 'tftp path', 'TFTP Path'],
  ['alttftp', 'alternate tftp server', 'Alternate TFTP Server'],
  ['alttftppath', 'alternate tftp path', 'Alternate TFTP Path'],
  ['ftpserv', 'ftp server', 'FTP Server'],
  ['ftppath', 'ftp path', 'FTP Path'],
  ['ftpuser', 'ftp username', 'FTP User Name'],
  ['ftppass', 'ftp password', 'FTP Password'],
  ['httpserv', 'http server', 'HTTP Server'],
  ['httppath', 'http path', 'HTTP Path'],
  ['httpport', 'http port', 'HTTP Port'],
  ['httpsserv', 'https server', 'HTTPS Server'],
  ['httpspath', 'https path', 'HTTPS Path'],
  ['httpsport', 'https port', 'HTTPS Port'],
  ['autoResyncMode', 'auto resync mode', 'Auto-Resync Mode'],
  ['autoResyncTime', 'auto resync time', 'Auto-Resync Time'],
  ['maxDelay', 'auto resync max delay', 'Auto-Resync Maximum Delay'],
  ['days', 'auto resync days', 'Auto-Resync Days'],
  ['postList', 'xml application post list', 'XML Push Server List'],
]);

const TROUBLESHOOTING = section('Log Settings', [
  ['logIp', 'log server ip', 'Log IP'],
  ['logPort', 'log server port', 'Log Port'],
]);

/** Of our own: whom the phone tells, beside the original's action URIs. */
const TELLING = [
  section('Webhook', [
    ['webhookUri', 'webhook uri', 'Address'],
    ['webhookEvents', 'webhook events', 'Events'],
    ['webhookToken', 'webhook token', 'Bearer Token'],
  ]),
  section('MQTT for Home Assistant', [
    ['mqttServer', 'mqtt server', 'Broker'],
    ['mqttPort', 'mqtt port', 'Broker Port'],
    ['mqttTls', 'mqtt tls', 'Over TLS'],
    ['mqttUser', 'mqtt username', 'User Name'],
    ['mqttPassword', 'mqtt password', 'Password'],
    ['mqttTopic', 'mqtt topic', 'Topic'],
    ['mqttDiscovery', 'mqtt discovery prefix', 'Discovery Prefix'],
  ]),
];

/** What the original's forms post beside these, for which its files have no parameter that is known, and what each posts by itself. */
const OF_GLOBAL: FormPage['unheard'] = { UaProfileSub: '0', UaProfileSubsciptionPeriod: '86400' };
/** Codecs hold for all lines (original-phone 1.6): a line's own choice of them is not heard. */
const OF_LINE: FormPage['unheard'] = {
  ...OF_GLOBAL,
  ...Object.fromEntries(
    Array.from({ length: CODEC_PLACES }, (_codec, index) => [`codec${index + 1}`, index === 0 ? BASIC_SET : NO_CODEC]),
  ),
  ptime: '30',
};
const OF_PREFERENCES: FormPage['unheard'] = Object.fromEntries(
  [1, 2, 3, 4].map((keyword) => [`palertingkeyword${keyword}`, '']),
);

const form = (path: string, title: string, sections: readonly Section[], line: number | null = null): FormPage => ({
  ...{ path, title, sections, line },
  look: 'list',
});

const keyForm = (path: string, title: string, family: keyof typeof PROGRAMMABLE_KEYS): FormPage => ({
  ...{ path, title, line: null, look: 'rows' },
  sections: Array.from({ length: PROGRAMMABLE_KEYS[family] }, (_key, index) => index + 1).map((key) =>
    section(
      `Key ${key}`,
      [...(['type', 'label', 'value', 'line'] as const), ...(family === 'softkey' ? ['states'] : [])].map((part) => [
        `${part}${key}`,
        `${family}${key} ${part}`,
        `${part.slice(0, 1).toUpperCase()}${part.slice(1)}`,
      ]),
    ),
  ),
});

export const FORM_PAGES: readonly FormPage[] = [
  {
    ...form('/globalSIPsettings.html', 'Global SIP Settings', [
      IDENTITY,
      NETWORK,
      MWI,
      ADVANCED,
      FAILOVER,
      RTP,
      AUTO_DIAL,
    ]),
    codecs: true,
    unheard: OF_GLOBAL,
  },
  ...LINE_NUMBERS.map((line) => ({
    ...form(`/SIPsettingsLine${line}.html`, `Line ${line}`, [IDENTITY, NETWORK, MWI, RTP], line),
    unheard: OF_LINE,
  })),
  keyForm('/topsoftkey.html', 'Top Softkeys', 'topsoftkey'),
  keyForm('/softkey.html', 'Softkeys', 'softkey'),
  keyForm('/prgkey.html', 'Programmable Keys', 'prgkey'),
  ...MODULE_FORMS.map((module): FormPage => ({ ...module, line: null, look: 'rows', siblings: MODULE_FORMS })),
  { ...form('/preferences.html', 'Preferences', PREFERENCES), unheard: OF_PREFERENCES },
  form('/provis.html', 'Network', PROVIS),
  form('/actionURI.html', 'Action URI', [ACTION_URI]),
  form('/telling.html', 'Webhook and MQTT', TELLING),
  form('/configurationServer.html', 'Configuration Server', [CONFIGURATION_SERVER]),
  form('/troubleshooting.html', 'Troubleshooting', [TROUBLESHOOTING]),
];
