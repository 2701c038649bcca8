/**
 * Owns the rows of the parameters that the system beneath the phone acts on: addresses, time, wireless network, board. On the SD card
 * image `holdfast network` reads them at each start (firmware/network); elsewhere the machine has its own settings.
 */
import type { Parameter } from './parameter.ts';
import { ADDRESS, choice, FLAG, HOST, IPV4, integer, rows, secret, text } from './parameter.ts';

const SYSTEM = { scope: 'global', set: null, active: true } as const;

/** Octets of a network name, IEEE 802.11 9.4.2.2; text of the original has no such limit. */
const SSID_MAX = 32;
/** Characters of a passphrase; 64 are a key in hexadecimal digits (IEEE 802.11 J.4). */
const PASSPHRASE_MAX = 64;

export const SYSTEM_PARAMETERS: readonly Parameter[] = [
  ...rows('original-phone 1.9', SYSTEM, [
    ['time server disabled', FLAG, '0', '', '1 = the clock is set by nobody (image)'],
    ['time server1', HOST, '0.0.0.0', '', 'Time server; none = what DHCP names, else public ones (image)'],
    ['time server2', HOST, '0.0.0.0', '', 'Second time server (image)'],
    ['time server3', HOST, '0.0.0.0', '', 'Third time server (image)'],
    [
      'time zone name',
      text(40),
      '',
      '',
      'Zone as the original (`GB-London`) or as IANA names it, summer time included; empty or Custom = `time zone minutes`',
    ],
  ]),
  ...rows('original-phone 1.10', SYSTEM, [
    ['dhcp', FLAG, '1', '', '0 = the address is the one given here (image)'],
    ['ip', IPV4, '0.0.0.0', '', 'Address, without DHCP (image)'],
    ['subnet mask', IPV4, '0.0.0.0', '', 'Its mask (image)'],
    ['default gateway', IPV4, '0.0.0.0', '', 'Its router (image)'],
    ['dns1', ADDRESS, '0.0.0.0', '', 'Name server, asked before those of DHCP (image)'],
    ['dns2', ADDRESS, '0.0.0.0', '', 'Second name server (image)'],
    ['tagging enabled', FLAG, '0', '', '1 = the phone is in the VLAN of `vlan id` (image)'],
    ['vlan id', integer(0, 4095), '1', '', 'VLAN of the Ethernet plug (image)'],
  ]),
  ...rows('rules 5', SYSTEM, [
    ['lldp', FLAG, '1', '', '1 = the phone tells the switch who it is (image)'],
    ['hostname', text(63), '', '', 'Name of the phone in the network; empty = holdfast (image)'],
    ['wifi ssid', text(SSID_MAX), '', '', 'Wireless network; empty = none (image)'],
    ['wifi passphrase', secret(PASSPHRASE_MAX), '', '', 'Its WPA2 passphrase; empty = an open network (image)'],
    ['wifi country', text(2), '', '', 'Country whose radio rules hold, two letters; needed with `wifi ssid` (image)'],
    ['wifi hidden', FLAG, '0', '', '1 = the network does not tell its name (image)'],
    ['phone model', choice('57i', '53i'), '57i', '', 'Which of the two phones this is (image)'],
    ['phone board', choice('desk-v1', 'headless'), 'desk-v1', '', 'The hardware; headless = no panel at all (image)'],
  ]),
];
