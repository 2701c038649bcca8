/**
 * Owns what the system beneath the phone shall do, as values that have been checked: from the configuration in force to a plan and the
 * sentences that say where it differs. Nothing that is not in a plan reaches a file of the system.
 */
import type { Effective } from '../config/layers.ts';
import { NO_HOST } from '../config/values.ts';
import { isIpv4 } from '../kernel/target.ts';
import { zoneNamed } from './time-zone.ts';

export interface StaticAddress {
  readonly address: string;
  /** Bits of the mask, 1 to 30. */
  readonly prefix: number;
  readonly gateway: string | null;
}

export interface Wireless {
  /** Octets of the network's name, as hexadecimal digits. */
  readonly ssidHex: string;
  /** A secret; null = an open network. */
  readonly passphrase: string | null;
  /** Two capital letters (ISO 3166). */
  readonly country: string;
  readonly hidden: 'yes' | 'no';
}

export interface Plan {
  readonly address: StaticAddress | 'dhcp';
  /** Address literals, before those of DHCP. */
  readonly nameServers: readonly string[];
  /** Names or addresses; none = what DHCP names, else the system's own. */
  readonly timeServers: readonly string[] | 'off';
  /** A name of the IANA database. */
  readonly zone: string;
  /** 1 to 4094. */
  readonly vlan: number | null;
  readonly lldp: 'yes' | 'no';
  /** One label of DNS. */
  readonly hostname: string;
  readonly wireless: Wireless | null;
  readonly model: '57i' | '53i';
  readonly board: 'desk-v1' | 'headless';
}

export interface Planned {
  readonly plan: Plan;
  /** One sentence each: what was given, and what is done instead. */
  readonly problems: readonly string[];
}

const UTC = 'Etc/UTC';
const HOSTNAME = 'holdfast';
const PASSPHRASE_MIN = 8;
const KEY_DIGITS = 64;

/** `zones`: the text of zone.tab (time-zone.ts). */
export function planSystem(effective: ReadonlyMap<string, Effective>, zones: string): Planned {
  const problems: string[] = [];
  const value = (name: string): string => effective.get(name)?.value ?? '';
  const given = (names: readonly string[]): readonly string[] =>
    names.map(value).filter((text) => text !== '' && text !== NO_HOST);
  const complain = (problem: string): null => {
    problems.push(problem);
    return null;
  };
  const plan: Plan = {
    address: value('dhcp') === '0' ? (staticAddress(value, complain) ?? 'dhcp') : 'dhcp',
    nameServers: [...new Set(given(['dns1', 'dns2']))],
    timeServers: value('time server disabled') === '1' ? 'off' : given(TIME_SERVERS),
    zone: zoneOf(value('time zone name'), zones, complain),
    vlan: vlanOf(value, complain),
    lldp: value('lldp') === '0' ? 'no' : 'yes',
    hostname: hostnameOf(value('hostname'), complain),
    wireless: wirelessOf(value, complain),
    model: value('phone model') === '53i' ? '53i' : '57i',
    board: value('phone board') === 'headless' ? 'headless' : 'desk-v1',
  };
  return { plan, problems };
}

const TIME_SERVERS = ['time server1', 'time server2', 'time server3'] as const;

type ValueOf = (name: string) => string;
type Complain = (problem: string) => null;

/** A host of a network, RFC 4632 3.1: the mask is ones, then zeros; the address is neither the network nor its broadcast. */
function staticAddress(value: ValueOf, complain: Complain): StaticAddress | null {
  const [address, mask, gateway] = [value('ip'), value('subnet mask'), value('default gateway')];
  const instead = 'the address comes from DHCP instead';
  if (address === NO_HOST || mask === NO_HOST)
    return complain(
      `dhcp: 0 needs "ip" and "subnet mask", and ${address === NO_HOST ? 'ip' : 'subnet mask'} is not given: ${instead}`,
    );
  const prefix = prefixOf(mask);
  if (prefix === null) return complain(`subnet mask: ${mask} is no mask of a network of hosts: ${instead}`);
  const wrong = notAHost(address, prefix);
  if (wrong !== null) return complain(`ip: ${address} with the mask ${mask} is ${wrong}: ${instead}`);
  return { address, prefix, gateway: gatewayOf(gateway, { address, prefix }, complain) };
}

