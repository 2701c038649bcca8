/**
 * Owns the files of the system that a plan becomes: for systemd-networkd (systemd.network(5), systemd.netdev(5)), systemd-timesyncd
 * (timesyncd.conf(5)), wpa_supplicant, nftables and the phone's own unit. Each is written from values that `plan.ts` has checked, line by line.
 */
import { vendorClass } from '../config/vendor-class.ts';
import type { Plan, StaticAddress, Wireless } from './plan.ts';

export interface SystemFile {
  /** Below `/run`: what is rendered lasts until the next start, and is rendered again then. */
  readonly path: string;
  /** `secret`: for root alone. */
  readonly access: 'public' | 'secret';
  readonly text: string;
}

const VOICE = 'voice';
/** RFC 2132 8.4. */
const VENDOR_OPTION = 43;
/** The wire is preferred where both are connected. */
const METRIC = { wire: 100, air: 600 } as const;

export interface Given {
  /** The pre-shared key of the wireless network, 64 hexadecimal digits; null = an open one. */
  readonly key: string | null;
  /** The file that the phone reads. */
  readonly config: string;
  /** For nftables; null = packets are not marked. */
  readonly marking: string | null;
}

export function systemFiles(plan: Plan, { key, config, marking }: Given): readonly SystemFile[] {
  const plain = (path: string, lines: readonly string[]): SystemFile => ({
    path,
    access: 'public',
    text: textOf(lines),
  });
  const { wireless, vlan, timeServers } = plan;
  return [
    plain('systemd/network/10-holdfast-ethernet.network', ethernet(plan)),
    ...(vlan === null
      ? []
      : [
          plain('systemd/network/10-holdfast-voice.netdev', [
            ...['[NetDev]', `Name=${VOICE}`, 'Kind=vlan', '', '[VLAN]', `Id=${vlan}`],
          ]),
          plain('systemd/network/10-holdfast-voice.network', [
            ...['[Match]', `Name=${VOICE}`, ''],
            ...addressed(plan, plan.address, METRIC.wire),
          ]),
        ]),
    ...(wireless === null
      ? []
      : [
          plain('systemd/network/20-holdfast-wireless.network', [
            ...['[Match]', 'Type=wlan', '', '[Link]', 'RequiredForOnline=no', ''],
            // An address that is given is that of the plug: one address on two networks would be none.
            ...addressed(plan, 'dhcp', METRIC.air),
          ]),
          { path: 'holdfast/wpa_supplicant.conf', access: 'secret', text: textOf(supplicant(wireless, key)) } as const,
        ]),
    timeServers === 'off'
      ? plain('holdfast/no-time-server', ['time server disabled: 1'])
      : plain('systemd/timesyncd.conf.d/holdfast.conf', [
          ...['[Time]', ...(timeServers.length === 0 ? [] : [`NTP=${timeServers.join(' ')}`])],
        ]),
    plain('holdfast/phone.env', [
      ...[`HOLDFAST_CONFIG=${config}`, `HOLDFAST_MODEL=${plan.model}`, `HOLDFAST_BOARD=${plan.board}`],
      `TZ=${plan.zone}`,
    ]),
    ...(marking === null ? [] : [{ path: 'holdfast/marking.nft', access: 'public', text: marking } as const]),
  ];
}

/** Every path that a plan may lead to: those that one does not lead to are removed. */
export const SYSTEM_PATHS: readonly string[] = [
  'systemd/network/10-holdfast-ethernet.network',
  'systemd/network/10-holdfast-voice.netdev',
  'systemd/network/10-holdfast-voice.network',
  'systemd/network/20-holdfast-wireless.network',
  'systemd/timesyncd.conf.d/holdfast.conf',
  'holdfast/wpa_supplicant.conf',
  'holdfast/no-time-server',
  'holdfast/phone.env',
  'holdfast/marking.nft',
];

const textOf = (lines: readonly string[]): string =>
  ['# Made from phone.cfg by `holdfast network` at each start.', ...lines, ''].join('\n');

function ethernet(plan: Plan): readonly string[] {
  const match = ['[Match]', 'Type=ether', 'Kind=!*', ''];
  const lldp = plan.lldp === 'yes' ? ['LLDP=yes', 'EmitLLDP=nearest-bridge'] : ['LLDP=no', 'EmitLLDP=no'];
  if (plan.vlan === null) return [...match, ...addressed(plan, plan.address, METRIC.wire, lldp)];
  // The plug itself carries nothing but the tagged frames.
  const bare = [`VLAN=${VOICE}`, 'LinkLocalAddressing=no', 'IPv6AcceptRA=no', ...lldp];
  return [...match, '[Link]', 'RequiredForOnline=carrier', '', '[Network]', ...bare];
}

/** How a link gets its address, and whom it asks for names. */
function addressed(
  { nameServers, model }: Plan,
  address: StaticAddress | 'dhcp',
  metric: number,
  more: readonly string[] = [],
): readonly string[] {
  const network = ['[Network]', ...more, ...nameServers.map((server) => `DNS=${server}`), 'IPv6AcceptRA=yes'];
  if (address === 'dhcp')
    return [
      ...[...network, 'DHCP=ipv4', '', '[DHCPv4]'],
      // A server that reserves addresses knows the phone by the address on its label (RFC 2131 4.2).
      'ClientIdentifier=mac',
      // Most servers send what is asked for alone (RFC 2132 9.8): the option that names the configuration server is not by itself.
      `RequestOptions=${VENDOR_OPTION}`,
      `VendorClassIdentifier=${vendorClass(model)}`,
      `RouteMetric=${metric}`,
    ];
  const route = address.gateway === null ? [] : ['', '[Route]', `Gateway=${address.gateway}`, `Metric=${metric}`];
  return [...network, 'DHCP=no', `Address=${address.address}/${address.prefix}`, ...route];
}

/** Names and keys stand in it as hexadecimal digits: there is nothing that could end a quote. */
function supplicant({ ssidHex, country, hidden }: Wireless, key: string | null): readonly string[] {
  const secured = key === null ? ['  key_mgmt=NONE'] : ['  key_mgmt=WPA-PSK WPA-PSK-SHA256', `  psk=${key}`];
  return [
    ...['update_config=0', `country=${country}`, 'network={', `  ssid=${ssidHex}`],
    ...(hidden === 'yes' ? ['  scan_ssid=1'] : []),
    ...secured,
    '}',
  ];
}
