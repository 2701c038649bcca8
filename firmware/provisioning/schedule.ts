/** Owns when files are asked for by the clock: auto-resync at a time of day, every so many days, spread (original-phone 1.10). */
import type { Zone } from '../kernel/zone.ts';
import { minutesWest, zoneFor } from '../kernel/zone.ts';

export interface ResyncSettings {
  /** Whether configuration is among what is asked for: modes 1 and 3. */
  readonly on: boolean;
  /** Minutes after midnight, local time. */
  readonly minute: number;
  readonly maxDelayMin: number;
  /** Days between; 0 = each day. */
  readonly days: number;
  readonly zone: Zone;
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

export function resyncSettings(value: (name: string) => string): ResyncSettings {
  const [, hours = '0', minutes = '0'] = /^(\d{1,2}):(\d\d)$/.exec(value('auto resync time')) ?? [];
  return {
    on: ['1', '3'].includes(value('auto resync mode')),
    minute: Number(hours) * 60 + Number(minutes),
    maxDelayMin: Number(value('auto resync max delay')),
    days: Number(value('auto resync days')),
    zone: { zone: zoneFor(value('time zone name')), zoneMinutesWest: Number(value('time zone minutes')) },
  };
}

/**
 * When the next resync is due, Unix ms; null = never. `lastMs`: when files were last asked for; `chance` from 0 to 1 places it within
 * the delay, so that a site does not ask at once.
 */
export function nextResync(settings: ResyncSettings, nowMs: number, lastMs: number, chance: number): number | null {
  if (!settings.on) return null;
  const zoneMs = minutesWest(settings.zone, nowMs) * MINUTE_MS;
  const midnight = (atMs: number): number => Math.floor((atMs - zoneMs) / DAY_MS) * DAY_MS + zoneMs;
  const atTime = (dayMs: number): number => dayMs + settings.minute * MINUTE_MS;
  const delay = Math.floor(chance * settings.maxDelayMin * MINUTE_MS);
  const earliest = settings.days <= 1 ? nowMs : Math.max(nowMs, atTime(midnight(lastMs)) + settings.days * DAY_MS);
  const today = atTime(midnight(earliest));
  return (today >= earliest ? today : today + DAY_MS) + delay;
}
