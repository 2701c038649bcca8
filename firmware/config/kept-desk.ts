/** Owns the rows that are kept of the desk: ringing, sound, calls, keys and the clock (original-phone 1.7 to 1.9). */
import type { Parameter, ParameterKind, Row } from './parameter.ts';
import { choice, FLAG, integer, keptRows, SECONDS, shape, text } from './parameter.ts';

const VOLUME: ParameterKind = integer(0, 100);
const GAIN: ParameterKind = integer(-50, 50);

const RINGING: readonly Row[] = [['play a ring splash', FLAG, '0', '', 'A monitored number that rings is heard']];

const SOUND: readonly Row[] = [
  ...['handset', 'headset', 'speaker', 'ringer'].map(
    (part): Row => [`${part} volume`, VOLUME, '', '', `Volume of the ${part}; the keys set it`],
  ),
  ['audio mode', integer(0, 3), '0', '', 'What the speaker key chooses: speaker, headset, both'],
  ...['headset tx', 'handset tx', 'handsfree tx', 'headset sidetone'].map(
    (part): Row => [`${part} gain`, GAIN, '0', 'dB', `Gain: ${part}`],
  ),
  ['call waiting tone period', integer(0, 3600), '0', 's', 'It is heard again so often; 0 = once'],
  ['stutter disabled', FLAG, '0', '', 'No broken dial tone while messages wait'],
  ['call hold reminder', FLAG, '0', '', 'A held call is heard when another ends'],
  ['display dtmf digits', FLAG, '0', '', 'Keys pressed in a call are shown'],
  ['no service congestion tone', FLAG, '0', '', 'Congestion tone while a line is not registered'],
];

const CALLS: readonly Row[] = [
  ['map redial key to', text(32), '', '', 'What the redial key does instead'],
  ['map conf key to', text(32), '', '', 'What the conference key does instead'],
  ['preferred line', integer(0, 9), '1', '', 'Line that the handset takes; 0 = the last'],
  ['preferred line timeout', SECONDS, '0', 's', 'Focus returns to it after this; 0 = at once'],
  ['switch focus to ringing line', FLAG, '1', '', 'A ringing line comes to the front'],
  [
    'paging group listening',
    shape(/^\d{1,3}(\.\d{1,3}){3}:\d{1,5}(\s*,\s*\d{1,3}(\.\d{1,3}){3}:\d{1,5}){0,4}$/, 'up to 5 address:port'),
    '',
    '',
    'Multicast groups that are heard',
  ],
  ['call forward key mode', choice('0', '1', '2'), '0', '', '0 account, 1 phone, 2 custom'],
  ['dnd key mode', choice('0', '1', '2'), '1', '', '0 account, 1 phone, 2 custom'],
  ['auto dial number', text(64), '', '', 'Dialled when the handset is lifted'],
  ['auto dial timeout', SECONDS, '0', 's', 'Wait before it is dialled'],
];

const RANGES: Readonly<Record<string, ParameterKind>> = {
  month: integer(1, 12),
  week: integer(-1, 5),
  day: integer(1, 31),
  hour: integer(0, 23),
};

const CLOCK: readonly Row[] = [
  ['date format', integer(0, 11), '0', '', 'How the date is written'],
  ['time zone code', text(8), '', '', 'Letters of the zone'],
  ['dst config', integer(0, 3), '3', '', 'Summer time: 0 off to 3 automatic'],
  ['dst minutes', integer(0, 120), '60', 'min', 'By how much'],
  ...(['start', 'end'] as const).flatMap((end): readonly Row[] => [
    [`dst ${end} relative date`, FLAG, '0', '', `Summer time ${end}: 1 = a weekday of a week`],
    ...Object.entries(RANGES).map(
      ([part, kind]): Row => [`dst ${end} ${part}`, kind, '', '', `Summer time ${end}: ${part}`],
    ),
  ]),
];

const STATES: ParameterKind = shape(
  /^((idle|connected|incoming|outgoing|busy)\s*)*$/i,
  'words out of idle, connected, incoming, outgoing, busy',
);

const KEYS: readonly Row[] = ['prgkeyN', 'topsoftkeyN'].map(
  (key): Row => [`${key} states`, STATES, '', '', 'These keys are always there'],
);

/** No expansion module can be connected. */
const MODULES: readonly Row[] = [
  ['expmodN keyN type', text(32), 'none', '', 'Key of an expansion module'],
  ['expmodN keyN label', text(64), '', '', 'Its label'],
  ['expmodN keyN value', text(256), '', '', 'Its number'],
  ['expmodN keyN line', integer(1, 9), '1', '', 'Its line'],
  ['expmodN keyN states', STATES, '', '', 'When it is shown'],
  ['expmodN keyN locked', FLAG, '0', '', '1 = not changed at the phone'],
];

export const KEPT_DESK: readonly Parameter[] = [
  ...keptRows('1.7', [...RINGING, ...SOUND, ...CALLS]),
  ...keptRows('1.9', CLOCK),
  ...keptRows('1.8', [...KEYS, ...MODULES], 'family'),
];
