/** The hardware test from the browser, on a whole phone with a panel: every key, lamp, pattern and the handset, and never in the way of a call. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createVirtualPanel } from '../../../boards/virtual/panel.ts';
import { KEY_NAMES, LAMP_NAMES, TRIED_PATTERNS, TRIED_STATES } from '../../../hal/devices.ts';
import { isOn, until, webDesks } from './web-desk.ts';

const desk = webDesks();

describe('the hardware test as a page', () => {
  it('tries every key, every lamp in each state, every pattern and the handset, and dials nothing', async () => {
    const panel = createVirtualPanel('57i');
    const at = await desk([], panel);
    const act = async (fields: Readonly<Record<string, string>>): Promise<string> => at.post('/selftest.html', fields);
    const lit = (): string[] =>
      LAMP_NAMES.map((name) => `${name} ${panel.rig.panel().lamps[name]}`).filter((text) => !text.endsWith(' off'));
    assert.match(await act({ key: '5' }), /The test does not run/, 'a key would have dialled');
    assert.match(await act({ act: 'begin' }), /runs: keys/);
    assert.match(await act({ act: 'nonsense' }), /There is no such order/);
    for (const key of KEY_NAMES) await act({ key });
    await until('all keys', () => panel.devices.selfTest?.state()?.seen.size === KEY_NAMES.length);
    assert.match(await at.get('/selftest.html'), /34 of 34: all keys work/);
    for (const lamp of LAMP_NAMES)
      for (const state of TRIED_STATES) {
        await act({ lamp: `${lamp} ${state}` });
        const rest = lamp === 'backlight' ? [] : ['backlight on'];
        await until(`${lamp} ${state}`, () => lit().sort().join() === [`${lamp} ${state}`, ...rest].sort().join());
      }
    const patterns = new Set<string>();
    for (const pattern of TRIED_PATTERNS) {
      await act({ pattern });
      patterns.add(panel.rig.panel().lcd.join('\n'));
    }
    assert.equal(patterns.size, TRIED_PATTERNS.length);
    assert.match(await act({ act: 'lamps' }), /runs: lamps/);
    await act({ hook: 'off' });
    await until('the handset', () => panel.devices.selfTest?.state()?.handset === 'off');
    assert.match(await at.get('/selftest.html'), /<dt>Handset<\/dt><dd>lifted/);
    assert.match(await act({ key: '5' }), /Lay the handset down first/);
    await act({ hook: 'on' });
    await until('the handset again', () => panel.devices.selfTest?.state()?.handset === 'on');
    assert.match(await act({ act: 'learn' }), /Right already\./);
    assert.match(await act({ act: 'end' }), /does not run/);
    const calls = at.phone.phone.events.since(0).filter(({ json }) => json.includes('"event":"call"'));
    assert.deepEqual(calls, []);
  });

  it('ends when a call comes, and begins only when that has ended', async () => {
    const at = await desk([], createVirtualPanel('57i'));
    await until('registered', isOn(at, 1, 'primary'));
    assert.match(await at.post('/selftest.html', { act: 'begin' }), /runs: keys/);
    // The number comes from the control side, for the keys are in the test; the lab's 200 answers and stays.
    at.phone.phone.input({ kind: 'command', id: null, command: { verb: 'dial', line: 1, target: '200' } });
    await until('ended by the call', () => at.phone.panel?.devices.selfTest?.state() === null);
    assert.match(await at.post('/selftest.html', { act: 'begin' }), /A call has the desk/);
    at.phone.phone.input({ kind: 'command', id: null, command: { verb: 'hangup', call: null } });
    await until('the call is over', () => at.phone.panel?.devices.selfTest?.begin() === true);
  });

  it('is no page of a phone without a panel', async () => {
    const at = await desk();
    assert.equal((await at.ask('/selftest.html')).status, 404);
    assert.doesNotMatch(await at.get('/sysinfo.html'), /selftest|Front Panel/);
  });
});
