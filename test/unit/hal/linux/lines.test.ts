/** Owns how a GPIO chip is found by its label, and what a line does when the system refuses it. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { Gpio } from 'onoff';
import { baseOf, createLines } from '../../../../hal/linux/lines.ts';
import { MissingError } from '../../../../hal/linux/load.ts';

const root = await mkdtemp(join(tmpdir(), 'gpio-'));
after(() => rm(root, { recursive: true, force: true }));
for (const [chip, label, base] of [
  ['gpiochip512', 'pinctrl-bcm2835', '512'],
  ['gpiochip566', 'raspberrypi-exp-gpio', '566'],
] as const) {
  await mkdir(join(root, chip));
  await writeFile(join(root, chip, 'label'), `${label}\n`);
  await writeFile(join(root, chip, 'base'), `${base}\n`);
}

/** Stands for onoff's class: a level, the edges that were asked for, and a system that may refuse. */
function gpio(level: 0 | 1) {
  const state = { level, edge: 'none', refuses: false, watcher: (): void => undefined };
  const refuse = (): void => {
    if (state.refuses) throw Object.assign(new Error('EIO'), { code: 'EIO' });
  };
  const stand = {
    readSync() {
      refuse();
      return state.level;
    },
    writeSync(value: 0 | 1) {
      refuse();
      state.level = value;
    },
    setEdge(edge: string) {
      state.edge = edge;
    },
    watch(listener: () => void) {
      state.watcher = listener;
    },
    unexport: refuse,
  };
  return { state, stand: stand as unknown as Gpio };
}

describe('lines of Linux', () => {
  it('a chip is found by its label, for its first number differs from kernel to kernel', () => {
    assert.equal(baseOf(['pinctrl-bcm2835'], root), 512);
    assert.equal(baseOf(['pinctrl-bcm2711', 'raspberrypi-exp-gpio'], root), 566);
  });

  it('a chip that is not there is named, with those that are', () => {
    assert.throws(
      () => baseOf(['pinctrl-rp1'], root),
      new MissingError(`no GPIO chip "pinctrl-rp1" under ${root} (there: pinctrl-bcm2835, raspberrypi-exp-gpio)`),
    );
    assert.throws(() => baseOf(['pinctrl-rp1'], join(root, 'nothing')), /there: none/);
  });

  it('edges are used where the kernel has them and the board wants them, and polled otherwise', () => {
    for (const [has, edges, told] of [
      [true, 'where-told', true],
      [false, 'where-told', false],
      [true, 'polled', false],
    ] as const) {
      const { state, stand } = gpio(1);
      const line = createLines(
        () => stand,
        () => has,
      ).input(17, { edges });
      assert.equal(line.read(), true);
      assert.equal(line.onEdge !== null, told);
      assert.equal(state.edge, told ? 'both' : 'none');
      let heard = 0;
      line.onEdge?.(() => {
        heard += 1;
      });
      state.watcher();
      assert.equal(heard, told ? 1 : 0);
    }
  });

  it('an output begins at its first level, and what the system refuses is told and not thrown', () => {
    const { state, stand } = gpio(0);
    const asked: string[] = [];
    const lines = createLines(
      (line, direction) => {
        asked.push(`${line} ${direction}`);
        return stand;
      },
      () => false,
    );
    const output = lines.output(27, 'low');
    assert.deepEqual(asked, ['27 low']);
    assert.equal(output.write(true), true);
    assert.equal(state.level, 1);
    state.refuses = true;
    assert.equal(output.write(false), false);
    assert.equal(lines.input(17, { edges: 'polled' }).read(), null);
    lines.close();
  });
});
