/** Owns the picture of a front panel in a report: the screen as it was, and each lamp with its state. */
import type { PanelSeen } from './hil-client.ts';
import { escaped } from './junit.ts';

const CELL = { width: 8, height: 17 } as const;
const EDGE = 12;
const LAMP_WIDTH = 86;
const LAMPS_HIGH = 44;
const LAMPS_A_ROW = 6;
const COLOURS: Readonly<Record<string, string>> = {
  off: '#3a434d',
  on: '#3ddc84',
  'slow-flash': '#f5c542',
  'fast-flash': '#ff6b5e',
};

export function panelDrawing({ lcd, lamps, picture }: PanelSeen): string {
  const columns = Math.max(...lcd.map((row) => row.length), 1);
  const screen = { width: columns * CELL.width + EDGE, height: lcd.length * CELL.height + EDGE };
  const width = Math.max(screen.width, LAMPS_A_ROW * LAMP_WIDTH) + 2 * EDGE;
  const names = Object.entries(lamps);
  const height = screen.height + Math.ceil(names.length / LAMPS_A_ROW) * LAMPS_HIGH + 2 * EDGE;
  const rows = lcd.map(
    (row, index) =>
      `<text class="cell" x="${1.5 * EDGE}" y="${EDGE + (index + 1) * CELL.height}" textLength="${row.length * CELL.width}" xml:space="preserve">${escaped(row)}</text>`,
  );
  const lit = names.map(([name, state], index) => {
    const x = EDGE + (index % LAMPS_A_ROW) * LAMP_WIDTH;
    const y = EDGE + screen.height + 20 + Math.floor(index / LAMPS_A_ROW) * LAMPS_HIGH;
    const label = state === 'off' ? name : `${name} ${state}`;
    return `<circle cx="${x + 6}" cy="${y}" r="5" fill="${COLOURS[state] ?? '#fff'}"/><text class="lampname" x="${x}" y="${y + 18}">${escaped(label)}</text>`;
  });
  const photo = picture === undefined ? '' : `<img class="panel" src="${escaped(picture)}" alt="The screen">`;
  return `${photo}<svg class="panel" width="${width}" viewBox="0 0 ${width} ${height}" role="img" aria-label="The front panel"><rect width="${width}" height="${height}" rx="8" fill="#20272e"/><rect x="${EDGE}" y="${EDGE}" width="${screen.width}" height="${screen.height}" fill="#0b0f13"/>${rows.join('')}${lit.join('')}</svg>`;
}
