/** Owns QEMU's machine protocol (QMP): one order after another, each with its answer. */
import { openLines } from './lines.ts';

export interface Qmp {
  /** Rejects with QEMU's own words where it refuses. */
  ask(execute: string, parameters?: Readonly<Record<string, unknown>>): Promise<unknown>;
  close(): void;
}

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

interface Message {
  readonly id?: number;
  readonly return?: unknown;
  readonly error?: { readonly desc: string };
}

export async function openQmp(path: string): Promise<Qmp> {
  const waiting = new Map<number, Waiting & { readonly what: string }>();
  let last = 0;
  let gone = false;
  const lines = await openLines(path, {
    line(line) {
      const message = JSON.parse(line) as Message;
      // Greetings and events bear no number.
      if (message.id === undefined) return;
      const order = waiting.get(message.id);
      waiting.delete(message.id);
      if (message.error === undefined) order?.resolve(message.return);
      else order?.reject(new Error(`QEMU refuses ${order.what}: ${message.error.desc}`));
    },
    lost() {
      gone = true;
      for (const { reject, what } of waiting.values()) reject(new Error(`QEMU ended before it answered ${what}`));
      waiting.clear();
    },
  });
  const ask: Qmp['ask'] = (execute, parameters = {}) =>
    new Promise((resolve, reject) => {
      const what = `${execute} ${JSON.stringify(parameters).slice(0, 120)}`;
      if (gone) return reject(new Error(`QEMU has ended: ${what}`));
      last += 1;
      waiting.set(last, { resolve, reject, what });
      lines.send(JSON.stringify({ execute, arguments: parameters, id: last }));
    });
  await ask('qmp_capabilities');
  return { ask, close: lines.close };
}
