/** Owns `npm run bench`: what the phone costs and how fast it moves, as ratios in one run (goals: design of the peers). */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { benchBoard } from './board.ts';
import { benchFailover } from './failover.ts';
import { benchLamps } from './lamps.ts';
import { benchMedia } from './media.ts';
import { benchMessages } from './messages.ts';
import { PARTS } from './peers/rows.ts';
import type { PeerRow } from './peers.ts';
import { benchPeers, missingPackages, printPeers } from './peers.ts';
import type { Row } from './row.ts';
import { benchStart } from './start.ts';
import { benchWeb } from './web.ts';

const BENCHES: Readonly<Record<string, () => Promise<readonly Row[]>>> = {
  messages: benchMessages,
  start: benchStart,
  failover: benchFailover,
  board: benchBoard,
  lamps: benchLamps,
  media: benchMedia,
  web: benchWeb,
};

/** Other user agents beside ours: some minutes, as root; `peers:calls` is a part of them alone. */
const PEERS = 'peers';

const { values, positionals } = parseArgs({ options: { json: { type: 'string' } }, allowPositionals: true });
const partNames: readonly string[] = PARTS.map((part) => `${PEERS}:${part}`);
const known = [...Object.keys(BENCHES), PEERS, ...partNames];
const unknown = positionals.find((name) => !known.includes(name));
if (unknown !== undefined) {
  process.stderr.write(`no bench "${unknown}": ${known.join(', ')}\n`);
  process.exit(2);
}
const rows: Row[] = [];
for (const [name, bench] of Object.entries(BENCHES)) {
  if (positionals.length > 0 && !positionals.includes(name)) continue;
  process.stdout.write(`\n${name}\n`);
  for (const row of await bench()) {
    rows.push(row);
    const ratio =
      row.against === null
        ? ''
        : `  ${(row.value / row.against).toFixed(2)} × ${row.beside} (${format(row.against)} ${row.unit})`;
    process.stdout.write(`  ${row.name.padEnd(58)} ${format(row.value).padStart(9)} ${row.unit}${ratio}\n`);
  }
}
const parts = positionals.includes(PEERS) ? [] : PARTS.filter((part) => positionals.includes(`${PEERS}:${part}`));
const asksPeers = positionals.length === 0 || positionals.includes(PEERS) || parts.length > 0;
const peers = asksPeers ? await besidePeers() : [];
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify([...rows, ...peers], null, 2)}\n`);
process.exit(0);

async function besidePeers(): Promise<readonly PeerRow[]> {
  process.stdout.write(`\n${PEERS}\n`);
  const missing = process.getuid?.() === 0 ? missingPackages() : ['root'];
  if (missing.length > 0) {
    process.stdout.write(`  not measured: needs ${missing.join(', ')}\n`);
    return [];
  }
  const measured = await benchPeers(parts);
  process.stdout.write(printPeers(measured));
  return measured;
}

function format(value: number): string {
  return value >= 1000 ? Math.round(value).toString() : value.toPrecision(3);
}
