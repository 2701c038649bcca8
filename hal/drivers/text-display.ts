/** Owns showing text frames: only the runs of cells that differ are sent. */
import type { Display, Frame } from '../devices.ts';
import type { CellSink } from '../ports.ts';

/** Runs that stand nearer than this are sent as one: a new position costs about as much as the cells between. */
const GAP_MAX = 3;

export function createTextDisplay(sink: CellSink): Display {
  let shown: readonly string[] = Array.from({ length: sink.rows }, () => ' '.repeat(sink.columns));
  return {
    columns: sink.columns,
    rows: sink.rows,
    show(frame: Frame) {
      const next = Array.from({ length: sink.rows }, (_row, index) =>
        (frame.rows[index] ?? '').slice(0, sink.columns).padEnd(sink.columns),
      );
      for (const [row, text] of next.entries())
        for (const { at, length } of differences(shown[row] ?? '', text))
          sink.writeCells(row, at, text.slice(at, at + length));
      shown = next;
    },
  };
}

function differences(before: string, after: string): readonly { readonly at: number; readonly length: number }[] {
  const runs: { at: number; length: number }[] = [];
  for (let at = 0; at < after.length; at += 1) {
    if (before[at] === after[at]) continue;
    const last = runs.at(-1);
    if (last !== undefined && at - (last.at + last.length) < GAP_MAX) last.length = at + 1 - last.at;
    else runs.push({ at, length: 1 });
  }
  return runs;
}
