/** The page on porting shows a whole driver: the very file that the contract runs, in under 100 lines. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { it } from 'node:test';

const read = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');

it('the driver of docs/porting-a-board.md is hal/drivers/hd44780.ts, and it has fewer than 100 lines', () => {
  const [, shown = ''] = /```ts\n([\s\S]*?)```/.exec(read('docs/porting-a-board.md')) ?? [];
  assert.equal(shown, read('hal/drivers/hd44780.ts'));
  assert.ok(shown.trimEnd().split('\n').length < 100);
});
