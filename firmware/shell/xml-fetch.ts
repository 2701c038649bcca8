/** Owns asking XML applications: one GET each, verified and bounded, its answer read as text; what nobody waits for any more is ended. */
import type { Effect, Fetched, Input } from '../vocabulary.ts';
import { XML_API_LIMITS } from '../xml-api/objects.ts';
import type { GetOptions, Got } from './http-get.ts';
import { httpGet } from './http-get.ts';

export interface XmlFetchOptions {
  /** As applications know the original; `anonymous` names no phone. */
  readonly userAgent: { readonly named: string; readonly anonymous: string };
  readonly authorities: () => readonly string[] | null;
  readonly lookup: GetOptions['lookup'];
  readonly input: (input: Input) => void;
}

export interface XmlFetch {
  carry(effect: Extract<Effect, { kind: 'fetch' | 'fetch-done' }>): void;
  close(): void;
}

export function createXmlFetch({ userAgent, authorities, lookup, input }: XmlFetchOptions): XmlFetch {
  const running = new Map<number, AbortController>();

  async function get({ id, url, timeoutMs, identified }: Extract<Effect, { kind: 'fetch' }>): Promise<void> {
    const known = URL.canParse(url) ? new URL(url) : null;
    if (known === null) return input({ kind: 'fetched', id, answer: { error: 'this is no address' } });
    const stop = new AbortController();
    running.set(id, stop);
    const late = AbortSignal.timeout(timeoutMs);
    const got = await httpGet(known, null, {
      ...{ authorities: authorities(), certificates: 'checked', lookup, octetsMax: XML_API_LIMITS.octets },
      userAgent: identified ? userAgent.named : userAgent.anonymous,
      headers: { accept: 'text/xml, application/xml, */*', 'accept-language': 'en' },
      signal: AbortSignal.any([stop.signal, late]),
    }).catch((error: unknown): Got => ({ kind: 'failed', error: String(error).slice(0, 100) }));
    if (stop.signal.aborted) return;
    running.delete(id);
    input({ kind: 'fetched', id, answer: answerOf(got, timeoutMs) });
  }

  return {
    carry(effect) {
      if (effect.kind === 'fetch') return void get(effect);
      running.get(effect.id)?.abort();
      running.delete(effect.id);
    },
    close() {
      for (const stop of running.values()) stop.abort();
      running.clear();
    },
  };
}

function answerOf(got: Got, timeoutMs: number): Fetched {
  switch (got.kind) {
    case 'found':
      return { document: decoded(got.octets), refresh: refreshOf(got.headers) };
    case 'missing':
      return { error: 'HTTP 404' };
    case 'aborted':
      return { error: `no answer within ${timeoutMs / 1000} s` };
    case 'failed':
      return { error: got.error };
  }
}

function refreshOf(headers: Extract<Got, { kind: 'found' }>['headers']): string | null {
  const refresh = headers['refresh'];
  return typeof refresh === 'string' ? refresh : null;
}

/** UTF-8, or where it is none Latin-1: the two that applications of the original are written in. */
export function decoded(octets: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(octets);
  } catch {
    return Buffer.from(octets).toString('latin1');
  }
}
