/** Owns simulated lines, and a key matrix between them that leads current backwards as a real one without diodes does. */
import type { InputLine, OutputLine } from '../ports.ts';

export class SimLine implements InputLine, OutputLine {
  level: boolean;
  /** False: it can neither be read nor set. */
  present = true;
  readonly onEdge: ((listener: () => void) => void) | null;
  readonly #listeners: (() => void)[] = [];

  constructor(level: boolean, options: { readonly edges: 'told' | 'not-told' } = { edges: 'not-told' }) {
    this.level = level;
    this.onEdge = options.edges === 'told' ? (listener) => void this.#listeners.push(listener) : null;
  }

  read(): boolean | null {
    return this.present ? this.level : null;
  }

  write(high: boolean): boolean {
    if (this.present) this.level = high;
    return this.present;
  }

  /** The world outside moves the line. */
  drive(high: boolean): void {
    if (this.level === high) return;
    this.level = high;
    for (const listener of this.#listeners) listener();
  }
}

export class SimMatrix {
  readonly rows: readonly SimLine[];
  readonly columns: readonly InputLine[];
  readonly #closed = new Set<string>();

  constructor(rows: number, columns: number) {
    this.rows = Array.from({ length: rows }, () => new SimLine(true));
    this.columns = Array.from({ length: columns }, (_column, column) => ({
      onEdge: null,
      read: () => !this.#low().has(`column ${column}`),
    }));
  }

  press(row: number, column: number, closed: boolean): void {
    if (closed) this.#closed.add(`${row} ${column}`);
    else this.#closed.delete(`${row} ${column}`);
  }

  /** Everything that a driven row pulls low, through however many closed keys. */
  #low(): ReadonlySet<string> {
    const low = new Set(this.rows.flatMap(({ level }, row) => (level ? [] : [`row ${row}`])));
    for (let before = -1; before !== low.size; ) {
      before = low.size;
      for (const key of this.#closed) {
        const [row, column] = key.split(' ');
        if (low.has(`row ${row}`)) low.add(`column ${column}`);
        if (low.has(`column ${column}`)) low.add(`row ${row}`);
      }
    }
    return low;
  }
}
