/** Programmable keys from the words of a file to what the panel shows and the wire carries (original-phone 1.8, 6). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseCfg } from '../../../firmware/config/cfg-file.ts';
import { effectiveSettings } from '../../../firmware/config/layers.ts';
import { headerValue } from '../../../firmware/sip/message/headers.ts';
import type { KeyDesk } from '../key-desk.ts';
import { keyDesk } from '../key-desk.ts';

const SERVERS = 'sip user name: 2001\nsip proxy ip: 192.0.2.1\nsip backup proxy ip: 192.0.2.2\n';

/** A phone that a server has given `server`, and a person `local`. */
function configured(server: string, local = ''): KeyDesk {
  const layers = [
    { from: 'aastra.cfg', kind: 'server', entries: parseCfg(`${SERVERS}${server}`).entries },
    { from: 'local.cfg', kind: 'local', entries: parseCfg(local).entries },
  ] as const;
  return keyDesk(effectiveSettings(layers, { model: '57i', mac: '00085D000001' }).settings);
}

const labels = (desk: KeyDesk): readonly string[] =>
  ((desk.screen().at(-1) ?? '').match(/.{1,10}/g) ?? []).map((label) => label.trim());

function talking(desk: KeyDesk): KeyDesk {
  desk.hook('off');
  desk.key('200#');
  desk.run(1000);
  assert.ok(desk.shows('200'));
  return desk;
}

describe('softkeyN states', () => {
  const keys = (states: readonly string[]): string =>
    states
      .map(
        (state, at) =>
          `softkey${at + 1} type: speeddial\nsoftkey${at + 1} value: 30${at}\nsoftkey${at + 1} label: K-${state.slice(0, 7)}\nsoftkey${at + 1} states: ${state}\n`,
      )
      .join('');
  const shown = (desk: KeyDesk): readonly string[] => labels(desk).filter((label) => label.startsWith('K-'));

  it('say while what each key is on the panel', () => {
    const desk = configured(keys(['idle', 'outgoing', 'connected', 'incoming', 'busy']));
    assert.deepEqual(shown(desk), ['K-idle']);
    desk.hook('off');
    assert.deepEqual(shown(desk), ['K-outgoin']);
    desk.key('200#');
    desk.run(1000);
    assert.deepEqual(shown(desk), ['K-connect']);
    desk.hook('on');
    desk.run(100);
    assert.deepEqual(shown(desk), ['K-idle']);
  });
});

describe('sip lineN park pickup config', () => {
  const KEYS = 'softkey1 type: park\nsoftkey2 type: pickup\n';
  const refersTo = ({ world }: KeyDesk): readonly string[] =>
    world.sent('REFER').map(({ message }) => headerValue(message, 'Refer-To') ?? '');

  it('of the line hands the call to its lot, and keys the code that takes one from there', () => {
    const desk = configured(
      `${KEYS}sip park pickup config: 80;81;asterisk\nsip line1 park pickup config: 70;71;asterisk\n`,
    );
    assert.ok(labels(desk).includes('Pickup') && !labels(desk).includes('Park'));
    talking(desk);
    desk.soft('Park');
    desk.run(1000);
    assert.match(refersTo(desk)[0] ?? 'nothing', /sip:70@/);
    desk.hook('on');
    desk.run(5000);
    desk.soft('Pickup');
    assert.ok(desk.shows('71_'), desk.screen().join('\n'));
  });

  it('of all lines holds for a line that says nothing', () => {
    const desk = talking(configured(`${KEYS}sip park pickup config: 80;81;asterisk\n`));
    desk.soft('Park');
    desk.run(1000);
    assert.match(refersTo(desk)[0] ?? 'nothing', /sip:80@/);
  });
});

describe('softkeyN locked', () => {
  const GIVEN = 'softkey1 type: speeddial\nsoftkey1 value: 300\nsoftkey1 label: Ada\n';
  const OWN = 'softkey1 value: 999\nsoftkey1 label: Mine\n';

  it('1: the panel shows and calls what the server says, whatever a person has set', () => {
    const desk = configured(`${GIVEN}softkey1 locked: 1\n`, OWN);
    assert.equal(labels(desk)[0], 'Ada');
    desk.soft('Ada');
    desk.run(100);
    assert.match(desk.world.sent('INVITE')[0]?.message.uri ?? 'nothing', /^sip:300@/);
  });

  it('0: what a person has set', () => {
    const desk = configured(GIVEN, OWN);
    desk.soft('Mine');
    desk.run(100);
    assert.match(desk.world.sent('INVITE')[0]?.message.uri ?? 'nothing', /^sip:999@/);
  });
});
