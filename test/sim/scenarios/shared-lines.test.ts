/** Shared lines (draft-anil-sipping-bla; conformance H19): the agent watches the phone, a line is seized before it calls, through both servers. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { headerValue } from '../../../firmware/sip/message/headers.ts';
import type { SipRequest } from '../../../firmware/sip/message/message.ts';
import { parseMessage } from '../../../firmware/sip/message/parse.ts';
import { readDialogInfo } from '../../../firmware/subscription/dialog-info.ts';
import { Caller } from '../caller.ts';
import type { Notifier } from '../notifier.ts';
import type { WatchDesk } from '../watch-desk.ts';
import { LINE, watchDesk } from '../watch-desk.ts';

function begun(): WatchDesk {
  const desk = watchDesk({ lines: [{ ...LINE, sharedNumber: '2900' }], keys: [] });
  desk.world.run(100);
  return desk;
}

/** The agent on this server watches the phone; what the phone answered. */
function agent(
  desk: WatchDesk,
  peer: Notifier,
  over: { readonly expires?: number; readonly event?: string } = {},
): string {
  const subscribe = [
    'SUBSCRIBE sip:2001@192.0.2.100:5060 SIP/2.0',
    `Via: SIP/2.0/UDP ${peer.address}:5060;branch=z9hG4bKagent${desk.world.replies.length}`,
    'Max-Forwards: 70',
    `From: <sip:2900@${peer.address}>;tag=agent`,
    'To: <sip:2900@x>',
    `Call-ID: agent-${peer.address}`,
    `CSeq: ${desk.world.replies.length + 1} SUBSCRIBE`,
    `Contact: <sip:${peer.address}:5060>`,
    `Event: ${over.event ?? 'dialog;sla'}`,
    `Expires: ${over.expires ?? 300}`,
    'Content-Length: 0',
    '',
    '',
  ];
  peer.push(subscribe.join('\r\n'));
  desk.world.run(100);
  const parsed = parseMessage(desk.world.replies.at(-1)?.data ?? '');
  return parsed.ok && parsed.value.kind === 'response' ? String(parsed.value.status) : 'nothing';
}

const told = ({ world }: WatchDesk): readonly SipRequest[] => world.sent('NOTIFY').map(({ message }) => message);
const said = (notify: SipRequest | undefined): readonly string[] => {
  const info = readDialogInfo(notify?.body ?? '');
  return info.ok
    ? info.value.dialogs.map(({ state, direction, appearance, held }) => `${state} ${direction} ${appearance} ${held}`)
    : [info.error];
};
const dial = ({ world }: WatchDesk, ms = 100): void => {
  world.input({ kind: 'command', id: 'x', command: { verb: 'dial', target: '200', line: 1 } });
  world.run(ms);
};
const ends = ({ world }: WatchDesk): readonly string[] =>
  world
    .eventsOf('call')
    .flatMap((event) => (event.state === 'ended' ? [`${event.cause ?? ''} ${event.code ?? ''}`.trim()] : []));

