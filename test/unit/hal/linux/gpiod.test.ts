/** Owns lines where the kernel has no /sys/class/gpio: the tools of libgpiod 2, stood for by programs that obey their manual and write down what they were told. */
import assert from 'node:assert/strict';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { openGpiod } from '../../../../hal/linux/gpiod.ts';
import { MissingError } from '../../../../hal/linux/load.ts';
import type { Lines } from '../../../../hal/ports.ts';

/** A guard against a hang, ms. */
const PATIENCE_MS = 60_000;

let folder = '';
let lines: Lines | null = null;

const TOOLS: Readonly<Record<string, string>> = {
  gpiodetect: 'echo "gpiochip0 [pinctrl-bcm2835] (54 lines)"; echo "gpiochip1 [raspberrypi-exp-gpio] (8 lines)"',
  // gpioget --numeric --chip CHIP LINE
  gpioget: 'echo "gpioget $*" >> "$HERE/asked"; cat "$HERE/level"',
  // gpiomon --chip CHIP --edges both --format %E LINE
  gpiomon: 'echo "gpiomon $*" >> "$HERE/asked"; exec tail -n +1 -f "$HERE/edges"',
  // gpioset --interactive --chip CHIP LINE=VALUE
  gpioset:
    'echo "gpioset $*" >> "$HERE/asked"; while read -r order; do [ "$order" = end ] && exit 1; echo "$order" >> "$HERE/asked"; done',
};

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gpiod-'));
  for (const [name, script] of Object.entries(TOOLS)) {
    await writeFile(join(folder, name), `#!/bin/sh\nHERE='${folder}'\n${script}\n`);
    await chmod(join(folder, name), 0o755);
  }
  await writeFile(join(folder, 'level'), '1\n');
  await writeFile(join(folder, 'edges'), '');
  await writeFile(join(folder, 'asked'), '');
});
afterEach(async () => {
  lines?.close();
  lines = null;
  await rm(folder, { recursive: true, force: true });
});

const path = (): string => `${folder}:${process.env['PATH'] ?? ''}`;
const open = (label = 'pinctrl-bcm2835'): Lines => {
  lines = openGpiod([label], path());
  return lines;
};
const asked = async (): Promise<readonly string[]> =>
  (await readFile(join(folder, 'asked'), 'utf8')).split('\n').filter(Boolean);

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  while (!(await holds())) {
    assert.ok(performance.now() < end, `it never came; asked: ${(await asked()).join(' | ')}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

describe('lines by the tools of libgpiod', () => {
  it('the chip is found by its label; one that is not there is named with those that are', () => {
    open();
    assert.throws(
      () => open('pinctrl-rp1'),
      new MissingError('gpiodetect tells no GPIO chip "pinctrl-rp1" (there: pinctrl-bcm2835, raspberrypi-exp-gpio)'),
    );
  });

  it('where the tools are missing one line says what to install', () => {
    assert.throws(
      () => openGpiod(['pinctrl-bcm2835'], '/nonexistent'),
      /gpiodetect cannot be run \(ENOENT\): install gpiod/,
    );
  });

  it('an input is looked at once and then watched: each edge is told, and is its level', async () => {
    const line = open().input(17, { edges: 'where-told' });
    assert.equal(line.read(), true);
    let heard = 0;
    line.onEdge?.(() => {
      heard += 1;
    });
    await writeFile(join(folder, 'edges'), 'falling\n');
    await until(() => heard === 1 && line.read() === false);
    await writeFile(join(folder, 'edges'), 'falling\nrising\n');
    await until(() => line.read() === true);
    assert.deepEqual(await asked(), [
      'gpioget --numeric --chip gpiochip0 17',
      'gpiomon --chip gpiochip0 --edges both --format %E 17',
    ]);
  });

  it('where no edges are told it is looked at again and again', async () => {
    const line = open().input(17, { edges: 'polled' });
    assert.deepEqual([line.read(), line.onEdge], [true, null]);
    await writeFile(join(folder, 'level'), '0\n');
    await until(() => line.read() === false);
    await writeFile(join(folder, 'level'), 'gpioget: error\n');
    await until(() => line.read() === null);
  });

  it('an output is held from its first level on, set by one line each, and held again with its last level where the tool ended', async () => {
    const line = open().output(27, 'low');
    await until(async () => (await asked()).length === 1);
    assert.equal(line.write(true), true);
    await until(async () => (await asked()).includes('set 27=1'));
    const dying = openGpiod(['pinctrl-bcm2835'], path());
    dying.close();
    assert.deepEqual(await asked(), ['gpioset --interactive --chip gpiochip0 27=0', 'set 27=1']);
  });

  it('a chip that goes away makes the level unknown, and is looked at and watched again', async () => {
    await writeFile(join(folder, 'gpiomon'), `#!/bin/sh\necho gone >> '${folder}/asked'\nexit 1\n`);
    const line = open().input(17, { edges: 'where-told' });
    await until(() => line.read() === null);
    await writeFile(join(folder, 'gpiomon'), '#!/bin/sh\necho rising\nexec sleep 600\n');
    await until(() => line.read() === true);
  });
});
