/** Owns what `time zone name` means: the original's `CC-Place`, or the name of a zone itself, as a name of the IANA time zone database. */

import { UNITED_STATES } from '../kernel/zone.ts';

/** Words in which the original and the database differ. */
const plain = (text: string): string => text.toLowerCase().replace(/[^a-z0-9]/g, '');

/**
 * `zones`: rows of zone.tab, "CC, tab, coordinates, tab, Zone/Name". Null where no zone has that name. What comes back is a name of
 * the table, never the text that was given.
 */
export function zoneNamed(name: string, zones: string): string | null {
  const rows = zones
    .split('\n')
    .filter((row) => !row.startsWith('#'))
    .map((row) => row.split('\t'))
    .map(([country = '', , zone = '']) => ({ country, zone }))
    .filter(({ zone }) => /^[A-Za-z]+(?:\/[A-Za-z0-9_+-]+){1,2}$/.test(zone));
  if (/^(?:utc|gmt|etc\/utc)$/i.test(name)) return 'Etc/UTC';
  const itself = rows.find(({ zone }) => zone.toLowerCase() === name.toLowerCase());
  if (itself !== undefined) return itself.zone;
  const [, country = '', place = ''] = /^([a-z]{2})-(.+)$/i.exec(name) ?? [];
  if (country.toUpperCase() === 'US' && Object.hasOwn(UNITED_STATES, plain(place)))
    return UNITED_STATES[plain(place)] ?? null;
  const there = rows.filter((row) => row.country === country.toUpperCase());
  const city = there.find(({ zone }) => plain(zone.slice(zone.lastIndexOf('/') + 1)) === plain(place));
  return city?.zone ?? null;
}
