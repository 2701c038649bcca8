/** Owns the volume keys: they change what is heard now, and the ringer where nothing is. */
import { VOLUME_MAX } from '../config/defaults.ts';
import type { Voice } from '../lists/volumes.ts';
import { stepped } from '../lists/volumes.ts';
import type { Turn, UiState } from './state.ts';
import { change, pathOf, tell } from './state.ts';

const NAMES: Readonly<Record<Voice, string>> = { handset: 'Handset', speaker: 'Speaker', ringer: 'Ringer' };

export function voiceOf(ui: UiState): Voice {
  const path = pathOf(ui);
  return path === 'off' ? 'ringer' : path;
}

export function louder(turn: Turn, steps: 1 | -1): Turn {
  const voice = voiceOf(turn.ui);
  const volumes = stepped(turn.ui.volumes, voice, steps);
  const bar = '#'.repeat(volumes[voice]).padEnd(VOLUME_MAX, '-');
  return tell(change(turn, { volumes }), `${NAMES[voice].padEnd(8)}${bar}`);
}
