/** A power cut at every step of a write: whoever starts next finds the whole old file or the whole new one (files.ts on a disk that forgets). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Disk } from '../../../../firmware/shell/files.ts';
import { writeWholeOn } from '../../../../firmware/shell/files.ts';

const PATH = '/state/server.cfg';
const OLD = 'old\n'.repeat(50);
const NEW = 'new\n'.repeat(80);

class PowerCut extends Error {}

/** Octets reach the platter when they are synced, names when their folder is; before that any part of them may have. */
class ForgetfulDisk {
  /** What a program sees, and what a power cut leaves of it. */
  readonly files = new Map<string, { text: string; synced: string }>([[PATH, { text: OLD, synced: OLD }]]);
  readonly names = new Map<string, string>([[PATH, PATH]]);
  steps = 0;
  private readonly cutAt: number;

  constructor(cutAt: number) {
    this.cutAt = cutAt;
  }

  private step(): void {
    this.steps += 1;
    if (this.steps > this.cutAt) throw new PowerCut();
  }

  readonly disk: Disk = {
    mkdir: async () => this.step(),
    create: async (path) => {
      this.step();
      const file = { text: '', synced: '' };
      this.files.set(path, file);
      return {
        write: async (text) => {
          // Half of it is in the cache of the disk when the power goes.
          file.text = text.slice(0, text.length / 2);
          this.step();
          file.text = text;
        },
        sync: async () => {
          file.synced = file.text.slice(0, file.text.length / 2);
          this.step();
          file.synced = file.text;
        },
        close: async () => undefined,
      };
    },
    rename: async (from, to) => {
      this.step();
      const moved = this.files.get(from) ?? assert.fail('nothing to rename');
      this.files.delete(from);
      this.files.set(to, moved);
    },
    remove: async (path) => {
      this.step();
      this.files.delete(path);
    },
    syncFolder: async () => this.step(),
  };

  /** The next start may find the name as it is, or, until its folder is synced, as it was. */
  afterCut(): readonly string[] {
    const now = this.files.get(PATH)?.synced ?? '';
    return [now, OLD];
  }
}

describe('a power cut', () => {
  it('at any step leaves the old file or the new one, whole', async () => {
    let whole = 0;
    for (let cutAt = 0; cutAt < 20; cutAt += 1) {
      const at = new ForgetfulDisk(cutAt);
      const done = await writeWholeOn(at.disk, PATH, NEW).then(
        () => true,
        (error: unknown) => {
          assert.ok(error instanceof PowerCut);
          return false;
        },
      );
      for (const found of at.afterCut())
        assert.ok(found === OLD || found === NEW, `cut at ${cutAt}: ${found.length} characters`);
      if (!done) continue;
      whole += 1;
      assert.equal(at.afterCut()[0], NEW);
    }
    assert.ok(whole > 0 && whole < 20, 'some writes were cut and some ended');
  });

  it('shows a writer that does not sync: the disk can tell the difference', async () => {
    const hasty = async (at: ForgetfulDisk): Promise<void> => {
      const file = await at.disk.create(`${PATH}.x`);
      await file.write(NEW);
      await at.disk.rename(`${PATH}.x`, PATH);
    };
    const at = new ForgetfulDisk(20);
    await hasty(at);
    assert.equal(at.afterCut()[0], '');
  });
});
