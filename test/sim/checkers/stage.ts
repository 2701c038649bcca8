/** Owns a world without a phone, on which checkers are shown what they must refuse, and the messages and events for it. */
import assert from 'node:assert/strict';
import type { Profile } from '../../../firmware/config/settings.ts';
import type { PhoneEvent } from '../../../firmware/events.ts';
import type { SipRequest, SipResponse } from '../../../firmware/sip/message/message.ts';
import type { RoleStatus } from '../../../firmware/status.ts';
import { lineSettings, phoneSettings, server } from '../../support/settings.ts';
import { FAIR } from '../net.ts';
import { SipPeer } from '../sip-peer.ts';
import type { Wire } from '../trace.ts';
import type { Checker, World } from '../world.ts';

export const PRIMARY = 'udp:192.0.2.1:5060';
export const BACKUP = 'udp:192.0.2.2:5060';

/** A world without a phone: time and status are what the test says. */
export class Stage {
  now = 0;
  readonly settings;
  readonly net = {
    link: 'up',
    routed: true,
    usable: true,
    calm: true,
    cut: new Set<string>(),
    weather: FAIR,
    reaches: () => true,
  };
  readonly peers = [new SipPeer({ address: '192.0.2.1' }), new SipPeer({ address: '192.0.2.2' })];
  role: RoleStatus = {
    state: 'waiting',
    server: null,
    target: null,
    since: null,
    expiresIn: null,
    code: null,
    retryIn: null,
    switching: false,
    reason: '',
    lists: { primary: [PRIMARY], backup: [BACKUP] },
  };

  constructor(profile: Profile = 'modern') {
    const registrar = { primary: server('192.0.2.1', 0), backup: server('192.0.2.2', 0) };
    this.settings = phoneSettings({ lines: [lineSettings({ registrar })], failover: { profile } });
  }

  registrar = (): RoleStatus => this.role;
  status = (): unknown => ({ lines: [{ line: 1, registrar: this.role }], targets: [] });
  peerAt = (target: string): SipPeer | undefined => this.peers.find(({ address }) => target.includes(`${address}:`));

  look(checker: Checker): ReturnType<Checker> {
    return checker(this as unknown as World);
  }
}

export const request = (
  branch: string,
  over: { cseq?: number; method?: string; auth?: string; more?: string } = {},
): SipRequest => {
  const { cseq = 1, method = 'REGISTER', auth, more } = over;
  return {
    kind: 'request',
    method,
    uri: 'sip:192.0.2.1',
    headers: [
      { name: 'Via', value: `SIP/2.0/UDP 192.0.2.100;branch=${branch}` },
      { name: 'Call-ID', value: 'series' },
      { name: 'CSeq', value: `${cseq} ${method}` },
      ...(auth === undefined ? [] : [{ name: 'Authorization', value: `Digest realm="sim", nonce="${auth}"` }]),
      ...(more === undefined ? [] : [{ name: 'Expires', value: more }]),
    ],
    body: '',
  };
};

export const sent = (message: SipRequest, flow = PRIMARY, at = 0): Wire<SipRequest> => ({
  at,
  way: 'sent',
  flow,
  message,
  data: JSON.stringify(message),
});

export const received = (
  branch: string,
  status: number,
  header?: { name: string; value: string },
): Wire<SipResponse> => {
  const headers = [
    { name: 'Via', value: `SIP/2.0/UDP 192.0.2.100;branch=${branch}` },
    ...(header === undefined ? [] : [header]),
  ];
  return {
    at: 0,
    way: 'received',
    flow: PRIMARY,
    message: { kind: 'response', status, reason: '', headers, body: '' },
    data: '',
  };
};

export const attempt = (id: string, over: Partial<Extract<PhoneEvent, { event: 'attempt' }>> = {}): PhoneEvent => ({
  event: 'attempt',
  attempt: id,
  line: 1,
  role: 'registrar',
  method: 'REGISTER',
  server: 'primary',
  target: PRIMARY,
  reason: 'fresh',
  callId: 'series',
  branch: `b${id}`,
  cseq: 1,
  known: 'live',
  waitMs: 1500,
  ...over,
});

export const connecting = (
  id: string,
  over: Partial<Extract<PhoneEvent, { event: 'connecting' }>> = {},
): PhoneEvent => ({
  event: 'connecting',
  attempt: id,
  line: 1,
  role: 'registrar',
  method: 'REGISTER',
  server: 'primary',
  target: PRIMARY,
  ...over,
});

export const ended = (id: string, outcome: 'failed' | 'cancelled' = 'failed'): PhoneEvent => ({
  event: 'attempt-ended',
  attempt: id,
  line: 1,
  role: 'registrar',
  method: 'REGISTER',
  outcome,
  took: 0,
});

export const objects = (run: () => void, pattern: RegExp): void =>
  assert.throws(run, { name: 'AssertionError', message: pattern });
