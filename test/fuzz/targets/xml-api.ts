/** Owns what holds for any object of an XML application: reading returns within bounds, and whatever it shows fits the display and lets a call in. */
import assert from 'node:assert/strict';
import { readObject } from '../../../firmware/xml-api/read.ts';
import type { KeyName } from '../../../hal/devices.ts';
import { PanelDesk } from '../../support/panel-desk.ts';
import { snapshot } from '../../support/snapshot.ts';
import type { Chance } from '../chance.ts';
import { mutate } from '../mutate.ts';

const ROOTS = [
  'TextScreen',
  'FormattedTextScreen',
  'TextMenu',
  'Directory',
  'InputScreen',
  'Status',
  'Execute',
] as const;
const ATTRIBUTES = [
  ...[
    'destroyOnExit="yes"',
    'LockIn="yes"',
    'Timeout="1"',
    'Beep="yes"',
    'type="IP"',
    'type="timeUS"',
    'style="radio"',
  ],
  ...[
    'cancelAction="http://a.test/"',
    'doneAction="SoftKey:Exit"',
    'GoodbyeLockInURI="Dial:1"',
    'defaultIndex="9"',
    'next="x"',
  ],
];
const PIECES = [
  ...['<Title>T\u00e4</Title>', '<Text>a\nb</Text>', '<Line Align="right">l</Line>', '<Scroll><Line>s</Line></Scroll>'],
  ...['<MenuItem><Prompt>p</Prompt><URI>Dial:200</URI><Dial>201</Dial></MenuItem>', '<MenuItem base="http://a/"/>'],
  ...['<Prompt>q</Prompt>', '<URL>http://a.test/?x</URL>', '<Parameter>n</Parameter>', '<Default>1</Default>'],
  ...['<InputField type="number"><Prompt>i</Prompt><Parameter>m</Parameter></InputField>'],
  ...['<SoftKey index="1"><Label>L</Label><URI>SoftKey:Select</URI></SoftKey>', '<Message index="1">m</Message>'],
  ...['<Message index="2" type="alert" Timeout="0">w</Message>', '<ExecuteItem URI="Led: softkey1=on"/>'],
  ...[
    '<ExecuteItem URI="http://a.test/"/>',
    '<ExecuteItem URI="Command: Reset"/>',
    '<!DOCTYPE x>',
    '&x;',
    '<![CDATA[y]]>',
  ],
];
const KEYS: readonly KeyName[] = [
  'up',
  'down',
  'left',
  'right',
  '1',
  '2',
  '*',
  '#',
  'softkey1',
  'softkey2',
  'softkey5',
  'softkey6',
  'goodbye',
];

const some = <T>(from: readonly T[], most: number, chance: Chance): readonly T[] =>
  Array.from({ length: chance.below(most) }, () => chance.pick(from));

export function checkXmlApi(chance: Chance): string {
  const name = `AastraIPPhone${chance.pick(ROOTS)}`;
  const inside = [...some(PIECES, 12, chance), ...(chance.odds(0.7) ? [PIECES[4], PIECES[7], PIECES[8]] : [])].join('');
  const whole = `<${name} ${[...new Set(some(ATTRIBUTES, 4, chance))].join(' ')}>${inside}</${name}>`;
  const document = chance.odds(0.4) ? mutate(whole, PIECES, chance) : whole;
  const read = readObject(document);
  if (!read.ok) {
    assert.ok(read.error.length < 200);
    return 'refused';
  }
  const model = chance.odds(0.5) ? '57i' : '53i';
  const desk = new PanelDesk(snapshot({}, { model }));
  const trusted = chance.odds(0.5);
  desk.take({ kind: 'xml', object: read.value, refresh: null, asked: false, trusted, depth: 0 });
  desk.press(...some(KEYS, 20, chance));
  const { columns, rows } = desk.frame();
  assert.ok(rows.every((row) => row.length === columns));
  // Dialled away or locked in: whoever calls is seen.
  desk.call('fuzz', 'in', 'ringing');
  assert.equal(desk.ui.page, 'idle', 'the screen hides a call');
  assert.equal(desk.ui.xml.stack.length, 0);
  assert.ok(trusted || !desk.asked.includes('restart'), 'a stranger restarts the phone');
  return read.value.kind;
}
