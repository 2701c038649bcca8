/** Checkers of calls in random worlds (rules 3.7, 6): who loses is let go at once, and nothing leaves after hang-up. */
import assert from 'node:assert/strict';
import { LATE_BRANCH_MEMORY_MS } from '../../../firmware/config/defaults.ts';
import { callIdOf, cseqOf, tagOf, toOf } from '../../../firmware/sip/message/headers.ts';
import type { SipRequest, SipResponse } from '../../../firmware/sip/message/message.ts';
import type { FailureCause } from '../../../firmware/status.ts';
import { branchOf } from '../checkers/wire.ts';
import type { Checker } from '../world.ts';

/** What may still leave of a call that is over; NOTIFY: what a far side has asked for is told to its end (RFC 5057 4.1). */
const AFTERWARDS: readonly string[] = ['CANCEL', 'ACK', 'BYE', 'NOTIFY'];
/** The phone does at once what it does; no packet takes longer within it, ms. */
const AT_ONCE_MS = 1;

/** Call-IDs by the phone's name of a call of ours, and when each was over. */
class Ended {
  readonly callIds = new Map<string, Set<string>>();
  readonly at = new Map<string, number>();

  event(event: Parameters<NonNullable<ReturnType<Checker>['event']>>[0], now: number): void {
    if (event.event === 'attempt' && event.method === 'INVITE') {
      const known = this.callIds.get(event.attempt) ?? new Set();
      this.callIds.set(event.attempt, known.add(event.callId));
    }
    if (event.event === 'call' && event.state === 'ended')
      for (const callId of this.callIds.get(event.id) ?? []) this.at.set(callId, now);
  }
}

/** Of whom a message is to, '' = of nobody yet. */
function tagTo(message: SipRequest | SipResponse): string {
  const to = toOf(message);
  return to.ok ? (tagOf(to.value) ?? '') : '';
}

/** Each call ends once, and is heard of no more. */
export const callsEndOnce: Checker = () => {
  const over = new Set<string>();
  return {
    event(event) {
      if (event.event !== 'call') return;
      assert.ok(!over.has(event.id), `call ${event.id} is ${event.state} after its end`);
      if (event.state === 'ended') over.add(event.id);
    },
  };
};

/** After its end nothing leaves of a call but what ends it; what was on its way is repeated. */
export const nothingAfterHangUp: Checker = (world) => {
  const ended = new Ended();
  const before = new Set<string>();
  /** Handed over, not hung up on: until one side ends its dialog, the far side is still asked in it what it was asked. */
  const handedOver = new Set<string>();
  return {
    event(event) {
      ended.event(event, world.now);
      if (event.event === 'call' && event.cause === 'transferred')
        for (const callId of ended.callIds.get(event.id) ?? []) handedOver.add(callId);
    },
    sent({ message }) {
      const callId = callIdOf(message) ?? '';
      const at = ended.at.get(callId);
      const branch = branchOf(message);
      if (message.method === 'BYE') handedOver.delete(callId);
      if (at === undefined) before.add(branch);
      if (at === undefined || at === world.now || AFTERWARDS.includes(message.method)) return;
      const isChange = tagTo(message) !== '' && handedOver.has(callId);
      const mayRepeat = message.method !== 'INVITE' || isChange;
      const repeats = mayRepeat && before.has(branch);
      assert.ok(repeats, `${message.method} leaves ${world.now - at} ms after the end of its call`);
    },
  };
};

/** Who calls without a network hears so at once: a way is asked for, and nothing is sent (rules 4, "Link down"). */
export const nothingSentWithoutLink: Checker = (world) => ({
  effect(effect) {
    assert.ok(effect.kind !== 'send' || world.net.link === 'up', 'a request leaves although the link is down');
  },
});

/** Finals after which the call goes on, with whoever asked for a password or sent it elsewhere. */
const WINS: readonly number[] = [302, 401, 407];

interface Copy {
  readonly request: SipRequest;
  readonly flow: string;
  readonly sentAt: number;
  provisional: boolean;
  over: boolean;
  /** It is over because its way is gone, not by an answer. */
  cut: boolean;
  cancelled: boolean;
  /** Another copy spoke before it did. */
  lost: boolean;
}

