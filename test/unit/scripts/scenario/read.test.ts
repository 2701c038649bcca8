/** Reading scenario files: what is understood, and what is said of the rest. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { readScenario } from '../../../../scripts/scenario/read.ts';
import type { Step } from '../../../../scripts/scenario/steps.ts';
import { needsPanel } from '../../../../scripts/scenario/steps.ts';

const SHIPPED = new URL('../../../../scripts/scenario/shipped/', import.meta.url);

function steps(text: string): readonly Step[] {
  const read = readScenario(text, 'test');
  return read.ok ? read.value.steps : assert.fail(read.error);
}

function refused(text: string): string {
  const read = readScenario(text, 'test');
  return read.ok ? assert.fail('it was understood') : read.error;
}

describe('a scenario file', () => {
  it('is a list of steps, each with its line, its title, how long it is waited for and what is promised', () => {
    const [said, start, expected] = steps(
      '- say: All is well\n- start:\n    failover probe period: 5\n- expectRegistered: backup\n  within: 90\n  bound: 8.5\n',
    );
    assert.deepEqual(said?.what, { kind: 'say', text: 'All is well' });
    assert.deepEqual(start?.what, { kind: 'start', parameters: { 'failover probe period': '5' } });
    assert.equal(start?.title, 'the phone starts with failover probe period: 5');
    assert.deepEqual(expected, {
      line: 4,
      title: 'line 1 is registered on the backup',
      what: { kind: 'expectRegistered', line: 1, on: 'backup' },
      withinS: 90,
      boundS: 8.5,
    });
  });

  it('may hold every verb of the stable interface', () => {
    const text = `
- press: options
- dial: "*12#"
- hook: off
- expectScreen: /Phone.status/
- expectLamp: {message: off}
- expectRegistered: {line: 2, on: backup}
- fault: {primary: 503-retry 60}
- clear: primary
- present: {210: ringing}
- call: {2001: backup}
- call: {2001: primary, header: "Alert-Info: <x>"}
- press: {key: hold, ms: 1500}
- keyDown: line1
- keyUp: line1
- tone: {hz: 1000, ms: 500}
- expectCall: connected
- expectCall: {state: ringing, direction: in}
- expectOrder: [{event: attempt, server: primary}, {event: attempt, server: backup}]
- expectNoScreen: Busy
- expectSound: {ringer: on}
- expectTone: {hz: 1000}
- expectNoTone: {hz: 440, below: -50}
- say: done
`;
    assert.deepEqual(
      steps(text).map(({ what }) => what),
      [
        { kind: 'press', key: 'options', ms: null },
        { kind: 'dial', digits: '*12#' },
        { kind: 'hook', state: 'off' },
        { kind: 'expectScreen', text: '/Phone.status/' },
        { kind: 'expectLamp', lamps: { message: 'off' } },
        { kind: 'expectRegistered', line: 2, on: 'backup' },
        { kind: 'fault', target: 'primary', fault: '503-retry', arg: '60' },
        { kind: 'clear', target: 'primary' },
        { kind: 'present', resource: '210', presence: 'ringing' },
        { kind: 'call', user: '2001', through: 'backup', header: null },
        { kind: 'call', user: '2001', through: 'primary', header: 'Alert-Info: <x>' },
        { kind: 'press', key: 'hold', ms: 1500 },
        { kind: 'contact', key: 'line1', action: 'down' },
        { kind: 'contact', key: 'line1', action: 'up' },
        { kind: 'tone', hz: 1000, ms: 500 },
        { kind: 'expectCall', call: { state: 'connected' } },
        { kind: 'expectCall', call: { state: 'ringing', direction: 'in' } },
        {
          kind: 'expectOrder',
          events: [
            { event: 'attempt', server: 'primary' },
            { event: 'attempt', server: 'backup' },
          ],
        },
        { kind: 'expectNoScreen', text: 'Busy' },
        { kind: 'expectSound', lines: { ringer: 'on' } },
        { kind: 'expectTone', hz: 1000, aboveDbfs: -40 },
        { kind: 'expectNoTone', hz: 440, belowDbfs: -50 },
        { kind: 'say', text: 'done' },
      ],
    );
  });

  it('knows whether it needs a panel', () => {
    const panel = (text: string): boolean => {
      const read = readScenario(text, 'test');
      return read.ok && needsPanel(read.value);
    };
    assert.equal(panel('- expectLamp: {line1: on}\n'), true);
    assert.equal(panel('- expectRegistered: primary\n'), false);
  });

  for (const [text, why] of [
    ['say: no list\n', 'line 1: a list of steps is expected'],
    ['[]\n', 'line 1: 1 to 1000 steps are expected'],
    ['- say: a\n- word\n', 'line 2: a step is expected, as "verb: what"'],
    ['- say: a\n- frobnicate: 1\n', /^line 2: unknown verb "frobnicate": say, lab, /],
    ['- toString: 1\n', /^line 1: unknown verb "toString"/],
    ['- say: a\n  wait: 1\n', /^line 1: one verb a step: /],
    ['- within: 3\n', /^line 1: one verb a step: /],
    ['- wait: soon\n', 'line 1: wait: a number of seconds'],
    ['- wait: 99999\n', 'line 1: wait: a number of seconds'],
    ['- expectRegistered: primary\n  within: .inf\n', 'line 1: within: a number of seconds'],
    ['- expectRegistered: primary\n  bound: x\n', 'line 1: bound: a number of seconds'],
    ['- expectRegistered: third\n', 'line 1: expectRegistered: primary or backup, or {line: 1-9, on: primary|backup}'],
    ['- expectRegistered: {line: 10, on: primary}\n', /^line 1: expectRegistered: primary or backup/],
    ['- expectEvent: {state: registered}\n', 'line 1: expectEvent: {event: NAME, FIELD: VALUE ...} is expected'],
    ['- fault: kill\n', 'line 1: fault: {TARGET: KIND} or {TARGET: KIND ARG}'],
    ['- fault: {primary: slow 1 2}\n', 'line 1: fault: {TARGET: KIND} or {TARGET: KIND ARG}'],
    ['- fault: {primary: kill, backup: kill}\n', 'line 1: fault: {TARGET: KIND} or {TARGET: KIND ARG}'],
    ['- expectCall: asleep\n', /^line 1: expectCall: dialing\|ringing\|early/],
    ['- expectOrder: [{event: attempt}]\n', /^line 1: expectOrder: a list of/],
    ['- expectOrder: [{event: attempt}, kill]\n', /^line 1: expectOrder: \{event: NAME/],
    ['- press: {key: hold, ms: long}\n', 'line 1: press: {key: KEY, ms: MILLISECONDS}'],
    ['- tone: 1000\n', 'line 1: tone: {hz: HERTZ, ms: MILLISECONDS}'],
    ['- expectTone: {above: -20}\n', 'line 1: expectTone: {hz: HERTZ, above: DBFS}'],
    ['- call: 2001\n', 'line 1: call: {NUMBER: primary|backup}, or {NUMBER: primary|backup, header: "NAME: VALUE"}'],
    [
      '- call: {"20 01": primary}\n',
      'line 1: call: {NUMBER: primary|backup}, or {NUMBER: primary|backup, header: "NAME: VALUE"}',
    ],
    [
      '- call: {2001: primary, header: "no colon"}\n',
      'line 1: call: {NUMBER: primary|backup}, or {NUMBER: primary|backup, header: "NAME: VALUE"}',
    ],
    ['- call: {2001: dns}\n', 'line 1: call: primary or backup'],
    ['- present: 210\n', 'line 1: present: {NUMBER: idle|ringing|busy|held}'],
    ['- present: {210: asleep}\n', 'line 1: present: idle or ringing or busy or held'],
    ['- present: {"2 10": busy}\n', 'line 1: present: {NUMBER: idle|ringing|busy|held}'],
    ['- stop: gently\n', 'line 1: stop: clean or unclean'],
    ['- dial: abc\n', 'line 1: dial: digits, * and #'],
    ['- start: {a: [1]}\n', 'line 1: start: {PARAMETER: VALUE} is expected'],
    ['- say: ""\n', 'line 1: say: a text is expected'],
    ['- expectLamp: on\n', 'line 1: expectLamp: {LAMP: off|on|slow-flash|fast-flash} is expected'],
    ['- lab: {ports: 3}\n', 'line 1: lab: {ttl: SECONDS, minExpires: SECONDS}'],
    ['- start:\n- lab: {ttl: 3}\n', 'line 2: lab stands first, before anything is started'],
    ['- say: "open\n', /^line 2: Missing closing "quote/],
  ] as const)
    it(`is refused with its line: ${JSON.stringify(text)}`, () => {
      if (typeof why === 'string') assert.equal(refused(text), why);
      else assert.match(refused(text), why);
    });

  it('never makes the reader throw, whatever stands in it', () => {
    const anything = fc.oneof(
      fc.string(),
      fc
        .array(fc.dictionary(fc.constantFrom('say', 'fault', 'within', 'start', 'x'), fc.jsonValue()))
        .map((value) => JSON.stringify(value)),
    );
    fc.assert(fc.property(anything, (text) => typeof readScenario(text, 'x').ok === 'boolean'));
  });
});

describe('the shipped scenarios', () => {
  const files = readdirSync(SHIPPED).filter((name) => name.endsWith('.yaml'));

  it('are those of the manual', () =>
    assert.deepEqual(files, [
      'dns-dead.yaml',
      'primary-500.yaml',
      'primary-503.yaml',
      'primary-killed.yaml',
      'primary-silent.yaml',
      'registration.yaml',
      'restart.yaml',
      'srv-removed.yaml',
      'way-home.yaml',
    ]));

  for (const file of files)
    it(`${file} is understood, says what it is of, and expects something`, () => {
      const read = readScenario(readFileSync(new URL(file, SHIPPED), 'utf8'), file);
      assert.ok(read.ok, read.ok ? '' : read.error);
      assert.notEqual(read.value.title, file);
      assert.ok(read.value.steps.some(({ what }) => what.kind.startsWith('expect')));
    });
});
