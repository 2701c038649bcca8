/** The lists at the desk: redial, callers and directory, kept over a power cut, whatever the file holds. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { phoneSettings } from '../../support/settings.ts';
import { LINE } from '../call-desk.ts';
import type { KeyDesk } from '../key-desk.ts';
import { keyDesk } from '../key-desk.ts';

/** Calls the number and hangs up. */
function call(desk: KeyDesk, number: string): void {
  desk.hook('off');
  desk.key(`${number}#`);
  desk.run(1000);
  desk.hook('on');
  desk.run(1000);
}

const uris = ({ world }: KeyDesk): readonly string[] =>
  world.sent('INVITE').map(({ message }) => message.uri.replace(/@.*/, ''));

const CALLERS = {
  missed: 2,
  callers: [
    { number: '300', name: 'Ada', line: 1, at: 1_772_534_520_000, missed: true, times: 2 },
    { number: '301', name: '', line: 1, at: null, missed: false, times: 1 },
  ],
};

describe('redial', () => {
  it('pressed twice dials the last number', () => {
    const desk = keyDesk();
    call(desk, '200');
    call(desk, '201');
    desk.press('redial');
    assert.ok(desk.shows(/^> 201 .* 3 Mar 10:42/));
    assert.ok(desk.shows(/^ {2}200 /));
    desk.press('redial');
    desk.run(30);
    assert.equal(uris(desk).at(-1), 'sip:201');
    assert.equal(desk.sound().path, 'speaker');
  });

  it('an older number is chosen with the arrow and dialled by lifting the handset', () => {
    const desk = keyDesk();
    call(desk, '200');
    call(desk, '201');
    desk.press('redial', 'down', 'down', 'down');
    desk.hook('off');
    desk.run(30);
    assert.equal(uris(desk).at(-1), 'sip:200');
  });

  it('keeps nothing where it is turned off', () => {
    const settings = phoneSettings({ lines: [LINE], desk: { ...phoneSettings().desk, redialList: 'off' } });
    const desk = keyDesk(settings);
    call(desk, '200');
    desk.press('redial');
    assert.ok(desk.shows('Nothing here yet'));
    desk.press('redial');
    assert.equal(desk.sound().tone, 'dial');
  });

  it('outlives a power cut', () => {
    const before = keyDesk();
    call(before, '200');
    const desk = keyDesk(undefined, before.world.stored);
    desk.press('redial');
    assert.ok(desk.shows(/^> 200 /));
  });
});

describe('the callers list', () => {
  it('counts the missed calls on the idle screen until it is looked at', () => {
    const desk = keyDesk(undefined, { lists: CALLERS });
    assert.ok(desk.shows('2 missed calls'));
    desk.press('softkey2');
    assert.ok(desk.shows(/^>!Ada \(2\) +300 +3 Mar 10:42/));
    desk.press('goodbye');
    assert.ok(!desk.shows('missed'));
    assert.equal((desk.world.stored['lists'] as { readonly missed: number }).missed, 0);
  });

  it('an entry is called back', () => {
    const desk = keyDesk(undefined, { lists: CALLERS });
    desk.press('softkey2', 'down', 'softkey1');
    desk.run(30);
    assert.deepEqual(uris(desk), ['sip:301']);
  });

  it('an entry is saved in the directory, and found there', () => {
    const desk = keyDesk(undefined, { lists: CALLERS });
    desk.press('softkey2', 'softkey2');
    assert.ok(desk.shows('Saved in the directory'));
    desk.press('goodbye', 'softkey1');
    assert.ok(desk.shows(/^> Ada +300/));
  });

  it('one entry is deleted, or all of them by pressing twice', () => {
    const desk = keyDesk(undefined, { lists: CALLERS });
    desk.press('softkey2', 'softkey3');
    assert.ok(!desk.shows('Ada'));
    assert.ok(desk.shows(/^> 301/));
    desk.press('softkey4');
    assert.ok(desk.shows('Press again'));
    assert.ok(desk.shows('301'));
    desk.press('down', 'softkey4');
    assert.ok(desk.shows('301'), 'another key in between: asked again');
    desk.press('softkey4');
    assert.ok(desk.shows('Nothing here yet'));
    assert.deepEqual((desk.world.stored['lists'] as { readonly callers: unknown }).callers, []);
  });
});

it('a stored file that makes no sense is an empty list, and the phone works', () => {
  for (const lists of [null, 7, 'x', [], { redial: 'x', callers: [[]], directory: [{ number: '2\r\nX: y' }] }]) {
    const desk = keyDesk(undefined, { lists });
    desk.press('redial');
    assert.ok(desk.shows('Nothing here yet'));
    call(desk, '200');
    assert.deepEqual(uris(desk), ['sip:200']);
  }
});

it('on the small screen an entry stands alone, with its place in the list', () => {
  const keys = [{ name: 'prgkey4', type: 'callers', label: '', value: '', line: 1 }] as const;
  const settings = phoneSettings({ lines: [LINE], model: '53i', keys });
  const desk = keyDesk(settings, { lists: CALLERS });
  assert.ok(desk.shows('2 missed calls'));
  desk.press('softkey4');
  assert.deepEqual(desk.screen(), ['!Ada           1', '300', '3 Mar 10:42']);
  desk.press('down');
  assert.deepEqual(desk.screen(), ['301            2']);
});

describe('do not disturb and forwards', () => {
  it('are set at the desk and by command, and outlive a power cut', () => {
    const before = keyDesk();
    before.press('softkey3');
    before.world.input({ kind: 'command', id: '1', command: { verb: 'forward', when: 'busy', to: '300' } });
    const desk = keyDesk(undefined, before.world.stored);
    assert.ok(desk.shows('Do not disturb'));
    assert.ok(desk.shows('Busy forwarded to 300'));
    assert.equal(desk.lamp('softkey3'), 'on');
    desk.press('softkey3');
    assert.equal(desk.lamp('softkey3'), 'off');
  });

  it('a forward to what cannot be called is refused, and the person told', () => {
    const desk = keyDesk();
    desk.world.input({ kind: 'command', id: '1', command: { verb: 'forward', when: 'all', to: 'sip:' } });
    assert.equal(desk.world.eventsOf('result').at(-1)?.ok, false);
    assert.ok(!desk.shows('forwarded'));
  });
});
