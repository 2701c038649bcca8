/** Owns what the phone has answered to the notifiers of a world, told to whom it concerns. */
import { cseqOf } from '../../../firmware/sip/message/headers.ts';
import type { SipResponse } from '../../../firmware/sip/message/message.ts';
import { parseMessage } from '../../../firmware/sip/message/parse.ts';
import { branchOf } from '../checkers/wire.ts';
import type { Notice } from '../notifier.ts';
import type { Checker } from '../world.ts';
import type { LampPeer } from './lamp-peer.ts';

export interface Answered {
  readonly peer: LampPeer;
  readonly notice: Notice;
  readonly status: number;
}

/** The NOTIFY that a reply of the phone answers, null = it answers something else. */
export function answeredBy(peers: readonly LampPeer[], data: string): Answered | null {
  const response = responseIn(data);
  const branch = response === null ? '' : branchOf(response);
  for (const peer of peers) {
    const notice = peer.notices.get(branch);
    if (notice !== undefined && response !== null) return { peer, notice, status: response.status };
  }
  return null;
}

function responseIn(data: string): SipResponse | null {
  const parsed = parseMessage(data);
  if (!parsed.ok || parsed.value.kind !== 'response') return null;
  const cseq = cseqOf(parsed.value);
  return cseq.ok && cseq.value.method === 'NOTIFY' ? parsed.value : null;
}

/** Carries answers to notifiers through the weather of the world. */
export const answersTravel =
  (peers: readonly LampPeer[]): Checker =>
  (world) => ({
    effect(effect) {
      const answered = effect.kind === 'reply' ? answeredBy(peers, effect.data) : null;
      if (answered === null) return;
      const { peer, notice, status } = answered;
      const nodes = [peer, notice.subscriber.front];
      for (const delay of world.net.copies(notice.subscriber.front.address).slice(0, 1))
        world.at(delay, () => {
          if (nodes.every(({ fault }) => fault === 'none' || fault === 'mute')) peer.answered(notice.branch, status);
        });
    },
  });
