/** Owns the rows of what calls act on: how keys are sent, what may be done in a call, who is answered by itself (original-phone 1.4, 1.6, 1.7). */
import type { Parameter } from './parameter.ts';
import { choice, FLAG, integer, rows } from './parameter.ts';

const GLOBAL = { scope: 'global', set: null, active: true } as const;
const LINE = { scope: 'line', set: null, active: true } as const;

export const CALLS: readonly Parameter[] = [
  ...rows('original-phone 1.2', GLOBAL, [
    [
      'sip session timer',
      { type: 'integer', min: 90, max: 214_748_364, orZero: true },
      '0',
      's',
      'How often an answered call is refreshed (RFC 4028); 0 = only where the far side asks for it',
    ],
  ]),
  ...rows('original-phone 1.4', LINE, [
    ['call waiting', FLAG, '1', '', '0 = a second call hears that the phone is busy'],
  ]),
  ...rows('original-phone 1.6', LINE, [
    ['sip dtmf method', choice('0', '1', '2'), '0', '', 'Keys in a call: 0 with the sound, 1 by SIP INFO, 2 both'],
  ]),
  ...rows('original-phone 1.6', GLOBAL, [
    ['sip out-of-band dtmf', FLAG, '1', '', 'Keys with the sound: 1 as events (RFC 4733), 0 as tones'],
  ]),
  ...rows('original-phone 1.7', GLOBAL, [
    ['sip ignore status code', integer(400, 699), '486', '', 'What a call hears that is ignored'],
    ['call forward disabled', FLAG, '0', '', '1 = calls are never forwarded'],
    ['conference disabled', FLAG, '0', '', '1 = no conference at the desk'],
    ['call transfer disabled', FLAG, '0', '', '1 = no transfer at the desk'],
    ['sip refer-to with replaces', FLAG, '1', '', '1 = an announced transfer joins both calls; 0 = it is called anew'],
    [
      'sip allow auto answer',
      FLAG,
      '1',
      '',
      '1 = a call that asks for it, from a configured server, is answered at once',
    ],
    ['sip intercom mute mic', FLAG, '1', '', '1 = with the microphone off'],
    ['sip intercom allow barge in', FLAG, '1', '', '1 = also during a call, which is held; 0 = then it rings'],
  ]),
  ...rows('rules 5', GLOBAL, [
    [
      'sip accept refer',
      FLAG,
      '1',
      '',
      '1 = a far side, through a configured server, may hand this phone on to somebody else; 0 = it hears 603',
    ],
  ]),
];
