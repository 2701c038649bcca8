/** Owns `holdfast resolve`: where the phone would find a server, by which rule and by which DNS steps, told by the phone's own address book (docs/interfaces.md 2). */
import { isIP } from 'node:net';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import type { ServerSetting, TransportChoice } from '../../config/settings.ts';
import type { DnsRecordView, PhoneEvent } from '../../events.ts';
import { createRandom } from '../../kernel/random.ts';
import type { Endpoint } from '../../kernel/target.ts';
import { targetText } from '../../kernel/target.ts';
import { millis } from '../../kernel/time.ts';
import type { DirectoryContext, DirectoryOut, Located } from '../../servers/directory.ts';
import { createDirectory } from '../../servers/directory.ts';
import { createDnsIo } from '../dns-io.ts';
import { systemSeed } from '../entropy.ts';
import { bindsOf, familiesOf, parseEndpoint, readHosts, systemNameServers } from '../system-dns.ts';

type DnsEvent = Extract<PhoneEvent, { event: 'dns' }>;

interface Step extends Pick<DnsEvent, 'result' | 'ttl' | 'source'> {
  /** `SRV _sip._udp.example.test`. */
  readonly question: string;
}

/** What is found of one configured server. */
interface Finding {
  readonly server: ServerSetting;
  readonly located: Located;
}

interface Plan {
  readonly primary: ServerSetting;
  readonly backup: ServerSetting | null;
  readonly transport: TransportChoice;
  /** The phone's own address, as of `holdfast run`: decides which families it can send to. */
  readonly bind: string;
  /** Empty = those of the system, and its hosts file. */
  readonly nameServers: readonly Endpoint[];
  readonly output: 'json' | 'text';
}

const TRANSPORTS: Readonly<Record<string, TransportChoice>> = { udp: 1, tcp: 2, tls: 4 };
const USAGE =
  'holdfast resolve NAME [--port N] [--transport udp|tcp|tls] [--backup NAME[:PORT]] [--dns ADDRESS[:PORT]]... [--bind ADDRESS] [--json]';
const DNS_PORT = 53;

export async function runResolve(args: readonly string[]): Promise<number> {
  const { code, out, err } = await answerResolve(args);
  process.stdout.write(out);
  process.stderr.write(err);
  return code;
}

/** What the command writes, and its exit code. */
export async function answerResolve(
  args: readonly string[],
): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  const plan = readPlan(args);
  if (typeof plan === 'string') return { code: 2, out: '', err: `holdfast resolve: ${plan}\n${USAGE}\n` };
  const steps: Step[] = [];
  const servers = plan.backup === null ? [plan.primary] : [plan.primary, plan.backup];
  const findings = await lookUp(plan, servers, (step) => steps.push(step));
  const out = plan.output === 'json' ? `${JSON.stringify(asJson(steps, findings))}\n` : asText(steps, findings);
  return { code: findings.some(({ located }) => located.state === 'ready') ? 0 : 1, out, err: '' };
}

/** A plan, or what is wrong with the arguments. */
function readPlan(args: readonly string[]): Plan | string {
  const options = {
    port: { type: 'string', default: '0' },
    transport: { type: 'string', default: 'udp' },
    backup: { type: 'string' },
    bind: { type: 'string', default: '0.0.0.0' },
    dns: { type: 'string', multiple: true, default: [] as string[] },
    json: { type: 'boolean', default: false },
  } as const;
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
    const [name] = positionals;
    if (name === undefined || positionals.length > 1) return 'exactly one NAME is needed';
    const transport = TRANSPORTS[values.transport];
    if (transport === undefined) return `--transport ${values.transport}: udp, tcp or tls`;
    const primary = serverOf(name, values.port);
    if (primary === null) return `--port ${values.port}: 0 to 65535`;
    const backup = values.backup === undefined ? null : backupOf(values.backup);
    if (values.backup !== undefined && backup === null) return `--backup ${values.backup}: NAME or NAME:PORT`;
    const nameServers = values.dns
      .map((text) => parseEndpoint(text, DNS_PORT))
      .filter((server) => server !== null && server.port > 0);
    if (nameServers.length < values.dns.length) return `--dns ${values.dns.join(' ')}: ADDRESS or ADDRESS:PORT`;
    if (isIP(values.bind) === 0) return `--bind ${values.bind}: an address of this machine`;
    return {
      ...{ primary, backup, transport, bind: values.bind },
      nameServers: nameServers as readonly Endpoint[],
      output: values.json ? 'json' : 'text',
    };
  } catch (error) {
    return String((error as Error).message.split('\n', 1)[0]);
  }
}

