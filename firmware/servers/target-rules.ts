/**
 * Owns what a configured server asks of DNS: the four forms (name or address, port 0 or not) by transport and `sip dns query type`
 * (guide p. 4-46; rules 2; RFC 3263 4; conformance A1-A7, A32, A33). Pure: it reads a setting, asks nothing.
 */
import type { DnsQueryType, ServerSetting, TransportChoice } from '../config/settings.ts';
import { isHostName } from '../dns/soundness.ts';
import type { Target, Transport } from '../kernel/target.ts';
import { isIpv4, isIpv6 } from '../kernel/target.ts';

export interface LocationRules {
  readonly transport: TransportChoice;
  readonly dnsQueryType: DnsQueryType;
  /** Address families that this phone can send to; the others are not asked for (A16). */
  readonly families: readonly ('A' | 'AAAA')[];
}

/** The addresses of a name, at one port. */
export interface AddressPlan {
  readonly kind: 'addresses';
  readonly host: string;
  readonly port: number;
  readonly transport: Transport;
  /** The configured name, which a certificate must show. */
  readonly name: string;
  readonly rule: string;
}

/** The SRV list of one transport. */
export interface ServicePlan {
  readonly transport: Transport;
  /** Where its SRV records stand unless NAPTR names another place. */
  readonly owner: string;
  /** The NAPTR service that fits, in lower case; the others are not looked at. */
  readonly naptrService: string;
  readonly rule: string;
}

export type Plan =
  /** No packet can go there. */
  | { readonly kind: 'nowhere'; readonly rule: string }
  | { readonly kind: 'literal'; readonly target: Target; readonly rule: string }
  | AddressPlan
  | {
      readonly kind: 'services';
      readonly host: string;
      readonly name: string;
      readonly naptr: 'asked' | 'not-asked';
      /** The first that has SRV records counts. */
      readonly services: readonly ServicePlan[];
      /** Where none has. */
      readonly otherwise: AddressPlan;
    };

export const DEFAULT_PORT: Readonly<Record<Transport, number>> = { udp: 5060, tcp: 5060, tls: 5061 };
/** `_sips._tcp` for TLS, never `_sip._tls` (A4). */
const SERVICE: Readonly<Record<Transport, string>> = { udp: '_sip._udp', tcp: '_sip._tcp', tls: '_sips._tcp' };
/** RFC 3263 4.1. */
const NAPTR_SERVICE: Readonly<Record<Transport, string>> = { udp: 'sip+d2u', tcp: 'sip+d2t', tls: 'sips+d2t' };
/** The transports whose SRV lists are asked, in order; the first also carries addresses and plain names (rules 2). */
const TRANSPORTS: Readonly<Record<TransportChoice, readonly [Transport, ...Transport[]]>> = {
  0: ['udp', 'tcp'],
  1: ['udp'],
  2: ['tcp'],
  4: ['tls'],
};

export function planOf({ name, port }: ServerSetting, rules: LocationRules): Plan {
  const transports = TRANSPORTS[rules.transport];
  const [transport] = transports;
  if (name === '' || name === '0.0.0.0' || name === '::')
    return { kind: 'nowhere', rule: 'no server, because the address is empty' };
  if (isIpv4(name) || isIpv6(name)) return literal(name, port, transport);
  const host = name.toLowerCase().replace(/\.$/, '');
  if (!isHostName(host)) return { kind: 'nowhere', rule: 'no server, because this is not a name that DNS can hold' };
  const lookup = `${rules.families.join(' and ')} lookup`;
  const addresses = (at: number, why: string): AddressPlan => ({
    ...{ kind: 'addresses', host, port: at, transport, name },
    rule: `${lookup}${why}`,
  });
  if (port !== 0) return addresses(port, `, because port ${port} is set`);
  const usual = DEFAULT_PORT[transport];
  if (rules.dnsQueryType === 0) return addresses(usual, ` at port ${usual}, because "sip dns query type" is 0`);
  return {
    kind: 'services',
    host,
    name,
    naptr: rules.dnsQueryType === 2 ? 'asked' : 'not-asked',
    services: transports.map((service) => serviceOf(host, service)),
    otherwise: addresses(usual, ` at port ${usual}, because port is 0 and there is no SRV record`),
  };
}

function literal(address: string, port: number, transport: Transport): Plan {
  const used = port === 0 ? DEFAULT_PORT[transport] : port;
  return {
    kind: 'literal',
    target: { transport, address, port: used, tlsName: transport === 'tls' ? address : null },
    rule: port === 0 ? `address with port 0: port ${used}, no DNS` : 'address and port as configured, no DNS',
  };
}

const serviceOf = (host: string, transport: Transport): ServicePlan => ({
  transport,
  owner: `${SERVICE[transport]}.${host}`,
  naptrService: NAPTR_SERVICE[transport],
  rule: `SRV lookup of ${SERVICE[transport]}, because port is 0`,
});
