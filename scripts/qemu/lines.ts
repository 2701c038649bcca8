/** Owns a connection to one of QEMU's sockets, as lines of text each way. */
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';

export interface Lines {
  send(line: string): void;
  close(): void;
}

/** How long a machine that has just been started may take to make its sockets, ms. */
const PATIENCE_MS = 30_000;
const AGAIN_MS = 50;

/** `lost` is called once, when the machine is gone. */
export async function openLines(
  path: string,
  listeners: { readonly line: (line: string) => void; readonly lost: () => void },
): Promise<Lines> {
  const socket = await connected(path, performance.now() + PATIENCE_MS);
  createInterface({ input: socket }).on('line', listeners.line);
  socket.on('close', listeners.lost);
  socket.on('error', () => socket.destroy());
  return { send: (line) => void socket.write(`${line}\n`), close: () => void socket.destroy() };
}

async function connected(path: string, until: number): Promise<Socket> {
  for (;;) {
    const socket = connect(path);
    const error = await new Promise<Error | null>((resolve) => {
      socket.once('error', resolve);
      socket.once('connect', () => resolve(null));
    });
    if (error === null) return socket;
    if (performance.now() > until) throw new Error(`QEMU's socket ${path}: ${error.message}`);
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
  }
}
