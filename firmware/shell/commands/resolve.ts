/** Owns `holdfast resolve`: where the phone would find a server, step by step, with the phone's own address book (interfaces 2). */
import { parseArgs } from 'node:util';
import type { ServerSetting, TransportChoice } from '../../config/settings.ts';
import type { PhoneEvent } from '../../events.ts';
import { createRandom } from '../../kernel/random.ts';
import type { Endpoint } from '../../kernel/target.ts';
import { targetText } from '../../kernel/target.ts';
import { millis } from '../../kernel/time.ts';
import type { DirectoryOut, Located } from '../../servers/directory.ts';
import { createDirectory } from '../../servers/directory.ts';
import type { DnsIo } from '../dns-io.ts';
import { createDnsIo } from '../dns-io.ts';
import { systemSeed } from '../entropy.ts';
import { parseEndpoint, readHosts, systemNameServers } from '../system-dns.ts';

interface Step {
  readonly question: string;
  readonly result: unknown;
  readonly ttl: number;
  readonly source: string;
}

const TRANSPORTS: Readonly<Record<string, TransportChoice>> = { udp: 1, tcp: 2, tls: 4 };
const USAGE = 'holdfast resolve NAME [--port N] [--transport udp|tcp|tls] [--backup NAME[:PORT]] [--dns H:P] [--json]';

export async function runResolve(args: readonly string[]): Promise<number> {
  const plan = readPlan(args);
  if (typeof plan === 'string') {
    process.stderr.write(`holdfast resolve: ${plan}\n${USAGE}\n`);
    return 2;
  }
  const { steps, located } = await lookUp(plan);
  const [primary, backup] = located;
  const targets = (one: Located | undefined): readonly string[] =>
    one?.state === 'ready' ? one.targets.map(targetText) : [];
  const found = { rule: primary?.rule ?? '', steps, primary: targets(primary), backup: targets(backup) };
  if (plan.json) process.stdout.write(`${JSON.stringify(found)}\n`);
  else process.stdout.write(readable(found, primary));
  return found.primary.length + found.backup.length > 0 ? 0 : 1;
}

interface Plan {
  readonly servers: readonly ServerSetting[];
  readonly transport: TransportChoice;
  readonly dns: readonly Endpoint[];
  readonly json: boolean;
}

function readPlan(args: readonly string[]): Plan | string {
  const options = {
    port: { type: 'string' },
    transport: { type: 'string' },
    backup: { type: 'string' },
    dns: { type: 'string', multiple: true },
    json: { type: 'boolean' },
  } as const;
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
    const [name] = positionals;
    if (name === undefined || positionals.length > 1) return 'one NAME is needed';
    const transport = TRANSPORTS[values.transport ?? 'udp'];
    if (transport === undefined) return `--transport ${values.transport ?? ''}: udp, tcp or tls`;
    const port = Number(values.port ?? 0);
    if (!Number.isInteger(port) || port < 0 || port > 65_535) return `--port ${values.port ?? ''}: 0 to 65535`;
    const dns = (values.dns ?? []).map((text) => parseEndpoint(text, 53));
    const backup = values.backup === undefined ? [] : [backupOf(values.backup)];
    if (dns.some((server) => server === null)) return '--dns: an IP address with or without a port';
    return {
      servers: [{ name: clean(name), port }, ...backup],
      transport,
      dns: dns.filter((server) => server !== null),
      json: values.json ?? false,
    };
  } catch (error) {
    return (error as Error).message.split('\n', 1)[0] ?? 'bad arguments';
  }
}

const clean = (name: string): string =>
  name
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '');

function backupOf(text: string): ServerSetting {
  const endpoint = parseEndpoint(text, 0);
  if (endpoint !== null) return { name: endpoint.address, port: endpoint.port };
  const match = /^(.*?)(?::(\d{1,5}))?$/.exec(text);
  return { name: clean(match?.[1] ?? text), port: Number(match?.[2] ?? 0) };
}

async function lookUp(plan: Plan): Promise<{ readonly steps: readonly Step[]; readonly located: readonly Located[] }> {
  const steps: Step[] = [];
  const random = createRandom(systemSeed());
  const directory = createDirectory({
    transport: plan.transport,
    dnsQueryType: 1,
    nameServers: plan.dns.length > 0 ? plan.dns : systemNameServers(),
    hosts: plan.dns.length > 0 ? {} : await readHosts(),
    stored: null,
  });
  const now = (): { now: ReturnType<typeof millis>; random: typeof random } => ({
    now: millis(performance.now()),
    random,
  });
  return new Promise((resolve) => {
    let timer: NodeJS.Timeout | null = null;
    const io: DnsIo = createDnsIo((input) => take(directory.handle(input, now())));
    const take = (out: readonly DirectoryOut[]): void => {
      for (const output of out) carryOut(output, io, steps);
      const located = plan.servers.map((server) => directory.locate(server));
      if (timer !== null) clearTimeout(timer);
      if (located.every(({ state }) => state !== 'pending')) {
        io.close();
        resolve({ steps, located });
        return;
      }
      const deadline = directory.deadline();
      timer =
        deadline === null
          ? null
          : setTimeout(() => take(directory.wake(now())), Math.max(0, Math.ceil(deadline - performance.now())));
    };
    take(directory.want(plan.servers, now()));
  });
}

function carryOut(output: DirectoryOut, io: DnsIo, steps: Step[]): void {
  if (output.kind === 'dns-query') io.query(output);
  else if (output.kind === 'dns-done') io.done(output.id);
  else if (output.kind === 'event') note(steps, output.event);
}

function note(steps: Step[], event: PhoneEvent): void {
  if (event.event === 'dns')
    steps.push({ question: `${event.type} ${event.name}`, result: event.result, ttl: event.ttl, source: event.source });
}

function readable(
  found: {
    readonly rule: string;
    readonly steps: readonly Step[];
    readonly primary: readonly string[];
    readonly backup: readonly string[];
  },
  primary: Located | undefined,
): string {
  const list = (title: string, targets: readonly string[]): string =>
    targets.length === 0 ? '' : `${title}\n${targets.map((target, index) => `  ${index + 1}. ${target}\n`).join('')}`;
  const steps = found.steps
    .map(
      ({ question, result, ttl }) =>
        `  ${question}: ${typeof result === 'string' ? result : `${JSON.stringify(result)} (TTL ${ttl} s)`}\n`,
    )
    .join('');
  const none =
    found.primary.length === 0 ? `nothing found${primary?.state === 'failed' ? ` (${primary.cause})` : ''}\n` : '';
  return `rule: ${found.rule}\n${steps}${list('primary:', found.primary)}${none}${list('backup:', found.backup)}`;
}
