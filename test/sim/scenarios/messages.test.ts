/** Waiting messages that a server tells of by itself: the lamp, the idle screen, the event (RFC 3842 3.9; conformance H6, H13, H14). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseMessage } from '../../../firmware/sip/message/parse.ts';
import { lineSettings, phoneSettings } from '../../support/settings.ts';
import type { Desk } from '../call-desk.ts';
import { desk } from '../call-desk.ts';
import { PAIR } from '../rung.ts';

interface Notification {
  readonly body?: string;
  readonly event?: string;
  readonly user?: string;
  readonly tag?: string;
}

let sent = 0;

/** The status that a NOTIFY of this server draws. */
function notify(
  all: Desk,
  server: 'primary' | 'backup',
  { body = '', event = 'message-summary', user = '2001', tag }: Notification,
): number {
  sent += 1;
  const { address, port } = all[server];
  all[server].push(
    [
      `NOTIFY sip:${user}@192.0.2.100:5060;line=1 SIP/2.0`,
      `Via: SIP/2.0/UDP ${address}:${port};branch=z9hG4bKmwi${sent}`,
      'Max-Forwards: 70',
      'From: <sip:voicemail@192.0.2.1>;tag=vm',
      `To: <sip:${user}@192.0.2.1>${tag === undefined ? '' : `;tag=${tag}`}`,
      'Call-ID: mwi',
      `CSeq: ${sent} NOTIFY`,
      `Event: ${event}`,
      'Subscription-State: active',
      ...(body === '' ? [] : ['Content-Type: application/simple-message-summary']),
      `Content-Length: ${body.length}`,
      '',
      body,
    ].join('\r\n'),
  );
  all.world.run(10);
  const parsed = parseMessage(all.world.replies.at(-1)?.data ?? '');
  return parsed.ok && parsed.value.kind === 'response' ? parsed.value.status : assert.fail('an answer');
}

const registered = (backup = true): Desk => {
  const pair = backup ? PAIR : { ...PAIR, backup: null };
  const all = desk(phoneSettings({ lines: [lineSettings({ registrar: pair, proxy: pair })] }), true);
  all.world.run(1000);
  return all;
};

const WAITING = 'Messages-Waiting: yes\r\nVoice-Message: 2/5\r\n';
const NONE = 'Messages-Waiting: no\r\nVoice-Message: 0/7\r\n';

const lamp = ({ world }: Desk): string | undefined =>
  world.eventsOf('lamp').findLast(({ name }) => name === 'message')?.state;
const idleScreen = ({ world }: Desk): string => world.lcd.join('\n');

describe('waiting messages that a server tells of', () => {
  it('light the lamp and stand on the idle screen, until none wait', () => {
    const all = registered();
    assert.equal(notify(all, 'primary', { body: WAITING }), 200);
    assert.deepEqual(all.world.eventsOf('mwi'), [{ event: 'mwi', line: 1, waiting: true, new: 2, old: 5 }]);
    assert.equal(lamp(all), 'on');
    assert.match(idleScreen(all), /2 new messages/);
    assert.deepEqual(all.world.status().lines[0]?.messages, { waiting: true, new: 2, old: 5 });
    assert.equal(notify(all, 'backup', { body: NONE }), 200);
    assert.equal(lamp(all), 'off');
    assert.doesNotMatch(idleScreen(all), /new message/);
  });

  it('said again are no news; an empty body changes nothing', () => {
    const all = registered();
    for (const body of [WAITING, WAITING, '']) assert.equal(notify(all, 'primary', { body }), 200);
    assert.equal(all.world.eventsOf('mwi').length, 1);
    assert.equal(lamp(all), 'on');
  });

  it('in words that cannot be read change nothing', () => {
    const all = registered();
    notify(all, 'primary', { body: WAITING });
    assert.equal(notify(all, 'primary', { body: 'Messages-Waiting: maybe' }), 200);
    assert.equal(lamp(all), 'on');
  });

  it('are not shown of a line that is not registered', () => {
    const all = registered();
    notify(all, 'primary', { body: WAITING });
    for (const peer of [all.primary, all.backup]) peer.fault = 'silent';
    all.world.until(() => all.world.registrar().state === 'waiting', 7_200_000);
    all.world.run(1000);
    assert.equal(lamp(all), 'off');
  });

  for (const [what, server, notification, status] of [
    ['of a stranger', 'backup', { body: WAITING }, 481],
    ['for a user that is not here', 'primary', { body: WAITING, user: '2999' }, 481],
    ['inside a subscription that nobody has', 'primary', { body: WAITING, tag: 'x' }, 481],
    ['of another package', 'primary', { body: WAITING, event: 'presence' }, 489],
  ] as const)
    it(`${what}: ${status}, and nothing is lit`, () => {
      const all = registered(false);
      assert.equal(notify(all, server, notification), status);
      // What it may tell of (RFC 6665 4.1.3).
      const allowed = /^Allow-Events: (.*)/m.exec(all.world.replies.at(-1)?.data ?? '')?.[1];
      assert.equal(allowed, status === 489 ? 'dialog, message-summary, call-info' : undefined);
      assert.equal(all.world.eventsOf('mwi').length, 0);
      assert.notEqual(lamp(all), 'on');
    });
});

describe('check-sync', () => {
  const told = ({ world }: Desk): readonly (boolean | null)[] =>
    world.eventsOf('check-sync').map(({ reboot }) => reboot);

  it('of a configured server is told, with what it says of restarting; primary or backup', () => {
    const all = registered();
    assert.equal(notify(all, 'primary', { event: 'check-sync' }), 200);
    assert.equal(notify(all, 'backup', { event: 'check-sync;reboot=true' }), 200);
    assert.equal(notify(all, 'primary', { event: 'Check-Sync; Reboot=FALSE' }), 200);
    assert.deepEqual(told(all), [null, true, false]);
  });

  it('of a stranger is refused and starts nothing', () => {
    const all = registered(false);
    assert.equal(notify(all, 'backup', { event: 'check-sync;reboot=true' }), 403);
    assert.deepEqual(told(all), []);
  });
});
