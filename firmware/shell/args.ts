/** Owns the command line of `holdfast run`: what is allowed, and one clear line for what is not (interfaces 2). */
import { parseArgs } from 'node:util';
import type { PhoneModel } from '../config/settings.ts';
import type { Endpoint } from '../kernel/target.ts';
import type { Result } from '../kernel/result.ts';
import { fail, ok } from '../kernel/result.ts';
import { parseEndpoint } from './system-dns.ts';

export interface RunArgs {
  readonly config: readonly string[];
  readonly board: 'virtual' | 'headless';
  readonly bind: string;
  /** Empty = the system's. */
  readonly dns: readonly Endpoint[];
  readonly http: Endpoint | null;
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
  --board virtual|headless   front panel, or none (default headless)
  --bind IP                  address of the SIP sockets (default 0.0.0.0)
  --dns HOST[:PORT]          ask this name server and nobody else; may be repeated
  --http HOST:PORT           status, events, panel; port 0 = any free one
  --state DIR                what is kept over a restart (default $STATE_DIRECTORY, else ./state)
  --control stdio            commands on standard input, events on standard output
  --hil                      hardware-in-loop interface under /hil/v1
  --model 57i|53i  --mac HEX  --seed N  --record FILE  --api-token-file FILE  --tui`;

const OPTIONS = {
  config: { type: 'string', multiple: true },
  board: { type: 'string' },
  bind: { type: 'string' },
  dns: { type: 'string', multiple: true },
  http: { type: 'string' },
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

export function parseRunArgs(args: readonly string[], env: { readonly STATE_DIRECTORY?: string | undefined }): Result<RunArgs, string> {
  let values: ReturnType<typeof parse>;
  try {
    values = parse(args);
  } catch (error) {
    return fail((error as Error).message.split('\n', 1)[0] ?? 'bad arguments');
  }
  const config = values.config ?? [];
  if (config.length === 0) return fail('--config FILE|DIR is needed');
  const board = values.board ?? 'headless';
  if (board === 'desk-v1' || board === 'qemu') return fail(`--board ${board} is not in this release; virtual and headless are`);
  if (board !== 'virtual' && board !== 'headless') return fail(`--board ${board}: one of virtual, headless, desk-v1, qemu`);
  const model = values.model ?? '57i';
  if (model !== '57i' && model !== '53i') return fail(`--model ${model}: 57i or 53i`);
  if (values.control !== undefined && values.control !== 'stdio') return fail(`--control ${values.control}: only stdio`);
  const mac = (values.mac ?? '00085D000001').replace(/[:-]/g, '').toUpperCase();
  if (!/^[0-9A-F]{12}$/.test(mac)) return fail(`--mac ${values.mac ?? ''}: 12 hexadecimal digits`);
  if (values.seed !== undefined && !/^\d{1,15}$/.test(values.seed)) return fail(`--seed ${values.seed}: a whole number`);
  const bind = values.bind ?? '0.0.0.0';
  if (parseEndpoint(bind, 0)?.address !== bind) return fail(`--bind ${bind}: an IP address`);
  const dns = endpoints(values.dns ?? [], 53);
  if (!dns.ok) return fail(`--dns ${dns.error}: an IP address with or without a port`);
  const http = values.http === undefined ? null : parseEndpoint(values.http, 0);
  if (values.http !== undefined && http === null) return fail(`--http ${values.http}: IP:PORT`);
  return ok({
    config,
    board,
    bind,
    dns: dns.value,
    http,
    state: values.state ?? env.STATE_DIRECTORY ?? './state',
    control: values.control === undefined ? null : 'stdio',
    hil: values.hil ?? false,
    model,
    mac,
    seed: values.seed === undefined ? null : Number(values.seed),
    record: values.record ?? null,
    apiTokenFile: values['api-token-file'] ?? null,
    tui: values.tui ?? false,
  });
}

const parse = (args: readonly string[]) => parseArgs({ args: [...args], options: OPTIONS, allowPositionals: false, strict: true }).values;

function endpoints(texts: readonly string[], port: number): Result<readonly Endpoint[], string> {
  const found: Endpoint[] = [];
  for (const text of texts) {
    const endpoint = parseEndpoint(text, port);
    if (endpoint === null) return fail(text);
    found.push(endpoint);
  }
  return ok(found);
}
