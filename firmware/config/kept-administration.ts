/** Owns the rows that are kept of administration: provisioning, logs, XML and action URIs (original-phone 1.10, 2). */
import type { Parameter, Row } from './parameter.ts';
import { choice, FLAG, HOST, integer, keptRows, PORT, SECONDS, secret, shape, text } from './parameter.ts';

const URI = text(128);
const PATH = text(256);

const NETWORK: readonly Row[] = [
  ['vlan id port 1', integer(0, 4095), '4095', '', 'VLAN of the second socket'],
  ['priority non-ip', integer(0, 7), '5', '', 'Priority of other packets'],
  ['tos priority map', text(512), '', '', 'DSCP to priority'],
];

const PROVISIONING: readonly Row[] = [
  ['download protocol', choice('tftp', 'ftp', 'http', 'https'), 'tftp', '', 'How files are fetched'],
  ['tftp server', HOST, '0.0.0.0', '', 'Configuration server'],
  ['alternate tftp server', HOST, '0.0.0.0', '', 'Second TFTP server'],
  ['use alternate tftp server', FLAG, '0', '', '1 = the second one is asked'],
  ['ftp server', HOST, '0.0.0.0', '', 'Configuration server'],
  ['ftp path', PATH, '', '', 'Folder on it'],
  ['ftp username', text(64), '', '', 'User name there'],
  ['ftp password', secret(64), '', '', 'Password of the FTP server'],
  ['http server', HOST, '0.0.0.0', '', 'Configuration server'],
  ['http path', PATH, '', '', 'Folder on it'],
  ['http port', PORT, '80', '', 'Its port'],
  ['https server', HOST, '0.0.0.0', '', 'Configuration server'],
  ['https path', PATH, '', '', 'Folder on it'],
  ['https port', PORT, '443', '', 'Its port'],
  ['https client method', text(64), '', '', 'This phone speaks TLS 1.2 and 1.3'],
  ['https validate certificates', FLAG, '1', '', '1 = the certificate of the server is checked'],
  ['firmware server', text(256), '', '', 'Where firmware is'],
  ['auto resync mode', choice('0', '1', '2', '3'), '0', '', '0 none, 1 configuration, 2 firmware, 3 both'],
  ['auto resync time', shape(/^([01]?\d|2[0-3]):[0-5]\d$/, 'hh:mm'), '00:00', '', 'When'],
  ['auto resync max delay', integer(0, 1439), '15', 'min', 'Spread over this time'],
  ['auto resync days', integer(0, 364), '0', 'days', 'Days between; 0 = each day'],
  ['dhcp config option override', choice('-1', '0', '43', '66', '159', '160'), '0', '', 'Which DHCP option counts'],
  ['contact rcs', FLAG, '1', '', 'This phone never asks a redirection service'],
  ['user config url', text(256), '', '', 'Files of a person'],
  ['upload system info server', text(256), '', '', 'Where the phone tells of itself'],
  ['config files mandatory download', FLAG, '0', '', 'No service without files'],
  ['config files number of reattempt', integer(0, 100), '3', '', 'Attempts at a download'],
];

const OPERATION: readonly Row[] = [
  ['options password enabled', FLAG, '0', '', 'The Options key asks for a password'],
  ['web interface enabled', FLAG, '1', '', 'The web pages'],
  ['phone lock', FLAG, '0', '', 'The phone is locked'],
  ['log server ip', HOST, '0.0.0.0', '', 'Syslog server'],
  ['log server port', PORT, '514', '', 'Its port'],
  ['sip dns host file', text(256), '', '', 'File of addresses known beforehand'],
  ['sprecode', text(64), '', '', 'Park: system;number'],
  ['language', integer(0, 9), '0', '', 'Language of the screen'],
];

const EVENTS = [
  ...['startup', 'registered', 'registration event', 'incoming', 'outgoing', 'offhook', 'onhook', 'connected'],
  ...['disconnected', 'xml sip notify', 'poll'],
];

const XML: readonly Row[] = [
  ['xml application uri', text(256), '', '', 'Application of the Services key'],
  ['xml application title', text(64), '', '', 'Its name'],
  ['xml application post list', text(512), '', '', 'Hosts that may push, separated by commas'],
  ['xml get timeout', SECONDS, '30', 's', 'Wait for an application'],
  ['xml status scroll delay', integer(1, 120), '5', 's', 'Status lines take turns so often'],
  ['xml beep notification', FLAG, '1', '', 'What is pushed is heard'],
  ['sip xml notify event', FLAG, '0', '', 'A NOTIFY may start an application'],
  ...EVENTS.map((event): Row => [`action uri ${event}`, URI, '', '', `Asked for at: ${event}`]),
  ['action uri poll interval', SECONDS, '0', 's', 'Time between polls; 0 = none'],
];

const LOG_MODULES = [
  ...['linemgr', 'user interface', 'misc', 'sip', 'dis', 'dstore', 'ept', 'ind', 'kbd', 'net', 'provis', 'rtpt'],
  ...['snd', 'prof', 'xml', 'stun'],
].map((module): Row => [`log module ${module}`, integer(0, 65_535), '1', '', 'Levels that are logged, a bit each']);

const MD5 = shape(/^[0-9a-f]{32}$/i, '32 hexadecimal digits', 32);

/** What the original itself writes into local.cfg. */
const BOOKKEEPING: readonly Row[] = ['aastra', 'mac', 'firmware'].map(
  (file): Row => [`${file} md5`, MD5, '', '', 'Written by the original: how it knows a changed file'],
);

const STATIC_SRV: readonly Row[] = [
  ['sip dns srvN name', text(253), '', '', 'SRV record of the phone itself'],
  ['sip dns srvN priority', PORT, '0', '', 'Its priority'],
  ['sip dns srvN weight', PORT, '0', '', 'Its weight'],
  ['sip dns srvN port', PORT, '0', '', 'Its port'],
  ['sip dns srvN target', HOST, '0.0.0.0', '', 'Its target'],
];

export const KEPT_ADMINISTRATION: readonly Parameter[] = [
  ...keptRows('1.10', [...NETWORK, ...PROVISIONING, ...OPERATION, ...XML, ...LOG_MODULES]),
  ...keptRows('2', BOOKKEEPING),
  ...keptRows('1.10', STATIC_SRV, 'family'),
  ...keptRows(
    '2',
    [
      ['directoryN md5', MD5, '', '', 'Written by the original: how it knows a changed list'],
      ['directory N', text(256), '', '', 'List of names on the configuration server'],
    ],
    'family',
  ),
];
