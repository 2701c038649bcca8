/**
 * Owns the network namespace that the emulated board and its servers live in: `inside.ts PROGRAM ARGS...` runs
 * a program in one of its own, so that nothing of this machine's network is touched and nothing is left. Where that is not allowed
 * the program runs as it is, and QEMU's user network has to do (network.ts).
 */
import { spawn, spawnSync } from 'node:child_process';
import { pathToFileURL } from 'node:url';

const WAYS: readonly (readonly string[])[] = [
  ['unshare', '--net'],
  ['unshare', '--user', '--map-root-user', '--net'],
];
/** A tap must be possible there, too. */
const TRIAL = 'ip link set lo up && ip tuntap add dev trial mode tap';

export interface Namespace {
  /** What to put before a command; empty = it runs as it is. */
  readonly before: readonly string[];
  /** What to put into its environment. */
  readonly env: Readonly<Record<string, string>>;
}

export function namespace(): Namespace {
  const way = WAYS.find(([program = '', ...args]) => spawnSync(program, [...args, 'sh', '-c', TRIAL]).status === 0);
  return way === undefined
    ? { before: [], env: {} }
    : { before: [...way, 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh'], env: { HOLDFAST_OWN_NETWORK: '1' } };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { before, env } = namespace();
  const [program = '', ...args] = [...before, ...process.argv.slice(2)];
  const child = spawn(program, args, { stdio: 'inherit', env: { ...process.env, ...env } });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
  child.once('error', (error) => {
    process.stderr.write(`${program}: ${error.message}\n`);
    process.exit(2);
  });
  child.once('exit', (code) => process.exit(code ?? 1));
}
