/** Reports of scenarios: JUnit as test servers read it, a page that needs no other file, lines that count. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { html } from '../../../../scripts/scenario/html.ts';
import { escaped, junit } from '../../../../scripts/scenario/junit.ts';
import type { ScenarioOutcome, StepOutcome } from '../../../../scripts/scenario/outcome.ts';
import { readScenario } from '../../../../scripts/scenario/read.ts';
import { stepLine, summary } from '../../../../scripts/scenario/terminal.ts';
import { parseXml } from './xml.ts';

const NASTY = 'a <b> & "c" \u0001 \u{1F600} ]]> \'d\'';

const PANEL: StepOutcome['panel'] = {
  lcd: ['2001 Reception <B>', ''],
  lamps: { line1: 'slow-flash', message: 'off' },
  hook: 'off',
};

function outcome(verdicts: readonly StepOutcome['verdict'][], name = 'way-home'): ScenarioOutcome {
  const text = `- say: ${JSON.stringify(NASTY)}\n${verdicts.map(() => '- expectRegistered: backup\n  bound: 2\n').join('')}`;
  const read = readScenario(text, name);
  assert.ok(read.ok);
  const [said, ...expected] = read.value.steps;
  assert.ok(said);
  const steps = expected.map((step, index): StepOutcome => {
    const verdict = verdicts[index] ?? 'passed';
    const measuredMs = verdict === 'passed' ? 1500 : verdict === 'missed' ? 2500 : null;
    return {
      step,
      verdict,
      at: index * 1000,
      tookMs: 250,
      measuredMs,
      message: verdict === 'passed' ? null : NASTY,
      panel: verdict === 'failed' ? PANEL : null,
    };
  });
  const registration = (at: number, server: string): ScenarioOutcome['events'][number] => ({
    at,
    fields: { event: 'registration', line: 1, state: 'registered', server },
  });
  return {
    scenario: read.value,
    startedAt: Date.UTC(2026, 0, 2, 3, 4, 5),
    tookMs: 4000,
    steps: [
      { step: said, verdict: 'passed', at: 0, tookMs: 0, measuredMs: null, message: null, panel: null },
      ...steps,
    ],
    events: [registration(100, 'primary'), registration(1500, 'backup')],
    rungs: [
      { at: 50, kind: 'sent', peer: '192.0.2.1:5060', label: 'REGISTER 1' },
      { at: 60, kind: 'received', peer: '192.0.2.1:5060', label: '200 (REGISTER 1)' },
      { at: 61, kind: 'note', text: 'line 1 registered on the primary' },
    ],
    servers: NASTY,
  };
}

/** What the schema that test servers share says: these elements, in these places, with at least these attributes. */
const SCHEMA: Readonly<Record<string, { readonly parents: readonly string[]; readonly needs: readonly string[] }>> = {
  testsuites: { parents: [''], needs: ['name', 'tests', 'failures', 'errors', 'time'] },
  testsuite: {
    parents: ['testsuites'],
    needs: ['name', 'tests', 'failures', 'errors', 'skipped', 'time', 'timestamp', 'hostname'],
  },
  testcase: { parents: ['testsuite'], needs: ['name', 'classname', 'time'] },
  failure: { parents: ['testcase'], needs: ['message', 'type'] },
  skipped: { parents: ['testcase'], needs: [] },
  'system-out': { parents: ['testcase'], needs: [] },
};

