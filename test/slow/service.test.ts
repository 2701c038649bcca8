/** The service as systemd itself judges it, and its words as they arrive at a manager's socket. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openService } from '../../firmware/shell/service.ts';

const UNITS = fileURLToPath(new URL('../../scripts/image/root/usr/lib/systemd/system', import.meta.url));

describe('systemd-analyze security', () => {
  // Of 10; what is left is the network, real time for sound, and a compiler that runs at run time.
  for (const [unit, tenths] of [
    ['holdfast.service', 25],
    ['holdfast-network.service', 25],
    ['holdfast-marking.service', 25],
  ] as const)
    it(`${unit} is exposed to ${tenths / 10} at most`, () => {
      const args = ['security', '--offline=true', '--no-pager', `--threshold=${tenths}`, join(UNITS, unit)];
      const { status, stdout, stderr } = spawnSync('systemd-analyze', args, { encoding: 'utf8' });
      assert.match(stdout, /Overall exposure level/, stderr);
      assert.equal(status, 0, stdout.trim().split('\n').at(-1));
    });
});

describe('systemd-notify', () => {
  it('brings each word of the phone to the socket', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'holdfast-notify-'));
    const path = join(folder, 'notify');
    const manager = spawn('socat', ['-u', `UNIX-RECVFROM:${path},fork`, 'STDOUT'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const before = process.env['NOTIFY_SOCKET'];
    try {
      let said = '';
      const told = new Promise<void>((resolve) => {
        manager.stdout.on('data', (data: Buffer) => {
          said += data;
          if (/WATCHDOG=1/.test(said) && /READY=1/.test(said)) resolve();
        });
      });
      while (spawnSync('test', ['-S', path]).status !== 0) await new Promise((resolve) => setTimeout(resolve, 20));
      process.env['NOTIFY_SOCKET'] = path;
      openService({ NOTIFY_SOCKET: path, WATCHDOG_USEC: '300000' })?.ready();
      // The beats alone keep no process alive.
      const alive = setInterval(() => undefined, 1000);
      await told;
      clearInterval(alive);
    } finally {
      if (before === undefined) delete process.env['NOTIFY_SOCKET'];
      else process.env['NOTIFY_SOCKET'] = before;
      manager.kill();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
