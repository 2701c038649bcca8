/** Owns what an INVITE says of how it wants to be announced: by which ring, at which appearance of a shared line, or answered by itself (original-phone 1.7, 6). Nothing is fetched (conformance L7). */
import { headerValues } from '../message/headers.ts';
import type { SipRequest } from '../message/message.ts';

const DELAY_MAX_S = 30;

/** Seconds; null = a person answers. The three forms that the original knows. */
export function answerAfter(request: SipRequest): number | null {
  for (const value of headerValues(request, 'Call-Info')) {
    const after = /;\s*answer-after\s*=\s*"?(\d{1,4})/i.exec(value);
    if (after !== null) return Math.min(Number(after[1]), DELAY_MAX_S);
  }
  const alerts = headerValues(request, 'Alert-Info');
  const named = alerts.find((value) => /;?\s*info\s*=\s*"?alert-autoanswer\b/i.test(value));
  if (named !== undefined) return Math.min(Number(/;\s*delay\s*=\s*"?(\d{1,4})/i.exec(named)?.[1] ?? 0), DELAY_MAX_S);
  const to = headerValues(request, 'To')[0] ?? '';
  return alerts.some((value) => /^<?\s*auto answer\b/i.test(value)) && /;\s*intercom\s*=\s*true\b/i.test(to) ? 0 : null;
}

/** `Bellcore-dr1` to `dr5`, wherever it stands; else a kind of call. Other rings are not ours to find. */
export function alertOf(request: SipRequest): { readonly dr: number } | { readonly word: string } | null {
  for (const value of headerValues(request, 'Alert-Info')) {
    const dr = /\bbellcore-dr([1-5])\b/i.exec(value)?.[1];
    if (dr !== undefined) return { dr: Number(dr) };
    const word = /\balert-(internal|external|emergency|priority|group)\b/i.exec(value)?.[1];
    if (word !== undefined) return { word: word.toLowerCase() };
  }
  return null;
}

/** The appearance of a shared line that it rings at, from 1: `appearance` (RFC 7463 5.3), or the BLA draft's `x-line-id`, which counts from 0; null = none is named. */
export function appearanceOf(request: SipRequest): number | null {
  for (const value of headerValues(request, 'Alert-Info')) {
    const named = /;\s*(appearance|x-line-id)\s*=\s*"?(\d{1,3})\b/i.exec(value);
    const number = named === null ? 0 : Number(named[2]) + (named[1]?.toLowerCase() === 'x-line-id' ? 1 : 0);
    if (number > 0) return number;
  }
  return null;
}
