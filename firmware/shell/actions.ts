/**
 * Owns asking action URIs: one GET each, bounded in number, size and time; an XML object that comes back is handed on, and a
 * slow server holds nobody up.
 */

import type { HookState } from '../../hal/devices.ts';
import type { Action, ActionMemory, Surroundings } from '../actions/actions.ts';
import { actionsOf, addressOf, hookAction, NO_MEMORY } from '../actions/actions.ts';
import type { PhoneEvent } from '../events.ts';
import { XML_API_LIMITS } from '../xml-api/objects.ts';
import { decoded } from './xml-fetch.ts';

export interface ActionsOptions {
  /** A parameter in force; empty = none. */
  readonly value: (name: string) => string;
  readonly around: () => Surroundings;
  readonly userAgent: string;
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

export function createActions({ value, around, userAgent, answered, tell }: ActionsOptions): Actions {
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
    try {
      const signal = AbortSignal.any([stopping.signal, AbortSignal.timeout(TIMEOUT_MS)]);
      const answer = await fetch(address, { signal, redirect: 'manual', headers: { 'user-agent': userAgent } });
      const document = answer.ok ? await objectOf(answer) : await answer.body?.cancel();
      if (document !== undefined && !stopping.signal.aborted) answered(document);
      if (!answer.ok) problem(name, `HTTP ${answer.status}`);
      else if (lastProblem.startsWith(`${name} `)) lastProblem = '';
    } catch (error) {
      problem(name, reasonOf(error));
    } finally {
      asked -= 1;
    }
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

/** The XML object of an answer; what is none, or is too long, is not read on. */
async function objectOf({ body }: Response): Promise<string | undefined> {
  const parts: Uint8Array[] = [];
  let octets = 0;
  for await (const part of body ?? []) {
    octets += part.length;
    if (octets > XML_API_LIMITS.octets) return undefined;
    parts.push(part);
  }
  const text = decoded(Buffer.concat(parts));
  return /<AastraIPPhone/.test(text) ? text : undefined;
}

/** fetch says "fetch failed", and its cause says why. */
function reasonOf(error: unknown): string {
  const { name, message, cause } = error as Error & { readonly cause?: { readonly code?: string } };
  return name === 'TimeoutError' ? `no answer within ${TIMEOUT_MS / 1000} s` : (cause?.code ?? message).slice(0, 100);
}
