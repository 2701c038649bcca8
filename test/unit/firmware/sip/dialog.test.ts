/** Proves dialogs: how they begin, what belongs to them, and how requests inside them are addressed (RFC 3261 12). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Dialog } from '../../../../firmware/sip/dialog.ts';
import {
  answers,
  dialogOfAnswer,
  dialogOfRequest,
  holds,
  nextHopOf,
  requestIn,
  withTargetOf,
} from '../../../../firmware/sip/dialog.ts';
import { headerValue, headerValues } from '../../../../firmware/sip/message/headers.ts';
import type { Header, SipRequest, SipResponse } from '../../../../firmware/sip/message/message.ts';

const header = (name: string, value: string): Header => ({ name, value });

const invite = (...more: readonly Header[]): SipRequest => ({
  kind: 'request',
  method: 'INVITE',
  uri: 'sip:200@example.test',
  headers: [
    header('Via', 'SIP/2.0/UDP 192.0.2.100:5060;branch=z9hG4bK1'),
    header('From', '"Desk" <sip:100@example.test>;tag=ours'),
    header('To', '<sip:200@example.test>'),
    header('Call-ID', 'call-1'),
    header('CSeq', '7 INVITE'),
    ...more,
  ],
  body: '',
});

const response = (status: number, tag: string, ...more: readonly Header[]): SipResponse => ({
  kind: 'response',
  status,
  reason: '',
  headers: [header('To', `<sip:200@example.test>${tag === '' ? '' : `;tag=${tag}`}`), ...more],
  body: '',
});

const CONTACT = header('Contact', '<sip:200@198.51.100.7:5062>');

function begun(response_: SipResponse): Dialog {
  const dialog = dialogOfAnswer(invite(), response_);
  assert.ok(dialog.ok, dialog.ok ? '' : dialog.error);
  return dialog.value;
}

const inside = (dialog: Dialog, method = 'BYE'): SipRequest =>
  requestIn(dialog, {
    method,
    cseq: dialog.localCseq + 1,
    via: header('Via', 'SIP/2.0/UDP h;branch=z9hG4bK2'),
    headers: [],
    body: '',
  });

describe('a dialog of a call that we made (12.1.2)', () => {
  it('has our tag, theirs, their Contact, and the way back', () => {
    const dialog = begun(
      response(200, 'theirs', CONTACT, header('Record-Route', '<sip:p1.test;lr>, <sip:p2.test;lr>')),
    );
    assert.deepEqual(dialog, {
      callId: 'call-1',
      localTag: 'ours',
      remoteTag: 'theirs',
      localCseq: 7,
      remoteCseq: null,
      local: '"Desk" <sip:100@example.test>;tag=ours',
      remote: '<sip:200@example.test>;tag=theirs',
      remoteTarget: 'sip:200@198.51.100.7:5062',
      routeSet: ['<sip:p2.test;lr>', '<sip:p1.test;lr>'],
    });
  });

  it('an answer without a tag begins none, one without a Contact leads where the call went', () => {
    assert.equal(dialogOfAnswer(invite(), response(180, '')).ok, false);
    assert.equal(begun(response(200, 't')).remoteTarget, 'sip:200@example.test');
    assert.equal(begun(response(200, 't', header('Contact', 'nonsense'))).remoteTarget, 'sip:200@example.test');
  });

  it('tells its own answers from those of another fork', () => {
    const dialog = begun(response(200, 'theirs', CONTACT));
    assert.deepEqual(
      [answers(dialog, response(200, 'theirs')), answers(dialog, response(200, 'other'))],
      [true, false],
    );
  });
});

describe('a dialog of a call that came in (12.1.1)', () => {
  it('has the caller as its far side, and the route as it was recorded', () => {
    const dialog = dialogOfRequest(
      invite(CONTACT, header('Record-Route', '<sip:p1.test;lr>,<sip:p2.test;lr>')),
      'mine',
    );
    assert.deepEqual(dialog.ok && dialog.value, {
      callId: 'call-1',
      localTag: 'mine',
      remoteTag: 'ours',
      localCseq: 0,
      remoteCseq: 7,
      local: '<sip:200@example.test>;tag=mine',
      remote: '"Desk" <sip:100@example.test>;tag=ours',
      remoteTarget: 'sip:200@198.51.100.7:5062',
      routeSet: ['<sip:p1.test;lr>', '<sip:p2.test;lr>'],
    });
  });

  it('without a Contact that can be reached there is none', () => {
    assert.equal(dialogOfRequest(invite(), 'mine').ok, false);
    assert.equal(dialogOfRequest(invite(header('Contact', '<tel:200>')), 'mine').ok, false);
    assert.equal(dialogOfRequest({ ...invite(CONTACT), headers: [CONTACT] }, 'mine').ok, false);
  });

  it('holds requests with its Call-ID and both tags, and no others', () => {
    const dialog = dialogOfRequest(invite(CONTACT), 'mine');
    assert.ok(dialog.ok);
    const bye = (from: string, to: string, callId: string): SipRequest => ({
      ...invite(),
      method: 'BYE',
      headers: [
        header('From', `<sip:100@example.test>;tag=${from}`),
        header('To', `<sip:200@example.test>;tag=${to}`),
        header('Call-ID', callId),
      ],
    });
    assert.equal(holds(dialog.value, bye('ours', 'mine', 'call-1')), true);
    assert.equal(holds(dialog.value, bye('other', 'mine', 'call-1')), false);
    assert.equal(holds(dialog.value, bye('ours', 'other', 'call-1')), false);
    assert.equal(holds(dialog.value, bye('ours', 'mine', 'call-2')), false);
    assert.equal(holds(dialog.value, { ...bye('ours', 'mine', 'call-1'), headers: [] }), false);
  });
});

describe('a request inside a dialog (12.2.1.1)', () => {
  it('goes to the Contact by loose routes', () => {
    const dialog = begun(response(200, 'theirs', CONTACT, header('Record-Route', '<sip:p1.test:5070;lr>')));
    const bye = inside(dialog);
    assert.equal(bye.uri, 'sip:200@198.51.100.7:5062');
    assert.deepEqual(headerValues(bye, 'Route'), ['<sip:p1.test:5070;lr>']);
    assert.deepEqual(
      ['From', 'To', 'CSeq'].map((name) => headerValue(bye, name)),
      ['"Desk" <sip:100@example.test>;tag=ours', '<sip:200@example.test>;tag=theirs', '8 BYE'],
    );
    assert.deepEqual(nextHopOf(dialog), { ok: true, value: { name: 'p1.test', port: 5070, transport: null } });
  });

  it('goes to a strict router with the Contact as the last route', () => {
    const dialog = begun(
      response(200, 'theirs', CONTACT, header('Record-Route', '<sip:p2.test;lr>, <sip:p1.test;method=X?h=1>')),
    );
    const bye = inside(dialog);
    assert.equal(bye.uri, 'sip:p1.test;method=X');
    assert.deepEqual(headerValues(bye, 'Route'), ['<sip:p2.test;lr>', '<sip:200@198.51.100.7:5062>']);
  });

  it('goes straight to the far side without routes, over the transport that it names', () => {
    const hop = (contact: string): unknown => nextHopOf(begun(response(200, 't', header('Contact', contact))));
    assert.deepEqual(hop('<sip:200@198.51.100.7:5062>'), {
      ok: true,
      value: { name: '198.51.100.7', port: 5062, transport: null },
    });
    assert.deepEqual(hop('<sip:200@pbx.test;transport=TCP>'), {
      ok: true,
      value: { name: 'pbx.test', port: 0, transport: 'tcp' },
    });
    assert.deepEqual(hop('<sips:200@pbx.test>'), { ok: true, value: { name: 'pbx.test', port: 0, transport: 'tls' } });
    assert.deepEqual(hop('<sip:200@pbx.test;maddr=192.0.2.9>'), {
      ok: true,
      value: { name: '192.0.2.9', port: 0, transport: null },
    });
  });

  it('a route that cannot be read says so', () => {
    const dialog = begun(response(200, 't', CONTACT));
    assert.equal(nextHopOf({ ...dialog, routeSet: ['<sip:'] }).ok, false);
    assert.equal(nextHopOf({ ...dialog, routeSet: ['<tel:1>'] }).ok, false);
  });

  it('follows the far side when it moves, by the same routes', () => {
    const dialog = begun(response(200, 't', CONTACT, header('Record-Route', '<sip:p1.test;lr>')));
    const moved = withTargetOf(dialog, response(200, 't', header('Contact', '<sip:200@203.0.113.9>')));
    assert.deepEqual([moved.remoteTarget, moved.routeSet], ['sip:200@203.0.113.9', dialog.routeSet]);
    assert.equal(withTargetOf(dialog, response(200, 't')).remoteTarget, dialog.remoteTarget);
  });

  it('a path without end is cut', () => {
    const many = Array.from({ length: 100 }, (_, at) => header('Record-Route', `<sip:p${at}.test;lr>`));
    assert.equal(begun(response(200, 't', CONTACT, ...many)).routeSet.length, 32);
  });
});
