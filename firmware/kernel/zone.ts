/**
 * Owns how far local time is from Greenwich: by minutes that are given, or by a zone of the IANA time zone database with its summer time,
 * as the runtime carries it (ECMA-402). A function of its arguments alone: no clock is read.
 */

export interface Zone {
  /** Name in the database; null = the minutes count. */
  readonly zone: string | null;
  /** Minutes west of Greenwich; east is negative. */
  readonly zoneMinutesWest: number;
}

/** Places of the United States are named by their time in the original, not by a city. */
export const UNITED_STATES: Readonly<Record<string, string>> = {
  eastern: 'America/New_York',
  central: 'America/Chicago',
  mountain: 'America/Denver',
  pacific: 'America/Los_Angeles',
  alaska: 'America/Anchorage',
  hawaii: 'Pacific/Honolulu',
  aleutian: 'America/Adak',
};

const REGIONS = [
  ...['Europe', 'America', 'Asia', 'Africa', 'Australia', 'Pacific', 'Atlantic', 'Indian', 'Antarctica', 'Arctic'],
  ...['America/Argentina', 'America/Indiana', 'America/Kentucky', 'America/North_Dakota'],
];

/** `time zone name`: the original's `CC-Place`, or the name of a zone itself; null where no zone has that name. */
export function zoneFor(name: string): string | null {
  if (/^(?:utc|gmt)$/i.test(name)) return 'Etc/UTC';
  if (/^[a-z]+(?:\/[a-z0-9_+-]+){1,2}$/i.test(name)) return formatOf(name) === null ? null : name;
  const [, country = '', place = ''] = /^([a-z]{2})-([a-z][a-z .'_-]*)$/i.exec(name) ?? [];
  if (country.toUpperCase() === 'US') return UNITED_STATES[place.toLowerCase()] ?? null;
  const city = place.replace(/[ .']+/g, '_');
  return city === ''
    ? null
    : (REGIONS.map((region) => `${region}/${city}`).find((zone) => formatOf(zone) !== null) ?? null);
}

/** At a moment, Unix ms: summer time counts. */
export function minutesWest({ zone, zoneMinutesWest }: Zone, wallMs: number): number {
  const format = zone === null ? null : formatOf(zone);
  if (format === null) return zoneMinutesWest;
  // "12/31/2026, GMT+01:00"; no offset at all is "GMT" to some versions of Node, and "GMT+00:00" to others.
  const offset = format.format(wallMs).split('GMT').at(-1) as string;
  const minutes = 60 * Number(offset.slice(1, 3)) + Number(offset.slice(4));
  return offset.startsWith('-') ? minutes : 0 - minutes;
}

/** Made once: it costs more than all else here. A phone has one zone, and a page may try a few. */
let last: { readonly zone: string; readonly format: Intl.DateTimeFormat } | null = null;

function formatOf(zone: string): Intl.DateTimeFormat | null {
  if (last?.zone === zone) return last.format;
  try {
    const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' });
    last = { zone, format };
    return format;
  } catch {
    return null;
  }
}
