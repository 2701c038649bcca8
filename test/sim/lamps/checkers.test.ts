/** The checkers of lamps object to what they must, and let pass what they must. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PhoneEvent } from '../../../firmware/events.ts';
import type { SubscriptionStatus } from '../../../firmware/status.ts';
import type { Effect } from '../../../firmware/vocabulary.ts';
import { attempt, BACKUP, connecting, objects, request, Stage, sent } from '../checkers/stage.ts';
import type { State, Subscriber } from '../notifier.ts';
import type { World } from '../world.ts';
import { lampsTellTheTruth, subscribesAreNumbered, subscribesArePaced } from './checkers.ts';
import { LampPeer } from './lamp-peer.ts';
import { movedInTime } from './moving.ts';

const TARGET = 'udp:192.0.2.1:5060';
const HELD: SubscriptionStatus = {
  ...{ id: '1', kind: 'blf', line: 1, resource: '3001', state: 'active', server: 'primary', target: TARGET },
  ...{ expiresIn: 60, retryIn: null, code: null, reason: null, presence: 'idle', peer: null },
};

/** A phone that is told by one notifier, and says what the test has it say. */
class Told extends Stage {
  subscriptions: readonly SubscriptionStatus[] = [HELD];
  lcd = [];
  readonly peer: LampPeer = new LampPeer({ address: '192.0.2.1' }, () => this as unknown as World);
  subscriber: Subscriber;

  constructor(callId = 'c1') {
    super();
    const subscribe = { ...request('b', { method: 'SUBSCRIBE' }) };
    this.subscriber = {
      ...{ callId, tag: 't', subscribe, event: 'dialog', resource: '3001', own: 'n1', front: this.peer },
      ...{ expiresAt: 60_000, cseq: 0, version: -1 },
    };
  }

  at = (): void => undefined;
  override status = (): unknown => ({ lines: [], targets: [], subscriptions: this.subscriptions });

  /** The notifier tells, and the phone takes it; what it says of it. */
  tells(state: State, ended?: string): Effect {
    this.peer.states.set('3001', state);
    this.peer.notify(this.subscriber, { state: ended });
    const branch = [...this.peer.notices.keys()].at(-1);
    const data = `SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=${branch}\r\nFrom: <sip:a@b>;tag=n1\r\nTo: <sip:c@d>;tag=t\r\nCall-ID: c1\r\nCSeq: ${this.subscriber.cseq} NOTIFY\r\nContent-Length: 0\r\n\r\n`;
    return { kind: 'reply', flow: null, to: { address: '192.0.2.1', port: 5060 }, data } as Effect;
  }
}

const began: PhoneEvent = {
  ...{ event: 'subscription', line: 1, package: 'dialog', resource: '3001', state: 'active', callId: 'c1' },
};

function looked(told: Told): ReturnType<typeof told.look> {
  const eye = told.look(lampsTellTheTruth([told.peer]));
  told.now = 10;
  eye.effect?.(told.tells('busy'));
  eye.event?.(began);
  return eye;
}

