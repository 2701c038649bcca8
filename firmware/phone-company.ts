/** Owns what calls of this phone do with one another: one is handed over, was asked for by the far side of another, or joins a conference. */
import type { CallInput, CallState } from './call/state.ts';
import type { LineSettings } from './config/settings.ts';
import type { Fleet } from './kernel/fleet.ts';
import type { Result } from './kernel/result.ts';
import { fail, ok } from './kernel/result.ts';
import type { Millis } from './kernel/time.ts';
import type { CallReport, ReferTo } from './sip/call-vocabulary.ts';
import { calleeUri } from './sip/stack/calling.ts';
import { shownAddress } from './sip/stack/redirects.ts';
import type { Command } from './vocabulary.ts';

type Verb<K extends Command['verb']> = Extract<Command, { verb: K }>;

export interface PhoneCompanyOptions {
  readonly calls: Fleet<CallState>;
  readonly feed: (id: string, input: CallInput, now: Millis) => void;
  /** Begins a call that the far side of `by` has asked for. */
  readonly place: (report: Extract<CallReport, { kind: 'call-referred' }>, line: LineSettings, now: Millis) => void;
  /** Whether a call may be put in the place of another (`sip refer-to with replaces`). */
  readonly joins: () => boolean;
  /** What is wrong with a number or URI. */
  readonly problemOf: (target: string) => string | null;
}

export interface PhoneCompany {
  transfer(command: Verb<'transfer'>, now: Millis): Result<unknown, string>;
  conference(command: Verb<'conference'>, now: Millis): Result<unknown, string>;
  /** A far side asks us to call somebody. */
  referred(report: Extract<CallReport, { kind: 'call-referred' }>, now: Millis): void;
  /** Hold and resume go for all of a conference. */
  together(id: string, kind: 'hold' | 'resume', now: Millis): void;
  /** After a call has ended, or was left: one alone is no conference. */
  settle(now: Millis): void;
}

/** Far sides of a conference at this desk; the person makes three (original-phone 6). */
const CONFERENCE_MAX = 2;
const NOT_FOUND = 404;
const DECLINED = 603;

export function createPhoneCompany({ calls, feed, place, joins, problemOf }: PhoneCompanyOptions): PhoneCompany {
  const all = (): readonly CallState[] =>
    calls.entries().flatMap(([, state]) => (state.name === 'left' ? [] : [state]));
  const members = (): readonly CallState[] =>
    all().filter((state) => state.name === 'connected' && state.conference === 'in');

  /** The one that is heard, else the one that was begun last. */
  function focus(except: string | null = null): CallState | undefined {
    const others = all().filter((state) => state.call.id !== except && state.name !== 'incoming');
    return others.findLast((state) => state.name === 'connected' && !state.held) ?? others.at(-1);
  }

  function transfer({ call, target }: Verb<'transfer'>, now: Millis): Result<unknown, string> {
    const handed = call === null ? focus() : calls.get(call);
    if (handed?.name !== 'connected')
      return fail(call === null ? 'no call is answered' : `call ${call} is not answered`);
    const to = target === null ? toFocus(handed, now) : toTarget(handed, target);
    if (!to.ok) return to;
    feed(handed.call.id, { kind: 'transfer', to: to.value }, now);
    return ok(null);
  }

  /** A number is one of the server that carries the call. */
  function toTarget({ call: { line, place: at } }: CallState, target: string): Result<ReferTo, string> {
    const problem = problemOf(target);
    if (problem !== null) return fail(problem);
    const server = line.proxy[at?.server ?? 'primary'] ?? line.registrar[at?.server ?? 'primary'];
    return ok({ uri: calleeUri(target, server ?? { name: 'anonymous.invalid', port: 0 }) });
  }

  /** Nobody can take the place of a call that still rings (RFC 3891 3): it ends, and its callee is called anew. */
  function toFocus(handed: CallState, now: Millis): Result<ReferTo, string> {
    const other = focus(handed.call.id);
    if (other === undefined) return fail('there is no second call to hand it over to');
    if (other.name === 'connected' && joins()) return ok({ replacing: other.call.id });
    const to = toTarget(other, other.call.peer);
    if (to.ok) feed(other.call.id, { kind: 'hang-up' }, now);
    return to;
  }

  function conference({ call }: Verb<'conference'>, now: Millis): Result<unknown, string> {
    const one = calls.get(call);
    const other = members().find(({ call: { id } }) => id !== call) ?? focus(call);
    if (one?.name !== 'connected') return fail(`call ${call} is not answered`);
    if (other?.name !== 'connected') return fail('there is no second call that is answered');
    const joining = [one, other].filter((state) => !members().includes(state));
    if (members().length + joining.length > CONFERENCE_MAX) return fail('a conference of three is full');
    for (const state of joining) feed(state.call.id, { kind: 'join' }, now);
    return ok(null);
  }

  return {
    transfer,
    conference,
    referred(report, now) {
      const state = calls.get(report.call);
      const { to } = report;
      if (state === undefined) return;
      if (state.name === 'left') return feed(report.call, { kind: 'refer-refused', code: DECLINED }, now);
      if (problemOf(to) !== null) return feed(report.call, { kind: 'refer-refused', code: NOT_FOUND }, now);
      place(report, state.call.line, now);
    },
    together(id, kind, now) {
      const ids = members().map(({ call }) => call.id);
      for (const member of ids.includes(id) ? ids : [id]) feed(member, { kind }, now);
    },
    settle(now) {
      const [last, ...others] = members();
      if (last !== undefined && others.length === 0) feed(last.call.id, { kind: 'part' }, now);
    },
  };
}

/** What a person calls whoever a far side wants called: the number alone where it is one of the line's own servers'. */
export function calledName({ proxy, registrar }: LineSettings, to: string): string {
  const [user = '', host] = shownAddress(to).split('@');
  const own = [proxy, registrar].flatMap(({ primary, backup }) => [primary, backup]).map((server) => server?.name);
  return own.includes(host?.replace(/:\d+$/, '')) ? user : shownAddress(to);
}
