/** Owns the two drawings of a report: the timeline of what was done and where each line was served, and the SIP ladder. */
import type { Rung } from '../ladder.ts';
import { peersOf } from '../ladder.ts';
import { escaped } from './junit.ts';
import type { ScenarioOutcome } from './outcome.ts';
import { isExpectation } from './steps.ts';

const WIDTH = 960;
const LEFT = 90;
const LANE = 26;

interface Band {
  readonly line: number;
  readonly from: number;
  readonly to: number;
  /** Where it was served; empty where it was not. */
  readonly server: string;
}

/** Where each line was served, by what the phone told. */
function bandsOf({ events, tookMs }: ScenarioOutcome): readonly Band[] {
  const bands: Band[] = [];
  const open = new Map<number, { readonly from: number; readonly server: string }>();
  const turn = (line: number, at: number, server: string): void => {
    const before = open.get(line);
    if (before?.server === server) return;
    if (before !== undefined) bands.push({ line, from: before.from, to: at, server: before.server });
    open.set(line, { from: at, server });
  };
  for (const { at, fields } of events) {
    if (fields.event === 'registration')
      turn(Number(fields['line']), at, fields['state'] === 'registered' ? String(fields['server']) : '');
    if (fields.event === 'stopped' || fields.event === 'ready') for (const line of open.keys()) turn(line, at, '');
  }
  for (const line of [...open.keys()]) turn(line, tookMs, 'end');
  return bands.filter(({ from }) => from < tookMs);
}

export function timeline(outcome: ScenarioOutcome): string {
  const bands = bandsOf(outcome);
  const lines = [...new Set(bands.map(({ line }) => line))].sort((a, b) => a - b);
  const x = (at: number): string =>
    (LEFT + (Math.min(at, outcome.tookMs) / outcome.tookMs) * (WIDTH - LEFT - 12)).toFixed(1);
  const acts = outcome.steps.filter(
    ({ step, verdict }) =>
      verdict !== 'skipped' && !isExpectation(step.what) && !['say', 'lab', 'wait'].includes(step.what.kind),
  );
  const top = 8 + acts.length * 18;
  const lanes = lines.map((line, index) => {
    const y = top + index * LANE;
    const own = bands.filter((band) => band.line === line);
    return `<text x="0" y="${y + 16}">line ${line}</text>${own.map((band) => bar(band, x, y)).join('')}`;
  });
  const marks = acts.map(
    ({ step, at }, index) =>
      `<path class="act" d="M${x(at)} ${10 + index * 18}V${top + lines.length * LANE}"/><text class="actname" x="${x(at)}" dx="${Number(x(at)) > WIDTH / 2 ? -5 : 5}" y="${18 + index * 18}" text-anchor="${Number(x(at)) > WIDTH / 2 ? 'end' : 'start'}">${escaped(shortened(step.title))}</text>`,
  );
  const bottom = top + lines.length * LANE + 6;
  return `<svg class="timeline" viewBox="0 0 ${WIDTH} ${bottom + 24}" role="img" aria-label="Timeline">
${lanes.join('\n')}
${marks.join('\n')}
${axis(outcome.tookMs, bottom, x)}
</svg>`;
}

function bar({ from, to, server }: Band, x: (at: number) => string, y: number): string {
  const width = Math.max(1.5, Number(x(to)) - Number(x(from))).toFixed(1);
  const label =
    Number(width) > 60
      ? `<text class="inbar" x="${x(from)}" dx="6" y="${y + 16}">${server || 'not served'}</text>`
      : '';
  return `<rect class="${server || 'none'}" x="${x(from)}" y="${y}" width="${width}" height="${LANE - 4}" rx="3"/>${label}`;
}

/** Ticks at round times, not more than a dozen. */
function axis(tookMs: number, y: number, x: (at: number) => string): string {
  const step =
    [100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 60_000, 300_000].find((ms) => tookMs / ms <= 12) ?? 600_000;
  const ticks = Array.from({ length: Math.floor(tookMs / step) + 1 }, (_tick, index) => index * step);
  return ticks
    .map(
      (at) =>
        `<path class="tick" d="M${x(at)} ${y}v5"/><text class="ticks" x="${x(at)}" y="${y + 18}" text-anchor="middle">${at / 1000} s</text>`,
    )
    .join('');
}

const RUNGS_SHOWN = 400;
const RUNG = 20;
const COLUMN = 230;
const TIME = 70;

/** A ladder of the first rungs; what is left out is said. */
export function ladderDrawing(rungs: readonly Rung[]): string {
  const shown = rungs.slice(0, RUNGS_SHOWN);
  const peers = peersOf(shown);
  const column = (index: number): number => TIME + 30 + index * COLUMN;
  const height = 40 + shown.length * RUNG;
  const heads = ['phone', ...peers].map(
    (name, index) =>
      `<text class="peer" x="${column(index)}" y="14" text-anchor="middle">${escaped(name)}</text><path class="life" d="M${column(index)} 22V${height}"/>`,
  );
  const rows = shown.map((rung, index) => drawn(rung, 40 + index * RUNG, (peer) => column(peers.indexOf(peer) + 1)));
  const width = column(peers.length) + 120;
  const more = rungs.length - shown.length;
  return `<svg class="ladder" viewBox="0 0 ${width} ${height + 8}" style="max-width:${width}px" role="img" aria-label="SIP ladder">
<defs><marker id="head" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8Z"/></marker></defs>
${heads.join('')}
${rows.join('\n')}
</svg>${more > 0 ? `<p class="more">${more} more are in the recording.</p>` : ''}`;
}

function drawn(rung: Rung, y: number, columnOf: (peer: string) => number): string {
  const time = `<text class="ticks" x="${TIME}" y="${y + 4}" text-anchor="end">${(rung.at / 1000).toFixed(3)}</text>`;
  const phone = TIME + 30;
  if (rung.kind === 'note')
    return `${time}<text class="noted" x="${phone + 8}" y="${y + 4}">${escaped(rung.text)}</text>`;
  const far = columnOf(rung.peer);
  const [from, to] = rung.kind === 'sent' ? [phone, far] : [far, phone];
  return `${time}<path class="${rung.kind}" marker-end="url(#head)" d="M${from} ${y + 5}H${to}"/><text class="rung" x="${far - COLUMN / 2}" y="${y + 1}" text-anchor="middle">${escaped(rung.label)}</text>`;
}

const TITLE_LENGTH = 60;
const shortened = (title: string): string =>
  title.length <= TITLE_LENGTH ? title : `${title.slice(0, TITLE_LENGTH - 1)}…`;