describe('lamps', () => {
  it('say what the last NOTIFY says, and nothing else', () => {
    const told = new Told();
    const eye = looked(told);
    objects(() => eye.settled?.(), /contradicts its last NOTIFY/);
    told.subscriptions = [{ ...HELD, presence: 'busy' }];
    eye.settled?.();
  });

  it('are unknown where nothing is in force', () => {
    const told = new Told();
    const eye = looked(told);
    told.subscriptions = [{ ...HELD, state: 'trying', server: null, target: null, presence: 'busy' }];
    objects(() => eye.settled?.(), /contradicts/);
    told.subscriptions = [{ ...HELD, state: 'trying', server: null, target: null, presence: null }];
    eye.settled?.();
  });

  it('do not outlive their subscription, nor its end', () => {
    const told = new Told();
    const eye = looked(told);
    told.subscriptions = [{ ...HELD, presence: 'busy' }];
    told.now = 60_000 + 34_001;
    objects(() => eye.settled?.(), /outlives its subscription/);
    const over = new Told();
    const look = looked(over);
    look.effect?.(over.tells('busy', 'terminated'));
    over.subscriptions = [{ ...HELD, presence: 'busy' }];
    objects(() => look.settled?.(), /has ended/);
  });

  it('heed no NOTIFY that is old, and no second dialog at one server', () => {
    const told = new Told();
    const eye = looked(told);
    const late = told.tells('idle');
    eye.effect?.(told.tells('held'));
    objects(() => eye.effect?.(late), /a NOTIFY that is old/);
    told.subscriber = { ...told.subscriber, own: 'n2' };
    objects(() => eye.effect?.(told.tells('held')), /two dialogs/);
  });

  it('are asked for thirty times a second and no more', () => {
    const stage = new Stage();
    const eye = stage.look(subscribesArePaced);
    const ask = (at: number): void => {
      const asked = request(`b${at}`, { method: 'SUBSCRIBE', more: '3600' });
      const headers = [...asked.headers, { name: 'To', value: '<sip:a@b>;tag=n1' }];
      eye.sent?.(sent({ ...asked, headers }));
    };
    for (let at = 0; at < 30; at += 1) ask(at);
    ask(0);
    objects(() => ask(30), /31 subscriptions are asked for within a second/);
  });

  it('are paced from when their connection is asked for, though they leave together', () => {
    const stage = new Stage();
    const eye = stage.look(subscribesArePaced);
    const begin = (at: number): void => eye.event?.(connecting(`S${at}`, { method: 'SUBSCRIBE' }));
    for (let at = 0; at < 40; at += 1) {
      stage.now = 50 * at;
      begin(at);
    }
    for (let at = 0; at < 40; at += 1) eye.event?.(attempt(`S${at}`, { method: 'SUBSCRIBE' }));
    objects(() => {
      for (let at = 40; at < 80; at += 1) begin(at);
    }, /31 subscriptions are asked for within a second/);
  });

  it('are numbered: no CSeq falls, nor stands twice at one server, and within a dialog none stands twice at all', () => {
    const stage = new Stage();
    const ask = (eye: ReturnType<Stage['look']>, branch: string, cseq: number, to: string, at?: string): void => {
      const asked = request(branch, { method: 'SUBSCRIBE', cseq });
      eye.sent?.(sent({ ...asked, headers: [...asked.headers, { name: 'To', value: to }] }, at));
    };
    const eye = stage.look(subscribesAreNumbered);
    ask(eye, 'b1', 1, '<sip:a@b>');
    ask(eye, 'b1', 1, '<sip:a@b>');
    ask(eye, 'b2', 1, '<sip:a@b>', BACKUP);
    ask(eye, 'b3', 2, '<sip:a@b>', BACKUP);
    objects(() => ask(eye, 'b4', 2, '<sip:a@b>', BACKUP), /CSeq 2 of .* stands in two requests/);
    objects(() => ask(eye, 'b5', 1, '<sip:a@b>'), /CSeq falls from 2 to 1/);
    ask(eye, 'b6', 1, '<sip:a@b>;tag=n1');
    objects(() => ask(eye, 'b7', 1, '<sip:a@b>;tag=n1', BACKUP), /CSeq 1 of .* stands in two requests/);
  });

  it('move with their proxy in time, or it was not well all the while', () => {
    const BACKUP = 'udp:192.0.2.2:5060';
    const failover: PhoneEvent = {
      ...{ event: 'failover', line: 1, role: 'proxy', from: TARGET, to: BACKUP, cause: 'no-answer', took: 1500 },
    };
    const begun = (): { readonly told: Told; readonly eye: ReturnType<Told['look']> } => {
      const told = new Told();
      const eye = told.look(movedInTime);
      eye.event?.(failover);
      return { told, eye };
    };
    const late = begun();
    late.eye.settled?.();
    late.told.now = 600;
    objects(() => late.eye.settled?.(), /has not moved to udp:192\.0\.2\.2:5060 in time/);
    const moved = begun();
    moved.told.subscriptions = [{ ...HELD, server: 'backup', target: BACKUP }];
    moved.told.now = 600;
    moved.eye.settled?.();
    const excused = begun();
    for (const peer of excused.told.peers) peer.fault = 'silent';
    excused.eye.settled?.();
    excused.told.now = 600;
    excused.eye.settled?.();
    assert.equal(excused.told.subscriptions[0]?.target, TARGET);
  });
});
