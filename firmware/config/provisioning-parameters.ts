/** Owns the rows of the parameters that say where files come from and when, and whom the phone tells what happens (original-phone 1.10). */
import type { Parameter, Row } from './parameter.ts';
import { choice, FLAG, HOST, integer, rows, secret, serverPort, shape, text } from './parameter.ts';

const PATH = text(256);

export const PROVISIONING: readonly Parameter[] = rows(
  'original-phone 1.10',
  { scope: 'global', set: null, active: true },
  [
    ['download protocol', choice('tftp', 'ftp', 'http', 'https'), 'tftp', '', 'How files are fetched'],
    ['tftp server', HOST, '0.0.0.0', '', 'Configuration server for TFTP'],
    ['tftp path', PATH, '', '', 'Folder on the TFTP server'],
    ['alternate tftp server', HOST, '0.0.0.0', '', 'A further configuration server for TFTP'],
    ['alternate tftp path', PATH, '', '', 'Folder on that server'],
    ['use alternate tftp server', FLAG, '0', '', '1 = `alternate tftp server` is asked first'],
    ['ftp server', HOST, '0.0.0.0', '', 'Configuration server for FTP'],
    ['ftp path', PATH, '', '', 'Folder on the FTP server'],
    ['ftp username', text(64), '', '', 'User name at the FTP server; empty = anonymous'],
    ['ftp password', secret(64), '', '', 'Password at the FTP server'],
    ['http server', HOST, '0.0.0.0', '', 'Configuration server for HTTP'],
    ['http path', PATH, '', '', 'Folder on the HTTP server'],
    ['http port', serverPort(80), '80', '', 'Port of the HTTP server'],
    ['https server', HOST, '0.0.0.0', '', 'Configuration server for HTTPS'],
    ['https path', PATH, '', '', 'Folder on the HTTPS server'],
    ['https port', serverPort(443), '443', '', 'Port of the HTTPS server'],
    ['https validate certificates', FLAG, '1', '', '0 = the certificate of that server is not checked'],
    [
      'auto resync mode',
      choice('0', '1', '2', '3'),
      '0',
      '',
      '1, 3 = files are asked for each day; 0, 2 = they are not',
    ],
    ['auto resync time', shape(/^([01]?\d|2[0-3]):[0-5]\d$/, 'hh:mm'), '00:00', '', 'At this local time'],
    ['auto resync max delay', integer(0, 1439), '15', 'min', 'Spread over so long after it'],
    ['directory 1', PATH, '', '', 'List of names on the configuration server, shown in the directory'],
    ['directory 2', PATH, '', '', 'A further one'],
    ['auto resync days', integer(0, 364), '0', 'days', 'Days between; 0 = each day'],
    [
      'dhcp config option override',
      choice('-1', '0', '43', '66', '159', '160'),
      '0',
      '',
      'Which DHCP option names the configuration server; 0 = 43, 160, 159, 66 in this order, -1 = none',
    ],
  ],
);

const HAPPENINGS: Readonly<Record<string, string>> = {
  startup: 'the phone has started',
  registered: 'a line is registered',
  'registration event': 'the registration of a line changed',
  incoming: 'a call rings',
  outgoing: 'a call is dialled',
  offhook: 'the handset is lifted',
  onhook: 'the handset is put down',
  connected: 'a call is connected',
  disconnected: 'a call is over',
};

export const REPORTING: readonly Parameter[] = rows(
  'original-phone 1.10',
  { scope: 'global', set: null, active: true },
  [
    ['log server ip', HOST, '0.0.0.0', '', 'Syslog server (RFC 5424)'],
    ['log server port', serverPort(514), '514', '', 'Port of the syslog server'],
    ...Object.entries(HAPPENINGS).map(
      ([name, what]): Row => [`action uri ${name}`, text(128), '', '', `Address that is asked by HTTP when ${what}`],
    ),
  ],
);
