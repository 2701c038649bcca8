/**
 * Owns `holdfast drive`: a board's drivers by themselves, without a phone, ordered by lines on standard input and telling by lines on
 * standard output. Whoever holds the contacts and looks at the lamps from outside tests the board with it (test/contract).
 */
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { parseArgs } from 'node:util';
import type { RunArgs } from '../firmware/shell/args.ts';
import type { LampName, LampState } from '../hal/devices.ts';
import { LAMP_NAMES } from '../hal/devices.ts';
import type { Panel } from './compose.ts';
import { openPanel } from './panels.ts';

/** One line of JSON each. `wait` is answered by `waited` after so many ms of short waits and the polls of the keys that belong into them, and after all that was told before it. */
export type DriveOrder =
  | { readonly lamp: LampName; readonly state: LampState }
  | { readonly show: readonly string[] }
  | { readonly sound: 'ring' | 'speaker' | 'off' }
  | { readonly wait: number };

const USAGE = 'holdfast drive --board virtual|desk-v1|qemu [--model 57i|53i]';
const STATES: readonly string[] = ['off', 'on', 'slow-flash', 'fast-flash'] satisfies LampState[];
/** Many short waits: on a machine that stalls, the drivers' polls come between them all the same. */
const TICK_MS = 10;
const POLL_MS = 20;
/** A chip that is lost is waited for so long, ms. */
const BUS_PATIENCE_MS = 30_000;

export async function runDrive(args: readonly string[], input: Readable = process.stdin): Promise<number> {
  const read = readArgs(args);
  if (read === null) return refuse(USAGE);
  const opened = await openPanel(read);
  if (!opened.ok) return refuse(opened.error);
  if (opened.value === null) return refuse(USAGE);
  await drive(opened.value, input, process.stdout);
  opened.value.stop();
  return 0;
}

type Read = Pick<RunArgs, 'board' | 'model'>;

function readArgs(args: readonly string[]): Read | null {
  try {
    const options = { board: { type: 'string' }, model: { type: 'string', default: '57i' } } as const;
    const { board, model } = parseArgs({ args: [...args], options }).values;
    if (board !== 'virtual' && board !== 'desk-v1' && board !== 'qemu') return null;
    return model === '57i' || model === '53i' ? { board, model } : null;
  } catch {
    return null;
  }
}

function refuse(message: string): number {
  process.stderr.write(`holdfast drive: ${message}\n`);
  return 2;
}

/** Until the input ends. */
export async function drive({ devices, onTrouble, readings }: Panel, input: Readable, output: Writable): Promise<void> {
  const tell = (item: object): void => void output.write(`${JSON.stringify(item)}\n`);
  onTrouble((part, trouble) => tell({ part, trouble }));
  devices.keypad?.onKey(tell);
  devices.hook?.onHook((hook) => tell({ hook }));
  tell({ ready: true, columns: devices.display?.columns, rows: devices.display?.rows });
  const lines = createInterface({ input });
  lines.on('line', (line) => {
    const order = readOrder(line);
    if (order === null) return tell({ error: `not an order: ${line.slice(0, 80)}` });
    if ('lamp' in order) devices.lamps?.set(order.lamp, order.state);
    else if ('show' in order) devices.display?.show({ columns: devices.display.columns, rows: order.show });
    else if ('sound' in order) soundOf(devices, order.sound);
    else void passed(order.wait, readings).then(() => tell({ waited: order.wait }));
  });
  await new Promise<void>((resolve) => lines.once('close', resolve));
}

const soundOf = ({ sound }: Panel['devices'], what: 'ring' | 'speaker' | 'off'): void =>
  sound?.set({
    path: what === 'speaker' ? 'speaker' : 'off',
    tone: null,
    ring: what === 'ring' ? 'on' : 'off',
    microphone: 'muted',
    volume: 5,
  });

/** On a machine that stalls, timers may run while the bus stands still: as many polls pass as fit into the time, or much more of it. */
async function passed(ms: number, readings: () => number): Promise<void> {
  const enough = readings() + Math.ceil(ms / POLL_MS);
  for (let done = 0; done < ms || (readings() < enough && done < BUS_PATIENCE_MS); done += TICK_MS)
    await new Promise((resolve) => setTimeout(resolve, TICK_MS));
}

function readOrder(line: string): DriveOrder | null {
  let read: unknown;
  try {
    read = JSON.parse(line);
  } catch {
    return null;
  }
  const { lamp, state, show, sound, wait } = (read ?? {}) as Readonly<Record<string, unknown>>;
  if ((LAMP_NAMES as readonly unknown[]).includes(lamp) && STATES.includes(String(state)))
    return { lamp: lamp as LampName, state: state as LampState };
  if (Array.isArray(show) && show.every((row) => typeof row === 'string')) return { show };
  if (sound === 'ring' || sound === 'speaker' || sound === 'off') return { sound };
  return typeof wait === 'number' && wait >= 0 && wait <= 60_000 ? { wait } : null;
}