describe('a shared line', () => {
  it('is shown to the agent of its server at once, and to nobody else', () => {
    const desk = begun();
    assert.equal(agent(desk, desk.primary), '200');
    assert.equal(headerValue(told(desk)[0] ?? assert.fail(), 'Subscription-State'), 'active;expires=300');
    assert.deepEqual(said(told(desk)[0]), []);
    assert.equal(agent(desk, desk.primary, { event: 'presence' }), '489');
    const other = watchDesk();
    other.world.run(100);
    assert.equal(agent(other, other.primary), '404');
  });

  it('is seized before it calls: the NOTIFY first, the INVITE after its 200', () => {
    const desk = begun();
    agent(desk, desk.primary);
    dial(desk, 2000);
    const order = desk.world.wires.flatMap(({ message }) =>
      message.kind === 'request' && (message.method === 'INVITE' || message.method === 'NOTIFY')
        ? [message.method]
        : [],
    );
    assert.deepEqual(order.slice(0, 3), ['NOTIFY', 'NOTIFY', 'INVITE']);
    assert.deepEqual(said(told(desk)[1]), ['trying initiator 1 false']);
    assert.deepEqual(said(told(desk).at(-1)), ['confirmed initiator 1 false']);
    desk.world.input({ kind: 'command', id: 'x', command: { verb: 'hold', call: null } });
    desk.world.run(500);
    assert.deepEqual(said(told(desk).at(-1)), ['confirmed initiator 1 true']);
    desk.world.input({ kind: 'command', id: 'x', command: { verb: 'hangup', call: null } });
    desk.world.run(500);
    assert.deepEqual(said(told(desk).at(-1)), []);
  });

  for (const [alert, appearance] of [
    ['<http://x.test>;x-line-id=2', 3],
    ['<urn:alert:service:normal>;appearance=2', 2],
    ['<http://x.test>;x-line-id=strange', 1],
  ] as const)
    it(`that rings (Alert-Info: ${alert}) is told of at appearance ${appearance}`, () => {
      const desk = begun();
      agent(desk, desk.primary);
      desk.world.run(100);
      new Caller(desk.world, desk.primary, { headers: [{ name: 'Alert-Info', value: alert }] }).call();
      desk.world.run(100);
      assert.deepEqual(said(told(desk).at(-1)), [`early recipient ${appearance} false`]);
    });

  it('that somebody else has seized calls nobody', () => {
    const desk = begun();
    agent(desk, desk.primary);
    desk.primary.status = 409;
    desk.primary.statusFor = 'NOTIFY';
    dial(desk, 1000);
    assert.equal(desk.world.sent('INVITE').length, 0);
    assert.deepEqual(ends(desk), ['busy 486']);
    desk.primary.status = null;
    dial(desk, 1000);
    assert.equal(desk.world.sent('INVITE').length, 1);
  });

  it('whose agent is silent, or has forgotten us, holds up no call', () => {
    const silent = begun();
    agent(silent, silent.primary);
    silent.primary.fault = 'silent';
    dial(silent, 1900);
    assert.equal(silent.world.sent('INVITE').length, 0);
    silent.world.run(4000);
    assert.deepEqual(
      silent.world
        .sent('INVITE')
        .map(({ flow }) => flow.includes('192.0.2.1:'))
        .at(-1),
      false,
    );
    const forgotten = begun();
    agent(forgotten, forgotten.primary);
    forgotten.primary.status = 481;
    forgotten.primary.statusFor = 'NOTIFY';
    dial(forgotten);
    assert.equal(forgotten.world.sent('INVITE').length, 1);
  });

  it('is left where the caller hangs up before it was seized', () => {
    const desk = begun();
    agent(desk, desk.primary);
    desk.primary.fault = 'silent';
    dial(desk);
    desk.world.input({ kind: 'command', id: 'x', command: { verb: 'hangup', call: null } });
    desk.world.run(10_000);
    assert.equal(desk.world.sent('INVITE').length, 0);
    assert.deepEqual(ends(desk), ['hangup']);
  });

  it('takes the lowest appearance that nobody has', () => {
    const desk = begun();
    agent(desk, desk.primary);
    const others = `<dialog-info version="1" state="full" entity="sip:2900@x"><dialog id="o" direction="initiator"><state>confirmed</state><local><target uri="a"><param pname="x-line-id" pvalue="0"/></target></local></dialog></dialog-info>`;
    desk.primary.notify(desk.primary.subscribers[0] ?? assert.fail(), { body: others });
    desk.world.run(100);
    assert.equal(desk.lamp('line1'), 'on');
    dial(desk, 1000);
    assert.match(said(told(desk).at(-1))[0] ?? '', /^\w+ initiator 2 /);
  });

  it('tells the backup as the primary, once its agent watches: what the line does now comes first', () => {
    const desk = begun();
    agent(desk, desk.primary);
    dial(desk, 1000);
    desk.world.kill(desk.primary);
    desk.world.until(() => desk.on('2900') === 'active backup', 60_000);
    const before = told(desk).length;
    assert.equal(agent(desk, desk.backup), '200');
    desk.world.run(500);
    assert.deepEqual(said(told(desk)[before]), ['confirmed initiator 1 false']);
  });

  it('is told for the last time when the agent leaves', () => {
    const desk = begun();
    assert.equal(agent(desk, desk.primary, { expires: 0 }), '200');
    assert.equal(headerValue(told(desk).at(-1) ?? assert.fail(), 'Subscription-State'), 'terminated;reason=timeout');
    dial(desk, 500);
    assert.equal(told(desk).length, 1);
  });

  for (const serving of ['primary', 'backup'] as const)
    it(`that another phone holds flashes slowly, and its key takes the call up here, by the ${serving}`, () => {
      const desk = begun();
      agent(desk, desk.primary);
      desk.world.run(30_000);
      if (serving === 'backup') {
        desk.world.kill(desk.primary);
        desk.world.until(() => desk.on('2900') === 'active backup', 60_000);
        agent(desk, desk.backup);
      }
      const tells = (state: string, rendering: string): void => {
        const watched = desk[serving].subscribers.at(-1) ?? assert.fail('nobody watches the line');
        watched.version += 1;
        const dialog = `<dialog id="o" call-id="c9@x" local-tag="lt" remote-tag="rt" direction="initiator"><state>${state}</state><local><target uri="a"><param pname="x-line-id" pvalue="0"/><param pname="+sip.rendering" pvalue="${rendering}"/></target></local><remote><target uri="sip:far@192.0.2.9"/></remote></dialog>`;
        const body = `<dialog-info version="${watched.version}" state="full" entity="sip:2900@x">${dialog}</dialog-info>`;
        desk[serving].notify(watched, { body });
        desk.world.run(100);
      };
      tells('trying', 'yes');
      assert.equal(desk.lamp('line1'), 'on');
      tells('confirmed', 'no');
      assert.equal(desk.lamp('line1'), 'slow-flash');
      desk.world.press('line1');
      desk.world.run(3000);
      const [invite] = desk.world.sent('INVITE').filter(({ flow }) => flow.includes(desk[serving].address));
      assert.equal(invite?.message.uri, 'sip:far@192.0.2.9');
      assert.equal(headerValue(invite.message, 'Replaces'), 'c9@x;to-tag=rt;from-tag=lt');
      assert.equal(desk.world.eventsOf('call').at(-1)?.state, 'connected');
      // A call of our own that is held is ours: its key resumes it.
      desk.world.press('line1');
      desk.world.run(500);
      assert.equal(desk.world.eventsOf('call').filter(({ state }) => state === 'connected').length, 1);
    });
});

