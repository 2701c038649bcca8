/**
 * Owns where a request inside a dialog is sent: its next hop, found as RFC 3263 has it, the target that carried the dialog so far
 * first; never the backup server (rules 3.3).
 */
import type { Target } from '../../kernel/target.ts';
import { isIpv4, isIpv6, targetKey } from '../../kernel/target.ts';
import type { Locate } from '../../servers/selection.ts';
import type { Dialog } from '../dialog.ts';
import { nextHopOf } from '../dialog.ts';

const SIP_PORT = 5060;
const SIPS_PORT = 5061;

/** The best first; never empty. `carrier`: the target that carried the dialog so far. */
export function hopsOf(dialog: Dialog, carrier: Target, locate: Locate): readonly Target[] {
  const hop = nextHopOf(dialog);
  // What cannot be read leads nowhere: the way that has worked so far is all there is.
  if (!hop.ok) return [carrier];
  const { name, port } = hop.value;
  // A dialog over TLS never leaves it (conformance A6).
  const transport = carrier.transport === 'tls' ? 'tls' : (hop.value.transport ?? null);
  if (isIpv4(name) || isIpv6(name)) {
    const said = transport ?? (name === carrier.address ? carrier.transport : 'udp');
    const at = port === 0 ? (said === 'tls' ? SIPS_PORT : SIP_PORT) : port;
    if (name === carrier.address && at === carrier.port && said === carrier.transport) return [carrier];
    return [{ transport: said, address: name, port: at, tlsName: said === 'tls' ? name : null }];
  }
  const located = locate({ name, port });
  const targets = located.state === 'ready' ? located.targets : [];
  if (targets.length === 0) return [carrier];
  return [...targets].sort((a, b) => Number(isCarrier(b, carrier)) - Number(isCarrier(a, carrier)));
}

const isCarrier = (target: Target, carrier: Target): boolean => targetKey(target) === targetKey(carrier);
