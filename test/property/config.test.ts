/** What holds for any configuration: reading never throws, what is written is read back, and the sets follow a small model. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { CfgEntry } from '../../firmware/config/cfg-file.ts';
import { cfgLine, parseCfg, withSetting } from '../../firmware/config/cfg-file.ts';
import { effectiveSettings } from '../../firmware/config/layers.ts';
import { lint } from '../../firmware/config/lint.ts';
import type { ParameterKind } from '../../firmware/config/parameter.ts';
import { findParameter, PARAMETERS, spelled } from '../../firmware/config/parameters.ts';
import type { LineSettings, ServerPair, ServerSetting } from '../../firmware/config/settings.ts';
import { readValue } from '../../firmware/config/values.ts';
import { fromFiles } from '../support/files.ts';

const SEED = 20_240_229;
const device = { model: '57i', mac: '00085D000001' } as const;
const check = <T extends [unknown, ...unknown[]]>(property: fc.IPropertyWithHooks<T>, numRuns: number): void =>
  fc.assert(property, { seed: SEED, numRuns });

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc
    .array(
      fc.constantFrom('sip proxy ip', 'sip line1 ', ':', ' ', '"', '#', '!', '^', '\n', '\r', '\uFEFF', '0', 'x'),
      {
        maxLength: 60,
      },
    )
    .map((parts) => parts.join('')),
);
const textKind: ParameterKind = { type: 'text', max: 300 };

describe('any text as a file', () => {
  it('is read without a throw, with at most one entry and one problem a line', () => {
    check(
      fc.property(anyText, (text) => {
        const { entries, problems } = parseCfg(text);
        const lines = text.split(/\r\n|\n|\r/).length;
        assert.ok(entries.length <= lines);
        assert.ok(problems.length <= lines);
        for (const { name, line } of entries) {
          assert.match(name, /^[a-z0-9][a-z0-9 ._/-]*$/);
          assert.ok(line >= 1 && line <= lines);
        }
      }),
      3000,
    );
  });

  it('makes settings and a report without a throw, and the phone has at most nine lines', () => {
    check(
      fc.property(anyText, anyText, (server, local) => {
        const made = effectiveSettings(
          [
            { from: 'a.cfg', kind: 'server', entries: parseCfg(server).entries },
            { from: 'local.cfg', kind: 'local', entries: parseCfg(local).entries },
          ],
          device,
        );
        assert.ok(made.settings.lines.length <= 9);
        assert.ok(lint(made).length >= made.problems.length);
      }),
      1000,
    );
  });
});

describe('what is written', () => {
  it('is read back: every text that is a value, and every value that was read', () => {
    check(
      fc.property(anyText, (value) => {
        if (!readValue(textKind, value).ok) return;
        assert.equal(parseCfg(cfgLine('sip screen name', value)).entries[0]?.value, value);
      }),
      3000,
    );
    check(
      fc.property(anyText, (text) => {
        for (const { name, value } of parseCfg(text).entries)
          assert.equal(parseCfg(cfgLine(name, value)).entries[0]?.value, value);
      }),
      3000,
    );
  });

  it('changes the one parameter, and nothing else of the file', () => {
    check(
      fc.property(
        anyText,
        fc.constantFrom('sip proxy ip', 'x', '0'),
        fc.constantFrom('1', 'a # b', '', null),
        (text, name, value) => {
          const others = (entries: readonly CfgEntry[]): readonly unknown[] =>
            entries.filter((entry) => entry.name !== name).map((entry) => ({ ...entry, line: 0 }));
          const before = parseCfg(text).entries;
          const after = parseCfg(withSetting(text, name, value)).entries;
          assert.deepEqual(others(after), others(before));
          const own = after.filter((entry) => entry.name === name).map((entry) => entry.value);
          assert.deepEqual(own, value === null ? [] : [value]);
        },
      ),
      2000,
    );
  });
});

describe('any value of any parameter', () => {
  it('is refused, or has one spelling that reads as itself', () => {
    const kinds = fc.constantFrom(...PARAMETERS.map(({ kind }) => kind));
    check(
      fc.property(
        kinds,
        fc.oneof(anyText, fc.integer().map(String), fc.ipV4(), fc.ipV6(), fc.domain()),
        (kind, value) => {
          const once = readValue(kind, value);
          if (once.ok) assert.deepEqual(readValue(kind, once.value), once);
          else assert.notEqual(once.error, '');
        },
      ),
      5000,
    );
  });

  it('is the default where it is refused: settings differ in nothing', () => {
    const names = fc.constantFrom(...PARAMETERS.filter(({ scope }) => scope === 'global').map(({ name }) => name));
    const plain = fromFiles('sip user name: 1\n').settings;
    check(
      fc.property(names, fc.stringMatching(/^[a-z0-9,-]{1,12}$/), (name, value) => {
        const kind = findParameter(name)?.parameter.kind;
        if (kind === undefined || readValue(kind, value).ok) return;
        assert.deepEqual(fromFiles(`sip user name: 1\n${cfgLine(name, value)}\n`).settings, plain);
      }),
      1000,
    );
  });
});

/** What may stand in a file, and the sets as the vendor's guide tells them, in a few lines. */
const HOSTS = [
  'sip registrar ip',
  'sip backup registrar ip',
  'sip proxy ip',
  'sip backup proxy ip',
  'sip outbound proxy',
  'sip backup outbound proxy',
];
const NETWORK = [...HOSTS.flatMap((name) => [name, `${name.replace(' ip', '')} port`]), 'sip registration period'];
const AUTH = [
  'screen name',
  'screen name 2',
  'user name',
  'display name',
  'auth name',
  'password',
  'bla number',
  'mode',
].map((name) => `sip ${name}`);