describe('a line that is shared by BroadSoft (`sip mode: 1`; conformance H20)', () => {
  const at = (index: number | '*', state: string): string =>
    `Call-Info: <sip:as.test>;appearance-index=${index};appearance-state=${state}`;
  const tells = (desk: WatchDesk, peer: Notifier, ...more: readonly string[]): string => {
    peer.notify(peer.subscribers.at(-1) ?? assert.fail('nobody watches'), { body: '', more });
    desk.world.run(100);
    return desk.lamp('line1');
  };

  it('asks for call-info at its own address, and lights its key by the appearances, through both servers', () => {
    const desk = watchDesk({ lines: [{ ...LINE, callInfo: true }], keys: [] });
    desk.world.run(30_000);
    const [subscribe] = desk.world.sent('SUBSCRIBE');
    assert.equal(headerValue(subscribe?.message ?? assert.fail(), 'Event'), 'call-info');
    assert.match(subscribe?.message.uri ?? '', /^sip:2001@/);
    assert.equal(tells(desk, desk.primary, at(1, 'alerting')), 'fast-flash');
    assert.equal(tells(desk, desk.primary, at(1, 'active')), 'on');
    assert.equal(tells(desk, desk.primary, at(1, 'held')), 'slow-flash');
    desk.world.kill(desk.primary);
    desk.world.until(() => desk.on('2001') === 'active backup', 60_000);
    assert.equal(tells(desk, desk.backup, at(2, 'seized'), at('*', 'idle')), 'on');
    assert.equal(tells(desk, desk.backup, at('*', 'idle')), 'off');
    desk.primary.fault = 'none';
    desk.world.until(() => desk.on('2001') === 'active primary', 60_000);
    assert.equal(tells(desk, desk.primary, at(1, 'held-private')), 'slow-flash');
  });

  it('keeps what it knows where a notification cannot be read', () => {
    const desk = watchDesk({ lines: [{ ...LINE, callInfo: true }], keys: [] });
    desk.world.run(1000);
    assert.equal(tells(desk, desk.primary, at(1, 'active')), 'on');
    assert.equal(tells(desk, desk.primary, 'Call-Info: <sip:as.test>;purpose=icon'), 'on');
  });
});
