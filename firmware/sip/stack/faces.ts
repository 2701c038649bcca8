/**
 * Owns under which address the phone shows itself in a Contact: that of its socket, the configured one of its NAT, or the one
 * that a registrar saw it come from (RFC 3581 4; conformance E5). Each target sees another one where the NAT is symmetric.
 */
import type { NatSettings } from '../../config/settings.ts';
import type { Endpoint, Target } from '../../kernel/target.ts';
import { endpointText, isIpv4, isIpv6, isStream, targetText } from '../../kernel/target.ts';
import { headerValues } from '../message/headers.ts';
import type { SipResponse } from '../message/message.ts';
import { paramOf } from '../message/scan.ts';
import { parseVia } from '../message/via.ts';

export interface Faces {
  /** What stands in a Contact towards this target where the flow to it has `local`. */
  shown(target: Target, local: Endpoint): Endpoint;
  /** Where sound is to be sent, of a phone that has this address itself. */
  mediaAddress(local: string): string;
  /**
   * Learns from the topmost Via of a good answer. True = the binding just made leads elsewhere than where the phone was seen, and
   * nothing had been learnt there yet: worth one REGISTER at once. A NAT that changes its mind is followed at renewals.
   */
  learn(target: Target, response: SipResponse): boolean;
}

export function createFaces({ address, port, learns }: NatSettings): Faces {
  const holes = new Map<string, { readonly local: string; readonly seen: Endpoint | null }>();
  return {
    shown(target, local) {
      // A connection is reached by itself, whatever its address.
      if (isStream(target)) return local;
      if (address !== null) return { address, port: port ?? local.port };
      const own = endpointText(local);
      const hole = holes.get(targetText(target));
      // From another address of ours we come through another hole.
      if (hole?.local === own) return hole.seen ?? local;
      if (learns) holes.set(targetText(target), { local: own, seen: null });
      return local;
    },
    mediaAddress: (local) => address ?? local,
    learn(target, response) {
      const hole = holes.get(targetText(target));
      const seen = hole === undefined ? null : seenFrom(response);
      if (hole === undefined || seen === null) return false;
      holes.set(targetText(target), { ...hole, seen });
      return hole.seen === null && endpointText(seen) !== hole.local;
    },
  };
}

/** `received` stands where the address is not the one that Via names; `rport` where we asked for it. */
function seenFrom(response: SipResponse): Endpoint | null {
  const via = parseVia(headerValues(response, 'Via')[0] ?? '');
  if (!via.ok) return null;
  const received = paramOf(via.value.params, 'received') ?? via.value.host;
  const address = received.replace(/^\[|\]$/g, '');
  const port = Number(paramOf(via.value.params, 'rport') ?? via.value.port ?? 5060);
  const isPlace = (isIpv4(address) || isIpv6(address)) && Number.isInteger(port) && port > 0 && port < 65_536;
  return isPlace ? { address, port } : null;
}
