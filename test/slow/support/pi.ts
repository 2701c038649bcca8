/** Owns an emulated Raspberry Pi 3 that starts from the built card: a copy of it, its kernel as the card has it, a console to type on. */
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { DESK_V1 } from '../../../boards/desk-v1/board.ts';
import { PARTITIONS, takeOut } from '../../../scripts/image/card.ts';
import { run } from '../../../scripts/image/store.ts';
import { IMAGE } from '../../../scripts/image.ts';
import { openQmp } from '../../../scripts/qemu/qmp.ts';
import { cellsOf, readPixmap } from '../../../scripts/qemu/screen.ts';

const { columns: COLUMNS, rows: ROWS } = DESK_V1.framebuffer;
const TREE = fileURLToPath(new URL('../../../boards/qemu/board.dts', import.meta.url));
const BOARD = 'bcm2837-rpi-3-b.dtb';
/** An emulated card is slow, and so is a machine that others use: systemd waits, and so does whoever waits here. */
const PATIENCE = 'systemd.default_timeout_start_sec=900 systemd.default_device_timeout_sec=900';
/** Of the two drivers that take QEMU's network adapter, the one for its Ethernet; the screen is not that of vc4. */
const EXTRA = 'modprobe.blacklist=cdc_subset,vc4 systemd.debug_shell=ttyS1 systemd.log_color=0';
export const HANG_GUARD_MS = 45 * 60_000;

/** What the kernel says of QEMU's network adapter; that it is not there where the emulator stood still while the port was being reset. */
const ADAPTER = { found: /eth0: register 'cdc_ether'/, missed: /usb1-port1: attempt power cycle/ };

export interface Pi {
  console(): string;
  /** Runs a line in the root shell of the emulated serial line, and returns what it printed. */
  type(line: string): Promise<string>;
  /** The cells of its screen, as QEMU draws it. */
  screen(): Promise<readonly string[]>;
  /** The same as a picture: a PNG file. */
  photograph(file: string): Promise<void>;
  /** The power is cut. */
  cut(): Promise<void>;
}

export interface Card {
  /** Resolves when its kernel has found the network adapter. */
  start(): Promise<Pi>;
  remove(): void;
}

/** A copy of the card with this `phone.cfg` on it, in a network whose DHCP server names this configuration server by option 66. */
export function insertCard(phoneCfg: string, configurationServer: string): Card {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-pi-'));
  const at = (name: string): string => join(folder, name);
  run('cp', ['--sparse=always', IMAGE, at('card.img')]);
  takeOut(IMAGE, 'boot', at('boot'));
  for (const name of ['vmlinuz', 'initrd.img', 'cmdline.txt', BOARD])
    run('mcopy', ['-n', '-i', at('boot'), `::${name}`, at(name)]);
  writeFileSync(at('phone.cfg'), phoneCfg);
  run('mcopy', ['-o', '-i', `${at('card.img')}@@${PARTITIONS[0].startMib}M`, at('phone.cfg'), '::phone.cfg']);
  run('dtc', ['-@', '-q', '-o', at('board.dtbo'), TREE]);
  run('fdtoverlay', ['-i', at(BOARD), '-o', at('tree.dtb'), at('board.dtbo')]);
  return {
    async start() {
      for (;;) {
        const pi = await startPi(at, configurationServer);
        if (await hasAdapter(pi)) return pi;
        await pi.cut();
      }
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

async function startPi(at: (name: string) => string, configurationServer: string): Promise<Pi> {
  const told = readFileSync(at('cmdline.txt'), 'utf8').trim();
  writeFileSync(at('console'), '');
  const chips = [
    ...['leds,address=0x60', 'keysa,address=0x61', 'keysb,address=0x62', 'keysc,address=0x63'].map(
      (id) => `pca9552,id=${id}`,
    ),
    ...['at24c-eeprom,address=0x50,rom-size=4096,address-size=2', 'ds1338,address=0x68'],
  ].flatMap((chip) => ['-device', `${chip},bus=i2c-bus.1`]);
  const child = spawn(
    'setpriv',
    [
      ...[
        '--pdeathsig',
        'KILL',
        'qemu-system-aarch64',
        '-M',
        'raspi3b',
        '-smp',
        '4',
        '-display',
        'none',
        '-nodefaults',
      ],
      ...[
        '-kernel',
        at('vmlinuz'),
        '-initrd',
        at('initrd.img'),
        '-dtb',
        at('tree.dtb'),
        '-append',
        `${told} ${PATIENCE} ${EXTRA}`,
      ],
      ...['-drive', `if=sd,format=raw,file=${at('card.img')}`, '-serial', 'null'],
      ...[
        '-chardev',
        `socket,id=line,path=${at('line')},server=on,wait=off,logfile=${at('console')}`,
        '-serial',
        'chardev:line',
      ],
      ...['-global', `bcm2835-fb.xres=${8 * COLUMNS}`, '-global', `bcm2835-fb.yres=${16 * ROWS}`, ...chips],
      ...['-qmp', `unix:${at('qmp')},server=on,wait=off`],
      ...['-netdev', `user,id=wire,tftp-server-name=${configurationServer}`, '-device', 'usb-net,netdev=wire'],
    ],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  const qmp = await openQmp(at('qmp'));
  return {
    console: () => readFileSync(at('console'), 'utf8'),
    type: (line) => typeOn(at('line'), line),
    async screen() {
      await qmp.ask('screendump', { filename: at('screen.ppm') });
      return cellsOf(readPixmap(at('screen.ppm')), COLUMNS, ROWS);
    },
    photograph: async (file) => void (await qmp.ask('screendump', { filename: file, format: 'png' })),
    async cut() {
      qmp.close();
      await end(child);
    },
  };
}

async function hasAdapter(pi: Pi): Promise<boolean> {
  for (const end = performance.now() + HANG_GUARD_MS; performance.now() < end; await pause(500)) {
    if (ADAPTER.found.test(pi.console())) return true;
    if (ADAPTER.missed.test(pi.console())) return false;
  }
  throw new Error(`the kernel has no network adapter:\n${pi.console().slice(-3000)}`);
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

/** The shell echoes what is typed: the mark of the end is put together by the shell alone. */
function typeOn(path: string, line: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(path, () => socket.write(`${line}; echo "__EN""D__"\n`));
    let said = '';
    const over = setTimeout(() => finish(new Error(`"${line}" has not ended: ${said.slice(-500)}`)), HANG_GUARD_MS / 3);
    function finish(error: Error | null): void {
      clearTimeout(over);
      socket.destroy();
      if (error === null) resolve(said.replaceAll('\r', '').split('__END__')[0] ?? '');
      else reject(error);
    }
    socket.on('error', finish);
    socket.on('data', (data: Buffer) => {
      said += data;
      if (said.includes('__END__')) finish(null);
    });
  });
}
