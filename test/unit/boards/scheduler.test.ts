/** Owns real time as drivers have it: what is due in the past is due now, and a timer that is taken back never fires. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { realScheduler, startScheduler } from '../../../boards/scheduler.ts';

describe('real time', () => {
  it('what was due a moment ago comes at once, without a warning', async (t) => {
    const warnings: Error[] = [];
    const note = (warning: Error): void => void warnings.push(warning);
    process.on('warning', note);
    t.after(() => process.off('warning', note));
    await new Promise<void>((resolve) => startScheduler.after(-123.4, resolve));
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(warnings, []);
  });

  it('what is taken back never comes', async () => {
    const came: string[] = [];
    realScheduler.after(0, () => came.push('kept'));
    realScheduler.after(0, () => came.push('taken back'))();
    await new Promise<void>((resolve) => startScheduler.after(5, resolve));
    assert.deepEqual(came, ['kept']);
  });
});
