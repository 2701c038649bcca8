/** Any keys in any order, handset and servers included: the desk never contradicts itself, and nobody is left ringing or off-hook. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { KEY_NAMES } from '../../../hal/devices.ts';
import { phoneSettings } from '../../support/settings.ts';
import { LINE } from '../call-desk.ts';
import { ANSWERS, RINGS } from '../call-peer.ts';
import type { KeyDesk } from '../key-desk.ts';
import { keyDesk } from '../key-desk.ts';

type Deed = (desk: KeyDesk) => void;

const deeds: fc.Arbitrary<{ readonly name: string; readonly run: Deed }> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.constantFrom(...KEY_NAMES).map((key) => ({ name: key, run: (desk: KeyDesk) => desk.press(key) })),
  },
  {
    weight: 3,
    arbitrary: fc
      .constantFrom('200#', '9')
      .map((number) => ({ name: number, run: (desk: KeyDesk) => desk.key(number) })),
  },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom('on', 'off')
      .map((state) => ({ name: `hook ${state}`, run: (desk: KeyDesk) => desk.hook(state) })),
  },
  {
    weight: 4,
    arbitrary: fc
      .constantFrom(10, 100, 1000, 6000)
      .map((ms) => ({ name: `${ms} ms`, run: (desk: KeyDesk) => desk.run(ms) })),
  },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom('answers', 'rings', 'busy', 'silent', 'well', 'hangs up')
      .map((name) => ({ name, run: (desk: KeyDesk) => fault(desk, name) })),
  },
);

function fault({ primary }: KeyDesk, name: string): void {
  switch (name) {
    case 'answers':
      primary.script = ANSWERS;
      return;
    case 'rings':
      primary.script = RINGS;
      return;
    case 'busy':
      primary.script = [[5, 486]];
      return;
    case 'silent':
      primary.fault = 'silent';
      return;
    case 'well':
      primary.fault = 'none';
      return;
    default:
      if (primary.callees.at(-1)?.state === 'talking') primary.hangUp();
  }
}

/** What must hold after each deed. */
function sound(desk: KeyDesk): void {
  const { path, tone, ring, volume } = desk.sound();
  if (path === 'off') assert.equal(tone, null, 'a tone that nobody hears');
  else assert.equal(ring, 'off', 'a ring into the ear');
  assert.ok(path !== 'speaker' || !desk.shows(/^Dir +Calls/), 'an open loudspeaker with nothing on it');
  assert.ok(volume >= 0 && volume <= 10);
  assert.equal(desk.lamp('speaker') === 'on', path === 'speaker');
  const lit = desk.world.lcd;
  assert.equal(lit.length, 20);
  assert.ok(lit.every((row) => row.length === 60));
}

it('holds after every key', () => {
  fc.assert(
    fc.property(fc.array(deeds, { minLength: 5, maxLength: 60 }), (all) => {
      const desk = keyDesk(phoneSettings({ lines: [LINE] }));
      for (const { run } of all) {
        run(desk);
        sound(desk);
      }
      leave(desk);
      assert.equal(desk.sound().path, 'off');
      assert.ok(desk.shows(/^Dir +Calls/), desk.screen().join('\n'));
      for (const name of ['line1', 'line2', 'line3', 'line4', 'hold', 'mute', 'speaker'] as const)
        assert.equal(desk.lamp(name), 'off', name);
      // Whom a silent server kept from hearing the BYE nobody can tell any more.
      const heard = all.every(({ name }) => name !== 'silent');
      if (heard) assert.deepEqual([desk.primary.busy, desk.backup.busy], [0, 0]);
    }),
    { numRuns: 150 },
  );
});

/** The handset laid down, and goodbye until nothing is left. */
function leave(desk: KeyDesk): void {
  desk.primary.fault = 'none';
  desk.hook('off');
  desk.hook('on');
  for (let press = 0; press < 25; press += 1) {
    desk.press('goodbye');
    desk.run(10_000);
  }
  desk.run(60_000);
}