/** One INVITE wins. Of the others who rings is cancelled, who answers is acknowledged and hung up on, at once (rules 3.7). */
export const losersAreLetGo: Checker = (world) => {
  const ended = new Ended();
  const copies = new Map<string, Copy>();
  /** The far side that was answered first, by Call-ID. */
  const winners = new Map<string, string>();
  const due = new Map<string, number>();
  const left = new Set<string>();

  /** Whoever says nothing for ten minutes is beyond what the phone keeps (rules 3.6). */
  const isForgotten = ({ sentAt }: Copy): boolean => world.now - sentAt >= LATE_BRANCH_MEMORY_MS;

  const isCancellable = ({ provisional: spoke, over, cancelled }: Copy): boolean => spoke && !over && !cancelled;

  const cancelIsDue = (copy: Copy): unknown =>
    isCancellable(copy) && due.set(`CANCEL ${branchOf(copy.request)}`, world.now);

  /** The first that speaks has won, ringing or not: the others of its call lose. */
  function spoken(copy: Copy): void {
    if (copy.lost) return;
    for (const other of copies.values()) {
      if (other === copy || other.lost || callIdOf(other.request) !== callIdOf(copy.request)) continue;
      other.lost = true;
      cancelIsDue(other);
    }
  }

  /** Nobody has won any more: who had lost, and was not cancelled, may win after all. */
  function reprieved(callId: string): void {
    const all = [...copies.values()].filter(({ request }) => callIdOf(request) === callId);
    if (all.some(({ provisional: spoke, lost, over }) => spoke && !lost && !over)) return;
    for (const copy of all) copy.lost &&= copy.cancelled;
  }

  /** Nobody can be told anything where nobody is; where somebody is silent, or refuses something else, his turn is over. */
  function failed(target: string, cause: FailureCause): void {
    for (const copy of copies.values()) {
      if (copy.flow !== target) continue;
      copy.cut ||= cause !== 'no-answer' && cause !== 'code' && !copy.over;
      copy.over ||= copy.cut;
      reprieved(callIdOf(copy.request) ?? '');
    }
  }

  function refused(copy: Copy, status: number): void {
    const isRepeated = copy.over;
    if (WINS.includes(status) && !isRepeated) spoken(copy);
    copy.over = true;
    copy.cut = false;
    if (!WINS.includes(status) && !copy.lost && !isRepeated) reprieved(callIdOf(copy.request) ?? '');
    due.delete(`CANCEL ${branchOf(copy.request)}`);
  }

  function answered(copy: Copy, response: SipResponse): void {
    const callId = callIdOf(response) ?? '';
    const tag = tagTo(response);
    spoken(copy);
    const isLate = copy.over;
    copy.over = true;
    // Who was hung up on repeats his answer until he hears of that.
    if (left.has(`${callId} ${tag}`)) return;
    due.set(`ACK ${callId} ${tag}`, world.now);
    if (!copy.lost && !isLate && !winners.has(callId) && !ended.at.has(callId)) winners.set(callId, tag);
    else if (winners.get(callId) !== tag) due.set(`BYE ${callId} ${tag}`, world.now);
  }

  function provisional(copy: Copy): void {
    // Its way was gone, its call is over, and there it is: it rings for nobody.
    const isLate = copy.cut && ended.at.has(callIdOf(copy.request) ?? '');
    if (isLate && !copy.cancelled) due.set(`CANCEL ${branchOf(copy.request)}`, world.now);
    if (copy.over) return;
    spoken(copy);
    copy.provisional = true;
    if (copy.lost || ended.at.has(callIdOf(copy.request) ?? '')) cancelIsDue(copy);
  }

  return {
    event(event) {
      ended.event(event, world.now);
      if (event.event === 'target-failed') failed(event.target, event.cause);
      if (event.event !== 'call' || event.state !== 'ended') return;
      const callIds = ended.callIds.get(event.id) ?? new Set();
      for (const copy of copies.values()) if (callIds.has(callIdOf(copy.request) ?? '')) cancelIsDue(copy);
    },
    sent({ message, flow }) {
      const branch = branchOf(message);
      const callId = callIdOf(message) ?? '';
      const tag = tagTo(message);
      if (message.method === 'INVITE' && tag === '' && !copies.has(branch))
        copies.set(branch, {
          request: message,
          flow,
          sentAt: world.now,
          provisional: false,
          over: false,
          cut: false,
          cancelled: false,
          lost: false,
        });
      if (message.method === 'CANCEL') {
        due.delete(`CANCEL ${branch}`);
        const copy = copies.get(branch);
        if (copy !== undefined) copy.cancelled = true;
      }
      due.delete(`${message.method} ${callId} ${tag}`);
      if (message.method === 'BYE') left.add(`${callId} ${tag}`);
    },
    received({ message }) {
      const copy = copies.get(branchOf(message));
      const cseq = cseqOf(message);
      if (copy === undefined || isForgotten(copy) || !cseq.ok || cseq.value.method !== 'INVITE') return;
      if (message.status < 200) return provisional(copy);
      if (message.status < 300) return answered(copy, message);
      refused(copy, message.status);
    },
    settled() {
      // Without a network nobody can be told anything, and whoever was asked before is forgotten (rules 4, "Link down").
      if (!world.net.usable) {
        due.clear();
        copies.clear();
      }
      for (const [what, since] of due)
        assert.ok(world.now - since < AT_ONCE_MS, `${what} was due ${world.now - since} ms ago`);
    },
  };
};
