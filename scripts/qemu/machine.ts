/** Owns the QEMU process of one emulated board: its chips by the board's data, its sockets, its console, its end. */
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BoardData } from '../../boards/board.ts';
import type { Network } from './network.ts';
import type { Qmp } from './qmp.ts';
import { openQmp } from './qmp.ts';
import type { Qtest } from './qtest.ts';
import { openQtest } from './qtest.ts';
import type { Boot } from './ram-root.ts';

export interface MachineOptions {
  readonly board: BoardData;
  readonly boot: Boot;
  /** The kernel's further archive: root and phone in one file. */
  readonly initrd: string;
  readonly network: Network;
  /** For sockets, console and screen. */
  readonly folder: string;
}

export interface Machine {
  readonly qmp: Qmp;
  readonly qtest: Qtest;
  /** What the console printed so far. */
  console(): string;
  /** Why it ended, null = it runs. */
  over(): string | null;
  stop(): Promise<void>;
}

const PROGRAM = 'qemu-system-aarch64';
const STOP_PATIENCE_MS = 5000;

export async function startMachine(options: MachineOptions): Promise<Machine> {
  const { folder } = options;
  // The guest ends with us, however we end.
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', PROGRAM, ...argumentsOf(options)], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  let over: string | null = null;
  child.stderr.on('data', (data: Buffer) => {
    said = `${said}${data}`.slice(-2000);
  });
  child.once('error', (error) => {
    over = error.message;
  });
  child.once('exit', (code, signal) => {
    over = `${PROGRAM} ended (${signal ?? code}): ${said.trim()}`;
  });
  try {
    const ended = once(child, 'exit').then(() => Promise.reject(new Error(over ?? said)));
    ended.catch(() => undefined);
    const [qmp, qtest] = await Promise.race([
      Promise.all([openQmp(join(folder, 'qmp')), openQtest(join(folder, 'qtest'))]),
      ended,
    ]);
    return {
      qmp,
      qtest,
      console: () => readFileSync(join(folder, 'console'), 'utf8'),
      over: () => over,
      async stop() {
        qmp.close();
        qtest.close();
        await end(child);
      },
    };
  } catch (error) {
    await end(child);
    throw new Error(over ?? (error as Error).message);
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), STOP_PATIENCE_MS);
  await once(child, 'exit');
  clearTimeout(late);
}

/** The small screen's name in QEMU. */
export const OLED = 'oled';

/** The name of a chip in QEMU. */
export const chipId = (address: number): string => `chip${address.toString(16)}`;

function argumentsOf({ board, boot, initrd, network, folder }: MachineOptions): readonly string[] {
  const { columns, rows } = board.framebuffer;
  const chips = [board.lamps.address, ...new Set(board.keys.map(({ address }) => address))];
  const socket = (name: string): string => `unix:${join(folder, name)},server=on,wait=off`;
  const bus = `i2c-bus.${board.i2cBus}`;
  const kernelLine = [
    'console=ttyS1,115200',
    'quiet',
    'panic=-1',
    // The screen is the phone's: no console of the kernel draws its cursor into the first cell.
    'fbcon=map:9',
    'vt.global_cursor_default=0',
    `holdfast.address=${network.guest}/${network.prefix}`,
    `holdfast.gateway=${network.host}`,
  ].join(' ');
  return [
    ...['-M', 'raspi3b', '-smp', '4', '-nodefaults', '-no-reboot', '-display', 'none'],
    ...['-kernel', boot.kernel, '-dtb', boot.deviceTree, '-initrd', initrd, '-append', kernelLine],
    ...['-global', `bcm2835-fb.xres=${columns * 8}`, '-global', `bcm2835-fb.yres=${rows * 16}`],
    // The console is the second serial line of the machine.
    ...['-serial', 'null', '-serial', `file:${join(folder, 'console')}`],
    ...['-qmp', socket('qmp'), '-qtest', socket('qtest'), '-qtest-log', '/dev/null'],
    ...chips.flatMap((address) => ['-device', `pca9552,id=${chipId(address)},bus=${bus},address=${address}`]),
    ...['-device', `ssd0303,id=${OLED},bus=${bus},address=${board.oled.address}`],
    ...['-device', `ds1338,id=clock,bus=${bus},address=${board.clock.address}`],
    ...[
      '-device',
      `at24c-eeprom,id=identity,bus=${bus},address=${board.identity.address},rom-size=4096,address-size=2`,
    ],
    ...network.arguments,
  ];
}
