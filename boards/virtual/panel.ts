/** Owns the virtual board: desk-v1 with nothing under its drivers but simulated chips. */

import type { Panel } from '../compose.ts';
import { DESK_V1 } from '../desk-v1/board.ts';
import { createFrontPanel } from '../front-panel.ts';
import { realScheduler } from '../scheduler.ts';

export const createVirtualPanel = (model: '57i' | '53i'): Panel =>
  createFrontPanel(DESK_V1, model, {
    bus: null,
    hook: null,
    amplifier: null,
    ringer: null,
    pixels: null,
    scheduler: realScheduler,
  });
