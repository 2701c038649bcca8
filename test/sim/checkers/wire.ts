/** Checkers of what is on the wire (rules 6): challenges, CSeq, copies that must be quiet, and places where nothing may go. */
import assert from 'node:assert/strict';
import type { TransportChoice } from '../../../firmware/config/settings.ts';
import type { Transport } from '../../../firmware/kernel/target.ts';
import { cseqOf, headerValue, vias } from '../../../firmware/sip/message/headers.ts';
import type { SipMessage, SipRequest } from '../../../firmware/sip/message/message.ts';
import { digestFields } from '../sip-peer.ts';
import type { Wire } from '../trace.ts';
import type { Checker } from '../world.ts';
import { FORGED_ADDRESS } from '../zone.ts';

export function branchOf(message: SipMessage): string {
  const via = vias(message);
  return (via.ok && via.value[0]?.params.find(({ name }) => name === 'branch')?.value) || '';
}

/** Whom a request is for: the hop that it is sent to, and the configured server of its Request-URI, whoever is asked for there. */
export const placeOf = ({ flow, message }: Wire<SipRequest>): string =>
  `${flow} for ${message.uri.replace(/^(sips?:)[^@]*@/, '$1')}`;

/**
 * The same whatever carries it: what grows too long for a datagram goes over TCP to the very same place (RFC 3261 18.1.1). What is not a
 * REGISTER has in its Request-URI whom it is about, inside a dialog the far side: there the hop is the server.
 */
const serverOf = (wire: Wire<SipRequest>): string =>
  (wire.message.method === 'REGISTER' ? placeOf(wire) : wire.flow).replace(/^[a-z]+:/, '');

/** A challenge is answered only where it was made; a server behind two proxies may make the same one by either. */
export const challengesStayHome: Checker = () => {
  const madeAt = new Map<string, ReadonlySet<string>>();
  const placeByBranch = new Map<string, string>();
  return {
    sent(wire) {
      placeByBranch.set(branchOf(wire.message), serverOf(wire));
      for (const header of ['Authorization', 'Proxy-Authorization']) {
        const nonce = digestFields(headerValue(wire.message, header)).get('nonce');
        if (nonce === undefined) continue;
        const places = madeAt.get(nonce) ?? new Set();
        const at = serverOf(wire);
        assert.ok(places.has(at), `nonce ${nonce} is answered where it was not made: at ${at}, not ${[...places]}`);
      }
    },
    received({ message }) {
      const place = placeByBranch.get(branchOf(message));
      for (const header of ['WWW-Authenticate', 'Proxy-Authenticate']) {
        const nonce = digestFields(headerValue(message, header)).get('nonce');
        if (nonce !== undefined && place !== undefined) madeAt.set(nonce, new Set(madeAt.get(nonce)).add(place));
      }
    },
  };
};

interface Series {
  readonly cseq: number;
  /** The request without what differs between copies, by CSeq. */
  readonly content: string;
}

/** CSeq never falls within a series, and is equal only in copies of one request. */
export const cseqRises: Checker = () => {
  const series = new Map<string, Series>();
  const seen = new Map<string, string>();
  return {
    sent({ message, data }) {
      const branch = branchOf(message);
      const before = seen.get(branch);
      if (before !== undefined) {
        assert.equal(data, before, 'a retransmission differs from what was sent first');
        return;
      }
      seen.set(branch, data);
      const callId = headerValue(message, 'Call-ID') ?? '';
      const cseq = cseqOf(message);
      assert.ok(cseq.ok, 'a request has a CSeq');
      const last = series.get(callId);
      const content = contentOf(message);
      if (last !== undefined) {
        assert.ok(cseq.value.number >= last.cseq, `CSeq falls from ${last.cseq} to ${cseq.value.number} in ${callId}`);
        const same = cseq.value.number === last.cseq;
        assert.ok(!same || content === last.content, `CSeq ${last.cseq} of ${callId} stands in two different requests`);
      }
      series.set(callId, { cseq: cseq.value.number, content });
    },
  };
};

/** Our own address and transport, which follow the target that a copy goes to. */
const OWN_ADDRESS = /@(?:\[[^\]]*\]|[^:;>]*)(?::\d+)?(?:;transport=\w+)?/;

/** Copies of one request differ in Via, in our own address, and in credentials that are each server's own (rules 3.4). */
const contentOf = ({ method, uri, headers }: SipRequest): string =>
  [
    `${method} ${uri}`,
    ...headers
      .filter(({ name }) => !['Via', 'Authorization', 'Proxy-Authorization', 'Route'].includes(name))
      .map(({ name, value }) => `${name}: ${name === 'Contact' ? value.replace(OWN_ADDRESS, '') : value}`),
  ].join('\n');

