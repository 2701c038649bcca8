/** Owns the rows that are kept of administration: provisioning and logs (original-phone 1.10, 2). */
import type { Parameter, Row } from './parameter.ts';
import { FLAG, HOST, integer, keptRows, PORT, SECONDS, shape, text } from './parameter.ts';

const NETWORK: readonly Row[] = [
  ['dhcpv6', FLAG, '0', '', 'Address by DHCPv6; this phone takes what the router advertises'],
  ['lldp interval', integer(1, 2_147_483_647), '30', 's', 'How often the switch is told'],
  ['vlan id port 1', integer(0, 4095), '4095', '', 'VLAN of the second socket'],
  ['priority non-ip', integer(0, 7), '5', '', 'Priority of other packets'],
  ['tos priority map', text(512), '', '', 'DSCP to priority'],
];

const PROVISIONING: readonly Row[] = [
  ['https validate expires', FLAG, '1', '', 'The time of a certificate is always checked with it'],
  ['https validate hostname', FLAG, '1', '', 'The name in a certificate is always checked with it'],
  ['https client method', text(64), '', '', 'This phone speaks TLS 1.2 and 1.3'],
  ['firmware server', text(256), '', '', 'Where firmware is'],
  ['contact rcs', FLAG, '1', '', 'This phone never asks a redirection service'],
  ['user config url', text(256), '', '', 'Files of a person'],
  ['upload system info server', text(256), '', '', 'Where the phone tells of itself'],
  ['config files mandatory download', FLAG, '0', '', 'No service without files'],
  ['config files number of reattempt', integer(0, 100), '3', '', 'Attempts at a download'],
];

const OPERATION: readonly Row[] = [
  ['phone lock', FLAG, '0', '', 'The phone is locked'],
  ['sip dns host file', text(256), '', '', 'File of addresses known beforehand'],
  ['language', integer(0, 9), '0', '', 'Language of the screen'],
  ['web language', integer(0, 9), '0', '', 'Language of the web pages'],
  ['input language', text(32), '', '', 'Letters of the keypad'],
  ['upnp manager', FLAG, '0', '', 'Automatic port forwarding'],
  ['options simple menu', FLAG, '0', '', 'The short Options menu'],
  ['backlight mode', FLAG, '1', '', '1 = the backlight goes off'],
  ['bl on time', SECONDS, '600', 's', 'After so long'],
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
  ...keptRows('1.10', [...NETWORK, ...PROVISIONING, ...OPERATION, ...LOG_MODULES]),
  ...keptRows('2', BOOKKEEPING),
  ...keptRows('1.10', [...STATIC_SRV, ['language N', text(256), '', '', 'File of a further language']], 'family'),
  ...keptRows('2', [['directoryN md5', MD5, '', '', 'Written by the original: how it knows a changed list']], 'family'),
];
