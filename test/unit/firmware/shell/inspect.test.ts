/** `holdfast inspect` as its caller sees it: rows, exit codes, streams, and files that are none (interfaces 2). */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runInspect } from '../../../../firmware/shell/commands/inspect.ts';
import { message, OK, REGISTER } from '../../../support/messages.ts';

const folder = mkdtempSync(join(tmpdir(), 'holdfast-inspect-'));
after(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content, 'latin1');
  return path;
}

interface Outcome {
  readonly code: number;
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  readonly errors: string;
}

async function inspect(args: readonly string[], input: readonly string[] = []): Promise<Outcome> {
  const written = { output: '', errors: '' };
  const code = await runInspect(args, {
    input: (async function* () {
      for (const chunk of input) yield Buffer.from(chunk, 'latin1');
    })(),
    output: { write: (text) => (written.output += text) },
    errors: { write: (text) => (written.errors += text) },
  });
  const rows = written.output.split('\n').filter((line) => line !== '');
  return { code, rows: rows.map((line) => JSON.parse(line)), errors: written.errors };
}

const options = message(['OPTIONS sip:2001@192.0.2.100 SIP/2.0', ...REGISTER.slice(1)], { CSeq: '1 OPTIONS' });

describe('one message a file', () => {
  it('is one row with every field that is promised', async () => {
    const path = file('options', options);
    assert.deepEqual(await inspect([path]), {
      code: 0,
      rows: [
        {
          file: path,
          ok: true,
          kind: 'request',
          method: 'OPTIONS',
          status: null,
          uri: 'sip:2001@192.0.2.100',
          action: 'accept',
          respond: null,
          error: null,
        },
      ],
      errors: '',
    });
  });

  it('a refused request that is well-formed is no fault of the file', async () => {
    const { code, rows } = await inspect(['--json', file('register', message(REGISTER))]);
    assert.deepEqual([code, rows[0]?.['ok'], rows[0]?.['respond']], [0, true, 405]);
  });

  it('one malformed file among good ones: each has its row, the exit code is 1', async () => {
    const { code, rows } = await inspect([
      file('good', options),
      file('bad', 'hello'),
      file('ok', OK('<sip:a@b.test>')),
    ]);
    assert.equal(code, 1);
    assert.deepEqual(
      rows.map(({ ok, kind, status, action }) => [ok, kind, status, action]),
      [
        [true, 'request', null, 'accept'],
        [false, null, null, 'drop'],
        [true, 'response', 200, 'accept'],
      ],
    );
  });

  it('"-" is standard input, in as many pieces as it comes', async () => {
    const { code, rows } = await inspect(['-'], [...options]);
    assert.deepEqual([code, rows.length, rows[0]?.['file'], rows[0]?.['method']], [0, 1, '-', 'OPTIONS']);
  });

  it('octets of no encoding are taken as they are', async () => {
    const strange = options.replace('Max-Forwards', 'Subject: \xff\xc0\x80\r\nMax-Forwards');
    assert.equal((await inspect([file('strange', strange)])).code, 0);
  });
});

describe('what cannot be read', () => {
  it('a missing file and a folder are rows that say why', async () => {
    const { code, rows } = await inspect([join(folder, 'missing'), folder]);
    assert.equal(code, 1);
    assert.deepEqual(
      rows.map(({ ok, error }) => [ok, error]),
      [
        [false, 'cannot be read (ENOENT)'],
        [false, 'cannot be read (EISDIR)'],
      ],
    );
  });

  it('input without an end is given up at the limit', async () => {
    const endless = new Array<string>(33).fill('x'.repeat(1_048_576));
    const { code, rows } = await inspect(['-'], endless);
    assert.equal(code, 1);
    assert.match(String(rows[0]?.['error']), /^has more than \d+ octets$/);
  });

  it('wrong use says how it is used, exit code 2', async () => {
    for (const args of [[], ['--odd'], ['--odd', file('unread', options)]]) {
      const { code, rows, errors } = await inspect(args);
      assert.deepEqual([code, rows], [2, []]);
      assert.match(errors, /^holdfast inspect: .+\nholdfast inspect \[--stream\]/);
    }
  });
});

describe('--stream', () => {
  it('one row for each message, in order, whatever lies between them', async () => {
    const body = message(['INVITE sip:2001@192.0.2.100 SIP/2.0', ...REGISTER.slice(1)], {
      CSeq: '1 INVITE',
      'Content-Type': 'application/sdp',
      'Content-Length': '5',
    });
    const { code, rows } = await inspect([
      '--stream',
      file('stream', `${options}\r\n\r\n${body}v=0\r\n${options}\r\n`),
    ]);
    assert.equal(code, 0);
    assert.deepEqual(
      rows.map(({ method }) => method),
      ['OPTIONS', 'INVITE', 'OPTIONS'],
    );
  });

  it('a message without Content-Length is refused, and what follows is lost', async () => {
    const bare = options.replace('Content-Length: 0\r\n', '');
    const { code, rows } = await inspect(['--stream', file('bare', `${options}${bare}${options}`)]);
    assert.equal(code, 1);
    assert.deepEqual(
      rows.map(({ ok, respond }) => [ok, respond]),
      [
        [true, null],
        [false, 400],
      ],
    );
  });

  it('a stream that ends within a message: nothing is answered', async () => {
    const { code, rows } = await inspect(['--stream', file('cut', options.slice(0, -10))]);
    assert.equal(code, 1);
    assert.deepEqual([rows.length, rows[0]?.['action'], rows[0]?.['method']], [1, 'drop', 'OPTIONS']);
  });

  it('the overlarge length of RFC 4475 waits on a stream, where a datagram deserves 400', async () => {
    const clerr = fileURLToPath(new URL('../../../fixtures/sip/rfc4475/clerr.dat', import.meta.url));
    assert.equal((await inspect([clerr])).rows[0]?.['respond'], 400);
    assert.equal((await inspect(['--stream', clerr])).rows[0]?.['action'], 'drop');
  });

  it('a malformed message whose end is known is one row, and the stream goes on', async () => {
    const { rows } = await inspect(['--stream', file('resumed', `${options.replace('Call-ID', 'Call-IT')}${options}`)]);
    assert.deepEqual(
      rows.map(({ ok }) => ok),
      [false, true],
    );
  });

  it('an empty stream holds no message', async () => {
    assert.deepEqual((await inspect(['--stream', file('empty', '\r\n\r\n')])).rows, []);
  });
});
