/** Owns the drawing of storms: attempts per second over time, as a line of text and as an SVG of one panel for each storm. */

export interface Panel {
  readonly title: string;
  /** What the panel is of, below its title. */
  readonly note: string;
  /** When each attempt began, ms since the storm began, oldest first. */
  readonly times: readonly number[];
  /** The most a second that is promised; null = nothing is. */
  readonly bound: number | null;
}

const BLOCKS = [...'▁▂▃▄▅▆▇█'];
const TEXT_COLUMNS = 60;

export function perSecond(times: readonly number[], seconds: number): readonly number[] {
  const counts = Array.from({ length: seconds }, () => 0);
  for (const at of times) {
    const second = Math.floor(at / 1000);
    if (second < seconds) counts[second] = (counts[second] ?? 0) + 1;
  }
  return counts;
}

/** One character for each part of the time, as high as its busiest second on a logarithmic scale that ends at `most`. */
export function spark(times: readonly number[], seconds: number, most: number): string {
  const counts = perSecond(times, seconds);
  const each = Math.max(1, Math.ceil(seconds / TEXT_COLUMNS));
  let line = '';
  for (let from = 0; from < seconds; from += each) {
    const peak = Math.max(...counts.slice(from, from + each));
    line += peak === 0 ? ' ' : (BLOCKS[Math.round(height(peak, most) * (BLOCKS.length - 1))] ?? ' ');
  }
  return line.trimEnd();
}

/** 0 to 1; one attempt stands out already. */
const height = (count: number, most: number): number => Math.log(1 + count) / Math.log(1 + most);

const WIDTH = 300;
const HEIGHT = 120;
const GAP = { left: 46, top: 58, right: 14, bottom: 44 } as const;
const STYLE = `text{font:12px system-ui,sans-serif;fill:#1c2733}
.title{font-weight:600}.note,.tick{fill:#5a6b7b;font-size:11px}
.bar{fill:#1f77b4}.bound{stroke:#c0392b;stroke-dasharray:5 3}.grid{stroke:#dde3e8}`;

/** Panels in rows, all on one logarithmic scale, so that a storm of a thousand and one of twenty can be compared. */
export function svg(rows: readonly (readonly Panel[])[], seconds: number, heading: string): string {
  const columns = Math.max(...rows.map((row) => row.length));
  const cell = { width: GAP.left + WIDTH + GAP.right, height: GAP.top + HEIGHT + GAP.bottom };
  const most = Math.max(10, ...rows.flat().flatMap(({ times }) => perSecond(times, seconds)));
  const size = { width: columns * cell.width, height: 30 + rows.length * cell.height };
  const panels = rows.flatMap((row, down) =>
    row.map((panel, across) => {
      const at = `translate(${across * cell.width + GAP.left} ${30 + down * cell.height + GAP.top})`;
      return `<g transform="${at}">\n${drawn(panel, seconds, most)}\n</g>`;
    }),
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.width} ${size.height}" role="img" aria-label="${heading}">
<style>${STYLE}</style>
<rect width="100%" height="100%" fill="#fff"/>
<text x="${GAP.left}" y="24" class="title">${heading}</text>
${panels.join('\n')}
</svg>
`;
}

function drawn({ title, note, times, bound }: Panel, seconds: number, most: number): string {
  const y = (count: number): string => (HEIGHT * (1 - height(count, most))).toFixed(1);
  const wide = WIDTH / seconds;
  const ticks = [1, 10, 100, 1000].filter((count) => count <= most);
  const bars = perSecond(times, seconds).flatMap((count, second) =>
    count === 0
      ? []
      : [`M${(second * wide).toFixed(1)} ${HEIGHT}V${y(count)}h${Math.max(0.8, wide * 0.9).toFixed(1)}V${HEIGHT}Z`],
  );
  const grid = ticks.map(
    (count) =>
      `<path class="grid" d="M0 ${y(count)}H${WIDTH}"/><text class="tick" x="-6" y="${y(count)}" dy="4" text-anchor="end">${count}</text>`,
  );
  const limit =
    bound === null
      ? ''
      : `<path class="bound" d="M0 ${y(bound)}H${WIDTH}"/><text class="tick" x="${WIDTH}" y="${y(bound)}" dy="-4" text-anchor="end">bound ${Math.round(bound)}</text>`;
  return `<text class="title" y="-24">${title}</text><text class="note" y="-9">${note}</text>
${grid.join('')}<path class="grid" d="M0 ${HEIGHT}H${WIDTH}"/><path class="bar" d="${bars.join('')}"/>${limit}
<text class="tick" y="${HEIGHT + 16}">0</text><text class="tick" x="${WIDTH}" y="${HEIGHT + 16}" text-anchor="end">${seconds} s</text>`;
}
