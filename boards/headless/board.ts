/** Owns the headless board: no panel; for tests, labs and many phones in one process. */
import type { Board } from '../board.ts';

export const headless: Board = { name: 'headless', models: ['57i', '53i'], panel: false };
