/** Owns the emulated board: desk-v1 with QEMU's own facts. */
import type { BoardData } from '../board.ts';
import { DESK_V1 } from '../desk-v1/board.ts';
import { QEMU } from './board.ts';

export const QEMU_BOARD: BoardData = { ...DESK_V1, ...QEMU };
