/** Owns the tests of QEMU's two protocols against a socket that speaks as QEMU does: answers in order, refusals, and its end. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import type { Socket } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, it } from 'node:test';
import { openQmp } from '../../../../scripts/qemu/qmp.ts';
import { openQtest } from '../../../../scripts/qemu/qtest.ts';

describe('the sockets of QEMU', () => {
  let folder = '';
  let count = 0;
  const servers: { close(): unknown }[] = [];
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'holdfast-qemu-sockets-'));
  });
  after(() => {
    for (const server of servers) server.close();
    rmSync(folder, { recursive: true });
  });

  function speaking(greeting: string, answer: (line: string, socket: Socket) => void): string {
    count += 1;
    const path = join(folder, `socket-${count}`);
    const server = createServer((socket) => {
      socket.write(greeting);
      createInterface({ input: socket }).on('line', (line) => answer(line, socket));
    });
    server.listen(path);
    servers.push(server);
    return path;
  }

  it('QMP: each order has its own answer, whatever comes between, and a refusal says what was refused', async () => {
    const path = speaking('{"QMP": {}}\r\n', (line, socket) => {
      const { execute, id } = JSON.parse(line) as { readonly execute: string; readonly id: number };
      const answer =
        execute === 'no-such' ? { error: { class: 'CommandNotFound', desc: 'unknown' } } : { return: execute };
      socket.write(`{"event": "RTC_CHANGE"}\r\n${JSON.stringify({ ...answer, id })}\r\n`);
    });
    const qmp = await openQmp(path);
    assert.deepEqual(await Promise.all([qmp.ask('qom-get'), qmp.ask('screendump')]), ['qom-get', 'screendump']);
    await assert.rejects(qmp.ask('no-such', { a: 1 }), /QEMU refuses no-such \{"a":1\}: unknown/);
    qmp.close();
  });

  it('QMP: what was asked when QEMU ended is told, and so is what is asked later', async () => {
    const qmp = await openQmp(
      speaking('', (line, socket) => {
        const { execute, id } = JSON.parse(line) as { readonly execute: string; readonly id: number };
        if (execute === 'qmp_capabilities') socket.write(`${JSON.stringify({ return: {}, id })}\n`);
        else socket.end();
      }),
    );
    await assert.rejects(qmp.ask('quit'), /QEMU ended before it answered quit/);
    await assert.rejects(qmp.ask('quit'), /QEMU has ended/);
  });

  it('qtest: answers come in the order of the questions, interrupts between them are none', async () => {
    const qtest = await openQtest(
      speaking('', (line, socket) => {
        socket.write(
          line.startsWith('readl') ? 'IRQ raise 27\nOK 0x0000000008000000\n' : `FAIL Unknown command ${line}\n`,
        );
      }),
    );
    const [level, refused] = await Promise.allSettled([qtest.ask('readl 0x3f200034'), qtest.ask('dance')]);
    assert.deepEqual(level, { status: 'fulfilled', value: '0x0000000008000000' });
    assert.match(String(refused.status === 'rejected' && refused.reason), /qtest refuses "dance": FAIL/);
    qtest.close();
  });
});
