/** Owns showing text frames: only the runs of cells that differ are sent. */
import type { Display, Frame } from '../devices.ts';
import type { CellSink } from '../ports.ts';
import { changedRuns, fitted } from './cells.ts';

const JOIN_BELOW = 3;

export function createTextDisplay(sink: CellSink): Display {
  let shown: readonly string[] = fitted([], sink);
  return {
    columns: sink.columns,
    rows: sink.rows,
    show(frame: Frame) {
      const next = fitted(frame.rows, sink);
      for (const [row, text] of next.entries())
        for (const { at, length } of changedRuns(shown[row] ?? '', text, JOIN_BELOW))
          sink.writeCells(row, at, text.slice(at, at + length));
      shown = next;
    },
  };
}
