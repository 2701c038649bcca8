/**
 * Owns the emulated phone as a web server here: the same panel, interface and events as a phone's own, but keys, lamps and screen are
 * those of the emulated chips, seen from outside the guest.
 */
import type { PhoneEvent } from '../../firmware/events.ts';
import type { PhoneStatus } from '../../firmware/status.ts';
import { mountHil } from '../../firmware/web/hil.ts';
import { createCounters } from '../../firmware/web/metrics.ts';
import { mountPanel } from '../../firmware/web/panel/panel.ts';
import type { WebServer } from '../../firmware/web/server.ts';
import { createWebServer } from '../../firmware/web/server.ts';
import { standingFaults } from '../lab/standing.ts';
import type { EmulatedPhone } from './phone.ts';

export interface Mirror {
  readonly port: number;
  close(): Promise<void>;
}

/** Listens on the loopback of wherever this process is. */
export async function openMirror({ guest, rig, lab }: EmulatedPhone): Promise<Mirror> {
  const counters = createCounters();
  guest.onEvent(({ fields }) => counters.count(fields as unknown as PhoneEvent));
  const status = (): PhoneStatus => guest.state()?.status ?? BOOTING;
  const web: WebServer = createWebServer({
    ...{ decisions: () => [], trace: () => [], listening: { address: '0.0.0.0', port: 0 } },
    token: null,
    ui: null,
    status,
    counters,
    since: (id) => guest.events().filter((event) => event.id > id),
    subscribe: guest.onEvent,
  });
  mountPanel(web.app, {
    rig,
    host: { status, decisions: () => guest.state()?.decisions ?? [], onChange: guest.onState },
    faults: standingFaults(lab),
    audio: null,
    pages: false,
  });
  mountHil(web.app, rig, {
    // The desk's sound has no outside: QEMU has no codec for it. The phone plays to and hears its own kernel's loopback.
    tone: (hz, ms) => void guest.ask('POST', '/hil/v1/audio/tone', { hz, ms }).catch(() => undefined),
    level: (hz) => guest.ask('GET', `/hil/v1/audio/level?hz=${hz}`),
  });
  const { port } = await web.listen({ address: '127.0.0.1', port: 0 });
  return { port, close: web.close };
}

/** Until the phone in the guest answers. */
const BOOTING: PhoneStatus = {
  profile: 'modern',
  model: '57i',
  version: '',
  uptime: 0,
  link: 'down',
  lines: [],
  subscriptions: [],
  targets: [],
  dns: [],
};
