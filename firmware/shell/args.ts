/** Owns the command line of `holdfast run`: what is allowed, and one clear line for what is not (interfaces 2). */
import { isIP } from 'node:net';
import { parseArgs } from 'node:util';
import { NO_MAC } from '../config/defaults.ts';
import type { PhoneModel } from '../config/settings.ts';
import type { Result } from '../kernel/result.ts';
import { fail, ok } from '../kernel/result.ts';
import type { Endpoint } from '../kernel/target.ts';
import { parseEndpoint } from './system-dns.ts';

const BOARDS = ['headless', 'virtual', 'desk-v1', 'qemu'] as const;
export type Board = (typeof BOARDS)[number];

export interface RunArgs {
  readonly config: readonly string[];
  readonly board: Board;
  readonly bind: string;
  /** Empty = the system's. */
  readonly dns: readonly Endpoint[];
  readonly http: Endpoint | null;
  /** The same pages over TLS. */
  readonly https: Endpoint | null;
  readonly state: string;
  readonly control: 'stdio' | null;
  readonly hil: boolean;
  readonly model: PhoneModel;
  readonly mac: string;
  readonly seed: number | null;
  readonly record: string | null;
  readonly apiTokenFile: string | null;
  readonly tui: boolean;
}

export const RUN_HELP = `holdfast run --config FILE|DIR ...
  --board headless|virtual|desk-v1|qemu   the hardware (default headless: none)
  --bind IP                  address of the SIP sockets (default 0.0.0.0)
  --dns HOST[:PORT]          ask this name server and nobody else; may be repeated
  --http HOST:PORT           status, events, panel; port 0 = any free one
  --https HOST:PORT          the same over TLS, with the certificate that the configuration names or one of its own
  --state DIR                what is kept over a restart (default $STATE_DIRECTORY, else ./state)
  --control stdio            commands on standard input, events on standard output
  --hil                      hardware-in-loop interface under /hil/v1
  --model 57i|53i  --mac HEX|own  --seed N  --record FILE  --api-token-file FILE  --tui`;

const ANY = '0.0.0.0';
const DNS_PORT = 53;

const OPTIONS = {
  config: { type: 'string', multiple: true },
  board: { type: 'string' },
  bind: { type: 'string' },
  dns: { type: 'string', multiple: true },
  http: { type: 'string' },
  https: { type: 'string' },
  state: { type: 'string' },
  control: { type: 'string' },
  hil: { type: 'boolean' },
  model: { type: 'string' },
  mac: { type: 'string' },
  seed: { type: 'string' },
  record: { type: 'string' },
  'api-token-file': { type: 'string' },
  tui: { type: 'boolean' },
} as const;

export function parseRunArgs(
  args: readonly string[],
  env: { readonly STATE_DIRECTORY?: string | undefined; readonly ownMac?: string | null },
): Result<RunArgs, string> {
  let values: Values;
  try {
    values = parse(args);
  } catch (error) {
    return fail(firstSentence((error as Error).message));
  }
  const problem = problemOf(values);
  if (problem !== null) return fail(problem);
  const dns = endpoints(values.dns ?? [], DNS_PORT);
  if (!dns.ok) return fail(`--dns ${dns.error}: an IP address with or without a port`);
  const http = webEndpoint('--http', values.http);
  if (!http.ok) return http;
  const https = webEndpoint('--https', values.https);
  if (!https.ok) return https;
  return ok({
    config: values.config ?? [],
    board: BOARDS.find((name) => name === values.board) ?? 'headless',
    bind: parseEndpoint(values.bind ?? ANY, 0)?.address ?? ANY,
    dns: dns.value,
    http: http.value,
    https: https.value,
    state: values.state ?? env.STATE_DIRECTORY ?? './state',
    control: values.control === undefined ? null : 'stdio',
    hil: values.hil ?? false,
    model: values.model === '53i' ? '53i' : '57i',
    mac: values.mac === 'own' ? (env.ownMac ?? NO_MAC) : plainMac(values.mac),
    seed: values.seed === undefined ? null : Number(values.seed),
    record: values.record ?? null,
    apiTokenFile: values['api-token-file'] ?? null,
    tui: values.tui ?? false,
  });
}

type Values = ReturnType<typeof parse>;

const plainMac = (mac: string | undefined): string => (mac ?? NO_MAC).replace(/[:-]/g, '').toUpperCase();

/** The first value that cannot be, in words; null = all can. */
function problemOf({ config, board, model, control, mac, seed, bind, tui }: Values): string | null {
  if ((config ?? []).length === 0) return '--config FILE|DIR is needed';
  const choices: readonly (readonly [boolean, string])[] = [
    [!BOARDS.some((name) => name === (board ?? 'headless')), `--board ${board ?? ''}: one of ${BOARDS.join(', ')}`],
    [!['57i', '53i'].includes(model ?? '57i'), `--model ${model ?? ''}: 57i or 53i`],
    [(control ?? 'stdio') !== 'stdio', `--control ${control ?? ''}: only stdio`],
    [mac !== 'own' && !/^[0-9A-F]{12}$/.test(plainMac(mac)), `--mac ${mac ?? ''}: 12 hexadecimal digits, or own`],
    [!/^\d{1,15}$/.test(seed ?? '0'), `--seed ${seed ?? ''}: a whole number`],
    [isIP(bind ?? ANY) === 0, `--bind ${bind ?? ''}: an IP address`],
    [tui === true && (board ?? 'headless') === 'headless', '--tui: a headless phone has no panel to show'],
    [tui === true && control !== undefined, '--tui and --control stdio: both want the terminal'],
  ];
  return choices.find(([wrong]) => wrong)?.[1] ?? null;
}

const parse = (args: readonly string[]) =>
  parseArgs({ args: [...args], options: OPTIONS, allowPositionals: false, strict: true }).values;

/** `localhost` is the one name that needs no DNS. */
const endpointOf = (text: string, port: number): Endpoint | null =>
  parseEndpoint(text.replace(/^localhost(?=:|$)/i, '127.0.0.1'), port);

function webEndpoint(option: string, text: string | undefined): Result<Endpoint | null, string> {
  if (text === undefined) return ok(null);
  const endpoint = endpointOf(text, 0);
  return endpoint === null ? fail(`${option} ${text}: an IP address and a port`) : ok(endpoint);
}

/** Node's own advice on odd spellings follows the first sentence. */
const firstSentence = (message: string): string => message.split(/\.\s|\n/, 1)[0] ?? message;

function endpoints(texts: readonly string[], port: number): Result<readonly Endpoint[], string> {
  const found: Endpoint[] = [];
  for (const text of texts) {
    const endpoint = endpointOf(text, port);
    if (endpoint === null) return fail(text);
    found.push(endpoint);
  }
  return ok(found);
}
