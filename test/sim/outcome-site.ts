/** Owns a phone between two targets of a main server and one of a backup, whose answers come out as a test wants, for table X. */
import type { PhoneSettings } from '../../firmware/config/settings.ts';
import type { SipRequest, SipResponse } from '../../firmware/sip/message/message.ts';
import { serialize } from '../../firmware/sip/message/serialize.ts';
import { lineSettings, phoneSettings, server } from '../support/settings.ts';
import { Notifier } from './notifier.ts';
import type { PeerOptions } from './sip-peer.ts';
import { World } from './world.ts';
import { Zone } from './zone.ts';

/** A server whose answers may come mangled, or from elsewhere. */
export class OddPeer extends Notifier {
  mangle: (data: string) => string = (data) => data;
  answersFrom: string | null = null;
  world: World | null = null;

  constructor(options: PeerOptions) {
    super(options, () => this.world as World);
  }

  override answer(request: SipRequest, now: number): SipResponse | null {
    const answer = super.answer(request, now);
    if (answer === null || this.world?.settings.transport !== 1) return answer;
    this.push(serialize(answer));
    return null;
  }

  override push(data: string): void {
    const from = { address: this.answersFrom ?? this.address, port: this.port };
    if (this.world?.settings.transport !== 1) return super.push(data);
    this.world.at(1, () => this.world?.input({ kind: 'datagram', flow: null, from, data: this.mangle(data) }));
  }
}

export interface Site {
  readonly world: World;
  readonly p1: OddPeer;
  readonly p2: OddPeer;
  readonly b: OddPeer;
}

const PAIR = { primary: server('pbx.test'), backup: server('192.0.2.3', 5060) };
const SECURE = { primary: server('pbx.test'), backup: server('b.test', 5061) };
export const EXPIRES_S = 600;

export function site(
  transport: PhoneSettings['transport'] = 1,
  options: Partial<PeerOptions> = {},
  base = phoneSettings(),
): Site {
  const secure = transport === 4;
  const port = secure ? 5061 : 5060;
  const service = { 0: '_sip._udp', 1: '_sip._udp', 2: '_sip._tcp', 4: '_sips._tcp' }[transport];
  const make = (address: string): OddPeer =>
    new OddPeer({
      ...{ address, port, maxExpiresS: EXPIRES_S, ...options },
      ...(secure ? { listens: ['tls'] as const, certificate: address === '192.0.2.3' ? 'b.test' : 'pbx.test' } : {}),
    });
  const [p1, p2, b] = [make('192.0.2.1'), make('192.0.2.2'), make('192.0.2.3')];
  const zone = new Zone().a('p1.test', p1.address).a('p2.test', p2.address).a('b.test', b.address);
  zone.srv(`${service}.pbx.test`, 'p1.test', port, 10).srv(`${service}.pbx.test`, 'p2.test', port, 20);
  const pair = secure ? SECURE : PAIR;
  const settings = { ...base, transport, lines: [lineSettings({ registrar: pair, proxy: pair })] };
  const world = new World({ settings, peers: [p1, p2, b], zone });
  for (const peer of [p1, p2, b]) {
    peer.attach(world);
    peer.world = world;
  }
  return { world, p1, p2, b };
}

const NAMES: Readonly<Record<string, string>> = { '192.0.2.1': 'p1', '192.0.2.2': 'p2', '192.0.2.3': 'b' };

/** Who was asked in the walk that began at `since`, in order, each once. */
export function walk({ world }: Site, method: string, since = 0): string {
  const asked = world.events.flatMap(({ at, event }) =>
    (event.event === 'attempt' || event.event === 'connecting') && event.method === method && at >= since
      ? [event]
      : [],
  );
  const targets = asked.filter(({ attempt }) => attempt === asked[0]?.attempt).map(({ target }) => target);
  const addresses = new Set(targets.map((target) => /[\d.]{7,}/.exec(target)?.[0] ?? target));
  return [...addresses].map((address) => NAMES[address] ?? address).join(' ');
}
