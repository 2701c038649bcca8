/** The checkers of calls object to what they must, and let pass what they must. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PhoneEvent } from '../../../firmware/events.ts';
import type { SipRequest, SipResponse } from '../../../firmware/sip/message/message.ts';
import type { Effect } from '../../../firmware/vocabulary.ts';
import { objects, PRIMARY, Stage, sent } from '../checkers/stage.ts';
import type { Wire } from '../trace.ts';
import { callsEndOnce, losersAreLetGo, nothingAfterHangUp, nothingSentWithoutLink } from './checkers.ts';

const told = (id: string, state: 'dialing' | 'connected' | 'ended'): PhoneEvent => ({
  ...{ event: 'call', id, line: 1, state, direction: 'out', peer: '200' },
});
const began = (id: string): PhoneEvent => ({
  ...{ event: 'attempt', attempt: id, line: 1, role: 'proxy', method: 'INVITE', server: 'primary', target: PRIMARY },
  ...{ reason: 'fresh', callId: 'c1', branch: 'b1', cseq: 1, known: 'live', waitMs: 1500 },
});
const asks = (method: string, branch: string, toTag = ''): Wire<SipRequest> => {
  const headers = [
    { name: 'Via', value: `SIP/2.0/UDP 192.0.2.100;branch=${branch}` },
    { name: 'From', value: '<sip:2001@x>;tag=us' },
    { name: 'To', value: `<sip:200@x>${toTag === '' ? '' : `;tag=${toTag}`}` },
    { name: 'Call-ID', value: 'c1' },
    { name: 'CSeq', value: `1 ${method}` },
  ];
  return sent({ kind: 'request', method, uri: 'sip:200@x', headers, body: '' });
};
const hears = (branch: string, status: number, toTag = 'far'): Wire<SipResponse> => {
  const { headers } = asks('INVITE', branch, toTag).message;
  const message: SipResponse = { kind: 'response', status, reason: '', headers, body: '' };
  return { at: 0, way: 'received', flow: PRIMARY, message, data: '' };
};

describe('a call ends once', () => {
  it('and is heard of no more', () => {
    const eye = new Stage().look(callsEndOnce);
    for (const state of ['dialing', 'connected', 'ended'] as const) eye.event?.(told('C1', state));
    objects(() => eye.event?.(told('C1', 'connected')), /after its end/);
  });
});

describe('after the end of a call', () => {
  const over = (): { readonly stage: Stage; readonly eye: ReturnType<typeof Stage.prototype.look> } => {
    const stage = new Stage();
    const eye = stage.look(nothingAfterHangUp);
    eye.event?.(began('C1'));
    eye.sent?.(asks('INVITE', 'b1'));
    eye.sent?.(asks('REFER', 'b2', 'far'));
    eye.event?.(told('C1', 'ended'));
    stage.now = 500;
    return { stage, eye };
  };

  it('what ends it may leave, and what was on its way', () => {
    const { eye } = over();
    for (const method of ['CANCEL', 'ACK', 'BYE']) eye.sent?.(asks(method, 'b1', 'far'));
    eye.sent?.(asks('REFER', 'b2', 'far'));
  });

  it('the INVITE is not repeated, and nothing new begins', () => {
    objects(() => over().eye.sent?.(asks('INVITE', 'b1')), /INVITE leaves 500 ms after the end/);
    objects(() => over().eye.sent?.(asks('INFO', 'b3', 'far')), /INFO leaves 500 ms after the end/);
  });
});

describe('who is handed over', () => {
  const handedOver = (toTag: string): ReturnType<typeof Stage.prototype.look> => {
    const stage = new Stage();
    const eye = stage.look(nothingAfterHangUp);
    eye.event?.(began('C1'));
    eye.sent?.(asks('INVITE', 'b1', toTag));
    eye.event?.({ ...told('C1', 'ended'), cause: 'transferred' } as PhoneEvent);
    stage.now = 500;
    return eye;
  };

  it('is asked again what he was asked in his call, and nothing new', () => {
    const eye = handedOver('far');
    eye.sent?.(asks('INVITE', 'b1', 'far'));
    objects(() => eye.sent?.(asks('INVITE', 'b2', 'far')), /INVITE leaves 500 ms after the end/);
  });

  it('is not asked any more what began the call, nor anything after its BYE', () => {
    objects(() => handedOver('').sent?.(asks('INVITE', 'b1')), /INVITE leaves 500 ms after the end/);
    const eye = handedOver('far');
    eye.sent?.(asks('BYE', 'b3', 'far'));
    objects(() => eye.sent?.(asks('INVITE', 'b1', 'far')), /INVITE leaves 500 ms after the end/);
  });
});

describe('who loses is let go at once', () => {
  const asked = (): { readonly stage: Stage; readonly eye: ReturnType<typeof Stage.prototype.look> } => {
    const stage = new Stage();
    const eye = stage.look(losersAreLetGo);
    eye.event?.(began('C1'));
    for (const branch of ['b1', 'b2']) eye.sent?.(asks('INVITE', branch));
    return { stage, eye };
  };
  const later = ({ stage, eye }: ReturnType<typeof asked>): void => {
    stage.now += 5;
    eye.settled?.();
  };

  it('the winner is acknowledged', () => {
    const one = asked();
    one.eye.received?.(hears('b1', 200, 'a'));
    objects(() => later(one), /ACK c1 a was due/);
    const two = asked();
    two.eye.received?.(hears('b1', 200, 'a'));
    two.eye.sent?.(asks('ACK', 'b3', 'a'));
    later(two);
  });

  it('a second one who answers is hung up on', () => {
    const all = asked();
    for (const [branch, tag] of [
      ['b1', 'a'],
      ['b2', 'b'],
    ] as const) {
      all.eye.received?.(hears(branch, 200, tag));
      all.eye.sent?.(asks('ACK', 'b3', tag));
    }
    objects(() => later(all), /BYE c1 b was due/);
    all.stage.now = 0;
    all.eye.sent?.(asks('BYE', 'b4', 'b'));
    later(all);
  });

  it('who rings after the winner, or after hang-up, is cancelled; before, he is not', () => {
    const all = asked();
    all.eye.received?.(hears('b2', 180, 'b'));
    later(all);
    all.eye.event?.(told('C1', 'ended'));
    objects(() => later(all), /CANCEL b2 was due/);
    all.eye.sent?.(asks('CANCEL', 'b2'));
    all.eye.received?.(hears('b1', 183, 'a'));
    objects(() => later(all), /CANCEL b1 was due/);
    all.eye.received?.(hears('b1', 487, 'a'));
    later(all);
  });

  it('who rings first has won, though another answers before: that one is hung up on, and who rang is not', () => {
    const all = asked();
    all.eye.received?.(hears('b2', 180, 'b'));
    all.eye.received?.(hears('b1', 200, 'a'));
    all.eye.sent?.(asks('ACK', 'b3', 'a'));
    objects(() => later(all), /BYE c1 a was due/);
    all.eye.sent?.(asks('BYE', 'b4', 'a'));
    all.eye.received?.(hears('b2', 180, 'b'));
    all.eye.received?.(hears('b2', 200, 'b'));
    all.eye.sent?.(asks('ACK', 'b5', 'b'));
    later(all);
  });

  it('who rings after another was asked for a password, or was sent elsewhere, is cancelled', () => {
    for (const status of [401, 407, 302]) {
      const all = asked();
      all.eye.received?.(hears('b1', status, 'a'));
      all.eye.received?.(hears('b2', 180, 'b'));
      objects(() => later(all), /CANCEL b2 was due/);
    }
    const all = asked();
    all.eye.received?.(hears('b1', 503, 'a'));
    all.eye.received?.(hears('b2', 180, 'b'));
    later(all);
  });

  it('who had lost to one that then refused may win after all; a refusal that is repeated says nothing', () => {
    const all = asked();
    all.eye.received?.(hears('b2', 180, 'b'));
    all.eye.received?.(hears('b2', 503, 'b'));
    all.eye.received?.(hears('b1', 180, 'a'));
    later(all);
    const sentOn = asked();
    sentOn.eye.received?.(hears('b1', 302, 'a'));
    sentOn.eye.sent?.(asks('INVITE', 'b3'));
    sentOn.eye.received?.(hears('b1', 302, 'a'));
    sentOn.eye.received?.(hears('b3', 180, 'c'));
    later(sentOn);
  });

  it('whose way was cut before the hang-up is let go all the same when he rings or answers', () => {
    const cut = (): ReturnType<typeof asked> => {
      const all = asked();
      all.eye.event?.({ event: 'target-failed', target: PRIMARY, cause: 'refused', took: 1 });
      all.eye.event?.(told('C1', 'ended'));
      later(all);
      return all;
    };
    const rings = cut();
    rings.eye.received?.(hears('b1', 180, 'a'));
    objects(() => later(rings), /CANCEL b1 was due/);
    const answers = cut();
    answers.eye.received?.(hears('b1', 200, 'a'));
    objects(() => later(answers), /ACK c1 a was due/);
    answers.eye.sent?.(asks('ACK', 'b3', 'a'));
    objects(() => later(answers), /BYE c1 a was due/);
  });

  it('without a network nobody can be told', () => {
    const all = asked();
    all.eye.received?.(hears('b1', 200, 'a'));
    all.stage.net.usable = false;
    later(all);
  });
});

it('nothing is sent while the link is down; a way may be asked for', () => {
  const stage = new Stage();
  const eye = stage.look(nothingSentWithoutLink);
  stage.net.link = 'down';
  eye.effect?.({ kind: 'open' } as Effect);
  objects(() => eye.effect?.({ kind: 'send' } as Effect), /although the link is down/);
  assert.doesNotThrow(() => new Stage().look(nothingSentWithoutLink).effect?.({ kind: 'send' } as Effect));
});