/** Brackets round an IPv6 literal and a dot at the end of a name are left off, as in configuration files. */
function serverOf(text: string, portText: string): ServerSetting | null {
  const port = Number(portText);
  if (!/^\d{1,5}$/.test(portText) || port > 65_535) return null;
  return { name: text.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, ''), port };
}

function backupOf(text: string): ServerSetting | null {
  const address = parseEndpoint(text, 0);
  if (address !== null) return { name: address.address, port: address.port };
  const [name = '', port = '0', ...more] = text.split(':');
  return name === '' || more.length > 0 ? null : serverOf(name, port);
}

/** Runs the address book in real time until every server is found or is not. */
async function lookUp(
  plan: Plan,
  servers: readonly ServerSetting[],
  told: (step: Step) => void,
): Promise<readonly Finding[]> {
  const isOwn = plan.nameServers.length > 0;
  const directory = createDirectory({
    transport: plan.transport,
    dnsQueryType: 1,
    nameServers: isOwn ? plan.nameServers : systemNameServers(),
    hosts: isOwn ? {} : await readHosts(),
    families: familiesOf(bindsOf(plan.bind)),
    stored: null,
  });
  const random = createRandom(systemSeed());
  const context = (): DirectoryContext => ({ now: millis(performance.now()), random });
  return new Promise((resolve) => {
    let timer: NodeJS.Timeout | undefined;
    const io = createDnsIo((input) => take(directory.handle(input, context())));
    const take = (outputs: readonly DirectoryOut[]): void => {
      clearTimeout(timer);
      for (const output of outputs) {
        if (output.kind === 'dns-query') io.query(output);
        if (output.kind === 'dns-done') io.done(output.id);
        if (output.kind === 'event' && output.event.event === 'dns') told(stepOf(output.event));
      }
      const findings = servers.map((server) => ({ server, located: directory.locate(server) }));
      const deadline = directory.deadline();
      if (findings.some(({ located }) => located.state === 'pending') && deadline !== null) {
        timer = setTimeout(() => take(directory.wake(context())), Math.max(0, Math.ceil(deadline - performance.now())));
        return;
      }
      io.close();
      resolve(findings);
    };
    take(directory.want(servers, context()));
  });
}

const stepOf = ({ name, type, result, ttl, source }: DnsEvent): Step => ({
  question: `${type} ${name}`,
  result,
  ttl,
  source,
});

const targetsOf = (finding: Finding | undefined): readonly string[] =>
  finding?.located.state === 'ready' ? finding.located.targets.map(targetText) : [];

const asJson = (steps: readonly Step[], [primary, backup]: readonly Finding[]): object => ({
  rule: primary?.located.rule,
  ...(backup === undefined ? {} : { backupRule: backup.located.rule }),
  steps,
  primary: targetsOf(primary),
  backup: targetsOf(backup),
});

const asText = (steps: readonly Step[], findings: readonly Finding[]): string =>
  `${[...findings.flatMap(findingLines), '', 'DNS', ...stepLines(steps)].join('\n')}\n`;

const CAUSES: Readonly<Record<Extract<Located, { state: 'failed' }>['cause'], string>> = {
  'name-unknown': 'nothing found: DNS has no address for it',
  'dns-failed': 'nothing found: DNS does not answer',
  'not-offered': 'nothing found: DNS says that it is not offered',
};

function findingLines({ server, located }: Finding, index: number): readonly string[] {
  const title = `${index === 0 ? 'primary' : 'backup'} ${server.name}: ${located.rule}`;
  if (located.state === 'ready')
    return [title, ...located.targets.map((target, at) => `  ${at + 1}. ${targetText(target)}`)];
  return [title, `  ${located.state === 'failed' ? CAUSES[located.cause] : 'nothing found'}`];
}

const stepLines = (steps: readonly Step[]): readonly string[] =>
  steps.length === 0 ? ['  was not asked'] : steps.map((step) => `  ${step.question}: ${resultText(step)}`);

function resultText({ result, ttl, source }: Step): string {
  const life = source === 'hosts' ? 'hosts file' : `TTL ${ttl} s`;
  if (result === 'nxdomain' || result === 'nodata') return `${result} (${life})`;
  return typeof result === 'string' ? result : `${result.map(recordText).join(', ')} (${life})`;
}

/** As a zone file shows it. */
const recordText = ({ address, priority, weight, port, target }: DnsRecordView): string =>
  address ?? `${priority} ${weight} ${port} ${target}`;
