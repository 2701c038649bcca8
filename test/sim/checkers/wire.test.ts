/** The checkers of the wire object to what they must, and let pass what they must: a checker that never objects checks nothing. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TransportChoice } from '../../../firmware/config/settings.ts';
import type { Transport } from '../../../firmware/kernel/target.ts';
import type { World } from '../world.ts';
import { attempt, BACKUP, connecting, objects, PRIMARY, received, request, Stage, sent } from './stage.ts';
import {
  challengesStayHome,
  cseqRises,
  earlierCopiesAreQuiet,
  nowhereForbidden,
  secretsStay,
  silentWithoutLink,
  streamsRepeatNothing,
} from './wire.ts';

describe('on the wire', () => {
  it('a challenge of one server may not be answered at another', () => {
    const eye = new Stage().look(challengesStayHome);
    eye.sent?.(sent(request('b1')));
    eye.received?.(received('b1', 401, { name: 'WWW-Authenticate', value: 'Digest realm="sim", nonce="n1"' }));
    eye.sent?.(sent(request('b2', { cseq: 2, auth: 'n1' })));
    objects(() => eye.sent?.(sent(request('b3', { cseq: 3, auth: 'n1' }), BACKUP)), /answered where it was not made/);
    objects(() => eye.sent?.(sent(request('b4', { cseq: 4, auth: 'invented' }))), /answered where it was not made/);
  });

  it('a challenge may be answered over TCP at the very place that made it over UDP, where the answer grew too long', () => {
    const eye = new Stage().look(challengesStayHome);
    eye.sent?.(sent(request('b1')));
    eye.received?.(received('b1', 401, { name: 'WWW-Authenticate', value: 'Digest realm="sim", nonce="n1"' }));
    eye.sent?.(sent(request('b2', { cseq: 2, auth: 'n1' }), PRIMARY.replace('udp', 'tcp')));
    const elsewhere = BACKUP.replace('udp', 'tcp');
    objects(() => eye.sent?.(sent(request('b3', { cseq: 3, auth: 'n1' }), elsewhere)), /where it was not made/);
  });

  it('a challenge that one server makes by two proxies may be answered by either, and by no third', () => {
    const eye = new Stage().look(challengesStayHome);
    const challenge = { name: 'WWW-Authenticate', value: 'Digest realm="sim", nonce="n1"' };
    for (const [branch, proxy] of [['b1', PRIMARY] as const, ['b2', BACKUP] as const]) {
      eye.sent?.(sent(request(branch), proxy));
      eye.received?.(received(branch, 401, challenge));
    }
    for (const proxy of [PRIMARY, BACKUP]) eye.sent?.(sent(request('b3', { cseq: 2, auth: 'n1' }), proxy));
    const third = BACKUP.replace('192.0.2.2', '192.0.2.3');
    objects(() => eye.sent?.(sent(request('b4', { cseq: 3, auth: 'n1' }), third)), /where it was not made/);
  });

  it('copies may differ in our own address, and in nothing else of the Contact', () => {
    const eye = new Stage().look(cseqRises);
    const copy = (branch: string, contact: string): void => {
      const { headers, ...rest } = request(branch);
      eye.sent?.(sent({ ...rest, headers: [...headers, { name: 'Contact', value: contact }] }));
    };
    copy('b1', '<sip:2001@[2001:db8::100]:5060;line=1;hf=p>');
    copy('b2', '<sip:2001@192.0.2.100:5060;line=1;hf=p>');
    copy('b3', '<sip:2001@192.0.2.100:5060;transport=tcp;line=1;hf=p>');
    objects(() => copy('b4', '<sip:2001@192.0.2.100:5060;line=1;hf=b>'), /two different requests/);
    objects(() => copy('b5', '<sip:2002@192.0.2.100:5060;line=1;hf=p>'), /two different requests/);
  });

  it('CSeq may not fall, nor stand in two different requests; copies and retransmissions pass', () => {
    const eye = new Stage().look(cseqRises);
    eye.sent?.(sent(request('b1', { cseq: 5 })));
    eye.sent?.(sent(request('b1', { cseq: 5 })));
    eye.sent?.(sent(request('b2', { cseq: 5 }), BACKUP));
    objects(() => eye.sent?.(sent(request('b3', { cseq: 5, more: '0' }))), /two different requests/);
    objects(() => eye.sent?.(sent(request('b4', { cseq: 4 }))), /falls from 5 to 4/);
    objects(() => eye.sent?.(sent(request('b1', { cseq: 5, more: '0' }))), /retransmission differs/);
  });

  it('a copy is not retransmitted once a further target was started, and a known-dead target is bothered once', () => {
    const eye = new Stage().look(earlierCopiesAreQuiet);
    eye.event?.(attempt('L1-1', { branch: 'b1' }));
    eye.sent?.(sent(request('b1')));
    eye.sent?.(sent(request('b1')));
    eye.event?.(attempt('L1-1', { branch: 'b2', server: 'backup', reason: 'hedge', known: 'dead' }));
    eye.sent?.(sent(request('b2'), BACKUP));
    objects(() => eye.sent?.(sent(request('b1'))), /retransmitted although/);
    objects(() => eye.sent?.(sent(request('b2'), BACKUP)), /known-dead .* sent again/);
  });

  it('a copy began when its connection was asked for: what was started while that opened is not silenced by it', () => {
    const eye = new Stage().look(earlierCopiesAreQuiet);
    eye.event?.(attempt('L1-1', { branch: 'b1' }));
    eye.event?.(connecting('L1-1', { server: 'backup', target: BACKUP }));
    eye.event?.(attempt('L1-1', { branch: 'b2', reason: 'challenge' }));
    eye.event?.(attempt('L1-1', { branch: 'b3', server: 'backup', target: BACKUP, reason: 'hedge' }));
    eye.sent?.(sent(request('b2')));
    objects(() => eye.sent?.(sent(request('b1'))), /retransmitted although/);
  });

  it('nothing is opened to an unset or forged address, or by another transport', () => {
    const stage = new Stage();
    const open = (address: string, transport: Transport = 'udp', choice: TransportChoice = 1): void =>
      stage
        .look((world) => nowhereForbidden({ ...world, settings: { ...stage.settings, transport: choice } } as World))
        .effect?.({ kind: 'open', flow: 'f', target: { transport, address, port: 5060, tlsName: null } });
    open('192.0.2.1');
    for (const address of ['0.0.0.0', '198.51.100.66', '']) assert.throws(() => open(address));
    open('192.0.2.1', 'tcp');
    open('192.0.2.1', 'tls', 4);
    for (const transport of ['udp', 'tcp'] as const)
      objects(() => open('192.0.2.1', transport, 4), /by another transport/);
    objects(() => open('192.0.2.1', 'udp', 2), /by another transport/);
  });

  it('a connection carries a request once, and a new one after a break once more', () => {
    const eye = new Stage().look(streamsRepeatNothing);
    for (let times = 0; times < 9; times += 1) eye.sent?.(sent(request('b1')));
    eye.sent?.(sent(request('b2'), 'tcp:192.0.2.1:5060'));
    eye.sent?.(sent(request('b2'), 'tcp:192.0.2.1:5060'));
    objects(() => eye.sent?.(sent(request('b2'), 'tcp:192.0.2.1:5060')), /sent a third time/);
  });

  it('nothing is sent while the link is down', () => {
    const stage = new Stage();
    const eye = stage.look(silentWithoutLink);
    eye.effect?.({ kind: 'send', flow: PRIMARY, data: '' });
    stage.net.link = 'down';
    objects(() => eye.effect?.({ kind: 'send', flow: PRIMARY, data: '' }), /send although the link is down/);
  });

  it('no password stands in anything that leaves the phone', () => {
    const eye = new Stage().look(secretsStay);
    eye.effect?.({ kind: 'store', key: 'dns', value: 'harmless' });
    objects(() => eye.effect?.({ kind: 'store', key: 'dns', value: 'secret-2001' }), /password stands in a store/);
    objects(() => eye.effect?.({ kind: 'send', flow: PRIMARY, data: 'x secret-2001' }), /password stands in a send/);
    const fields = { header: 'Digest username="2001"' };
    objects(() => eye.effect?.({ kind: 'log', level: 'debug', name: 'sent', fields }), /credentials stand in a log/);
  });
});
