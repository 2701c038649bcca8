/** Owns the rows of what calls act on: how keys are sent, what may be done in a call, who is answered by itself (original-phone 1.4, 1.6, 1.7). */
import type { Parameter, Row } from './parameter.ts';
import { choice, FLAG, integer, rows, shape, text } from './parameter.ts';

const GLOBAL = { scope: 'global', set: null, active: true } as const;
const LINE = { scope: 'line', set: null, active: true } as const;

/** Kinds of calls that servers name in Alert-Info. */
export const ALERT_WORDS = ['internal', 'external', 'emergency', 'priority', 'group'] as const;
const CADENCE = shape(/^\d{1,5}(,-?\d{1,5}){0,7}$/, 'up to 8 numbers of ms separated by commas');
/** Ring and pause in turn; dr4 and dr5 as the other two are, in the rhythms of Bellcore GR-506. */
const CADENCES = {
  dr2: '800,400,800,4000',
  dr3: '400,200,400,200,800,4000',
  dr4: '300,200,1000,200,300,4000',
  dr5: '500,-1',
} as const;

const RINGS: readonly Row[] = [
  ['priority alerting enabled', FLAG, '1', '', 'A call may ask for a ring of its own'],
  ...ALERT_WORDS.map(
    (word): Row => [
      `alert ${word}`,
      integer(0, 5),
      '0',
      '',
      `Ring of a call marked ${word}: 0 normal, 1-4 dr2-dr5, 5 silent`,
    ],
  ),
  ...Object.entries(CADENCES).map(
    ([dr, cadence]): Row => [`bellcore cadence ${dr}`, CADENCE, cadence, 'ms', 'Ring and pause in turn; -1 = once'],
  ),
  ['sip intercom warning tone', FLAG, '1', '', 'A call that is answered by itself is heard to begin'],
  ['sip intercom play warning tone', FLAG, '1', '', 'The same, as some generators spell it'],
];

export const CALLS: readonly Parameter[] = [
  ...rows('original-phone 1.7', { scope: 'family', set: null, active: true }, [
    ['lineN ring tone', integer(-1, 5), '-1', '', 'Ring of calls to this line, as `ring tone`; -1 = that of all'],
  ]),
  ...rows('original-phone 1.7', GLOBAL, RINGS),
  ...rows('original-phone 1.2', GLOBAL, [
    [
      'sip session timer',
      { type: 'integer', min: 90, max: 214_748_364, orZero: true },
      '0',
      's',
      'How often an answered call is refreshed (RFC 4028); 0 = only where the far side asks for it',
    ],
  ]),
  ...rows('original-phone 1.3', LINE, [
    [
      'sip srtp mode',
      choice('0', '1', '2'),
      '0',
      '',
      'Encrypted sound, over TLS alone (RFC 4568): 0 never, 1 where the far side can, 2 in every call',
    ],
  ]),
  ...rows('original-phone 1.4', LINE, [
    ['call waiting', FLAG, '1', '', '0 = a second call hears that the phone is busy'],
  ]),
  ...rows('rules 5', LINE, [
    [
      'sip caller id block',
      FLAG,
      '0',
      '',
      '1 = callees are not told who calls (RFC 3323, 3325); who answers emergency calls always is',
    ],
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
    [
      'sip intercom type',
      integer(1, 3),
      '3',
      '',
      'What a key of type icom does: 1 asks the far phone to answer, 2 dials the prefix code, 3 off',
    ],
    ['sip intercom prefix code', text(32), '', '', 'Dialled in front by type 2'],
    ['sip intercom line', integer(1, 9), '1', '', 'The line of keys of type icom'],
    ['sip intercom mute mic', FLAG, '1', '', '1 = with the microphone off'],
    ['sip intercom allow barge in', FLAG, '1', '', '1 = also during a call, which is held; 0 = then it rings'],
  ]),
  ...rows('rules 5', GLOBAL, [
    [
      'call sound timeout',
      { type: 'integer', min: 10, max: 86_400, orZero: true },
      '0',
      's',
      'A call whose far side is not heard for so long is ended; 0 = the person is told, after 10 s',
    ],
    [
      'sip accept refer',
      FLAG,
      '1',
      '',
      '1 = a far side, through a configured server, may hand this phone on to somebody else; 0 = it hears 603',
    ],
  ]),
];
