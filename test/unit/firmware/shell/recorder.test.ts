/** Owns recordings: what is in them, and what must not be. */
import assert from 'node:assert/strict';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { Recorded } from '../../../../firmware/shell/recorder.ts';
import { createRecorder, openRecording } from '../../../../firmware/shell/recorder.ts';
import { folders } from '../../../support/folder.ts';
import { lineSettings, phoneSettings } from '../../../support/settings.ts';

const folder = folders();
const parsed = (text: string): readonly Recorded[] =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Recorded);

const secretLine = (line: number, password: string) => lineSettings({ line, password });

describe('recordings', () => {
  it('hide of a message what a trace hides: digest responses, folded too, and keyed digits', () => {
    const recorder = createRecorder(null);
    const data =
      'INFO sip:a@h SIP/2.0\r\nAuthorization: Digest realm="r",\r\n response="0123"\r\nContent-Type: application/dtmf-relay\r\n\r\nSignal=7\r\n';
    recorder.step(1, { kind: 'datagram', flow: null, from: { address: '192.0.2.1', port: 5060 }, data }, []);
    const text = recorder.dump();
    assert.match(text, /response=\\"\*{4}\\".*Signal=\*/);
    assert.doesNotMatch(text, /0123|Signal=7/);
  });

  it('hide the keys of sound', () => {
    const recorder = createRecorder(null);
    const data = 'SIP/2.0 200 OK\r\n\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:c2VjcmV0IGtleQ|2^31\r\n';
    const secured = { suite: 's', sends: { masterKey: 'c2VjcmV0' }, receives: { masterKey: 'c2VjcmV0IGtleQ' } };
    const session = {
      ...{ remote: { address: '192.0.2.1', port: 4000 }, codec: 'PCMU', sends: 0, receives: 0, sendsEvents: null },
      ...{ receivesEvents: null, direction: 'sendrecv' as const, ptimeMs: 20, secured },
    };
    recorder.step(1, { kind: 'datagram', flow: null, from: { address: '192.0.2.1', port: 5060 }, data }, [
      { kind: 'media', legs: [{ call: 'C1', port: 3000, session, mixed: 'desk' }] },
    ]);
    assert.doesNotMatch(recorder.dump(), /c2VjcmV0/);
    assert.match(recorder.dump(), /inline:X{14}\|2\^31.*"sends":\{"masterKey":"\*\*\*"\}/);
  });

  it('keep equal passwords equal and different ones different, in every line', () => {
    const settings = phoneSettings({
      lines: [secretLine(1, 'sesame'), secretLine(2, 'sesame'), secretLine(3, 'other'), secretLine(4, '')],
    });
    const recorder = createRecorder(null);
    recorder.phone('test', settings, null);
    recorder.step(1, { kind: 'configure', settings: { ...settings, lines: [secretLine(3, 'other')] } }, []);
    const text = recorder.dump();
    assert.doesNotMatch(text, /sesame|other/);
    assert.deepEqual(
      [...text.matchAll(/"password":"([^"]*)"/g)].map(([, password]) => password),
      ['***1', '***1', '***2', '', '***2'],
    );
  });

  it('in memory are the last inputs behind the head', () => {
    const recorder = createRecorder(null);
    recorder.phone('test', phoneSettings(), null);
    for (let at = 0; at < 600; at += 1) recorder.step(at, { kind: 'wake' }, []);
    const lines = parsed(recorder.dump());
    assert.equal(lines.length, 501);
    assert.deepEqual(
      [lines[0]?.what, lines[1]],
      ['phone', { what: 'step', now: 100, input: { kind: 'wake' }, effects: [] }],
    );
  });

  it('in memory are fewer where they are long: a flood keeps 2 MiB of octets and no more, the last of it', () => {
    const recorder = createRecorder(null);
    recorder.phone('test', phoneSettings(), null);
    const flood = { kind: 'octets', flow: 'in:1', data: 'x'.repeat(65_536) } as const;
    for (let at = 0; at < 600; at += 1) recorder.step(at, flood, []);
    const lines = parsed(recorder.dump());
    assert.equal(lines.length, 1 + 2 ** 21 / 65_536);
    const last = lines.at(-1);
    assert.equal(last?.what === 'step' ? last.now : null, 599);
    for (let at = 600; at < 1200; at += 1) recorder.step(at, { kind: 'wake' }, []);
    assert.equal(parsed(recorder.dump()).length, 501);
  });

  it('on disk are whole when they are closed, and for their owner alone (L14)', async () => {
    const path = join(await folder(), 'r.jsonl');
    const recording = await openRecording(path, () => undefined);
    if (!recording.ok) throw new Error(recording.error);
    const recorder = createRecorder(recording.value);
    recorder.phone('test', phoneSettings(), null);
    for (let at = 0; at < 600; at += 1) recorder.step(at, { kind: 'wake' }, []);
    await recorder.close();
    assert.equal(parsed(await readFile(path, 'utf8')).length, 601);
    assert.equal((await stat(path)).mode & 0o777, 0o600);
  });

  it('that cannot be written are refused in one line', async () => {
    const recording = await openRecording(join(await folder(), 'no', 'r.jsonl'), () => undefined);
    assert.match(recording.ok ? '' : recording.error, /^--record .*r\.jsonl: cannot be written \(ENOENT\)$/);
  });
});
