/**
 * Owns the wire between the emulated board and this machine: a tap where this process has a network namespace of its own, else
 * QEMU's user network, through which only the guest can begin to talk.
 */
import { run } from '../image/store.ts';
import { freePorts } from '../lab/ports.ts';

export interface Network {
  readonly kind: 'tap' | 'user';
  /** This machine, as the guest sees it. */
  readonly host: string;
  /** Where a server for the guest listens here. */
  readonly listen: string;
  readonly guest: string;
  readonly prefix: number;
  /** A port that the guest listens on, as this machine sees it: `HOST:PORT`. */
  readonly reach: (port: number) => string;
  /** What QEMU is told. */
  readonly arguments: readonly string[];
  close(): void;
}

const TAP = 'holdfast0';
const DEVICE = ['-device', 'usb-net,netdev=wire,mac=52:54:00:57:00:01'];

/** Set by `inside.ts` for what runs in a namespace of its own. */
export const hasOwnNetwork = (): boolean => process.env['HOLDFAST_OWN_NETWORK'] === '1';

/** `ports` are those that the guest listens on. */
export const openNetwork = (ports: readonly number[]): Promise<Network> =>
  hasOwnNetwork() ? Promise.resolve(openTap()) : openUserNetwork(ports);

function openTap(): Network {
  const [host, guest, prefix] = ['10.57.0.1', '10.57.0.2', 24] as const;
  run('ip', ['tuntap', 'add', 'dev', TAP, 'mode', 'tap']);
  run('ip', ['addr', 'add', `${host}/${prefix}`, 'dev', TAP]);
  run('ip', ['link', 'set', TAP, 'up']);
  return {
    kind: 'tap',
    ...{ host, listen: host, guest, prefix },
    reach: (port) => `${guest}:${port}`,
    arguments: ['-netdev', `tap,id=wire,ifname=${TAP},script=no,downscript=no`, ...DEVICE],
    close: () => void run('ip', ['link', 'del', TAP]),
  };
}

async function openUserNetwork(ports: readonly number[]): Promise<Network> {
  const free = await freePorts('127.0.0.1', ports.length);
  const here = new Map(ports.map((port, index) => [port, free[index] ?? 0]));
  const forwards = [...here].map(([port, mine]) => `,hostfwd=tcp:127.0.0.1:${mine}-:${port}`).join('');
  return {
    kind: 'user',
    ...{ host: '10.0.2.2', listen: '127.0.0.1', guest: '10.0.2.15', prefix: 24 },
    reach: (port) => `127.0.0.1:${here.get(port) ?? 0}`,
    arguments: ['-netdev', `user,id=wire${forwards}`, ...DEVICE],
    close: () => undefined,
  };
}
