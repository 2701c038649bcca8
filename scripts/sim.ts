/** Owns `npm run sim -- --seeds N [--worlds W] [--from S] [--profile P] [--transport T]`: as many random worlds as asked, one line for each that fails. */
import { parseArgs } from 'node:util';
import type { Profile, TransportChoice } from '../firmware/config/settings.ts';
import { exploreCalls } from '../test/sim/calls/explore.ts';
import { explore, WorldFailed } from '../test/sim/explore.ts';
import { exploreLamps } from '../test/sim/lamps/explore.ts';
import type { Forced } from '../test/sim/plan.ts';

const PROFILES: readonly Profile[] = ['modern', 'r2.0', 'r2.1'];
const TRANSPORTS: readonly TransportChoice[] = [0, 1, 2, 4];
/** What the worlds are about: registrations alone, or calls or lamps as well. */
const WORLDS = { registrations: explore, calls: exploreCalls, lamps: exploreLamps } as const;
const USAGE =
  'npm run sim -- --seeds N [--worlds registrations|calls|lamps] [--from S] [--profile modern|r2.0|r2.1] [--transport 0|1|2|4]';

interface Order {
  readonly seeds: number;
  readonly from: number;
  readonly forced: Forced;
  readonly worlds: keyof typeof WORLDS;
}

function orderOf(args: readonly string[]): Order | string {
  const text = { type: 'string' } as const;
  const options = { seeds: text, from: text, profile: text, transport: text, worlds: text };
  try {
    const { values } = parseArgs({ args: [...args], options });
    const profile = PROFILES.find((name) => name === values.profile);
    const transport = TRANSPORTS.find((choice) => String(choice) === values.transport);
    const worlds = (Object.keys(WORLDS) as Order['worlds'][]).find(
      (name) => name === (values.worlds ?? 'registrations'),
    );
    const seeds = Number(values.seeds ?? 300);
    const from = Number(values.from ?? 1);
    const isWhole = Number.isSafeInteger(seeds) && seeds > 0 && Number.isSafeInteger(from) && from >= 0;
    const isUnknown = String(transport) !== String(values.transport) || profile !== values.profile;
    if (!isWhole || isUnknown || worlds === undefined) return USAGE;
    const forced = { ...(profile === undefined ? {} : { profile }), ...(transport === undefined ? {} : { transport }) };
    return { seeds, from, forced, worlds };
  } catch (error) {
    return `${error instanceof Error ? error.message : String(error)}\n${USAGE}`;
  }
}

function run({ seeds, from, forced, worlds }: Order): number {
  let failed = 0;
  let virtual = 0;
  let failovers = 0;
  const start = performance.now();
  for (let seed = from; seed < from + seeds; seed += 1) {
    try {
      const explored = WORLDS[worlds](seed, forced);
      virtual += explored.seconds;
      failovers += explored.failovers;
    } catch (error) {
      if (!(error instanceof WorldFailed)) throw error;
      failed += 1;
      process.stdout.write(`${error.message}\n\n`);
    }
  }
  const took = ((performance.now() - start) / 1000).toFixed(1);
  const hours = Math.round(virtual / 3600);
  process.stdout.write(
    `${seeds} worlds from seed ${from}: ${failed} failed, ${failovers} failovers, ${hours} virtual hours in ${took} s\n`,
  );
  return failed === 0 ? 0 : 1;
}

const order = orderOf(process.argv.slice(2));
if (typeof order === 'string') {
  process.stderr.write(`${order}\n`);
  process.exitCode = 2;
} else process.exitCode = run(order);
