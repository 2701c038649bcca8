/** Owns configuration: syntax, layers, sets, bad values, traps (original-phone 2; rules 2, 5). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { cfgLine, parseCfg } from '../../../../firmware/config/cfg-file.ts';
import type { Layer } from '../../../../firmware/config/layers.ts';
import { effectiveSettings } from '../../../../firmware/config/layers.ts';
import { lint } from '../../../../firmware/config/lint.ts';
import { findParameter, isSecret, PARAMETERS } from '../../../../firmware/config/parameters.ts';
import { readValue } from '../../../../firmware/config/values.ts';
import { fromFiles } from '../../../support/files.ts';

const ACCOUNT = 'sip user name: 2001\nsip registrar ip: 192.0.2.1\nsip proxy ip: 192.0.2.1\n';
const layer = (from: string, kind: Layer['kind'], text: string): Layer => ({
  from,
  kind,
  entries: parseCfg(text).entries,
});
const device = { model: '57i', mac: '00085D000001' } as const;
const codes = (text: string): readonly string[] => lint(fromFiles(text)).map(({ code }) => code);

describe('the syntax of a file', () => {
  it('takes comments, quotes, marks, missing blanks and any line ending', () => {
    const { entries, problems } = parseCfg(
      '\uFEFF# all\r\n sip  Proxy IP:192.0.2.1 # why\r!sip proxy port: 5060\n^sip screen name: "a # b"\n\n',
    );
    assert.deepEqual(problems, []);
    assert.deepEqual(
      entries.map(({ name, value, line, locked, reset }) => [name, value, line, locked, reset]),
      [
        ['sip proxy ip', '192.0.2.1', 2, false, false],
        ['sip proxy port', '5060', 3, true, false],
        ['sip screen name', 'a # b', 4, false, true],
      ],
    );
  });

  it('names the line of what it cannot read, and reads the rest', () => {
    const { entries, problems } = parseCfg('what is this\nsip proxy port: "5060\n: 1\nsip proxy port: 5061\n');
    assert.deepEqual(
      problems.map(({ line, code }) => [line, code]),
      [
        [1, 'no-colon'],
        [2, 'open-quote'],
        [3, 'no-name'],
      ],
    );
    assert.equal(entries.length, 1);
  });

  it('the last of two counts, and the first is named', () => {
    const { problems } = parseCfg('a: 1\na: 2\n');
    assert.deepEqual(
      problems.map(({ line, code }) => [line, code]),
      [[2, 'duplicate']],
    );
  });

  it('any text is read without a throw, and a written line is read back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => void parseCfg(text)),
      { numRuns: 1000, seed: 1 },
    );
    fc.assert(
      fc.property(fc.stringMatching(/^[ -~]{0,30}$/), (value) => {
        const plain = value.replaceAll('"', '').trim();
        assert.equal(parseCfg(cfgLine('sip screen name', plain)).entries[0]?.value, plain);
      }),
      { numRuns: 500, seed: 2 },
    );
  });
});

describe('layers', () => {
  it('later files win, local wins over all, a lock keeps local out', () => {
    const files = [
      layer('aastra.cfg', 'server', 'sip registrar port: 1\n!sip proxy port: 7\n'),
      layer('mac.cfg', 'server', 'sip registrar port: 2\n'),
    ];
    const { effective, problems } = effectiveSettings(
      [...files, layer('local.cfg', 'local', 'sip registrar port: 3\nsip proxy port: 8\n')],
      device,
    );
    assert.deepEqual(
      [effective.get('sip registrar port')?.value, effective.get('sip registrar port')?.from],
      ['3', 'local.cfg'],
    );
    assert.equal(effective.get('sip proxy port')?.value, '7');
    assert.equal(
      problems.some(({ code, parameter }) => code === 'locked' && parameter === 'sip proxy port'),
      true,
    );
  });

  it('a bad value is named with file and line, and the default is used', () => {
    const { settings, problems } = fromFiles(`${ACCOUNT}sip transport protocol: 9\nfailover probe period: soon\n`);
    assert.equal(settings.transport, 1);
    assert.equal(settings.failover.probePeriodS, 15);
    assert.deepEqual(
      problems.map(({ file, line, code }) => [file, line, code]),
      [
        ['file1.cfg', 4, 'bad-value'],
        ['file1.cfg', 5, 'bad-value'],
      ],
    );
    assert.match(problems[0]?.message ?? '', /one of 0, 1, 2, 4/);
  });

  it('an unknown parameter is kept and reported with a suggestion', () => {
    const { effective, problems } = fromFiles(`${ACCOUNT}sip registar ip: 192.0.2.9\n`);
    assert.equal(effective.get('sip registar ip')?.value, '192.0.2.9');
    assert.match(problems[0]?.message ?? '', /did you mean "sip registrar ip"/);
  });

  it('a secret that is refused is not shown', () => {
    const { problems } = fromFiles(`${ACCOUNT}sip password: ${'x'.repeat(200)}\n`);
    assert.doesNotMatch(problems[0]?.message ?? '', /xxx/);
  });

  it('unset timers stay unset; given ones bound the waits', () => {
    assert.equal(fromFiles(ACCOUNT).settings.timers.transactionMs, null);
    assert.equal(fromFiles(`${ACCOUNT}sip transaction timer: 8000\n`).settings.timers.transactionMs, 8000);
    assert.equal(
      fromFiles(`${ACCOUNT}sip registration timeout retry timer: 5\n`).settings.timers.registrationTimeoutRetryS,
      30,
    );
  });
});

describe('global and per-line sets', () => {
  it("one member of a line's set hides the whole global set: the vendor's own example", () => {
    const { settings } = fromFiles(
      `${ACCOUNT}sip line3 user name: 2003\nsip line3 proxy ip: pbx.example.test\nsip line3 proxy port: 0\n`,
    );
    const line = settings.lines.find((candidate) => candidate.line === 3);
    assert.deepEqual(line?.proxy.primary, { name: 'pbx.example.test', port: 0 });
    assert.equal(line?.registrar.primary, null);
  });

  it("a line's own name does not hide the global servers", () => {
    const { settings } = fromFiles(`${ACCOUNT}sip line2 user name: 2002\n`);
    assert.deepEqual(
      settings.lines.map(({ line, userName, registrar }) => [line, userName, registrar.primary?.name]),
      [
        [1, '2001', '192.0.2.1'],
        [2, '2002', '192.0.2.1'],
      ],
    );
  });

  it('a global account alone is one line', () => {
    assert.deepEqual(
      fromFiles(ACCOUNT).settings.lines.map(({ line }) => line),
      [1],
    );
  });

  it('0.0.0.0 and empty mean not configured, for every server', () => {
    for (const off of ['0.0.0.0', '""']) {
      const { settings } = fromFiles(
        `sip user name: 1\nsip registrar ip: ${off}\nsip backup registrar ip: ${off}\nsip outbound proxy: ${off}\n`,
      );
      assert.deepEqual(settings.lines[0]?.registrar, { primary: null, backup: null });
      assert.deepEqual(settings.lines[0]?.outboundProxy, { primary: null, backup: null });
    }
  });
});

describe('values', () => {
  const host = { type: 'host' } as const;
  it('hosts: names and addresses, a trailing dot, brackets; nothing else', () => {
    for (const [text, value] of [
      ['PBX.Example.Test.', 'pbx.example.test'],
      ['[2001:db8::1]', '2001:db8::1'],
      ['192.0.2.1', '192.0.2.1'],
      ['_sip.example', '_sip.example'],
    ] as const) {
      const read = readValue(host, text);
      assert.equal(read.ok && read.value, value);
    }
    for (const text of [
      'a b',
      'pbx:5060',
      'sip:pbx',
      'ö.example',
      `${'a'.repeat(64)}.test`,
      '1.2.3.400',
      '-a.test',
      `${'a.'.repeat(130)}test`,
    ])
      assert.equal(readValue(host, text).ok, false, text);
  });

  it('failover codes: final codes, without the challenges', () => {
    assert.deepEqual(readValue({ type: 'codes' }, '503, 500,503'), { ok: true, value: '503,500' });
    for (const text of ['401', '200', '99', 'x']) assert.equal(readValue({ type: 'codes' }, text).ok, false, text);
  });

  it('every default of the table is a value of its kind', () => {
    for (const { name, kind, default: value } of PARAMETERS) assert.equal(readValue(kind, value).ok, true, name);
  });

  it('names are unique, and per-line spelling is known for per-line parameters alone', () => {
    assert.equal(new Set(PARAMETERS.map(({ name }) => name)).size, PARAMETERS.length);
    assert.equal(findParameter('sip line9 registrar ip')?.line, 9);
    assert.equal(findParameter('sip line1 transport protocol'), null);
    assert.equal(findParameter('sip line0 proxy ip'), null);
  });

  it('passwords are secret under every spelling', () => {
    for (const name of ['sip password', 'sip line3 password', 'api token', 'admin password'])
      assert.equal(isSecret(name), true, name);
  });
});

describe('traps', () => {
  for (const [code, text] of [
    ['port-hides-srv', `${ACCOUNT}sip backup registrar ip: pbx.example.test\nsip backup registrar port: 5060\n`],
    ['backup-without-primary', 'sip user name: 1\nsip backup registrar ip: 192.0.2.2\n'],
    ['backup-is-primary', `${ACCOUNT}sip backup registrar ip: 192.0.2.1\n`],
    ['registrar-without-proxy', 'sip user name: 1\nsip registrar ip: 192.0.2.1\n'],
    ['proxy-without-registrar', 'sip user name: 1\nsip proxy ip: 192.0.2.1\n'],
    [
      'line-hides-global-set',
      `${ACCOUNT}sip line1 proxy ip: 192.0.2.5\nsip line1 registrar ip: 192.0.2.5\nsip backup registrar ip: 192.0.2.2\n`,
    ],
    ['no-probes', `${ACCOUNT}failover probe period: 0\n`],
    ['hedge-above-transaction', `${ACCOUNT}sip transaction timer: 4000\nfailover hedge limit: 8000\n`],
    ['renewal-above-period', `${ACCOUNT}sip registration period: 20\n`],
    ['no-line', 'sip registrar ip: 192.0.2.1\n'],
  ] as const)
    it(`${code} is found`, () => assert.equal(codes(text).includes(code), true));

  it('a clean configuration raises no alarm', () => {
    assert.deepEqual(codes(`${ACCOUNT}sip backup registrar ip: 192.0.2.2\nsip backup proxy ip: 192.0.2.2\n`), []);
  });
});
