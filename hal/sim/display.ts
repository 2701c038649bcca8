/** Owns a simulated text display: it keeps the cells that the driver sent, and counts them. */
import type { CellSink } from '../ports.ts';

export class SimDisplay implements CellSink {
  readonly columns: number;
  readonly rows: number;
  /** Cells sent since the start. */
  sent = 0;
  readonly #cells: string[];
  #listener: () => void = () => undefined;

  constructor(columns: number, rows: number) {
    this.columns = columns;
    this.rows = rows;
    this.#cells = Array.from({ length: rows }, () => ' '.repeat(columns));
  }

  onWrite(listener: () => void): void {
    this.#listener = listener;
  }

  writeCells(row: number, column: number, text: string): void {
    const line = this.#cells[row];
    if (line === undefined || column + text.length > this.columns)
      throw new RangeError(`cells ${row}:${column}+${text.length} are outside the display`);
    this.sent += text.length;
    this.#cells[row] = line.slice(0, column) + text + line.slice(column + text.length);
    this.#listener();
  }

  lines(): readonly string[] {
    return [...this.#cells];
  }
}
