/** Owns the stage of one agent: a network of its own, BIND that names two Kamailio registrars by SRV, the fault of the primary. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ADDRESSES, buildNetwork, filter, namespaceOf, removeNetwork } from '../../../test/interop/support/network.ts';
import type { Running } from '../../../test/interop/support/process.ts';
import { runIn, until } from '../../../test/interop/support/process.ts';
import {
  addressZone,
  sippAnswer,
  startBind,
  startRegistrar,
  startSipp,
  writeZone,
} from '../../../test/interop/support/servers.ts';
import type { Seen } from '../../../test/interop/support/wire.ts';
import { watchWire } from '../../../test/interop/support/wire.ts';
import type { Agent, AgentOrder } from './agents.ts';
import { relaying, startCallees } from './callee.ts';

/** `unreachable`: its host answers ICMP host unreachable. */
export type PrimaryState = 'whole' | 'killed' | 'silent' | '503' | '500' | 'unreachable';

export interface Stage {
  /** Ms; what has not happened by then has not happened. */
  readonly limitMs: number;
  /** No binding of the registrars lasts longer; both start anew, the primary whole. */
  servers(expiresS: number): Promise<void>;
  /** `method`: of the requests that are answered 503 or 500; without it those of the agent's start. */
  primary(state: PrimaryState, method?: string): Promise<void>;
  /** The name server starts anew with these records besides the addresses of the servers; null = it dies. */
  dns(records: readonly string[] | null, options?: { readonly udpMax?: number }): Promise<void>;
  /** Starts the agent; the moment, ms since 1970. */
  start(order: Omit<AgentOrder, 'folder'>): number;
  /** On its standard input. */
  say(line: string): void;
  stop(): Promise<void>;
  /** Resident memory of the agent, MiB. */
  residentMiB(): number;
  /** The first message from `since` on that fits, waited for; null = not within the limit. */
  first(since: number, fits: (seen: Seen) => boolean): Promise<Seen | null>;
  /** All of them so far. */
  seen(since: number, fits: (seen: Seen) => boolean): readonly Seen[];
  close(): Promise<void>;
}

/** A server has opened its sockets, on a busy machine. */
const SETTLE_MS = 1500;

export function openStage(agent: Agent, limitMs: number): Stage {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-peers-'));
  const resolver = join('/etc/netns', namespaceOf('phone'));
  process.env['HOME'] = folder;
  process.env['HOLDFAST_LOG'] = 'silent';
  buildNetwork();
  mkdirSync(resolver, { recursive: true });
  writeFileSync(join(resolver, 'resolv.conf'), `nameserver ${ADDRESSES.dns}\n`);
  const wire = watchWire();
  const running = new Map<string, Running>();
  let expires = 0;
  let starts = 0;
  let serial = 0;
  const stop = async (what: string): Promise<void> => running.get(what)?.kill();
  const replace = async (what: string, start: () => Running): Promise<void> => {
    await stop(what);
    running.set(what, start());
    await sleep(SETTLE_MS);
  };
  const registrar = (node: 'primary' | 'backup'): Promise<void> =>
    replace(node, () => startRegistrar(node, folder, { expiresS: expires, besides: relaying(node) }));
  const callees = (['primary', 'backup'] as const).flatMap((node) => startCallees(node, folder));
  return {
    limitMs,
    async servers(expiresS) {
      expires = expiresS;
      await Promise.all([registrar('primary'), registrar('backup')]);
    },
    async primary(state, method = agent.method) {
      if (state === 'whole') {
        filter('primary', null);
        await registrar('primary');
      } else if (state === 'silent') running.get('primary')?.signal('SIGSTOP');
      else if (state === 'unreachable') filter('primary', 'reject with icmp type host-unreachable');
      else if (state === 'killed') {
        await stop('primary');
        // Its children end after it, and with the last of them its sockets.
        await sleep(SETTLE_MS);
      } else await replace('primary', () => startSipp(folder, refusing(state, method), method));
    },
    async dns(records, options) {
      if (records === null) return stop('dns');
      serial += 1;
      writeZone(folder, serial, [...addressZone(), ...records]);
      await replace('dns', () => startBind(folder, options));
    },
    start(order) {
      starts += 1;
      const own = join(folder, `agent-${starts}`);
      mkdirSync(own);
      const args = agent.prepare({ ...order, folder: own });
      const at = Date.now();
      running.set('agent', runIn('phone', agent.command, args));
      return at;
    },
    say: (line) => void running.get('agent')?.child.stdin?.write(line),
    stop: () => stop('agent'),
    residentMiB: () => residentMiB(running.get('agent')?.child.pid ?? 0),
    async first(since, fits) {
      const found = (): Seen | undefined => wire.seen.find((seen) => seen.at >= since && fits(seen));
      await until('', () => found() !== undefined, limitMs).catch(() => undefined);
      return found() ?? null;
    },
    seen: (since, fits) => wire.seen.filter((seen) => seen.at >= since && fits(seen)),
    async close() {
      await Promise.all([wire.close(), ...[...callees, ...running.values()].map((each) => each.kill())]);
      removeNetwork();
      rmSync(resolver, { recursive: true, force: true });
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A refused INVITE is acknowledged (RFC 3261 17.1.1.3). */
const refusing = (state: string, method: string): readonly string[] => [
  sippAnswer(`${state} Out of order`),
  ...(method === 'INVITE' ? ['<recv request="ACK"/>'] : []),
];

const residentMiB = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? Number.NaN) / 1024;
