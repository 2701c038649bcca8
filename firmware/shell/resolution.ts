/** Owns looking servers up as the phone does, with an address book apart from its own: for `holdfast resolve` and its page. Bounded in time and in steps. */
import { performance } from 'node:perf_hooks';
import type { DnsQueryType, ServerSetting, TransportChoice } from '../config/settings.ts';
import type { PhoneEvent } from '../events.ts';
import { createRandom } from '../kernel/random.ts';
import type { Endpoint } from '../kernel/target.ts';
import { targetText } from '../kernel/target.ts';
import { millis } from '../kernel/time.ts';
import type { DirectoryContext, DirectoryOut, Located } from '../servers/directory.ts';
import { createDirectory } from '../servers/directory.ts';
import { createDnsIo } from './dns-io.ts';
import { systemSeed } from './entropy.ts';
import { bindsOf, familiesOf, readHosts, systemNameServers } from './system-dns.ts';

type DnsEvent = Extract<PhoneEvent, { event: 'dns' }>;

export interface ResolutionPlan {
  readonly servers: readonly ServerSetting[];
  readonly transport: TransportChoice;
  readonly dnsQueryType: DnsQueryType;
  /** The phone's own address, as of `holdfast run`: decides which families it can send to. */
  readonly bind: string;
  /** Empty = those of the system, and its hosts file. */
  readonly nameServers: readonly Endpoint[];
}

export type ResolutionStep = Pick<DnsEvent, 'name' | 'type' | 'result' | 'ttl' | 'source'>;

/** What is found of one configured server. */
export interface ResolutionFinding {
  readonly server: ServerSetting;
  readonly rule: string;
  /** Target texts, in the order of the walk. */
  readonly targets: readonly string[];
  /** Why there are none; null = there are. */
  readonly trouble: string | null;
}

export interface Resolution {
  readonly steps: readonly ResolutionStep[];
  /** As the servers of the plan. */
  readonly findings: readonly ResolutionFinding[];
}

/** SRV, then the addresses of its targets, each at most 5 s (conformance X); and as much again for aliases and NAPTR. */
const LIMIT_MS = 20_000;
/** NAPTR, SRV lists and the addresses of 64 targets in two families, of two servers: nobody reads more. */
const STEPS_MAX = 300;

const CAUSES: Readonly<Record<Extract<Located, { state: 'failed' }>['cause'], string>> = {
  'name-unknown': 'nothing found: DNS has no address for it',
  'dns-failed': 'nothing found: DNS does not answer',
  'not-offered': 'nothing found: DNS says that it is not offered',
};

/** Runs an address book in real time until every server is found or is not. */
export async function resolveServers(plan: ResolutionPlan): Promise<Resolution> {
  const { servers, transport, dnsQueryType, bind } = plan;
  const isOwn = plan.nameServers.length > 0;
  const directory = createDirectory({
    ...{ transport, dnsQueryType },
    nameServers: isOwn ? plan.nameServers : systemNameServers(),
    hosts: isOwn ? {} : await readHosts(),
    families: familiesOf(bindsOf(bind)),
    stored: null,
  });
  const random = createRandom(systemSeed());
  const context = (): DirectoryContext => ({ now: millis(performance.now()), random });
  const endAt = performance.now() + LIMIT_MS;
  const steps: ResolutionStep[] = [];
  return new Promise((resolve) => {
    let timer: NodeJS.Timeout | undefined;
    const io = createDnsIo((input) => take(directory.handle(input, context())));
    const take = (outputs: readonly DirectoryOut[]): void => {
      clearTimeout(timer);
      for (const output of outputs) {
        if (output.kind === 'dns-query') io.query(output);
        if (output.kind === 'dns-done') io.done(output.id);
        if (output.kind === 'event' && output.event.event === 'dns' && steps.length < STEPS_MAX)
          steps.push(stepOf(output.event));
      }
      const located = servers.map((server) => directory.locate(server));
      const deadline = directory.deadline();
      const isOpen = located.some(({ state }) => state === 'pending');
      if (isOpen && deadline !== null && performance.now() < endAt) {
        const wait = Math.ceil(Math.min(deadline, endAt) - performance.now());
        timer = setTimeout(() => take(directory.wake(context())), Math.max(0, wait));
        return;
      }
      io.close();
      resolve({ steps, findings: servers.map((server, at) => findingOf(server, located[at])) });
    };
    take(directory.want(servers, context()));
  });
}

const stepOf = ({ name, type, result, ttl, source }: DnsEvent): ResolutionStep => ({ name, type, result, ttl, source });

function findingOf(server: ServerSetting, located: Located | undefined): ResolutionFinding {
  const rule = located?.rule ?? '';
  if (located?.state === 'ready') return { server, rule, targets: located.targets.map(targetText), trouble: null };
  return { server, rule, targets: [], trouble: located?.state === 'failed' ? CAUSES[located.cause] : 'nothing found' };
}
