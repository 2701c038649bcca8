/**
 * Owns asking action URIs: one GET each, bounded in number, size and time; an XML object that comes back is handed on, and a
 * slow server holds nobody up.
 */

import type { HookState } from '../../hal/devices.ts';
import type { Action, ActionMemory, Surroundings } from '../actions/actions.ts';
import { actionsOf, addressOf, hookAction, NO_MEMORY } from '../actions/actions.ts';
import type { PhoneEvent } from '../events.ts';
import { XML_API_LIMITS } from '../xml-api/objects.ts';
import type { GetOptions } from './http-get.ts';
import { httpAsk } from './http-get.ts';
import { decoded } from './xml-fetch.ts';

export interface ActionsOptions {
  /** A parameter in force; empty = none. */
  readonly value: (name: string) => string;
  readonly around: () => Surroundings;
  readonly userAgent: string;
  readonly lookup: GetOptions['lookup'];
  /** PEM texts that a server's certificate is checked with; null = the public ones. */
  readonly authorities: () => Promise<readonly string[] | null>;
  /** An XML object that an address answered. */
  readonly answered: (document: string) => void;
  readonly tell: (event: PhoneEvent) => void;
}

export interface Actions {
  event(event: PhoneEvent): void;
  hook(state: HookState): void;
  stop(): void;
}

/** What a phone at a busy desk can bring about at once; more are left out and told. */
const ASKED_MAX = 16;
const TIMEOUT_MS = 5000;

export function createActions({
  value,
  around,
  userAgent,
  answered,
  tell,
  lookup,
  authorities,
}: ActionsOptions): Actions {
  const stopping = new AbortController();
  let memory: ActionMemory = NO_MEMORY;
  let asked = 0;
  let lastProblem = '';

  /** The same trouble is told once. */
  function problem(name: string, message: string): void {
    if (lastProblem !== `${name} ${message}` && !stopping.signal.aborted)
      tell({
        event: 'problem',
        file: '',
        line: 0,
        parameter: `action uri ${name}`,
        message: `action uri ${name}: ${message}`,
      });
    lastProblem = `${name} ${message}`;
  }

  async function ask({ name, variables }: Action): Promise<void> {
    const uri = value(`action uri ${name}`);
    if (uri === '' || stopping.signal.aborted) return;
    const address = addressOf(uri, variables);
    if (address === null) return problem(name, 'no address of HTTP');
    if (asked >= ASKED_MAX) return problem(name, `more than ${ASKED_MAX} at once`);
    asked += 1;
    const why = await get(new URL(address)).catch(String);
    asked -= 1;
    if (why !== null) problem(name, why.slice(0, 100));
    else if (lastProblem.startsWith(`${name} `)) lastProblem = '';
  }

  /** Null = answered; else what came instead. */
  async function get(url: URL): Promise<string | null> {
    const came = await httpAsk(url, null, {
      ...{ userAgent, lookup, octetsMax: XML_API_LIMITS.octets, certificates: 'checked' },
      authorities: url.protocol === 'https:' ? await authorities() : null,
      signal: AbortSignal.any([stopping.signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    if (came.kind === 'failed') return came.error;
    if (came.kind === 'aborted') return `no answer within ${TIMEOUT_MS / 1000} s`;
    if (came.status < 200 || came.status > 299) return `HTTP ${came.status}`;
    const document = came.octets === null ? '' : decoded(came.octets);
    if (/<AastraIPPhone/.test(document) && !stopping.signal.aborted) answered(document);
    return null;
  }

  return {
    event(event) {
      const found = actionsOf(event, memory, around());
      memory = found.memory;
      for (const action of found.actions) void ask(action);
    },
    hook: (state) => void ask(hookAction(state, around())),
    stop: () => stopping.abort(),
  };
}
