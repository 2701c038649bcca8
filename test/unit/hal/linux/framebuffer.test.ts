/** Owns how a frame buffer is opened: its shape is the kernel's word, and one that is too small is refused in one line. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { openFramebuffer } from '../../../../hal/linux/framebuffer.ts';
import { MissingError } from '../../../../hal/linux/load.ts';

const root = await mkdtemp(join(tmpdir(), 'fb-'));
after(() => rm(root, { recursive: true, force: true }));

async function screen(name: string, size: string, stride: number, bits: number): Promise<string> {
  await mkdir(join(root, name));
  for (const [file, text] of [
    ['virtual_size', size],
    ['stride', `${stride}`],
    ['bits_per_pixel', `${bits}`],
  ] as const)
    await writeFile(join(root, name, file), `${text}\n`);
  const device = join(root, `dev-${name}`);
  await mkdir(device);
  await writeFile(join(device, name), Buffer.alloc(64));
  return join(device, name);
}

const NEEDED = { width: 480, height: 320 };

describe('a frame buffer of Linux', () => {
  it('has the shape that the kernel tells, and is written where it was said', async () => {
    const path = await screen('fb0', '480,320', 960, 16);
    const memory = openFramebuffer(path, NEEDED, root);
    assert.deepEqual([memory.stride, memory.bitsPerPixel], [960, 16]);
    memory.write(4, Uint8Array.of(1, 2, 3));
    assert.deepEqual([...(await readFile(path)).subarray(0, 8)], [0, 0, 0, 0, 1, 2, 3, 0]);
    memory.close();
    // Gone while the phone runs: no reason to end a call.
    memory.write(0, Uint8Array.of(1));
  });

  it('that is too small, of another depth or not there is refused in one line', async () => {
    const small = await screen('fb1', '320,240', 640, 16);
    const deep = await screen('fb2', '480,320', 480, 8);
    for (const [path, reason] of [
      [small, /fb1 is 320 by 240 at 16 bits; 480 by 320/],
      [deep, /fb2 is 480 by 320 at 8 bits/],
      [join(root, 'fb9'), /fb9 cannot be opened \(ENOENT\)/],
    ] as const)
      assert.throws(
        () => openFramebuffer(path, NEEDED, root),
        (error) => error instanceof MissingError && reason.test(error.message),
      );
  });
});
