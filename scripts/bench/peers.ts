/** Owns the table of user agents side by side in one run: each in a network of its own, all at the same time. Needs root and their packages. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Agent } from './peers/agents.ts';
import { AGENTS } from './peers/agents.ts';
import type { Cell } from './peers/cells.ts';

const ONE = fileURLToPath(new URL('peers/one.ts', import.meta.url));
/** What has not happened by then is called never, ms: two time-outs of Timer F, 64*T1 each (RFC 3261 17.1.2.2), and some. */
const LIMIT_MS = 75_000;
const COLUMN = 14;

/** The packages that would be needed and are not installed. */
export function missingPackages(): readonly string[] {
  const named = AGENTS.flatMap(({ package: name }) => (name === null ? [] : [name]));
  return [...named, 'kamailio', 'bind9', 'sip-tester', 'tcpdump'].filter((name) => versionOf(name) === null);
}

function versionOf(name: string): string | null {
  try {
    const told = execFileSync('dpkg', ['-s', name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    return /^Version: (\S+)/m.exec(told)?.[1] ?? null;
  } catch {
    return null;
  }
}

async function runOne(name: string, parts: readonly string[]): Promise<readonly Cell[]> {
  const child = spawn(process.execPath, ['--import', 'tsx', ONE, name, String(LIMIT_MS), ...parts], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${name}: not measured`);
  return JSON.parse(text) as readonly Cell[];
}

/** One row for each agent and what was measured of it; `parts` of the table, none = all. */
export async function benchPeers(parts: readonly string[] = []): Promise<readonly PeerRow[]> {
  const all = await Promise.all(AGENTS.map(async ({ name }) => ({ name, cells: await runOne(name, parts) })));
  return all.flatMap(({ name, cells }) => cells.map((cell) => ({ ...cell, agent: name })));
}

export interface PeerRow extends Cell {
  readonly agent: string;
}

/** The agents side by side, ours first. */
export function printPeers(cells: readonly PeerRow[]): string {
  const rows = [...new Set(cells.map(({ row }) => row))];
  const width = Math.max(...rows.map(({ length }) => length));
  const line = (head: string, columns: readonly string[]): string =>
    `  ${head.padEnd(width)}${columns.map((text) => text.padStart(COLUMN)).join('')}\n`;
  const measured = (row: string): readonly string[] =>
    AGENTS.map(({ name }) => textOf(cells.find((cell) => cell.row === row && cell.agent === name)));
  return [
    line(
      '',
      AGENTS.map(({ name }) => name),
    ),
    line('', AGENTS.map(shortVersion)),
    ...rows.map((row) => line(row, measured(row))),
  ].join('');
}

const shortVersion = ({ package: name }: Agent): string =>
  name === null ? '' : (versionOf(name)?.replace(/[-+~].*/, '') ?? '');

function textOf(cell: Cell | undefined): string {
  if (cell === undefined) return '-';
  if (cell.text !== undefined) return cell.text;
  if (cell.unit === 'holds') return cell.value === null ? 'no' : 'yes';
  if (cell.value === null) return 'never';
  return `${cell.value.toFixed(cell.unit === 's' ? 3 : 1)} ${cell.unit}`;
}
