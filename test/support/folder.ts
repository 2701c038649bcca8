/** Owns folders of one test on the disk: made fresh, gone afterwards. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'node:test';

/** Call it once at the top of a test file; each call of what it returns makes a folder. */
export function folders(): () => Promise<string> {
  const made: string[] = [];
  afterEach(async () => {
    for (const path of made.splice(0)) {
      // A phone that is being stopped may still be writing its last state.
      await rm(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 20 });
    }
  });
  return async () => {
    const path = await mkdtemp(join(tmpdir(), 'holdfast-test-'));
    made.push(path);
    return path;
  };
}
