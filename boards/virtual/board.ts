/** Owns the virtual board: a front panel in the browser and in the terminal, with simulated chips under the real drivers. */
import type { Board } from '../board.ts';

export const virtual: Board = { name: 'virtual', models: ['57i', '53i'], panel: true };
