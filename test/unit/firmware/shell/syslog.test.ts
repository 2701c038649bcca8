/** Syslog: one datagram an event, in the form of RFC 5424, to whom the configuration names now. */
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { createSyslog } from '../../../../firmware/shell/syslog.ts';

const HERE = '127.0.0.1';

describe('a syslog server', () => {
  it('is told what the log tells, by priority, time, name and fields; nothing where none is named', async () => {
    const server = createSocket('udp4').bind(0, HERE);
    await once(server, 'listening');
    const values: Record<string, string> = {
      'log server ip': '0.0.0.0',
      'log server port': String(server.address().port),
    };
    const asked: string[] = [];
    const syslog = createSyslog({
      value: (name) => values[name] ?? '',
      lookup: (host) => {
        asked.push(host);
        return Promise.resolve([HERE]);
      },
      ...{ hostname: '00085D000001', wallMs: () => Date.UTC(2026, 2, 3, 10, 42) },
    });
    syslog.event({ event: 'stopped', code: 1 });
    values['log server ip'] = 'logs.example';
    syslog.event({ event: 'probe', target: 'x', ok: true, took: 1 });
    syslog.event({ event: 'problem', file: 'a.cfg', line: 1, parameter: 'p', message: 'two\r\nlines <1>' });
    const [datagram] = (await once(server, 'message')) as [Buffer];
    assert.equal(
      datagram.toString(),
      '<132>1 2026-03-03T10:42:00.000Z 00085D000001 holdfast - problem - {"file":"a.cfg","line":1,"parameter":"p","message":"two\\r\\nlines <1>"}',
    );
    assert.deepEqual(asked, ['logs.example']);
    syslog.event({ event: 'problem', file: '', line: 0, parameter: '', message: 'x'.repeat(9000) });
    const [long] = (await once(server, 'message')) as [Buffer];
    assert.equal(long.length, 2048);
    for (const sign of ['\u00e4', '\u20ac', '\u{1f4de}'])
      for (let before = 0; before < 4; before += 1) {
        const message = `${'x'.repeat(before)}${sign.repeat(1500)}`;
        syslog.event({ event: 'problem', file: '', line: 0, parameter: '', message });
        const [whole] = (await once(server, 'message')) as [Buffer];
        assert.ok(
          whole.length <= 2048 && whole.length > 2048 - Buffer.byteLength(sign) && !`${whole}`.includes('\ufffd'),
        );
      }
    syslog.close();
    server.close();
  });

  it('that cannot be told costs nothing: a port that is none, an end while its name is looked up', async () => {
    const values: Record<string, string> = { 'log server ip': HERE, 'log server port': '0' };
    let found: (addresses: readonly string[]) => void = () => undefined;
    const late = new Promise<readonly string[]>((resolve) => {
      found = resolve;
    });
    const syslog = createSyslog({
      value: (name) => values[name] ?? '',
      lookup: (host) => (host === HERE ? Promise.resolve([HERE]) : late),
      ...{ hostname: '00085D000001', wallMs: () => null },
    });
    const failures: unknown[] = [];
    const note = (why: unknown): unknown => failures.push(why);
    process.on('unhandledRejection', note);
    syslog.event({ event: 'stopped', code: 1 });
    await pause(10);
    values['log server ip'] = 'logs.example';
    values['log server port'] = '514';
    syslog.event({ event: 'stopped', code: 1 });
    syslog.close();
    found([HERE]);
    await pause(10);
    process.off('unhandledRejection', note);
    assert.deepEqual(failures, []);
  });
});
