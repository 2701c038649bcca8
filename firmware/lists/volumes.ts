/** Owns how loud the phone is: handset, speaker and ringer each for itself, kept over a restart. */
import { VOLUME, VOLUME_MAX } from '../config/defaults.ts';

export type Voice = 'handset' | 'speaker' | 'ringer';
export type Volumes = Readonly<Record<Voice, number>>;

export const USUAL_VOLUMES: Volumes = { handset: VOLUME, speaker: VOLUME, ringer: VOLUME };

/** The same value where it is as loud or as quiet as it can be. */
export function stepped(volumes: Volumes, voice: Voice, steps: 1 | -1): Volumes {
  const volume = Math.max(0, Math.min(VOLUME_MAX, volumes[voice] + steps));
  return volume === volumes[voice] ? volumes : { ...volumes, [voice]: volume };
}

/** What was kept, whatever stands there now. */
export function readVolumes(value: unknown): Volumes {
  const { handset, speaker, ringer } =
    typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
  return { handset: readVolume(handset), speaker: readVolume(speaker), ringer: readVolume(ringer) };
}

const readVolume = (value: unknown): number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= VOLUME_MAX ? value : VOLUME;
