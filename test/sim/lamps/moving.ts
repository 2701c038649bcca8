/** Owns the checker of moving (rules 4): with its line's proxy every subscription moves, within the bound, where what it moves to is well. */
import assert from 'node:assert/strict';
import type { SubscriptionStatus } from '../../../firmware/status.ts';
import { PACE } from '../../../firmware/subscription/pacer.ts';
import { SipRelay } from '../sip-relay.ts';
import type { Checker, World } from '../world.ts';

interface Move {
  readonly line: number;
  readonly to: string;
  readonly by: number;
  /** In force before, and not ended since. */
  readonly ids: Set<string>;
}

/** All at once, 0.5 s (rules 4); the rest at their pace; and what was not known to be dead is waited for on the way. */
function boundMs(world: World, line: number): number {
  const { settings, net } = world;
  const { hedgeLimitMs, jitterS, probePeriodS } = settings.failover;
  const status = world.status();
  const lists = status.lines.find((one) => one.line === line)?.proxy?.lists ?? { primary: [], backup: [] };
  const before = lists.primary.length + lists.backup.length;
  const paced = (Math.max(0, status.subscriptions.length - PACE.burst) * 1000) / PACE.perSecond;
  const connects = settings.transport === 1 ? 0 : 1500;
  const spread = jitterS > probePeriodS ? jitterS * 1000 : 0;
  return 500 + paced + before * (Math.max(1500, hedgeLimitMs) + connects) + 8 * net.weather.delayMs + spread;
}

/** Whether it would take every subscription at once. */
function isWell(world: World, line: number, target: string): boolean {
  const front = world.peerAt(target);
  const name = world.settings.lines.find((each) => each.line === line)?.proxy.backup?.name ?? '';
  const node = front instanceof SipRelay ? front.serverFor(name) : front;
  if (front === undefined || node == null || !world.net.calm || !world.net.reaches(front.address)) return false;
  const isQuick = [front, node].every(
    ({ fault, delayMs, hangsUp }) => fault === 'none' && delayMs === 0 && hangsUp === 'never',
  );
  return isQuick && !('status' in node && node.status !== null);
}

const isHeldAt = ({ state, target }: SubscriptionStatus, place: string): boolean =>
  (state === 'active' || state === 'pending') && target === place;

const isOver = (state: string): boolean => state === 'terminated' || state === 'failed';

export const movedInTime: Checker = (world) => {
  let moves: readonly Move[] = [];
  if (world.settings.failover.profile !== 'modern') return {};

  function judge(move: Move): void {
    for (const status of world.status().subscriptions)
      assert.ok(
        !move.ids.has(status.id) || isHeldAt(status, move.to),
        `${status.kind} ${status.resource} of line ${move.line} has not moved to ${move.to} in time: ${JSON.stringify(status)}`,
      );
  }

  /** What a server ends, or nobody takes, owes nothing. */
  function excuse(ended: Pick<SubscriptionStatus, 'line' | 'resource'>): void {
    for (const { id, line, resource } of world.status().subscriptions)
      if (line === ended.line && resource === ended.resource) for (const { ids } of moves) ids.delete(id);
  }

  function began(line: number, to: string): void {
    const held = world.status().subscriptions.filter((each) => each.line === line && each.state === 'active');
    moves = [...moves, { line, to, by: world.now + boundMs(world, line), ids: new Set(held.map(({ id }) => id)) }];
  }

  return {
    event(event) {
      if (event.event === 'subscription' && isOver(event.state)) excuse(event);
      if ((event.event !== 'failover' && event.event !== 'failback') || event.role !== 'proxy') return;
      moves = moves.filter(({ line }) => line !== event.line);
      if (event.event === 'failover') began(event.line, event.to);
    },
    settled() {
      const due = moves.filter(({ by }) => by <= world.now);
      // What does not stay well all the while owes nothing.
      moves = moves.filter(({ line, by, to }) => by > world.now && isWell(world, line, to));
      for (const move of due) judge(move);
    },
  };
};
