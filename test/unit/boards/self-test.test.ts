/** The self-test of a board: a person tries it key by key, the phone goes on unseen, and stands there again afterwards. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BEGIN_HELD_MS, FORGOTTEN_MS, ORDER_HELD_MS, withSelfTest } from '../../../boards/self-test.ts';
import type { HookState, KeyEdge, KeyName, LampName, LampState } from '../../../hal/devices.ts';
import { KEY_NAMES, LAMP_NAMES } from '../../../hal/devices.ts';
import { REPEAT } from '../../../hal/drivers/repeat.ts';
import { VirtualScheduler } from '../../support/virtual-scheduler.ts';
import { deskWorld } from './desk-world.ts';

function bench(size = { columns: 60, rows: 20 }, first: HookState = 'on') {
  const scheduler = new VirtualScheduler();
  let edge: (event: KeyEdge) => void = () => undefined;
  let lift: (state: HookState) => void = () => undefined;
  const lamps = new Map<LampName, LampState>();
  let shown: readonly string[] = [];
  let turned = 0;
  const parts = withSelfTest({
    devices: {
      keypad: {
        onKey(listener) {
          edge = listener;
        },
      },
      hook: {
        onHook(listener) {
          lift = listener;
        },
      },
      lamps: { set: (lamp, state) => void lamps.set(lamp, state) },
      display: {
        ...size,
        show({ rows }) {
          shown = rows;
        },
      },
    },
    ...{ scheduler, first },
    turnHook: () => {
      turned += 1;
      return Promise.resolve('Kept in the EEPROM.');
    },
  });
  const heard: string[] = [];
  parts.keypad.onKey((event) => heard.push(`${event.key} ${event.edge}`));
  parts.hook.onHook((state) => heard.push(`hook ${state}`));
  const hold = (key: KeyName, ms: number): void => {
    edge({ key, edge: 'down' });
    scheduler.pass(ms);
    edge({ key, edge: 'up' });
  };
  return {
    ...{ scheduler, parts, heard, hold, lamps },
    edge: (key: KeyName, what: 'down' | 'up') => edge({ key, edge: what }),
    lift: (state: HookState) => lift(state),
    begin: () => hold('options', BEGIN_HELD_MS + 1),
    screen: () => shown.map((row) => row.trimEnd()).filter((row) => row !== ''),
    shows: (text: string) => shown.some((row) => row.includes(text)),
    turned: () => turned,
    lit: () => [...lamps].filter(([, state]) => state !== 'off').map(([lamp, state]) => `${lamp} ${state}`),
  };
}

describe('the self-test', () => {
  it('begins where Options is held for five seconds, and not before', () => {
    const { hold, shows, heard, parts, begin } = bench();
    parts.display.show({ columns: 60, rows: ['idle'] });
    hold('options', BEGIN_HELD_MS - 10);
    assert.ok(shows('idle'));
    begin();
    assert.ok(shows('Self-test: keys'));
    // The phone saw the key go down, so it sees it come up.
    assert.deepEqual(heard, ['options down', 'options up', 'options down', 'options up']);
  });

  it('counts every key, names those that are down, and keeps them from the phone', () => {
    const { begin, edge, shows, heard, lit } = bench();
    begin();
    const before = heard.length;
    edge('line1', 'down');
    edge('5', 'down');
    assert.ok(shows('[line1]') && shows('[5]'));
    assert.deepEqual(lit(), ['line1 on', 'backlight on']);
    edge('line1', 'up');
    edge('5', 'up');
    assert.ok(shows('line1 *') && shows('3 of 34 keys'));
    for (const key of KEY_NAMES) {
      edge(key, 'down');
      edge(key, 'up');
    }
    assert.ok(shows('All keys work.'));
    assert.equal(heard.length, before);
  });

  it('shows each lamp in each state, one at a time, and names it', () => {
    const { begin, hold, scheduler, shows, lit } = bench();
    begin();
    hold('options', ORDER_HELD_MS + 1);
    assert.ok(shows('Self-test: lamps'));
    const seen = new Set<string>();
    for (let step = 0; step < 3 * LAMP_NAMES.length; step += 1) {
      const [one, ...others] = lit().filter((text) => !text.startsWith('backlight'));
      assert.deepEqual(others, []);
      if (one !== undefined) {
        seen.add(one);
        assert.ok(shows(`Look at ${one.split(' ')[0]}:`), one);
      }
      scheduler.pass(1000);
    }
    assert.equal(seen.size, 3 * (LAMP_NAMES.length - 1));
  });

  it('fills the display with every letter of the font, stripes, everything and nothing', () => {
    const { begin, hold, scheduler, screen } = bench();
    begin();
    for (let page = 0; page < 2; page += 1) hold('options', ORDER_HELD_MS + 1);
    const seen = new Set<string>();
    for (let step = 0; step < 5; step += 1) {
      seen.add(screen().join('\n'));
      scheduler.pass(1000);
    }
    assert.equal(seen.size, 5);
    assert.ok([...seen].some((text) => new Set(text.replaceAll('\n', '')).size === 94));
    assert.ok([...seen].some((text) => /^(#{60}\n?){20}$/.test(text)));
  });

  it('learns which way round the handset is, tells the phone so from then on, and says whether it is kept', async () => {
    // It lies on its cradle, and the switch says that it is lifted.
    const { begin, hold, lift, shows, heard, turned } = bench({ columns: 60, rows: 20 }, 'off');
    begin();
    for (let page = 0; page < 3; page += 1) hold('options', ORDER_HELD_MS + 1);
    assert.ok(shows('The handset is lifted.'));
    hold('1', ORDER_HELD_MS + 1);
    assert.ok(shows('The handset is down.'));
    await Promise.resolve();
    assert.ok(shows('Turned round. Kept in the EEPROM.'));
    lift('on');
    assert.ok(shows('The handset is lifted.'));
    lift('off');
    hold('1', ORDER_HELD_MS + 1);
    assert.ok(shows('Right already.'));
    assert.equal(turned(), 1);
    const hooks = (): readonly string[] => heard.filter((text) => text.startsWith('hook'));
    assert.deepEqual(hooks(), [], 'what is tried dials nothing');
    hold('goodbye', ORDER_HELD_MS + 1);
    lift('on');
    assert.deepEqual(hooks(), ['hook on', 'hook off']);
  });

  it('leaves by Goodbye, and what the phone showed meanwhile stands there', () => {
    const { begin, hold, parts, shows, lit, screen } = bench();
    parts.display.show({ columns: 60, rows: ['before'] });
    parts.lamps.set('message', 'slow-flash');
    begin();
    parts.display.show({ columns: 60, rows: ['Backup server'] });
    parts.lamps.set('line2', 'on');
    assert.ok(!shows('Backup server'));
    hold('goodbye', ORDER_HELD_MS + 1);
    assert.deepEqual(screen(), ['Backup server']);
    assert.deepEqual(lit().sort(), ['line2 on', 'message slow-flash']);
  });

  it('ends where the handset is lifted, but on its own page, and where nobody has touched it for three minutes', () => {
    const { begin, hold, lift, heard, parts, scheduler } = bench();
    begin();
    lift('off');
    assert.equal(parts.selfTest.state(), null);
    assert.equal(heard.at(-1), 'hook off', 'who lifts it wants to call');
    lift('on');
    begin();
    scheduler.pass(FORGOTTEN_MS - 2000);
    hold('5', 100);
    scheduler.pass(FORGOTTEN_MS - 2000);
    assert.notEqual(parts.selfTest.state(), null);
    scheduler.pass(2000);
    assert.equal(parts.selfTest.state(), null);
  });

  it('comes after calls: none begins while they have the desk, and one that runs ends', () => {
    const { begin, parts } = bench();
    begin();
    parts.selfTest.calls(true);
    assert.equal(parts.selfTest.state(), null);
    assert.equal(parts.selfTest.begin(), false);
    parts.selfTest.calls(false);
    assert.equal(parts.selfTest.begin(), true);
    assert.equal(parts.selfTest.begin(), true, 'it runs');
  });

  it('is not begun by a held key where the Options key asks for a password', () => {
    const { begin, parts } = bench();
    parts.selfTest.lock('on');
    begin();
    assert.equal(parts.selfTest.state(), null);
    assert.equal(parts.selfTest.begin(), true, 'the menu begins it');
    parts.selfTest.end();
    parts.selfTest.lock('off');
    begin();
    assert.notEqual(parts.selfTest.state(), null);
  });

  it('holds one lamp in one state, or one pattern, for whoever asks from afar', () => {
    const { parts, lit, shows, scheduler } = bench();
    parts.selfTest.show('lamps', 7);
    assert.deepEqual(lit(), [], 'not without a test');
    parts.selfTest.learnHook();
    parts.selfTest.begin();
    parts.selfTest.show('lamps', 7);
    scheduler.pass(5000);
    assert.deepEqual(lit().sort(), ['backlight on', 'line3 slow-flash']);
    assert.ok(shows('Look at line3: slow flash'));
    parts.selfTest.show('display', 3);
    scheduler.pass(5000);
    assert.ok(shows('#'.repeat(60)));
  });

  it('has room on the small screen', () => {
    const { begin, hold, edge, screen } = bench({ columns: 16, rows: 3 });
    begin();
    edge('redial', 'down');
    assert.deepEqual(screen(), ['Test: keys', 'redial', 'hold Goodbye']);
    edge('redial', 'up');
    hold('options', ORDER_HELD_MS + 1);
    assert.equal(screen()[0], 'Test: lamps');
    for (const row of screen()) assert.ok(row.length <= 16);
  });
});

describe('on the board', () => {
  it('the self-test begins from the Options menu too, and the phone is where it was', () => {
    const desk = deskWorld();
    desk.press('options');
    assert.ok(desk.shows('8 Self-test'), desk.screen().join('\n'));
    desk.press('8');
    assert.ok(desk.shows('Self-test: keys'), desk.screen().join('\n'));
    desk.contact('goodbye', true);
    desk.run(ORDER_HELD_MS + 100);
    desk.contact('goodbye', false);
    desk.run(100);
    assert.ok(desk.shows('8 Self-test'), desk.screen().join('\n'));
  });

  it('a held volume key turns it up by steps, a held arrow erases a number', () => {
    const desk = deskWorld();
    for (const key of ['1', '2', '3', '4'] as const) desk.press(key);
    assert.ok(desk.shows('1234_'), desk.screen().join('\n'));
    desk.contact('left', true);
    desk.run(REPEAT.afterMs + 6 * REPEAT.everyMs);
    desk.contact('left', false);
    desk.run(100);
    assert.ok(!desk.shows('_'), desk.screen().join('\n'));
  });
});
