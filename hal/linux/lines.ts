/** Owns the lines of a GPIO chip by way of onoff: the chip is found by its label, for the kernel numbers its lines as it likes. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Gpio } from 'onoff';
import type { Lines } from '../ports.ts';
import { openGpiod } from './gpiod.ts';
import { loadNative, MissingError } from './load.ts';

export const GPIO_ROOT = '/sys/class/gpio';

export async function openLines(labels: readonly string[]): Promise<Lines> {
  // Kernels without it have the character device alone.
  if (!existsSync(GPIO_ROOT)) return openGpiod(labels);
  const base = baseOf(labels);
  const { Gpio } = await loadNative('onoff', () => import('onoff').then((found) => found.default ?? found));
  return createLines(
    (line, direction) => new Gpio(base + line, direction),
    (line) => existsSync(join(GPIO_ROOT, `gpio${base + line}`, 'edge')),
  );
}

/** The number of the chip's first line. */
export function baseOf(labels: readonly string[], root: string = GPIO_ROOT): number {
  const chips = existsSync(root) ? readdirSync(root).filter((name) => name.startsWith('gpiochip')) : [];
  const read = (chip: string, file: string): string => readFileSync(join(root, chip, file), 'utf8').trim();
  const chip = chips.find((name) => labels.includes(read(name, 'label')));
  if (chip !== undefined) return Number(read(chip, 'base'));
  const seen = chips.map((name) => read(name, 'label')).join(', ');
  throw new MissingError(`no GPIO chip "${labels.join(' or ')}" under ${root} (there: ${seen === '' ? 'none' : seen})`);
}

/** Over the package's own class, so that a test can stand in for it. */
export function createLines(
  open: (line: number, direction: 'in' | 'high' | 'low') => Gpio,
  hasEdges: (line: number) => boolean,
): Lines {
  const opened: Gpio[] = [];
  const keep = (gpio: Gpio): Gpio => {
    opened.push(gpio);
    return gpio;
  };
  return {
    input(line, { edges }) {
      const gpio = keep(open(line, 'in'));
      const told = edges === 'where-told' && hasEdges(line);
      if (told) gpio.setEdge('both');
      return {
        read: () => attempt(() => gpio.readSync() === 1),
        onEdge: told ? (listener) => gpio.watch(() => listener()) : null,
      };
    },
    output(line, first) {
      const gpio = keep(open(line, first));
      return { write: (high) => attempt(() => gpio.writeSync(high ? 1 : 0)) !== null };
    },
    close() {
      for (const gpio of opened) attempt(() => gpio.unexport());
    },
  };
}

/** What the system refuses at run time is no reason to end a call. */
function attempt<Value>(act: () => Value): Value | null {
  try {
    return act();
  } catch {
    return null;
  }
}
