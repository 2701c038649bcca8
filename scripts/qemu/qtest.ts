/** Owns QEMU's test protocol (qtest), which reaches registers and pins from outside: one order after another, each with its answer. */
import { openLines } from './lines.ts';

export interface Qtest {
  /** The answer without its `OK`. */
  ask(order: string): Promise<string>;
  close(): void;
}

export async function openQtest(path: string): Promise<Qtest> {
  const waiting: {
    readonly order: string;
    readonly resolve: (text: string) => void;
    readonly reject: (e: Error) => void;
  }[] = [];
  let gone = false;
  const lines = await openLines(path, {
    line(line) {
      // Interrupts that were asked for come between the answers.
      if (line.startsWith('IRQ ')) return;
      const first = waiting.shift();
      if (line.startsWith('OK')) first?.resolve(line.slice(2).trim());
      else first?.reject(new Error(`qtest refuses "${first.order}": ${line}`));
    },
    lost() {
      gone = true;
      for (const { order, reject } of waiting.splice(0)) reject(new Error(`QEMU ended before it answered "${order}"`));
    },
  });
  return {
    ask: (order) =>
      new Promise((resolve, reject) => {
        if (gone) return reject(new Error(`QEMU has ended: "${order}"`));
        waiting.push({ order, resolve, reject });
        lines.send(order);
      }),
    close: lines.close,
  };
}