describe('the JUnit report', () => {
  const report = junit(
    [outcome(['passed', 'missed', 'failed', 'skipped']), outcome(['passed'], 'restart')],
    'holdfast test',
  );
  const elements = parseXml(report);
  const named = (name: string): typeof elements => elements.filter((element) => element.name === name);

  it('is XML in which each element stands where it may, with what it needs, and numbers are numbers', () => {
    for (const { name, parent, attributes } of elements) {
      const rule = SCHEMA[name] ?? assert.fail(`<${name}>`);
      assert.ok(rule.parents.includes(parent), `<${name}> in <${parent}>`);
      for (const need of rule.needs) assert.ok(attributes.has(need), `<${name}> without ${need}`);
      for (const [key, value] of attributes)
        if (['tests', 'failures', 'errors', 'skipped', 'time'].includes(key)) assert.match(value, /^\d+(\.\d+)?$/);
    }
  });

  it('counts what is in it', () => {
    const [all] = named('testsuites');
    assert.deepEqual([all?.attributes.get('tests'), all?.attributes.get('failures')], ['7', '2']);
    const [first, second] = named('testsuite');
    assert.deepEqual(
      ['tests', 'failures', 'skipped'].map((key) => first?.attributes.get(key)),
      ['5', '2', '1'],
    );
    assert.deepEqual(
      ['tests', 'failures', 'skipped'].map((key) => second?.attributes.get(key)),
      ['2', '0', '0'],
    );
    assert.equal(named('testcase').length, 7);
    assert.deepEqual(
      named('failure').map(({ attributes }) => attributes.get('type')),
      ['missed', 'failed'],
    );
    assert.equal(named('skipped').length, 1);
  });

  it('keeps the words, whatever signs are in them, but for what XML cannot hold', () => {
    const [, failure] = named('failure');
    assert.equal(failure?.attributes.get('message'), NASTY.replace('\u0001', '\u{FFFD}'));
    assert.match(failure?.text ?? '', /\| 2001 Reception <B> \|\n[\s\S]*lamps: line1 slow-flash; handset up/);
    assert.equal(named('testsuite')[0]?.attributes.get('timestamp'), '2026-01-02T03:04:05');
    assert.equal(named('system-out')[1]?.text, '2.500 s, at most 2 s');
  });

  it('escapes so that any text can be read back', () =>
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const [read] = parseXml(`<a b="${escaped(text)}"/>`);
        return read?.attributes.get('b') === text;
      }),
    ));
});

describe('the HTML report', () => {
  const page = html([outcome(['passed', 'missed']), outcome(['passed'], 'restart')], {
    title: 'holdfast test',
    version: '1.2.3',
  });

  it('needs no other file and runs nothing', () => {
    assert.doesNotMatch(page, /<script|<link|<img|src=|url\((?!#)|@import|https?:/);
    for (const [, href = ''] of page.matchAll(/href="([^"]*)"/g)) assert.match(href, /^#[\w-]+$/);
  });

  it('says the verdict of all and of each, what was measured beside its bound, where lines were served, and who sent what', () => {
    assert.match(page, /<h1><span class="badge failed">failed<\/span> 1 of 2<\/h1>/);
    assert.match(page, /1\.500 s<\/td><td>at most 2 s<span class="meter passed"><i style="width:75%">/);
    assert.match(page, /2\.500 s<\/td><td>at most 2 s<span class="meter missed"><i style="width:100%">/);
    assert.match(page, /<rect class="primary"[^>]*>.*<rect class="backup"/);
    assert.match(page, /class="sent"[\s\S]*>REGISTER 1<[\s\S]*class="received"[\s\S]*>200 \(REGISTER 1\)</);
  });

  it('shows screen and lamps at each step that failed, and at no other', () => {
    const failed = html([outcome(['passed', 'failed', 'skipped'])], { title: 'hil', version: '1.2.3' });
    assert.equal(failed.match(/aria-label="The front panel"/g)?.length, 1);
    assert.match(failed, />2001 Reception &#60;B&#62;</);
    assert.match(failed, />line1 slow-flash<[\s\S]*>message</);
    assert.doesNotMatch(page, /aria-label="The front panel"/);
  });

  it('shows a text as a text', () => {
    assert.doesNotMatch(page, /<b>/);
    assert.match(page, /&#60;b&#62;/);
  });
});

describe('the lines of a terminal', () => {
  const { steps } = outcome(['passed', 'missed', 'failed', 'skipped']);

  it('tell of each step when, what, how long, and why not', () => {
    assert.deepEqual(
      steps.map((step) => stepLine(step).replace(NASTY, 'why')),
      [
        '',
        '  ok      0.000  line 1 is registered on the backup                       1.500 s (at most 2 s)\n',
        '  LATE    1.000  line 1 is registered on the backup                       2.500 s (at most 2 s)\n       why\n',
        '  FAIL    2.000  line 1 is registered on the backup\n       why\n',
        '  -       3.000  line 1 is registered on the backup\n',
      ],
    );
  });

  it('end with what failed', () => {
    assert.equal(summary([outcome(['passed'])]), '\n1 scenario, 0 failed\n');
    assert.equal(summary([outcome(['missed'], 'a'), outcome(['failed'], 'b')]), '\n2 scenarios, 2 failed: a, b\n');
  });
});
