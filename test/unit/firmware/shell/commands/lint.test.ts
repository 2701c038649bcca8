/** `holdfast lint` over files as people write them: what it prints, its exit code, and that no secret is shown. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runLint } from '../../../../../firmware/shell/commands/lint.ts';
import { folders } from '../../../../support/folder.ts';

const fixture = (name: string): string =>
  fileURLToPath(new URL(`../../../../fixtures/config/${name}`, import.meta.url));

interface Outcome {
  readonly code: number;
  readonly report: string;
  readonly complaint: string;
}

async function lint(...args: readonly string[]): Promise<Outcome> {
  let report = '';
  let complaint = '';
  const code = await runLint(args, {
    report: (text) => {
      report += text;
    },
    complain: (text) => {
      complaint += text;
    },
  });
  return { code, report, complaint };
}

interface Report {
  readonly problems: readonly {
    readonly severity: string;
    readonly file: string;
    readonly line: number;
    readonly parameter: string;
    readonly code: string;
    readonly message: string;
  }[];
  readonly effective: Readonly<Record<string, { readonly value: string; readonly from: string }>>;
}

async function lintJson(...args: readonly string[]): Promise<Report> {
  return JSON.parse((await lint('--json', ...args)).report) as Report;
}

const found = ({ problems }: Report): readonly (readonly [string, number, string])[] =>
  problems.map(({ file, line, code }) => [file, line, code]);

const folder = folders();

describe('holdfast lint', () => {
  it('gives the terminal no orders of a file, and tells no password that stands in an address', async () => {
    const file = join(await folder(), 'phone.cfg');
    await writeFile(file, 'time format: \u001b[2J\naction uri incoming: http://u:s3cret@h.example/\n');
    const { report } = await lint(file);
    assert.match(report, /"\?\[2J" is no value of "time format"/);
    assert.doesNotMatch(report, /[^\P{Cc}\n]/u);
    const { effective } = await lintJson(file);
    assert.equal(effective['action uri incoming']?.value, 'http://u:********@h.example/');
  });

  it('an office of one account: a key that does nothing is named with its reason, the rest is in order', async () => {
    const { code, report } = await lint(fixture('global-only'));
    assert.equal(code, 0);
    assert.deepEqual(report.split('\n'), [
      'aastra.cfg:21: warning: a key of type acd is not shown: agents log in by their own servers only; a speeddial or spre key with the code does the same [key-not-acted-on]',
      '0 errors, 1 warning; 1 line, profile modern',
      '',
    ]);
  });

  it('files of generators: quotes everywhere, CRLF, a lock lifted by the model, lines with their own servers', async () => {
    const report = await lintJson(fixture('per-line'));
    assert.deepEqual(found(report), [['00085D000001.cfg', 7, 'line-hides-global-set']]);
    assert.deepEqual(report.effective['sip dial plan'], { value: 'x+#|xx+*', from: 'aastra.cfg' });
    assert.deepEqual(report.effective['sip proxy ip'], { value: 'pbx.example.net', from: '57i.cfg' });
    assert.deepEqual(report.effective['sip line2 backup registrar ip'], {
      value: '2001:db8::2',
      from: '00085D000001.cfg',
    });
    assert.deepEqual(report.effective['failover profile'], { value: 'modern', from: 'default' });
    assert.deepEqual(found(await lintJson(fixture('per-line'), '--model', '53i')), found(report));
    assert.equal((await lintJson(fixture('per-line'), '--model', '53i')).effective['sip proxy ip']?.from, 'aastra.cfg');
  });

  it("the vendor's own example of sets: what line 3 loses is named", async () => {
    const { problems } = await lintJson(fixture('mixed/phone.cfg'));
    assert.deepEqual(
      problems.map(({ code, parameter }) => [code, parameter]),
      [
        ['line-hides-global-set', 'sip line3 user name'],
        ['proxy-without-registrar', 'sip line3 proxy ip'],
        ['line-hides-global-set', 'sip line3 proxy ip'],
      ],
    );
    assert.match(problems[2]?.message ?? '', /"sip registrar ip", "sip registrar port"/);
  });

  it('a file full of traps: each is named with its line, errors end with 1', async () => {
    const { code, report } = await lint('--json', fixture('traps/phone.cfg'));
    assert.equal(code, 1);
    assert.deepEqual(found(JSON.parse(report) as Report), [
      ['phone.cfg', 3, 'port-hides-srv'],
      ['phone.cfg', 4, 'backup-is-primary'],
      ['phone.cfg', 5, 'port-hides-srv'],
      ['phone.cfg', 6, 'unknown-parameter'],
      ['phone.cfg', 7, 'backup-without-primary'],
      ['phone.cfg', 8, 'user-with-domain'],
      ['phone.cfg', 9, 'unknown-parameter'],
      ['phone.cfg', 10, 'no-colon'],
      ['phone.cfg', 11, 'bad-value'],
      ['phone.cfg', 12, 'no-probes'],
      ['phone.cfg', 13, 'line-hides-global-set'],
      ['phone.cfg', 13, 'line-without-user'],
    ]);
  });

  it('never shows a secret, misspelt or without its colon, in either form', async () => {
    for (const name of ['traps/phone.cfg', 'mixed/phone.cfg', 'per-line', 'global-only'])
      for (const form of [[], ['--json']]) {
        const { report } = await lint(fixture(name), ...form);
        assert.doesNotMatch(report, /secret-|pa#s/, name);
      }
    const { effective } = await lintJson(fixture('traps/phone.cfg'), fixture('mixed/phone.cfg'));
    assert.equal(effective['sip password']?.value, '***');
    assert.equal(effective['sip passwrod']?.value, '***');
  });

  it('later files win over earlier ones', async () => {
    const { effective } = await lintJson(fixture('traps/phone.cfg'), fixture('global-only'));
    assert.deepEqual(effective['sip user name'], { value: '2001', from: 'aastra.cfg' });
  });

  it('a file that is not there is one line and exit code 2', async () => {
    const { code, report, complaint } = await lint(fixture('none.cfg'));
    assert.deepEqual([code, report], [2, '']);
    assert.equal(complaint, `holdfast lint: ${fixture('none.cfg')}: no such file or folder\n`);
  });

  it('a command that makes no sense is told why, and how it would', async () => {
    for (const [args, why] of [
      [[], /a FILE is needed/],
      [['--model', '55i', 'x'], /--model 55i: 57i or 53i/],
      [['--mac', 'nine', 'x'], /--mac nine: 12 hexadecimal digits/],
      [['--colour', 'x'], /--colour/],
    ] as const) {
      const { code, report, complaint } = await lint(...args);
      assert.deepEqual([code, report], [2, '']);
      assert.match(complaint, why);
      assert.match(complaint, /holdfast lint FILE\|DIR/);
    }
  });

  it('an address may be written with colons', async () => {
    assert.equal((await lint('--mac', '00:08:5d:00:00:01', fixture('per-line'))).code, 0);
  });
});
