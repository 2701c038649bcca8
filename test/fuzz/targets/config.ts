/**
 * Owns what holds for any configuration files: reading, merging, lint and writing return, every setting is within its bounds, no secret
 * is told, and a phone with these settings starts.
 */
import assert from 'node:assert/strict';
import { parseCfg, withSetting } from '../../../firmware/config/cfg-file.ts';
import type { EffectiveSettings, Layer } from '../../../firmware/config/layers.ts';
import { effectiveSettings } from '../../../firmware/config/layers.ts';
import { lint } from '../../../firmware/config/lint.ts';
import { PARAMETERS, spelled } from '../../../firmware/config/parameters.ts';
import type { PhoneSettings } from '../../../firmware/config/settings.ts';
import { readValue } from '../../../firmware/config/values.ts';
import { seedFrom } from '../../../firmware/kernel/random.ts';
import { millis } from '../../../firmware/kernel/time.ts';
import { createPhone } from '../../../firmware/phone.ts';
import { testHash } from '../../support/digest.ts';
import type { Chance } from '../chance.ts';
import { mutate } from '../mutate.ts';

const SECRET = 'Pa55-never-told';

export function checkConfig(chance: Chance): string {
  const texts = ['startup.cfg', '00085D000001.cfg', 'local.cfg'].map((name) => [name, cfgText(chance)] as const);
  const files = texts.map(([name, text]) => [name, chance.odds(0.5) ? mutate(text, OPENINGS, chance) : text] as const);
  const layers = files.map(([name, text]): Layer => {
    const { entries, problems } = parseCfg(text);
    const lines = text.split(/\r\n|\n|\r/).length;
    assert.ok(entries.length <= lines && problems.length <= lines, 'more than there are lines');
    return { from: name, kind: name === 'local.cfg' ? 'local' : 'server', entries };
  });
  const made = effectiveSettings(layers, { model: '57i', mac: '00085D000001' });
  checkSettings(made.settings);
  checkTold(made, layers);
  checkWriting(files[0]?.[1] ?? '', chance);
  // A phone is dear: one in twenty is started.
  if (chance.odds(0.05)) starts(made.settings, chance);
  return made.settings.lines.length === 0 ? 'no line' : 'lines';
}

const HOSTS = [
  '192.0.2.1',
  'pbx.example.test',
  '0.0.0.0',
  '',
  '[2001:db8::1]',
  '2001:db8::1',
  '127.0.0.1',
  '.',
  'a..b',
];
const OPENINGS = ['sip proxy ip: 192.0.2.1\n', '# a comment\n', 'sip line1 user name: 1\n', '!', '^', '\uFEFF', '"'];

/** In the name of a family N stands for a number. */
const numbered = (name: string): string => name.replaceAll('N', '1');

/** Lines of known parameters with values that suit them more often than not. */
function cfgText(chance: Chance): string {
  const line = (): string => {
    const parameter = chance.pick(PARAMETERS);
    const own = parameter.scope === 'line' && chance.odds(0.5) ? chance.below(12) : null;
    const name = chance.odds(0.95) ? spelled(parameter.name, own) : chance.octets(30);
    const mark = chance.odds(0.05) ? chance.pick(['!', '^', '!^']) : '';
    return `${mark}${numbered(name)}${chance.pick([': ', ':', ' :\t'])}${value(parameter.name, chance)}`;
  };
  const start = chance.odds(0.8) ? ['sip user name: 2001', 'sip registrar ip: 192.0.2.1'] : [];
  return [...start, ...chance.some(25, line)].join(chance.pick(['\n', '\r\n', '\r'])) + chance.pick(['', '\n']);
}

function value(name: string, chance: Chance): string {
  if (/password$/.test(name)) return SECRET;
  return chance.pick([
    chance.number(),
    chance.pick(HOSTS),
    chance.pick(['1', '0', '3', 'modern', 'r2.0', 'r2.1', '408,503', '503,,', '"quoted # value"', '"open']),
    chance.octets(30),
  ]);
}

/** Every timer can be waited for, every port can be listened at. */
function checkSettings(settings: PhoneSettings): void {
  assert.ok(settings.lines.length <= 9);
  const { t1Ms, t2Ms, transactionMs, ...waits } = settings.timers;
  for (const [name, number] of Object.entries({ t1Ms, t2Ms, transactionMs, ...waits, ...settings.failover }))
    assert.ok(typeof number !== 'number' || (Number.isFinite(number) && number >= 0), `${name} is ${number}`);
  assert.ok(t1Ms > 0 && t2Ms > 0, 'a retransmission timer of 0 would spin');
  assert.ok(settings.localPort >= 0 && settings.localPort < 65_536, `local port ${settings.localPort}`);
  for (const { line, registrationPeriodS, registrar, proxy, outboundProxy } of settings.lines) {
    assert.ok(line >= 1 && line <= 9 && registrationPeriodS > 0, `line ${line}, ${registrationPeriodS} s`);
    for (const { primary, backup } of [registrar, proxy, outboundProxy])
      for (const server of [primary, backup])
        assert.ok(server === null || (server.port >= 0 && server.port <= 65_535 && server.name !== ''));
  }
}

/** Problems name parameters and values, but what stands after a password's name is nobody's business. */
function checkTold(made: EffectiveSettings, layers: readonly Layer[]): void {
  const findings = lint(made);
  assert.ok(findings.length >= made.problems.length);
  const misplaced = layers.some(({ entries }) =>
    entries.some(({ name, value: text }) => text.includes(SECRET) && !/password/.test(name)),
  );
  for (const { message } of findings) assert.ok(misplaced || !message.includes(SECRET), message);
}

/** A line that is put into a file is read from it, and nothing else of the file changes. */
function checkWriting(text: string, chance: Chance): void {
  const { name: spelling, kind } = chance.pick(PARAMETERS);
  const name = numbered(spelling);
  const read = readValue(kind, chance.odds(0.5) ? chance.octets(30) : chance.number());
  if (!read.ok) return;
  const others = (from: string): unknown =>
    parseCfg(from).entries.flatMap((entry) => (entry.name === name ? [] : [{ ...entry, line: 0 }]));
  const written = withSetting(text, name, read.value);
  if (written.length > 1_000_000) return;
  assert.deepEqual(others(written), others(text));
  assert.equal(parseCfg(written).entries.findLast((entry) => entry.name === name)?.value, read.value);
}

const START_MS = 1_772_534_520_000;

/** Any settings make a phone that starts, and is still there when its first timers have run. */
function starts(settings: PhoneSettings, chance: Chance): void {
  const seed = seedFrom(chance.below(2 ** 31));
  const phone = createPhone({ settings, seed, hash: testHash, version: 'fuzz', panel: true });
  const nameServers = [{ address: '192.0.2.53', port: 53 }];
  phone.step({ kind: 'start', wallMs: START_MS, unclean: true, nameServers, hosts: {}, stored: {} }, millis(0));
  for (let wakes = 0; wakes < 30; wakes += 1) {
    const due = phone.deadline();
    if (due === null) break;
    phone.step({ kind: 'wake' }, due);
  }
}
