/** The built SD card, looked into from outside: every file system whole, no way in, nothing that a phone does not need. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { PARTITIONS, takeOut } from '../../scripts/image/card.ts';
import { run } from '../../scripts/image/store.ts';
import { IMAGE } from '../../scripts/image.ts';

const FLASHING = fileURLToPath(new URL('../../docs/flashing.md', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'holdfast-card-'));
after(() => rmSync(folder, { recursive: true }));
const part = (name: string): string => join(folder, name);
for (const { name } of PARTITIONS) takeOut(IMAGE, name, part(name));

/** Paths of the root file system with their modes and owners. */
const listing = run('unsquashfs', ['-lls', '-d', '', part('root')]).split('\n');
const paths = listing.map((line) => / (\/.*?)(?: -> .*)?$/.exec(line)?.[1] ?? '').filter((path) => path !== '');
const cat = (path: string): string => run('unsquashfs', ['-cat', part('root'), path]);

describe('the card', () => {
  it('has the partitions that it says', () => {
    const table = JSON.parse(run('sfdisk', ['--json', IMAGE])) as {
      partitiontable: { partitions: { start: number; size: number; type: string }[] };
    };
    assert.deepEqual(
      table.partitiontable.partitions.map(({ start, size, type }) => [start / 2048, size / 2048, type]),
      PARTITIONS.map(({ startMib, sizeMib, type }) => [startMib, sizeMib, type]),
    );
  });

  it('a new release ends where the state begins, as docs/flashing.md has it written', () => {
    const [, mib] = /^ {4}sudo dd .* bs=1M count=(\d+) /m.exec(readFileSync(FLASHING, 'utf8')) ?? [];
    const [boot, root, state] = PARTITIONS;
    assert.equal(Number(mib), state.startMib);
    assert.ok(boot.startMib + boot.sizeMib <= root.startMib && root.startMib + root.sizeMib <= state.startMib);
  });

  it('every file system is whole', () => {
    for (const [program, ...args] of [
      ['fsck.vfat', '-n', part('boot')],
      ['e2fsck', '-f', '-n', part('state')],
      // squashfs has no checker of its own: all of it is read.
      ['unsquashfs', '-quiet', '-no-progress', '-no-xattrs', '-d', part('unpacked'), part('root')],
    ] as const) {
      const { status, stderr, stdout } = spawnSync(program, args, { encoding: 'utf8' });
      assert.equal(status, 0, `${program}: ${stdout}${stderr}`);
    }
    rmSync(part('unpacked'), { recursive: true, force: true });
  });

  it('the boot partition has a kernel, a firmware and a device tree for each board, and a phone.cfg', () => {
    const names = run('mdir', ['-b', '-i', part('boot'), '::']);
    for (const name of ['vmlinuz', 'initrd.img', 'config.txt', 'cmdline.txt', 'phone.cfg', 'start.elf', 'start4.elf'])
      assert.match(names, new RegExp(`::/${name.replace('.', '\\.')}$`, 'm'));
    for (const board of ['bcm2837-rpi-3-b', 'bcm2837-rpi-zero-2-w', 'bcm2711-rpi-4-b'])
      assert.match(names, new RegExp(`${board}\\.dtb`));
  });
});

describe('the root file system', () => {
  it('has no account that can log in', () => {
    const users = cat('etc/passwd')
      .trim()
      .split('\n')
      .map((line) => line.split(':'));
    const locks = new Map(
      cat('etc/shadow')
        .trim()
        .split('\n')
        .map((line) => [line.split(':')[0], line.split(':')[1]]),
    );
    for (const name of ['root', 'holdfast', 'systemd-network', 'systemd-resolve', 'systemd-timesync', 'messagebus'])
      assert.ok(locks.has(name), name);
    for (const [name = '', password] of users) {
      assert.equal(password, 'x', name);
      assert.match(locks.get(name) ?? '', /^[!*]/, name);
    }
    assert.deepEqual([...locks.keys()].sort(), users.map(([name]) => name).sort());
  });

  it('has no compiler, no interpreter but ours, no package manager and no way to log in', () => {
    assert.ok(paths.length > 2000, `only ${paths.length} paths were seen`);
    const programs = paths.filter((path) => /^\/usr\/s?bin\//.test(path)).map((path) => path.split('/').at(-1) ?? '');
    assert.ok(programs.includes('node') && programs.includes('systemctl'));
    const unwanted =
      /^(?:(?:.*-)?(?:gcc|g\+\+|cc|c\+\+|cpp|clang|as|ld|tcc)(?:-[\d.]+)?|make|perl.*|python.*|apt.*|dpkg.*|npm|npx|sshd|login|telnetd?)$/;
    assert.deepEqual(
      programs.filter((name) => unwanted.test(name)),
      [],
    );
  });

  it('belongs to root, and nobody else may write to it', () => {
    for (const line of listing.filter((row) => /^[-dl]/.test(row))) {
      const [mode = '', owner] = line.split(/\s+/);
      assert.equal(owner, 'root/root', line);
      if (!mode.startsWith('l') && !mode.endsWith('t')) assert.notEqual(mode[8], 'w', line);
    }
  });

  it('the phone may read its own program', () => {
    for (const line of listing.filter((row) => / \/opt\//.test(row) && !row.startsWith('l')))
      assert.match(line, line.startsWith('d') ? /^.{7}r.x/ : /^.{7}r/, line);
  });
});
