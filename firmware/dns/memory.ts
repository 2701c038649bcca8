/** Owns what is remembered of a question: the last answer, how old it is, and how it is kept over a restart (RFC 2308, 8767; rules 2). Pure. */
import type { DnsFailure } from '../events.ts';
import type { Millis } from '../kernel/time.ts';
import type { DnsQuestion, DnsRecord } from '../vocabulary.ts';
import { RECORDS_MAX, STORED_MAX } from './limits.ts';
import { isHostName, isSound } from './soundness.ts';

/** What the zone said last. `since`: when it came; `until`: when its TTL ends. */
export interface Answer {
  readonly said:
    | { readonly kind: 'records'; readonly records: readonly DnsRecord[] }
    | { readonly kind: 'negative'; readonly what: 'nxdomain' | 'nodata' };
  readonly since: Millis;
  readonly until: Millis;
  /** From the last run: good only while nobody answers. */
  readonly kept: boolean;
}

/** What may be acted on. `stale`: the answer's time is over and DNS does not give another (A24). */
export type Known =
  | { readonly state: 'unknown' }
  | {
      readonly state: 'records';
      readonly records: readonly DnsRecord[];
      readonly stale: boolean;
      readonly since: Millis;
      readonly until: Millis;
    }
  | {
      readonly state: 'negative';
      readonly what: 'nxdomain' | 'nodata';
      readonly stale: boolean;
      readonly since: Millis;
      readonly until: Millis;
    }
  /** Nobody answered, or only with a failure: nothing is known, which is not "no record" (A25). */
  | { readonly state: 'failed'; readonly cause: DnsFailure };

/** `cause`: why the last question failed, null when it did not. */
export function knownOf(answer: Answer | null, cause: DnsFailure | null, now: Millis): Known {
  if (answer === null) return cause === null ? { state: 'unknown' } : { state: 'failed', cause };
  if (answer.kept && cause === null) return { state: 'unknown' };
  const { said, since, until } = answer;
  const stale = until <= now && cause !== null;
  return said.kind === 'records'
    ? { state: 'records', records: said.records, stale, since, until }
    : { state: 'negative', what: said.what, stale, since, until };
}

export const resultOf = ({ said }: Answer): readonly DnsRecord[] | 'nxdomain' | 'nodata' =>
  said.kind === 'records' ? said.records : said.what;

/** An answer as it is kept; no records = there were none. */
export interface StoredAnswer extends DnsQuestion {
  readonly records: readonly DnsRecord[];
}

export const storedOf = (question: DnsQuestion, { said }: Answer): StoredAnswer => ({
  ...question,
  records: said.kind === 'records' ? said.records : [],
});

export const answerOf = ({ records }: StoredAnswer, now: Millis): Answer => ({
  said: records.length > 0 ? { kind: 'records', records } : { kind: 'negative', what: 'nodata' },
  since: now,
  until: now,
  kept: true,
});

/** What the last run kept, as far as it is what we write; anything else is left out. */
export function readStored(value: unknown): readonly StoredAnswer[] {
  if (!isObject(value) || !Array.isArray(value['answers'])) return [];
  return value['answers'].slice(0, STORED_MAX).flatMap((entry: unknown) => {
    if (!isObject(entry) || !isText(entry['name']) || !isType(entry['type']) || !Array.isArray(entry['records']))
      return [];
    const { name, type } = entry;
    const records = entry['records'].slice(0, RECORDS_MAX).filter((record) => isRecord(record) && record.type === type);
    // Records that cannot be read are not "no records".
    return isHostName(name) && records.length === entry['records'].length ? [{ name, type, records }] : [];
  });
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;
const isText = (value: unknown): value is string => typeof value === 'string';
const isNumber = (value: unknown): boolean => typeof value === 'number' && Number.isInteger(value) && value >= 0;
const isType = (value: unknown): value is DnsQuestion['type'] =>
  value === 'A' || value === 'AAAA' || value === 'SRV' || value === 'NAPTR';

function isRecord(value: unknown): value is DnsRecord {
  if (!isObject(value) || !isText(value['name']) || !isNumber(value['ttl'])) return false;
  switch (value['type']) {
    case 'A':
    case 'AAAA':
      return isText(value['address']) && isBelieved(value);
    case 'SRV':
      return (
        [value['priority'], value['weight'], value['port']].every(isNumber) &&
        isText(value['target']) &&
        isBelieved(value)
      );
    case 'NAPTR':
      return (
        [value['order'], value['preference']].every(isNumber) &&
        [value['flags'], value['services'], value['regexp'], value['replacement']].every(isText)
      );
    default:
      return false;
  }
}

/** The fields of its type are there. */
const isBelieved = (value: unknown): boolean => isSound(value as DnsRecord, { loopback: true });
