/**
 * Owns the phone on the emulated board at the lab: boots, registers, fails over, comes home, is called and calls; keys and hook as contacts,
 * screen, lamps and lines read from outside the guest. Waits are guards against hangs; the times are printed, not judged.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { PanelView } from '../../boards/board.ts';
import type { KeyName } from '../../hal/devices.ts';
import type { GuestEvent } from '../../scripts/qemu/guest.ts';
import type { Sample, Toggle } from '../../scripts/qemu/measure.ts';
import { measure, percentile } from '../../scripts/qemu/measure.ts';
import type { EmulatedPhone } from '../../scripts/qemu/phone.ts';
import { startEmulatedPhone } from '../../scripts/qemu/phone.ts';

/** Ten times what it takes on two cores, and more; what is quick may be slow where others work. */
const PATIENCE_MS = 900_000;
const SOON_MS = 600_000;

describe('the phone on the emulated board', () => {
  let phone: EmulatedPhone;
  before(async () => {
    phone = await startEmulatedPhone({ lab: { extraConfig: ['failover probe period: 5'] } });
  });
  after(() => phone?.stop());

  /** Waits for what is seen from outside. */
  async function seen(what: string, holds: (view: PanelView) => boolean, withinMs = SOON_MS): Promise<PanelView> {
    const until = performance.now() + withinMs;
    for (;;) {
      const view = await phone.rig.look();
      if (holds(view)) return view;
      const over = phone.machine.over();
      if (over !== null || performance.now() > until)
        assert.fail(
          `${what}: not seen. ${over ?? ''}\n${JSON.stringify(view, null, 1)}\n${phone.machine.console().slice(-2000)}`,
        );
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  const shows = (text: string) => (view: PanelView) => view.lcd.some((row) => row.includes(text));
  const linesOn = (mark: string) => (view: PanelView) =>
    view.lcd.filter((row) => /^ 200[123] /.test(row) && row.includes(mark)).length === 3;
  /** As a person does: the finger stays until the phone has noticed, however late the emulated processor is. */
  async function press(key: KeyName, what: string, holds: (view: PanelView) => boolean): Promise<PanelView> {
    await phone.rig.key(key, 'down', 80);
    const view = await seen(`${key}: ${what}`, holds);
    await phone.rig.key(key, 'up', 80);
    return view;
  }
  async function dial(digits: string): Promise<void> {
    for (const [index, digit] of [...digits].entries())
      await press(digit as KeyName, 'the digits', shows(` ${digits.slice(0, index + 1)}_`));
  }

  /** Waits for an event of the phone. */
  async function told(is: (fields: GuestEvent['fields']) => boolean): Promise<GuestEvent> {
    const until = performance.now() + SOON_MS;
    for (;;) {
      const event = phone.guest.events().find(({ fields }) => is(fields));
      if (event !== undefined) return event;
      if (performance.now() > until) assert.fail(`not told: ${is}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  it('boots, and registers all lines at the primary', async (t) => {
    await seen('three lines on the primary', linesOn('[P]'), PATIENCE_MS);
    const registered = await told((fields) => fields.event === 'registration' && fields['state'] === 'registered');
    const stages = [...phone.machine.console().matchAll(/holdfast-init ([\d.]+) (\w+)/g)].map(
      ([, at, what]) => `${what} ${at} s`,
    );
    t.diagnostic(`kernel time: ${stages.join(', ')}`);
    t.diagnostic(`from power-on to registered: ${((registered.arrived - phone.startedAt) / 1000).toFixed(1)} s`);
    const users = (await phone.lab.bindings('primary')) ?? {};
    assert.deepEqual(Object.keys(users).sort(), ['2001', '2002', '2003']);
    assert.match((users['2001'] ?? []).join(), new RegExp(`@${phone.network.guest.replaceAll('.', '\\.')}`));
  });

  it('the clock chip gives it the time of day', async () => {
    await seen('a date', (view) => view.lcd.some((row) => /\d\d:\d\d {3}\w{3} \d+ \w+/.test(row)));
  });

  it('every character of the screen is one of the font', async () => {
    const { lcd } = await phone.rig.look();
    assert.equal(lcd.length, 20);
    assert.ok(lcd.every((row) => row.length === 60 && !row.includes('\ufffd')));
  });

  it('the handset is lifted: it asks for a number; laid down: it rests', async () => {
    await phone.wires.lift('off');
    await seen('dialling', (view) => view.hook === 'off' && view.lamps.line1 === 'on');
    await phone.wires.lift('on');
    await seen('rest', (view) => view.hook === 'on' && view.lamps.line1 === 'off' && linesOn('[P]')(view));
  });

  it('the speaker key switches amplifier and lamp on, goodbye off', async () => {
    await press('speaker', 'hands-free', (view) => view.amplifier && view.lamps.speaker === 'on');
    await press('goodbye', 'rest', (view) => !view.amplifier && view.lamps.speaker === 'off');
  });

  it('calls through the primary with the keys, and hangs up', async () => {
    await dial('200');
    await press('#', 'connected', shows('Connected'));
    assert.equal(servedBy(), 'primary');
    await press('goodbye', 'rest', linesOn('[P]'));
  });

  it('is called: the ringer line is driven, lifting answers', async (t) => {
    if (phone.network.kind === 'user') return t.diagnostic('the user network lets nobody call the guest');
    assert.deepEqual(await phone.lab.call('primary', '2001'), { ok: true });
    await seen('ringing', (view) => view.ringer && view.amplifier);
    await phone.wires.lift('off');
    await seen('answered', (view) => !view.ringer && shows('Connected')(view));
    await phone.wires.lift('on');
    await seen('rest', linesOn('[P]'));
  });

  it('the primary dies: all lines are on the backup, and a call goes through it', async (t) => {
    const killed = performance.now();
    assert.deepEqual(await phone.lab.fault('primary', 'kill'), { ok: true });
    await seen('three lines on the backup', linesOn('[B]'));
    t.diagnostic(`from the kill to the screen: ${((performance.now() - killed) / 1000).toFixed(1)} s`);
    await dial('200');
    await press('#', 'connected', shows('Connected'));
    assert.equal(servedBy(), 'backup');
    await press('goodbye', 'rest', linesOn('[B]'));
  });

  it('the primary is back: the phone comes home', async (t) => {
    const back = performance.now();
    assert.deepEqual(await phone.lab.fault('primary', 'clear'), { ok: true });
    await seen('three lines on the primary', linesOn('[P]'));
    t.diagnostic(`from its return to the screen: ${((performance.now() - back) / 1000).toFixed(1)} s`);
    // What was left at the backup is un-registered after the return.
    const left = async () => Object.values((await phone.lab.bindings('backup')) ?? {}).flat();
    for (const until = performance.now() + SOON_MS; (await left()).length > 0; )
      assert.ok(performance.now() < until, `left at the backup: ${JSON.stringify(await left())}`);
  });

  it('a key is told and its lamp follows', async (t) => {
    const toggles = Array.from({ length: 20 }, (_toggle, index): Toggle => {
      const on = index % 2 === 0;
      return { key: on ? 'speaker' : 'goodbye', lamp: 'speaker', state: on ? 'on' : 'off' };
    });
    const samples = await measure(phone, toggles);
    for (const name of ['keyToEvent', 'eventToLamp', 'keyToLamp'] as const)
      t.diagnostic(`${name}: ${spread(samples, name)}`);
    assert.equal(samples.length, toggles.length);
  });

  /** Of the last call that was connected. */
  const servedBy = (): unknown =>
    phone.guest
      .events()
      .filter(({ fields }) => fields.event === 'call' && fields['state'] === 'connected')
      .at(-1)?.fields['server'];
});

function spread(samples: readonly Sample[], name: keyof Sample): string {
  const values = samples.map((sample) => sample[name]);
  return [0.5, 0.9, 0.99].map((share) => `p${100 * share} ${Math.round(percentile(values, share))} ms`).join(', ');
}
