/** Owns which servers a call visits: the lists that DNS has brought so far, those of an emergency, those of another address that it was sent to. */
import type { Millis } from '../../kernel/time.ts';
import type { Candidate, Leg, Locate } from '../../servers/selection.ts';
import { knownLegs } from '../../servers/selection.ts';
import type { Calling } from './calling.ts';
import { callable, routeOfCalls } from './calling.ts';
import { emergencyLegs, onceEach } from './emergency.ts';
import type { Ledger } from './ledger.ts';
import { shownAddress, turnedTo } from './redirects.ts';

export interface Visits {
  /** Candidates of lists that were not known before; null = the first list has yet to come. */
  next(calling: Calling, now: Millis): { readonly candidates: readonly Candidate[]; readonly more: boolean } | null;
  /** From now on the call is for somebody at this address; as a person reads it. */
  turn(calling: Calling, to: string): string;
}

export function createVisits(locate: Locate, ledger: Pick<Ledger, 'blocks'>): Visits {
  const all = ({ command }: Calling): readonly Leg[] => emergencyLegs(command, routeOfCalls, locate);

  /** In an emergency all servers are asked, wherever the call was sent (rules 3.8). */
  const legsOf = (calling: Calling): readonly Leg[] =>
    calling.turnedTo === null || calling.command.emergency !== null
      ? all(calling)
      : turnedTo(calling.turnedTo, all(calling), calling.command.line.proxy).legs;

  return {
    next(calling, now) {
      const legs = legsOf(calling);
      const { known, more } = knownLegs(legs);
      if (known.length === 0 && more) return null;
      const [first] = legs;
      if (first?.located.state === 'failed') calling.cause ??= first.located.cause;
      const fresh = known.slice(calling.legsTaken).flatMap((leg) => leg.candidates);
      calling.legsTaken = known.length;
      // Nobody's wish to be left alone holds for an emergency (rules 3.8).
      const candidates =
        calling.command.emergency === null ? callable(fresh, ledger.blocks(now)) : onceEach(fresh, calling.asked);
      return { candidates, more };
    },
    turn(calling, to) {
      calling.turnedTo = to;
      calling.callee = turnedTo(to, all(calling), calling.command.line.proxy).callee;
      calling.legsTaken = 0;
      calling.asked.clear();
      return shownAddress(calling.callee);
    },
  };
}
