/** Owns the probes under way: which pairs are watched, the OPTIONS that ask them, and what their answers do to health (rules 4). */
import { PROBE_BAD_CODES } from '../../config/defaults.ts';
import type { ServerSetting } from '../../config/settings.ts';
import { Fleet } from '../../kernel/fleet.ts';
import { deadlineOf, dueTimer } from '../../kernel/machine.ts';
import type { Random } from '../../kernel/random.ts';
import type { Endpoint } from '../../kernel/target.ts';
import { targetText } from '../../kernel/target.ts';
import type { Millis } from '../../kernel/time.ts';
import { blockedUntil } from '../../servers/health.ts';
import type { ProbeContext, ProbeInput, ProbeOutput, ProbeState, Retired, Watch } from '../../servers/probe.ts';
import { beginProbe, nextProbeAt, retire, stepProbe } from '../../servers/probe.ts';
import type { Candidate } from '../../servers/selection.ts';
import type { FailureCause } from '../../status.ts';
import type { Effect } from '../../vocabulary.ts';
import { buildProbe, routeHeaders, viaHeader } from '../agent.ts';
import { retryAfterOf } from '../message/headers.ts';
import type { SipRequest } from '../message/message.ts';
import type { StackReport } from '../vocabulary.ts';
import type { Ledger } from './ledger.ts';
import type { Wire, WireReport } from './wire-types.ts';

/** A pair to watch, and how it is reached. */
export interface Watched extends Watch {
  readonly candidate: Candidate;
  /** The outbound proxy in front of it, null = none. */
  readonly hop: ServerSetting | null;
  /** The address of record that asks, and its user part. */
  readonly from: string;
  readonly contact: (local: Endpoint) => string;
  /** Identity of the DNS answer that the target is from. */
  readonly set: string;
}

export interface ProbesOptions {
  readonly wire: Wire;
  readonly ledger: Ledger;
  readonly random: Random;
  readonly periodMs: number;
  readonly userAgent: string;
  readonly emit: (effect: Effect) => void;
  readonly report: (report: StackReport, now: Millis) => void;
}

export interface Probes {
  /** The pairs to be watched from now on. */
  watch(pairs: ReadonlyMap<string, Watched>, now: Millis): void;
  registerOk(pair: string, now: Millis): void;
  /** True where the report is of a probe. */
  wireReport(report: WireReport, now: Millis): boolean;
  nextProbeAt(pair: string): Millis | null;
  probeable(pair: string): boolean;
  /** How often the pair is asked at least, ms; null = it is not. */
  everyMs(pair: string): number | null;
  /** Nothing is asked until `resume`: the link is down. */
  pause(): void;
  next(): Millis | null;
  wake(now: Millis): void;
}

