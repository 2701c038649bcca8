/** The wiring tables of desk-v1 are those of its data, and the data is a board that can be soldered. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { DESK_V1 } from '../../../../boards/desk-v1/board.ts';
import { KEY_NAMES, LAMP_NAMES } from '../../../../hal/devices.ts';
import { WIRING_DOC, withWiring } from '../../../../scripts/docs/wiring.ts';

const text = readFileSync(WIRING_DOC, 'utf8');

describe('boards/desk-v1/README.md', () => {
  it('has its tables as the data is: node --import tsx scripts/docs/wiring.ts', () =>
    assert.equal(withWiring(text), text));

  it('says that nobody has built it', () => assert.match(text, /designed, not yet built/));

  it('loses its markers with a word', () =>
    assert.throws(() => withWiring('nothing'), /README\.md has no markers for: keys/));
});

describe('the data of desk-v1', () => {
  it('has every key and every lamp once, no pin twice, no address twice', () => {
    assert.deepEqual(new Set(DESK_V1.keys.map(({ key }) => key)), new Set(KEY_NAMES));
    const pins = DESK_V1.keys.map(({ address, pin }) => `${address} ${pin}`);
    assert.equal(new Set(pins).size, KEY_NAMES.length);
    assert.equal(new Set(Object.values(DESK_V1.lamps.outputs)).size, LAMP_NAMES.length);
    const { lamps, keys, clock, identity, oled } = DESK_V1;
    const chips = [lamps, clock, identity, oled].map(({ address }) => address);
    const all = [...chips, ...new Set(keys.map(({ address }) => address))];
    assert.equal(new Set(all).size, all.length);
    const { hook, amplifier, ringer } = DESK_V1;
    assert.equal(new Set([2, 3, hook.line, amplifier.line, ringer.line]).size, 5);
  });
});
