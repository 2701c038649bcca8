/** Owns one emulated board whose drivers are ordered from here (`holdfast drive` in the guest), with its contacts and lamps in our hands. */
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import type { DriveOrder } from '../../boards/drive.ts';
import type { PhoneModel } from '../../firmware/config/settings.ts';
import type { Devices, Display, HookState, HookSwitch, KeyEdge, Keypad, Lamps } from '../../hal/devices.ts';
import type { Closing, EmulatedBoard } from './board.ts';
import { closeAll, startBoard } from './board.ts';

export interface Driven extends EmulatedBoard {
  readonly devices: Required<Pick<Devices, 'keypad' | 'hook' | 'lamps' | 'display'>>;
  readonly order: (order: DriveOrder) => void;
  /** Returns after so many ms of the guest's short waits; what its drivers told until then has been told here. */
  pass(ms: number): Promise<void>;
  /** Nobody who listened before is told any more. */
  forget(): void;
  stop(): Promise<void>;
}

/** As in `boards/qemu/init.sh`. */
const DRIVE_PORT = 5001;
/** A guard against a guest that hangs, ms. */
const PATIENCE_MS = 900_000;
const AGAIN_MS = 500;

interface Told extends Partial<KeyEdge> {
  readonly ready?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  readonly hook?: HookState;
  readonly waited?: number;
  readonly error?: string;
}

export async function startDrivenBoard(model: PhoneModel = '57i'): Promise<Driven> {
  const closing: Closing = [];
  try {
    const board = await startBoard(
      { model, ports: [DRIVE_PORT], prepare: () => Promise.resolve(['drive', '--board', 'qemu', '--model', model]) },
      closing,
    );
    const link = await openLink(board, closing);
    return { ...board, ...link, stop: () => closeAll(closing) };
  } catch (error) {
    await closeAll(closing);
    throw error;
  }
}

async function openLink(board: EmulatedBoard, closing: Closing): Promise<Omit<Driven, keyof EmulatedBoard | 'stop'>> {
  const { socket, ready } = await greeted(board);
  closing.push(() => socket.destroy());
  const keyListeners = new Set<(edge: KeyEdge) => void>();
  const hookListeners = new Set<(state: HookState) => void>();
  const waiting: (() => void)[] = [];
  let error: string | null = null;
  const order = (item: DriveOrder): void => void socket.write(`${JSON.stringify(item)}\n`);
  createInterface({ input: socket }).on('line', (line) => {
    const told = JSON.parse(line) as Told;
    const { key, edge, hook } = told;
    if (key !== undefined && edge !== undefined) for (const listener of keyListeners) listener({ key, edge });
    if (hook !== undefined) for (const listener of hookListeners) listener(hook);
    if (told.waited !== undefined) waiting.shift()?.();
    error ??= told.error ?? null;
  });
  const keypad: Keypad = { onKey: (listener) => void keyListeners.add(listener) };
  const hook: HookSwitch = { onHook: (listener) => void hookListeners.add(listener) };
  const lamps: Lamps = { set: (lamp, state) => order({ lamp, state }) };
  const { columns = 0, rows = 0 } = ready;
  const display: Display = { columns, rows, show: (frame) => order({ show: frame.rows }) };
  return {
    devices: { keypad, hook, lamps, display },
    order,
    async pass(ms) {
      order({ wait: ms });
      await new Promise<void>((resolve) => waiting.push(resolve));
      if (error !== null) throw new Error(`the guest: ${error}`);
    },
    forget() {
      keyListeners.clear();
      hookListeners.clear();
    },
  };
}

/** The guest's first line: until it boots, connections are refused, or end before they said anything. */
async function greeted({
  machine,
  network,
}: EmulatedBoard): Promise<{ readonly socket: Socket; readonly ready: Told }> {
  const [host = '', port = ''] = network.reach(DRIVE_PORT).split(':');
  const end = performance.now() + PATIENCE_MS;
  while (performance.now() < end && machine.over() === null) {
    const socket = connect(Number(port), host);
    const line = await new Promise<string | null>((resolve) => {
      socket.once('error', () => resolve(null));
      socket.once('close', () => resolve(null));
      socket.once('data', (data) => resolve(String(data)));
    });
    if (line?.startsWith('{') === true) return { socket, ready: JSON.parse(line.split('\n')[0] ?? '') as Told };
    socket.destroy();
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
  }
  throw new Error(
    `no drivers at ${host}:${port}: ${machine.over() ?? 'the guest boots for ever'}\n${machine.console().slice(-1500)}`,
  );
}
