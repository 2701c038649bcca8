/** Owns the list of checkers that hold in every world (rules 6). */
import type { Checker } from '../world.ts';
import { attemptRates, attemptsEndOnce, primaryIsFirst, probeRates } from './attempts.ts';
import { reachableWhereServed, servedInTime } from './service.ts';
import {
  challengesStayHome,
  cseqRises,
  earlierCopiesAreQuiet,
  nowhereForbidden,
  secretsStay,
  silentWithoutLink,
  streamsRepeatNothing,
} from './wire.ts';

/** "No timer in the past" is held by the world itself. */
export const CHECKERS: readonly Checker[] = [
  attemptsEndOnce,
  primaryIsFirst,
  attemptRates,
  probeRates,
  challengesStayHome,
  cseqRises,
  earlierCopiesAreQuiet,
  nowhereForbidden,
  streamsRepeatNothing,
  silentWithoutLink,
  secretsStay,
  servedInTime,
  reachableWhereServed,
];
