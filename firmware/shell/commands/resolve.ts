/** Owns `holdfast resolve`: where the phone would find a server, by which rule and by which DNS steps, told by the phone's own address book (docs/interfaces.md 2). */
import { isIP } from 'node:net';
import { parseArgs } from 'node:util';
import type { ServerSetting, TransportChoice } from '../../config/settings.ts';
import type { DnsRecordView } from '../../events.ts';
import type { Endpoint } from '../../kernel/target.ts';
import type { ResolutionFinding, ResolutionStep } from '../resolution.ts';
import { resolveServers } from '../resolution.ts';
import { parseEndpoint } from '../system-dns.ts';

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
  const servers = plan.backup === null ? [plan.primary] : [plan.primary, plan.backup];
  const { steps, findings } = await resolveServers({ ...plan, servers, dnsQueryType: 1 });
  const out = plan.output === 'json' ? `${JSON.stringify(asJson(steps, findings))}\n` : asText(steps, findings);
  return { code: findings.some(({ trouble }) => trouble === null) ? 0 : 1, out, err: '' };
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

const asJson = (steps: readonly ResolutionStep[], [primary, backup]: readonly ResolutionFinding[]): object => ({
  rule: primary?.rule,
  ...(backup === undefined ? {} : { backupRule: backup.rule }),
  steps: steps.map(({ name, type, result, ttl, source }) => ({ question: `${type} ${name}`, result, ttl, source })),
  primary: primary?.targets ?? [],
  backup: backup?.targets ?? [],
});

const asText = (steps: readonly ResolutionStep[], findings: readonly ResolutionFinding[]): string =>
  `${[...findings.flatMap(findingLines), '', 'DNS', ...stepLines(steps)].join('\n')}\n`;

const findingLines = ({ server, rule, targets, trouble }: ResolutionFinding, index: number): readonly string[] => [
  `${index === 0 ? 'primary' : 'backup'} ${server.name}: ${rule}`,
  ...(trouble === null ? targets.map((target, at) => `  ${at + 1}. ${target}`) : [`  ${trouble}`]),
];

const stepLines = (steps: readonly ResolutionStep[]): readonly string[] =>
  steps.length === 0 ? ['  was not asked'] : steps.map((step) => `  ${step.type} ${step.name}: ${resultText(step)}`);

function resultText({ result, ttl, source }: ResolutionStep): string {
  const life = source === 'hosts' ? 'hosts file' : `TTL ${ttl} s`;
  if (result === 'nxdomain' || result === 'nodata') return `${result} (${life})`;
  return typeof result === 'string' ? result : `${result.map(recordText).join(', ')} (${life})`;
}

/** As a zone file shows it. */
const recordText = ({ address, priority, weight, port, target }: DnsRecordView): string =>
  address ?? `${priority} ${weight} ${port} ${target}`;
