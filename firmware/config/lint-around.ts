/** Owns the traps around the servers: what undoes a backup or its look-up, files that nobody asks for, times, and passwords in the clear. */
import { isIpv4, isIpv6 } from '../kernel/target.ts';
import { DEFAULT_SIP_PORT } from './defaults.ts';
import type { Effective } from './layers.ts';
import type { LineSettings, PhoneSettings, ServerPair, ServerSetting } from './settings.ts';
import { NO_HOST } from './values.ts';

/** The parameter to blame, the trap's code, and a sentence. */
export type Found = readonly [parameter: string, code: string, message: string];

/** A period that old hands set short; longer than this it is slow where nothing else notices, s. */
const SLOW_PERIOD_S = 600;
const BLF_PERIOD_MIN_S = 120;
/** Ports that sound may take from `sip rtp port` on: two a call, and room for nine lines. */
const RTP_PORTS = 20;

export function aroundTraps(
  settings: PhoneSettings,
  named: ReadonlyMap<string, Effective>,
  nameOf: (parameter: string, line: number) => string,
): readonly Found[] {
  const value = (name: string): string => named.get(name)?.value ?? '';
  return [
    ...settings.lines.flatMap((line) => lineTraps(settings, line, (parameter) => nameOf(parameter, line.line))),
    ...settings.lines.flatMap((line) => secrecyTraps(settings, line, nameOf('sip srtp mode', line.line))),
    ...lonePorts(named),
    ...timeTraps(settings, value),
    ...fileTraps(value),
    ...(value('mqtt password') !== '' && value('mqtt tls') !== '1' && isHost(value('mqtt server'))
      ? [['mqtt password', 'clear-password', 'it travels to the broker in the clear: set "mqtt tls: 1"'] as const]
      : []),
  ];
}

const isHost = (value: string): boolean => value !== '' && value !== NO_HOST;
const isName = ({ name }: ServerSetting): boolean => !isIpv4(name) && !isIpv6(name);
const serversOf = ({ primary, backup }: ServerPair): readonly ServerSetting[] =>
  [primary, backup].filter((server) => server !== null);

function lineTraps(
  { transport, dnsQueryType, failover }: PhoneSettings,
  { line, registrar, proxy, outboundProxy, registrationPeriodS, explicitMwi }: LineSettings,
  nameOf: (parameter: string) => string,
): readonly Found[] {
  const found: Found[] = [];
  const all = [registrar, proxy, outboundProxy].flatMap(serversOf);
  const plain = all.find(({ port }) => port === DEFAULT_SIP_PORT);
  if (transport === 4 && plain !== undefined)
    found.push([
      'sip transport protocol',
      'tls-to-plain-port',
      `TLS is spoken to ${plain.name} port ${plain.port}, where servers expect UDP and TCP: set the port to 5061, or to 0`,
    ]);
  const byName = all.find((server) => isName(server) && server.port === 0);
  if (dnsQueryType === 0 && byName !== undefined)
    found.push([
      'sip dns query type',
      'query-type-hides-srv',
      `SRV records of ${byName.name} are not asked for, though its port is 0`,
    ]);
  const hop = outboundProxy.primary;
  const isOne = hop !== null && outboundProxy.backup === null && !(isName(hop) && hop.port === 0);
  if (isOne && (registrar.backup !== null || proxy.backup !== null))
    found.push([
      nameOf('sip outbound proxy'),
      'outbound-hides-backup',
      `the backup of line ${line} is reached through ${hop.name} too: when that fails, no server is; set "sip backup outbound proxy"`,
    ]);
  if (failover.profile !== 'modern' && registrar.backup !== null && registrationPeriodS > SLOW_PERIOD_S)
    found.push([
      'failover profile',
      'slow-to-notice',
      `in profile ${failover.profile} a dead server is noticed at the next renewal, up to ${registrationPeriodS} s later: set "sip registration period" to some minutes`,
    ]);
  if (explicitMwi && serversOf(proxy).length === 0)
    found.push([
      nameOf('sip explicit mwi subscription'),
      'mwi-without-proxy',
      `line ${line} has no proxy to ask for waiting messages`,
    ]);
  return found;
}

/** Keys of sound stand in SIP: they are as secret as it is (RFC 4568 8.3). */
function secrecyTraps({ transport }: PhoneSettings, { srtp }: LineSettings, name: string): readonly Found[] {
  if (srtp === 'off' || transport === 4) return [];
  const so = srtp === 'only' ? 'the line can make and take no call' : 'no call is encrypted';
  return [[name, 'srtp-without-tls', `its keys travel in TLS alone, so ${so}: set "sip transport protocol: 4"`]];
}

/** The port of a server that is named nowhere leads nowhere. */
const lonePorts = (named: ReadonlyMap<string, Effective>): readonly Found[] =>
  [...named].flatMap(([name, { value }]): readonly Found[] => {
    const [, role] = /^(sip (?:line\d )?(?:backup )?(?:proxy|registrar|outbound proxy)) port$/.exec(name) ?? [];
    if (role === undefined || value === '0') return [];
    const host = role.endsWith('outbound proxy') ? role : `${role} ip`;
    // A line may set its port beside the server of all lines: that is another trap's.
    const isNamed = [host, host.replace(/line\d /, '')].some((own) => isHost(named.get(own)?.value ?? ''));
    return isNamed ? [] : [[name, 'port-without-server', `"${host}" is not set: the port has no effect`]];
  });

function timeTraps({ zone, sound, localPort }: PhoneSettings, value: (name: string) => string): readonly Found[] {
  const found: Found[] = [];
  const place = value('time zone name');
  if (place !== '' && !/^custom$/i.test(place) && zone.zone === null)
    found.push([
      'time zone name',
      'unknown-zone',
      `no zone has the name "${place.slice(0, 40)}": the clock goes by "time zone minutes", without summer time; try Europe/Berlin, or DE-Berlin`,
    ]);
  const period = value('sip blf subscription period');
  if (period !== '' && Number(period) > 0 && Number(period) < BLF_PERIOD_MIN_S)
    found.push(['sip blf subscription period', 'short-blf-period', `below ${BLF_PERIOD_MIN_S} s it counts as 3600 s`]);
  if (
    localPort !== 0 &&
    localPort >= sound.rtpPort &&
    localPort < sound.rtpPort + RTP_PORTS &&
    value('sip rtp port') !== ''
  )
    found.push(['sip rtp port', 'sound-on-sip-port', `sound would take port ${localPort}, where SIP listens`]);
  return found;
}

const PROTOCOLS = ['tftp', 'ftp', 'http', 'https'] as const;

function fileTraps(value: (name: string) => string): readonly Found[] {
  const protocol = value('download protocol') || 'tftp';
  const given = PROTOCOLS.filter((one) => isHost(value(`${one} server`)));
  const [other] = given;
  if (other !== undefined && !given.some((one) => one === protocol))
    return [[`${other} server`, 'other-protocol', `it is never asked: "download protocol" is ${protocol}`]];
  const mode = value('auto resync mode');
  if (other === undefined && value('dhcp config option override') === '-1' && (mode === '1' || mode === '3'))
    return [
      ['auto resync mode', 'resync-without-server', 'no configuration server is named, and DHCP is not asked for one'],
    ];
  return [];
}