/** When a further target starts, earlier copies only listen; a copy to a known-dead target is sent exactly once (rules 3.9). */
export const earlierCopiesAreQuiet: Checker = ({ settings }) => {
  const byAttempt = new Map<string, { readonly branch: string; readonly server: string }[]>();
  const quiet = new Set<string>();
  const once = new Set<string>();
  const connecting = new Set<string>();
  const sent = new Set<string>();
  return {
    event(event) {
      if (event.event !== 'attempt' && event.event !== 'connecting') return;
      const earlier = byAttempt.get(event.attempt) ?? [];
      const copy = `${event.attempt} ${event.server} ${event.target}`;
      const isChallenge = event.event === 'attempt' && event.reason === 'challenge';
      // An answered challenge silences the copies of its own series alone (rules 3.4); who connects began when it was chosen.
      if (!connecting.delete(copy))
        for (const { branch, server } of earlier) if (!isChallenge || server === event.server) quiet.add(branch);
      if (event.event === 'connecting') {
        connecting.add(copy);
        return;
      }
      byAttempt.set(event.attempt, [...earlier, { branch: event.branch, server: event.server }]);
      if (event.known === 'dead' && settings.failover.profile === 'modern') once.add(event.branch);
    },
    sent({ message, flow }) {
      // What ends a copy has its branch (RFC 3261 9.1, 17.1.1.3).
      if (message.method === 'ACK' || message.method === 'CANCEL') return;
      const branch = branchOf(message);
      assert.ok(!quiet.has(branch), `a copy at ${flow} is retransmitted although a further one was started`);
      const again = once.has(branch) && sent.has(branch) && flow.startsWith('udp:');
      assert.ok(!again, `a copy to known-dead ${flow} is sent again`);
      sent.add(branch);
    },
  };
};

/** What each choice may use; a request that is too long for UDP goes over TCP (RFC 3261 18.1.1). TLS is never left. */
const TRANSPORTS: Readonly<Record<TransportChoice, readonly Transport[]>> = {
  0: ['udp', 'tcp'],
  1: ['udp', 'tcp'],
  2: ['tcp'],
  4: ['tls'],
};

/** A connection carries each request once; where it breaks before any answer, a new one carries it once more (rules 4). */
export const streamsRepeatNothing: Checker = () => {
  const sent = new Map<string, number>();
  return {
    sent({ message, flow }) {
      if (flow.startsWith('udp:')) return;
      const branch = branchOf(message);
      sent.set(branch, (sent.get(branch) ?? 0) + 1);
      assert.ok((sent.get(branch) ?? 0) <= 2, `${message.method} ${branch} is sent a third time over ${flow}`);
    },
  };
};

/** Nothing is sent to an unset address, to where a forged answer points, or by another transport than the chosen one. */
export const nowhereForbidden: Checker = ({ settings }) => ({
  effect(effect) {
    if (effect.kind !== 'open') return;
    assert.ok(!['0.0.0.0', '::', '', FORGED_ADDRESS].includes(effect.target.address), `opened ${effect.flow}`);
    const { transport } = effect.target;
    assert.ok(TRANSPORTS[settings.transport].includes(transport), `opened ${effect.flow} by another transport`);
    assert.ok(effect.target.port > 0 && effect.target.port < 65_536, `opened ${effect.flow}`);
  },
});

/** While the phone knows that the link is down it sends nothing (rules 4, "Link down"). */
export const silentWithoutLink: Checker = (world) => ({
  effect(effect) {
    const sends = effect.kind === 'open' || effect.kind === 'send';
    assert.ok(!sends || world.net.link === 'up', `${effect.kind} although the link is down`);
  },
});

/** No password leaves the phone in an event, a log line or a stored value, and none in clear on the wire. */
export const secretsStay: Checker = ({ settings }) => {
  const secrets = settings.lines.map(({ password }) => password).filter((password) => password !== '');
  return {
    effect(effect) {
      const text = effect.kind === 'send' ? effect.data : effect.kind === 'show' ? '' : JSON.stringify(effect);
      for (const secret of secrets) assert.ok(!text.includes(secret), `a password stands in a ${effect.kind}`);
      if (effect.kind !== 'send') assert.doesNotMatch(text, /Digest username/, `credentials stand in a ${effect.kind}`);
    },
  };
};
