/** Owns the rows of the parameters by which a phone tells web servers and a broker what happens; all of it is off by default (rules 5). */
import type { Parameter } from './parameter.ts';
import { FLAG, HOST, rows, secret, serverPort, shape, text } from './parameter.ts';

/** What a web server may be told: nothing that is keyed or drawn at the desk. */
const EVENTS = [
  ...['ready', 'registration', 'unregistered', 'failover', 'failback', 'call', 'mwi', 'watched'],
  ...['provisioning', 'problem', 'target-failed', 'probe', 'stopped'],
];
const NAME = `(?:${EVENTS.join('|')})`;

export const TELLING: readonly Parameter[] = rows('rules 5', { scope: 'global', set: null, active: true }, [
  [
    'webhook uri',
    shape(/^https?:\/\/\S+$/i, 'an address of HTTP or HTTPS', 256),
    '',
    '',
    'A web server that is told each event by a POST of JSON',
  ],
  [
    'webhook events',
    shape(new RegExp(`^${NAME}(?:\\s*,\\s*${NAME})*$`), `names out of ${EVENTS.join(', ')}`, 256),
    'registration,failover,failback,call,mwi,problem',
    '',
    'Which events it is told',
  ],
  ['webhook token', secret(128), '', '', 'Shown to that server as a bearer token; empty = none'],
  ['mqtt server', HOST, '0.0.0.0', '', 'Broker that Home Assistant reads; 0.0.0.0 = none'],
  ['mqtt port', serverPort(1883), '1883', '', 'Port of the broker'],
  [
    'mqtt tls',
    FLAG,
    '0',
    '',
    '1 = over TLS; the certificate is checked by `sips trusted certificates` where they are given, else by the public authorities',
  ],
  ['mqtt username', text(64), '', '', 'User name at the broker'],
  ['mqtt password', secret(128), '', '', 'Password at the broker'],
  [
    'mqtt topic',
    shape(/^[^+#\s\0]+$/, 'a topic without + and #', 64),
    'holdfast',
    '',
    'Where the state of phones is published',
  ],
  [
    'mqtt discovery prefix',
    shape(/^[^+#\s\0]+$/, 'a topic without + and #', 64),
    'homeassistant',
    '',
    'Where Home Assistant looks for devices',
  ],
]);
