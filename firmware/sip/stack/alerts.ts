/** Owns what an INVITE says of how it wants to be announced: by which ring, or answered by itself (original-phone 1.7, 6). Nothing is fetched (conformance L7). */
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
