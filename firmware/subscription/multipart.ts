/** Owns taking a multipart body apart (RFC 2046 5.1, RFC 2387): its parts with type, id and octets. Pure, total, one pass, bounded. */
import type { Result } from '../kernel/result.ts';
import { fail, ok } from '../kernel/result.ts';

export interface Part {
  /** `Content-Type` as it stands there; empty = none. */
  readonly type: string;
  /** `Content-ID` without its brackets; empty = none. */
  readonly id: string;
  readonly body: string;
}

/** Our choice: a list of 100 resources has 101 parts. */
export const MULTIPART_LIMITS = { octets: 262_144, parts: 512, headerOctets: 2048 } as const;

export const isMultipart = (type: string): boolean => /^\s*multipart\//i.test(type);

/** A parameter of a `Content-Type`, quoted or not; null = it is not there. */
export function typeParam(type: string, name: string): string | null {
  for (const [, key, quoted, token] of type.matchAll(/;\s*([\w-]{1,32})\s*=\s*(?:"([^"\r\n]*)"|([^\s;"]+))/g))
    if (key?.toLowerCase() === name) return quoted ?? token ?? null;
  return null;
}

export function readMultipart(type: string, body: string): Result<readonly Part[], string> {
  const boundary = typeParam(type, 'boundary') ?? '';
  if (boundary === '' || boundary.length > 70) return fail('multipart without a boundary of 1 to 70 characters');
  if (body.length > MULTIPART_LIMITS.octets) return fail(`multipart of more than ${MULTIPART_LIMITS.octets} octets`);
  const parts: Part[] = [];
  const mark = `--${boundary}`;
  let open = -1;
  for (let at = body.indexOf(mark); at !== -1; at = body.indexOf(mark, at + mark.length)) {
    // A delimiter begins a line and ends it; another boundary may begin like this one.
    const after = body.slice(at + mark.length, at + mark.length + 2);
    if ((at > 0 && body[at - 1] !== '\n') || !/^(?:--|[ \t]|\r?\n)/.test(after)) continue;
    if (open !== -1) {
      if (parts.length >= MULTIPART_LIMITS.parts) return fail(`more than ${MULTIPART_LIMITS.parts} parts`);
      parts.push(partOf(body.slice(open, at)));
    }
    if (after === '--') return ok(parts);
    const line = body.indexOf('\n', at);
    open = line === -1 ? body.length : line + 1;
  }
  return fail(open === -1 ? 'the boundary is never met' : 'the last boundary is missing');
}

/** The line end in front of a delimiter belongs to it (RFC 2046 5.1.1). */
function partOf(text: string): Part {
  const whole = text.replace(/\r?\n$/, '');
  const bare = /^\r?\n/.exec(whole)?.[0].length;
  const gap = /\r?\n\r?\n/.exec(whole.slice(0, MULTIPART_LIMITS.headerOctets));
  const head = bare === undefined ? whole.slice(0, gap?.index ?? whole.length) : '';
  const value = (name: string): string =>
    new RegExp(`^${name}[ \\t]*:[ \\t]*(.*(?:\\r?\\n[ \\t].*)*)$`, 'im').exec(head)?.[1]?.trim() ?? '';
  return {
    type: value('Content-Type'),
    id: value('Content-ID').replace(/^<([^<>]*)>$/, '$1'),
    body: bare === undefined ? (gap === null ? '' : whole.slice(gap.index + gap[0].length)) : whole.slice(bare),
  };
}
