/** Owns telling a web server what happens (`webhook uri`): one POST of JSON an event, in order, one at a time; a dead server costs nothing but its news. */
import type { PhoneEvent } from '../events.ts';
import type { GetOptions } from './http-get.ts';
import { httpAsk } from './http-get.ts';

export interface WebhookOptions {
  /** A parameter in force. */
  readonly value: (name: string) => string;
  /** What stands in every body beside the event. */
  readonly who: { readonly mac: string; readonly model: string; readonly version: string };
  readonly wallMs: () => number | null;
  readonly lookup: GetOptions['lookup'];
  /** PEM texts that a server's certificate is checked with; null = the public ones. */
  readonly authorities: () => Promise<readonly string[] | null>;
  readonly tell: (event: PhoneEvent) => void;
}

export interface Webhook {
  event(event: PhoneEvent): void;
  stop(): void;
}

/** News that waits; the oldest gives way, and the next body counts what was lost. */
const WAITING_MAX = 64;
const TIMEOUT_MS = 5000;
/** After a failure nothing is sent for this long, twice as long each time. */
const PAUSE_MS = 1000;
const PAUSE_MAX_MS = 60_000;

export function createWebhook({ value, who, wallMs, tell, lookup, authorities }: WebhookOptions): Webhook {
  const stopping = new AbortController();
  const waiting: object[] = [];
  let lost = 0;
  let failures = 0;
  let lastProblem = '';
  let sending = false;
  let pause: NodeJS.Timeout | null = null;

  function problem(message: string): void {
    if (message !== lastProblem && !stopping.signal.aborted)
      tell({ event: 'problem', file: '', line: 0, parameter: 'webhook uri', message: `webhook: ${message}` });
    lastProblem = message;
  }

  async function post(uri: string, body: object): Promise<string | null> {
    const token = value('webhook token');
    const url = new URL(uri);
    const asked = await httpAsk(url, JSON.stringify(body), {
      userAgent: `Holdfast/${who.version}`,
      headers: { 'content-type': 'application/json', ...(token === '' ? {} : { authorization: `Bearer ${token}` }) },
      ...{ authorities: url.protocol === 'https:' ? await authorities() : null, certificates: 'checked', lookup },
      octetsMax: 0,
      signal: AbortSignal.any([stopping.signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    if (asked.kind === 'failed') return asked.error;
    if (asked.kind === 'aborted') return `no answer within ${TIMEOUT_MS / 1000} s`;
    return asked.status >= 200 && asked.status < 300 ? null : `HTTP ${asked.status}`;
  }

  async function drain(): Promise<void> {
    if (sending || pause !== null || stopping.signal.aborted) return;
    sending = true;
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const uri = value('webhook uri');
      if (uri === '') continue;
      const error = await post(uri, lost === 0 ? next : { ...next, lost }).catch(String);
      if (error !== null) {
        lost += 1;
        failures += 1;
        problem(error);
        pause = setTimeout(resume, Math.min(PAUSE_MAX_MS, PAUSE_MS * 2 ** (failures - 1)));
        pause.unref();
        break;
      }
      lost = 0;
      failures = 0;
      lastProblem = '';
    }
    sending = false;
  }

  function resume(): void {
    pause = null;
    void drain();
  }

  return {
    event(event) {
      if (value('webhook uri') === '' || !isWanted(event, value('webhook events'))) return;
      // Its own trouble would be news that cannot be told.
      if (event.event === 'problem' && event.parameter === 'webhook uri') return;
      const at = wallMs();
      waiting.push({ phone: who, at: at === null ? null : new Date(at).toISOString(), ...event });
      if (waiting.length > WAITING_MAX) {
        waiting.shift();
        lost += 1;
      }
      void drain();
    },
    stop() {
      stopping.abort();
      if (pause !== null) clearTimeout(pause);
    },
  };
}

const isWanted = ({ event }: PhoneEvent, names: string): boolean =>
  names.split(',').some((name) => name.trim() === event);