export function createProbes(options: ProbesOptions): Probes {
  const { wire, ledger, random, periodMs, emit, report } = options;
  const probes = new Fleet<ProbeState>((state) =>
    deadlineOf(state as { name: string; timers: Record<string, Millis> }),
  );
  const asks = new Map<string, string>();
  let watched: ReadonlyMap<string, Watched> = new Map();
  const retired = new Map<string, Retired>();
  let asked = 0;

  const contextOf = (pair: string, now: Millis): ProbeContext => ({
    now,
    random,
    periodMs,
    hedgeMs: ledger.waitFor(pair, null, now).hedgeMs,
    blocked: blockedUntil(ledger.of(pair), 'modern', now) !== null,
  });

  function remove(pair: string): void {
    const state = probes.get(pair);
    if (state !== undefined) retired.set(pair, retire(state));
    probes.set(pair, null);
  }

  function feed(pair: string, input: ProbeInput, now: Millis): void {
    const state = probes.get(pair);
    if (state === undefined) return;
    const step = stepProbe(state, input, contextOf(pair, now));
    probes.set(pair, step.state);
    for (const output of step.out) carryOut(pair, output, now);
  }

  function carryOut(pair: string, output: ProbeOutput, now: Millis): void {
    const place = watched.get(pair);
    if (place === undefined) return;
    const target = targetText(place.candidate.target);
    switch (output.kind) {
      case 'ask':
        return ask(pair, place, now);
      case 'good':
        return emit({ kind: 'event', event: { event: 'probe', target, ok: true, took: output.took } });
      case 'dead':
        return dead(pair, target, output.cause, output.took, now);
      case 'home':
        return report({ kind: 'pair-home', pair, by: output.by }, now);
    }
  }

  function dead(pair: string, target: string, cause: FailureCause, took: number, now: Millis): void {
    emit({ kind: 'event', event: { event: 'probe', target, ok: false, took, cause } });
    ledger.silent(pair, { target, cause, tookMs: took }, now);
    report({ kind: 'pair-dead', pair }, now);
  }

  function ask(pair: string, place: Watched, now: Millis): void {
    asked += 1;
    const id = `P-${asked}`;
    asks.set(id, pair);
    const series = { callId: random.hex(128), fromTag: random.hex(64), cseq: 1 };
    const { candidate } = place;
    const build = (local: Endpoint, branch: string): SipRequest =>
      buildProbe({
        setting: candidate.setting,
        from: place.from,
        contact: place.contact(local),
        series,
        via: viaHeader(candidate.target, local, branch),
        route: routeHeaders(place.hop),
        userAgent: options.userAgent,
      });
    // Sent once: the repeat after H is the probe's own, so that its silence is judged in a known time.
    wire.start(id, candidate.target, build, { once: true }, now);
  }

  function wireReport(wired: WireReport, now: Millis): boolean {
    const pair = asks.get(wired.id);
    if (pair === undefined) return wired.id.startsWith('P-');
    if (wired.kind === 'failed') {
      asks.delete(wired.id);
      if (wired.cause === 'no-network') feed(pair, { kind: 'unsent' }, now);
      // Timer F of an old probe says nothing new: its silence was judged after H.
      else if (wired.cause !== 'no-answer') feed(pair, { kind: 'failed', cause: wired.cause }, now);
      return true;
    }
    if (wired.kind === 'response' && wired.first) answered(pair, wired, now);
    return true;
  }

  function answered(pair: string, wired: Extract<WireReport, { kind: 'response' }>, now: Millis): void {
    const place = watched.get(pair);
    const { status } = wired.response;
    ledger.answerTime(pair, wired.tookMs);
    if (status < 200 || place === undefined) return;
    asks.delete(wired.id);
    const asker = { line: 0, role: 'probe', method: 'OPTIONS' };
    ledger.answer(
      pair,
      targetText(place.candidate.target),
      { asker, code: status, retryAfterS: retryAfterOf(wired.response) },
      wired.tookMs ?? 0,
      now,
    );
    feed(pair, { kind: 'answer', good: !PROBE_BAD_CODES.includes(status) }, now);
  }

  return {
    watch(pairs, now) {
      if (periodMs === 0) return;
      watched = pairs;
      for (const pair of probes.ids()) if (!pairs.has(pair)) remove(pair);
      for (const [pair, place] of pairs) {
        const watch: Watch = { serving: place.serving, better: place.better };
        if (probes.get(pair) === undefined)
          probes.set(pair, beginProbe(watch, place.set, retired.get(pair) ?? null, contextOf(pair, now)));
        else feed(pair, { kind: 'watch', watch, set: place.set }, now);
      }
    },
    registerOk: (pair, now) => feed(pair, { kind: 'register-ok' }, now),
    wireReport,
    nextProbeAt(pair) {
      const state = probes.get(pair);
      return state === undefined ? null : nextProbeAt(state);
    },
    everyMs: (pair) => (watched.has(pair) && probes.get(pair)?.memory.probeable === true ? periodMs : null),
    probeable: (pair) => (probes.get(pair) ?? retired.get(pair))?.memory.probeable ?? true,
    pause() {
      for (const pair of probes.ids()) remove(pair);
      asks.clear();
    },
    next: () => probes.next()?.at ?? null,
    wake(now) {
      const due = probes.next();
      if (due === null || due.at > now) return;
      const state = probes.get(due.id);
      const timer =
        state === undefined ? null : dueTimer(state as { name: string; timers: Record<string, Millis> }, now);
      if (timer === 'next' || timer === 'wait') feed(due.id, { kind: 'timer', timer }, now);
    },
  };
}