type Given = ReadonlyMap<string, string>;

function modelLine(given: Given, line: number): LineSettings | null {
  const takes = (set: readonly string[]): ((name: string) => string) => {
    const own = set.some((name) => given.has(spelled(name, line)));
    return (name) => given.get(own ? spelled(name, line) : name) ?? '';
  };
  const [auth, network] = [takes(AUTH), takes(NETWORK)];
  const any = [...AUTH, ...NETWORK].some((name) => given.has(spelled(name, line)));
  if (auth('sip user name') === '' || (line > 1 && !any)) return null;
  const server = (name: string): ServerSetting | null =>
    ['', '0.0.0.0'].includes(network(name))
      ? null
      : { name: network(name), port: Number(network(`${name.replace(' ip', '')} port`)) };
  const pair = (name: string): ServerPair => ({
    primary: server(name),
    backup: server(name.replace('sip', 'sip backup')),
  });
  return {
    line,
    screenName: auth('sip screen name'),
    screenName2: auth('sip screen name 2'),
    userName: auth('sip user name'),
    displayName: auth('sip display name'),
    authName: auth('sip auth name') || auth('sip user name'),
    password: auth('sip password'),
    registrar: pair('sip registrar ip'),
    proxy: pair('sip proxy ip'),
    outboundProxy: pair('sip outbound proxy'),
    keysSent: { events: 'on', sound: 'off', info: 'off' },
    callWaiting: 'on',
    srtp: 'off',
    callerId: 'shown',
    ringTone: null,
    registrationPeriodS: Number(network('sip registration period')) || 3600,
    explicitMwi: false,
    sharedNumber: auth('sip mode') === '3' ? auth('sip bla number') || auth('sip user name') : null,
    callInfo: auth('sip mode') === '1',
  };
}

describe('the sets of lines', () => {
  it('follow the model, whatever is given globally and for lines', () => {
    const valuesOf = (name: string): fc.Arbitrary<string> => {
      if (HOSTS.includes(name)) return fc.constantFrom('', '0.0.0.0', 'a.example', 'b.example', '192.0.2.1');
      if (NETWORK.includes(name)) return fc.constantFrom('0', '5060', '7');
      return name === 'sip mode' ? fc.constantFrom('0', '3') : fc.constantFrom('', 'ann', 'bob');
    };
    const entry = fc
      .tuple(fc.constantFrom(...AUTH, ...NETWORK, 'sip user name'), fc.constantFrom(null, null, 1, 2, 9))
      .chain(([name, line]) => valuesOf(name).map((value) => [spelled(name, line), value] as const));
    check(
      fc.property(fc.array(entry, { maxLength: 25 }), (entries) => {
        const text = entries.map(([name, value]) => `${cfgLine(name, value)}\n`).join('');
        const expected = [1, 2, 3, 4, 5, 6, 7, 8, 9].flatMap((line) => modelLine(new Map(entries), line) ?? []);
        assert.deepEqual(fromFiles(text).settings.lines, expected);
      }),
      3000,
    );
  });
});
