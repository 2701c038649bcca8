/**
 * Owns the rows of the original's parameters that this release knows and keeps, but does not act on: a file of the original reads
 * without false alarms, and a person is told what has no effect (original-phone 1). What belongs to SIP and its lines stands here.
 */
import { KEPT_ADMINISTRATION } from './kept-administration.ts';
import { KEPT_DESK } from './kept-desk.ts';
import type { Parameter } from './parameter.ts';
import { choice, FLAG, keptRows, PORT, rows, SECONDS, secret, text } from './parameter.ts';

const SERVERS_AND_TIMERS: readonly Parameter[] = [
  ...keptRows('1.1', [['sip centralized conf', text(256), '', '', 'Conference server']], 'line'),
  ...keptRows('1.2', [
    ['sip subscription timeout retry timer', SECONDS, '0', 's', 'Wait after a SUBSCRIBE that timed out; 0 = off'],
    ['sip subscription failed retry timer', SECONDS, '0', 's', 'Wait after a rejected SUBSCRIBE; 0 = off'],
  ]),
];

const TRANSPORT = keptRows('1.3', [
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
  ...keptRows('1.4', [['sip vmail', text(128), '', '', 'Number of the voice mail']], 'line'),
];

const SECRETS = rows('rules 5', { scope: 'global', set: null, active: false }, [
  ['api token', secret(256), '', '', 'Token of the HTTP interface; --api-token-file gives it in this release'],
]);

const IDENTITY = keptRows('1.4', [['dynamic sip', FLAG, '1', '', 'This phone always acts on a change at once']]);

const SUBSCRIPTIONS = keptRows('1.5', [
  ['sip mwi for bla account', FLAG, '0', '', 'Voice-mail lamp of a shared line'],
  ['sip acd subscription period', SECONDS, '3600', 's', 'Period of an agent subscription'],
  ['sip as-feature-event subscription period', SECONDS, '3600', 's', 'Period of a feature subscription'],
]);

const SOUND = keptRows('1.6', [
  ['sip silence suppression', FLAG, '1', '', 'Nothing is sent while nobody speaks'],
  ['sip single codec reply in sdp', FLAG, '0', '', 'An answer names one codec'],
]);

/** What is so without a parameter that an administrator relies on for safety, where its value is not the default; by name without the line. */
export const WITHOUT: Readonly<Record<string, string>> = {
  'phone lock': 'anybody at the desk dials any number',
};

export const KEPT: readonly Parameter[] = [
  ...SERVERS_AND_TIMERS,
  ...TRANSPORT,
  ...PER_LINE,
  ...SECRETS,
  ...IDENTITY,
  ...SUBSCRIPTIONS,
  ...SOUND,
  ...KEPT_DESK,
  ...KEPT_ADMINISTRATION,
];