function gatewayOf(
  gateway: string,
  { address, prefix }: Pick<StaticAddress, 'address' | 'prefix'>,
  complain: Complain,
): string | null {
  if (gateway === NO_HOST) return complain('default gateway is not given: the phone reaches its own network alone');
  const outside = networkOf(gateway, prefix) !== networkOf(address, prefix);
  if (!outside && gateway !== address && notAHost(gateway, prefix) === null) return gateway;
  return complain(`default gateway: ${gateway} is no other host of ${address}/${prefix}: it is left out`);
}

const numberOf = (address: string): number =>
  isIpv4(address) ? address.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0) : 0;

const networkOf = (address: string, prefix: number): number => Math.floor(numberOf(address) / 2 ** (32 - prefix));

function prefixOf(mask: string): number | null {
  const prefix = [...numberOf(mask).toString(2).padStart(32, '0')].lastIndexOf('1') + 1;
  const whole = numberOf(mask) === 2 ** 32 - 2 ** (32 - prefix);
  return whole && prefix >= 1 && prefix <= 30 ? prefix : null;
}

function notAHost(address: string, prefix: number): string | null {
  const first = Number(address.split('.')[0]);
  const host = numberOf(address) % 2 ** (32 - prefix);
  if (first === 0 || first === 127 || first >= 224) return 'no address of a host';
  if (host === 0) return 'the address of the network itself';
  return host === 2 ** (32 - prefix) - 1 ? 'the broadcast address' : null;
}

function zoneOf(name: string, zones: string, complain: Complain): string {
  // Custom: the phone itself goes by `time zone minutes`.
  if (name === '' || name.toLowerCase() === 'custom') return UTC;
  const zone = zoneNamed(name, zones);
  if (zone === null) complain(`time zone name: "${name.slice(0, 40)}" is no zone that is known here: UTC is used`);
  return zone ?? UTC;
}

function vlanOf(value: ValueOf, complain: Complain): number | null {
  if (value('tagging enabled') !== '1') return null;
  const id = Number(value('vlan id'));
  return id >= 1 && id <= 4094 ? id : complain('tagging enabled: 1 needs a "vlan id" from 1 to 4094: no VLAN is used');
}

/** RFC 1123 2.1: letters, digits and hyphens, none at its ends. */
function hostnameOf(name: string, complain: Complain): string {
  if (name === '') return HOSTNAME;
  if (/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i.test(name)) return name.toLowerCase();
  complain(`hostname: "${name.slice(0, 63)}" is no name of letters, digits and hyphens: ${HOSTNAME} is used`);
  return HOSTNAME;
}

function wirelessOf(value: ValueOf, complain: Complain): Wireless | null {
  const [ssid, passphrase, country] = [value('wifi ssid'), value('wifi passphrase'), value('wifi country')];
  const without = 'there is no wireless network';
  if (ssid === '') return passphrase === '' ? null : complain(`wifi passphrase without a "wifi ssid": ${without}`);
  const ssidHex = hexOf(ssid);
  if (ssidHex === null || ssidHex.length > SSID_DIGITS_MAX)
    return complain(`wifi ssid: more than 32 octets in UTF-8: ${without}`);
  if (!/^[a-z]{2}$/i.test(country)) return complain(`wifi country: two letters are needed, as DE or US: ${without}`);
  if (passphrase !== '' && !isPassphrase(passphrase))
    return complain(`wifi passphrase: 8 to 63 characters of ASCII, or ${KEY_DIGITS} hexadecimal digits: ${without}`);
  return {
    ssidHex,
    passphrase: passphrase === '' ? null : passphrase,
    country: country.toUpperCase(),
    hidden: value('wifi hidden') === '1' ? 'yes' : 'no',
  };
}

const SSID_DIGITS_MAX = 64;

const isPassphrase = (text: string): boolean =>
  /^[ -~]+$/.test(text) && text.length >= PASSPHRASE_MIN && (text.length < KEY_DIGITS || /^[0-9a-f]{64}$/i.test(text));

/** UTF-8 as hexadecimal digits; null where the text is none. */
const hexOf = (text: string): string | null =>
  /\p{Surrogate}/u.test(text)
    ? null
    : encodeURIComponent(text).replace(/%(..)|([^%])/g, (_all, digits: string | undefined, letter: string) =>
        digits === undefined ? letter.charCodeAt(0).toString(16).padStart(2, '0') : digits.toLowerCase(),
      );
