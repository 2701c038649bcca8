/** Owns what is said of the board's own parts: a chip that does not answer, a key that does not come up. */
import type { BoardTrouble } from '../vocabulary.ts';
import type { LostPart, UiState } from './state.ts';

/** Null = it is well again. */
export const partChanged = (
  board: readonly LostPart[],
  part: string,
  trouble: BoardTrouble | null,
): readonly LostPart[] => [
  ...board.filter((other) => other.part !== part),
  ...(trouble === null ? [] : [{ part, trouble }]),
];

/** Empty where all is well. */
export function boardNews({ board }: UiState): readonly string[] {
  const held = board.filter(({ trouble }) => trouble === 'held').map(({ part }) => `Held down: ${part}`);
  const [first, ...others] = board.filter(({ trouble }) => trouble === 'silent');
  if (first === undefined) return held;
  const more = others.length === 0 ? '' : ` and ${others.length} more`;
  return [`Board: no answer from ${first.part}${more}`, ...held];
}

/** In 16 cells. */
export function smallBoardNews({ board }: UiState): string {
  const [first] = board;
  if (first === undefined) return '';
  return first.trouble === 'silent' ? `Lost ${first.part}` : `Held ${first.part}`;
}
