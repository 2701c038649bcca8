/** Owns what has to be sent when one row of text cells becomes another one. */

export interface Run {
  readonly at: number;
  readonly length: number;
}

/**
 * The runs of cells that differ. Runs that stand nearer than `joinBelow` are one: a new position costs as much as the cells between,
 * but never so much that more than twice the changed cells are sent.
 */
export function changedRuns(before: string, after: string, joinBelow: number): readonly Run[] {
  const runs: { at: number; length: number; changed: number }[] = [];
  for (let at = 0; at < after.length; at += 1) {
    if (before[at] === after[at]) continue;
    const last = runs.at(-1);
    const joined = last === undefined ? 0 : at + 1 - last.at;
    if (last !== undefined && at - (last.at + last.length) < joinBelow && joined <= 2 * (last.changed + 1)) {
      last.length = joined;
      last.changed += 1;
    } else runs.push({ at, length: 1, changed: 1 });
  }
  return runs;
}

/** A frame's rows, cut and filled to the cells of a screen. */
export const fitted = (
  rows: readonly string[],
  size: { readonly columns: number; readonly rows: number },
): readonly string[] =>
  Array.from({ length: size.rows }, (_row, index) => (rows[index] ?? '').slice(0, size.columns).padEnd(size.columns));

/** The first run in which `held` is not yet `wanted`, which it is from then on; null = there is none. */
export function takeRun(
  held: string[],
  wanted: readonly string[],
  joinBelow: number,
): { readonly row: number; readonly at: number; readonly cells: string } | null {
  for (const [row, text] of wanted.entries()) {
    const before = held[row] ?? '';
    const [run] = changedRuns(before, text, joinBelow);
    if (run === undefined) continue;
    const cells = text.slice(run.at, run.at + run.length);
    held[row] = before.slice(0, run.at) + cells + before.slice(run.at + run.length);
    return { row, at: run.at, cells };
  }
  return null;
}
