/** A call that comes in, at the desk: it rings, is answered, waits beside another, is refused, gives up. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PanelDesk } from '../../../support/panel-desk.ts';
import { phoneSettings } from '../../../support/settings.ts';
import { snapshot } from '../../../support/snapshot.ts';

const ringing = (desk = new PanelDesk()): PanelDesk =>
  desk.call('C1', 'in', 'ringing', { peer: '300', name: 'Ada Lovelace' });
const talking = (view = snapshot()): PanelDesk => {
  const desk = new PanelDesk(view).press('2', '0', '0').hook('off');
  desk.take({ kind: 'placed', call: 'C7', line: null, number: '200' }).call('C7', 'out', 'connected');
  desk.asked.length = 0;
  return desk;
};

describe('a call that comes in', () => {
  it('rings, flashes and says who calls, whatever page is looked at', () => {
    const desk = ringing(new PanelDesk().press('options'));
    assert.deepEqual(desk.rows(), [
      ' Line 1  2001 Reception',
      ' Call from                                             0:00',
      '   Ada Lovelace',
      'Answer    Ignore',
    ]);
    assert.equal(desk.lamp('line1'), 'fast-flash');
    assert.deepEqual(desk.sound(), { path: 'off', tone: null, ring: 'on', microphone: 'open', volume: 5 });
  });

  it('is answered by the handset, by its line key, by the speaker and by the softkey', () => {
    for (const answer of ['hook', 'line1', 'speaker', 'softkey1'] as const) {
      const desk = ringing();
      if (answer === 'hook') desk.hook('off');
      else desk.press(answer);
      assert.deepEqual(desk.asked, ['answer C1'], answer);
      desk.call('C1', 'in', 'connected', { peer: '300' });
      assert.equal(desk.sound().path, answer === 'hook' ? 'handset' : 'speaker');
      assert.equal(desk.sound().ring, 'off');
      assert.equal(desk.lamp('line1'), 'on');
    }
  });

  it('is refused by Ignore and by goodbye', () => {
    for (const key of ['softkey2', 'goodbye'] as const) {
      const desk = ringing().press(key);
      assert.deepEqual(desk.asked, ['hangup C1'], key);
      desk.call('C1', 'in', 'ended', { peer: '300', cause: 'hangup' });
      assert.equal(desk.ui.lists.missed, 0, 'whoever was refused was not missed');
      assert.equal(desk.ui.lists.callers[0]?.number, '300');
    }
  });

  it('that gives up is a missed call, and the next idle screen counts it', () => {
    const desk = ringing().call('C1', 'in', 'ended', { peer: '300', name: 'Ada Lovelace', cause: 'cancelled' });
    assert.ok(desk.rows().includes(' Ada Lovelace: The caller gave up'));
    assert.equal(desk.sound().ring, 'off');
    assert.ok(desk.rows().includes(' 1 missed call'));
    desk.press('softkey2');
    assert.match(desk.rows()[1] ?? '', /^>!Ada Lovelace +300 +3 Mar 10:42$/);
  });

  it('answered elsewhere was not missed', () => {
    const desk = ringing().call('C1', 'in', 'ended', { cause: 'elsewhere' });
    assert.equal(desk.ui.lists.missed, 0);
  });

  it('does not lose the number that is being keyed', () => {
    const desk = ringing(new PanelDesk().press('5', '5'));
    assert.deepEqual(desk.rows().slice(1), [
      ' 55_',
      ' Lift the handset, or press Dial',
      ' L1 Call from                                  Ada Lovelace',
      'Dial      Erase     Cancel    Answer    Ignore',
    ]);
    desk.press('goodbye').call('C1', 'in', 'ended', { cause: 'hangup' });
    assert.ok(desk.rows().includes(' 55_'));
  });
});

describe('a second call', () => {
  it('is heard as a tone, flashes on another key, and does not take the screen from the first', () => {
    const desk = ringing(talking());
    assert.equal(desk.sound().tone, 'call-waiting');
    assert.equal(desk.sound().ring, 'off');
    assert.deepEqual([desk.lamp('line1'), desk.lamp('line2')], ['on', 'fast-flash']);
    assert.deepEqual(desk.rows().slice(1), [
      ' Connected                                             0:00',
      '   200',
      ' L2 Call from                                  Ada Lovelace',
      'Drop      Hold      Answer    Ignore    Xfer      Conf',
    ]);
  });

  it('is seen and not heard with `call waiting tone: 0`; a first call is heard all the same', () => {
    const quiet = snapshot({}, { desk: { ...phoneSettings().desk, waitingTone: 'off' } });
    const desk = ringing(talking(quiet));
    assert.equal(desk.sound().tone, null);
    assert.equal(desk.lamp('line2'), 'fast-flash');
    assert.equal(ringing(new PanelDesk(quiet)).sound().ring, 'on');
    assert.equal(ringing(new PanelDesk(quiet).hook('off').press('goodbye')).sound().tone, 'call-waiting');
  });

  it('is answered while the first is held', () => {
    const desk = ringing(talking()).press('line2');
    assert.deepEqual(desk.asked, ['hold C7', 'answer C1']);
    desk.call('C7', 'out', 'held').call('C1', 'in', 'connected', { peer: '300', name: 'Ada Lovelace' });
    assert.deepEqual([desk.lamp('line1'), desk.lamp('line2')], ['slow-flash', 'on']);
  });

  it('goodbye refuses it, and the first goes on; or ends the first, where the parameter says so', () => {
    assert.deepEqual(ringing(talking()).press('goodbye').asked, ['hangup C1']);
    const view = snapshot({}, { desk: { ...phoneSettings().desk, goodbyeRejects: 'off' } });
    const desk = ringing(new PanelDesk(view).call('C7', 'out', 'connected'));
    assert.deepEqual(desk.press('goodbye').asked, ['hangup C7']);
    const alone = ringing(new PanelDesk(view));
    assert.deepEqual(alone.press('goodbye').asked, [], 'Ignore refuses it');
  });

  it('rings on when the handset is put down, and is answered by lifting it again', () => {
    const desk = ringing(talking()).hook('on');
    assert.deepEqual(desk.asked, ['hangup C7']);
    desk.call('C7', 'out', 'ended', { cause: 'hangup' });
    assert.equal(desk.sound().ring, 'on');
    assert.equal(desk.hook('off').asked.at(-1), 'answer C1');
  });
});

it('more calls than line keys are all on the screen', () => {
  const desk = new PanelDesk();
  for (const id of ['C1', 'C2', 'C3', 'C4', 'C5']) desk.call(id, 'in', 'ringing', { peer: id });
  assert.deepEqual(
    desk.ui.calls.map(({ key }) => key),
    [1, 2, 3, 4, null],
  );
  assert.ok(desk.rows().some((row) => /^ {4}Call from +C5$/.test(row)));
});

it('an answer that is refused is told', () => {
  const desk = ringing().take({ kind: 'refused', command: { verb: 'answer', call: 'C1' }, error: 'It is gone' });
  assert.ok(desk.rows().includes(' It is gone'));
});

it('on the small screen a call says who calls, and a second one shares it', () => {
  const small = snapshot({}, { model: '53i' });
  assert.deepEqual(ringing(new PanelDesk(small)).rows(), ['Ada Lovelace', 'Call from   0:00']);
  const both = ringing(new PanelDesk(small).call('C7', 'out', 'connected'));
  assert.deepEqual(both.rows(), ['200', 'Connected   0:00', 'Call: Ada Lovel~']);
});
