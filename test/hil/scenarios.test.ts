/** Every shipped hardware-in-loop scenario on rig `virtual`: a file in `scripts/hil/scenarios` is a test here. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, it } from 'node:test';
import { HIL_SCENARIOS, runHil } from '../../scripts/hil/hil.ts';

/** They wait more than they work: several at a time. */
const TOGETHER = 3;

describe('on rig virtual', { concurrency: TOGETHER }, () => {
  const files = readdirSync(HIL_SCENARIOS).filter((name) => name.endsWith('.yaml'));
  assert.ok(files.length >= 5, 'G1 to G5 are shipped');
  for (const file of files)
    it(file, async () => {
      let out = '';
      const keep = (text: string): void => {
        out += text;
      };
      const input = new PassThrough();
      input.end();
      const code = await runHil([join(HIL_SCENARIOS, file)], { input, print: keep, complain: keep });
      assert.equal(code, 0, out);
    });
});
