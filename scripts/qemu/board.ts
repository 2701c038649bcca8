/** Owns one emulated board with a program on it: its network, its archive, its machine, and the end of all that. */
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { QEMU_BOARD } from '../../boards/qemu/main.ts';
import type { PhoneModel } from '../../firmware/config/settings.ts';
import { copyApp } from '../image/app.ts';
import type { Machine } from './machine.ts';
import { startMachine } from './machine.ts';
import type { Network } from './network.ts';
import { openNetwork } from './network.ts';
import { archive, bootParts } from './ram-root.ts';
import type { Wires } from './wires.ts';
import { createWires } from './wires.ts';

export interface EmulatedBoard {
  readonly machine: Machine;
  readonly wires: Wires;
  readonly network: Network;
  /** When QEMU was started, ms on this machine's monotonic clock. */
  readonly startedAt: number;
}

export interface BoardOptions {
  readonly model: PhoneModel;
  /** TCP ports that the program listens on. */
  readonly ports: readonly number[];
  /** Fills the guest's `/etc/holdfast` and gives the words of the command `holdfast`. */
  readonly prepare: (network: Network, etc: string) => Promise<readonly string[]>;
}

/** What to close, the last first. */
export type Closing = (() => unknown)[];

/** Builds what is missing and boots. The program is that of `dist/`: build first. What was opened before an error is in `closing`. */
export async function startBoard({ model, ports, prepare }: BoardOptions, closing: Closing): Promise<EmulatedBoard> {
  const boot = bootParts();
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-qemu-'));
  closing.push(() => rmSync(folder, { recursive: true, force: true }));
  const network = await openNetwork(ports);
  closing.push(network.close);
  const root = join(folder, 'program');
  const etc = join(root, 'etc', 'holdfast');
  mkdirSync(etc, { recursive: true });
  const words = await prepare(network, etc);
  writeFileSync(join(etc, 'arguments'), `${words.join('\n')}\n`);
  copyApp(join(root, 'opt', 'holdfast'));
  const initrd = join(folder, 'initrd');
  archive(root, join(folder, 'program.cpio'));
  copyFileSync(boot.root, initrd);
  writeFileSync(initrd, readFileSync(join(folder, 'program.cpio')), { flag: 'a' });
  const startedAt = performance.now();
  const machine = await startMachine({ board: QEMU_BOARD, boot, initrd, network, folder });
  closing.push(machine.stop);
  return { machine, network, startedAt, wires: createWires(machine, { board: QEMU_BOARD, model, folder }) };
}

export async function closeAll(closing: Closing): Promise<void> {
  for (const close of closing.splice(0).reverse()) await close();
}
