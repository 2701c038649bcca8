/**
 * Owns the rules by which the kernel marks the phone's packets (conformance E18; RFC 4594 4.1): Node sets no DSCP on its sockets, so
 * nftables does.
 */
import { CALLS_MAX, DEFAULT_SIP_PORT, DEFAULT_SIPS_PORT } from '../config/defaults.ts';
import type { PhoneSettings } from '../config/settings.ts';

/** Numbers alone stand in it: nothing of a configuration is quoted. Its own table is made anew, and no other is touched. Null where the port is another one at each start. */
export function markingRules({ localPort, tls, signallingDscp, sound }: PhoneSettings): string | null {
  if (localPort === 0) return null;
  const own = [...new Set([localPort, tls.localPort])].filter((port) => port !== 0);
  const servers = [...new Set([...own, DEFAULT_SIP_PORT, DEFAULT_SIPS_PORT])];
  const mark = (match: string): string =>
    ['ip', 'ip6'].map((family) => `    ${match} ${family} dscp set ${signallingDscp}\n`).join('');
  return [
    'table inet holdfast_dscp\n',
    'delete table inet holdfast_dscp\n',
    'table inet holdfast_dscp {\n',
    '  chain signalling {\n',
    '    type route hook output priority mangle; policy accept;\n',
    mark(`udp sport ${localPort}`),
    mark(`tcp sport { ${own.join(', ')} }`),
    // What the phone opens itself comes from any port, and goes where servers of SIP listen.
    mark(`tcp dport { ${servers.join(', ')} }`),
    '  }\n',
    ...soundRules(sound),
    '}\n',
  ].join('');
}

/** RTP on even ports, RTCP on the next; any ports at all cannot be named. */
function soundRules({ rtpPort, dscp }: PhoneSettings['sound']): readonly string[] {
  if (rtpPort === 0) return [];
  const first = rtpPort + (rtpPort % 2);
  const ports = (offset: number): string =>
    Array.from({ length: CALLS_MAX }, (_port, index) => first + 2 * index + offset)
      .filter((port) => port <= PORT_MAX)
      .join(', ');
  const mark = (offset: number, value: number): string =>
    ['ip', 'ip6'].map((family) => `    udp sport { ${ports(offset)} } ${family} dscp set ${value}\n`).join('');
  return [
    '  chain sound {\n',
    '    type route hook output priority mangle; policy accept;\n',
    mark(0, dscp.rtp),
    mark(1, dscp.rtcp),
    '  }\n',
  ];
}

const PORT_MAX = 65_535;
