/** Owns the forms of the desk and of what lies around the phone as data: preferences, network, modules of keys (web-forms). */
import type { Section } from './form.ts';
import { section } from './form.ts';

export const PREFERENCES: readonly Section[] = [
  section('General', [
    ['dialPlan', 'sip dial plan', 'Local Dial Plan'],
    ['dialPlanTerminator', 'sip dial plan terminator', 'Send Dial Plan Terminator'],
    ['digitTimeout', 'sip digit timeout', 'Digit Timeout'],
    ['emergencyDialPlan', 'emergency dial plan', 'Emergency Dial Plan'],
    ['sprecode', 'sprecode', 'Park Call'],
    ['pickupsprecode', 'pickupsprecode', 'Pick Up Parked Call'],
    ['directedCallPickup', 'directed call pickup', 'Directed Call Pickup'],
    ['directedCallPickupPrefix', 'directed call pickup prefix', 'Directed Call Pickup Prefix'],
    ['displayDtmfDigits', 'display dtmf digits', 'Display DTMF Digits'],
    ['playCallWaiting', 'call waiting tone', 'Play Call Waiting Tone'],
    ['stutteredDialTone', 'stutter disabled', 'Stuttered Dial Tone', 'flipped'],
    ['beepSupport', 'xml beep notification', 'XML Beep Support'],
    ['scrollDelay', 'xml status scroll delay', 'Status Scroll Delay'],
    ['liveDialpad', 'live dialpad', 'Live Dialpad'],
    ['switchFocusToRingingLine', 'switch focus to ringing line', 'Switch Focus To Ringing Line'],
    ['RemindCallWaiting', 'call waiting tone period', 'Call Waiting Tone Period'],
    ['callHoldReminder', 'call hold reminder', 'Call Hold Reminder'],
    ['preferedLine', 'preferred line', 'Preferred Line'],
    ['preferedLineTimeout', 'preferred line timeout', 'Preferred Line Timeout'],
    ['goodbyeCancelIncomingCall', 'goodbye cancels incoming call', 'Goodbye Key Cancels Incoming Call'],
    ['mwiLedLine', 'mwi led line', 'Message Lamp Line'],
    ['mapRedialTo', 'map redial key to', 'Map Redial Key To'],
    ['mapConfTo', 'map conf key to', 'Map Conf Key To'],
    ['ignoreCode', 'sip ignore status code', 'Ignore Key Status Code'],
    ['dndApplicability', 'dnd key mode', 'DND Key Mode'],
    ['cfwdApplicability', 'call forward key mode', 'Call Forward Key Mode'],
  ]),
  section('Intercom', [
    ['intercomType', 'sip intercom type', 'Outgoing Intercom'],
    ['intercomPrefix', 'sip intercom prefix code', 'Prefix Code'],
    ['intercomLine', 'sip intercom line', 'Line'],
    ['allowAutoAnswer', 'sip allow auto answer', 'Auto-Answer'],
    ['intercomMuteMic', 'sip intercom mute mic', 'Microphone Mute'],
    ['intercomWarn', 'sip intercom warning tone', 'Play Warning Tone'],
    ['intercomAllowBargeIn', 'sip intercom allow barge in', 'Allow Barge In'],
    ['groupListening', 'paging group listening', 'Paging Listen Addresses'],
  ]),
  section('Ring Tones', [
    ['toneSet', 'tone set', 'Tone Set'],
    ['globalRingTone', 'ring tone', 'Global Ring Tone'],
    ...[1, 2, 3, 4, 5, 6, 7, 8, 9].map(
      (line) => [`ringToneLine${line}`, `line${line} ring tone`, `Line ${line} Ring Tone`] as const,
    ),
    ['ringSplash', 'play a ring splash', 'Ring Splash'],
    ['prioAlertingEn', 'priority alerting enabled', 'Priority Alerting'],
    ['alertInternal', 'alert internal', 'Ring of Internal Calls'],
    ['alertExternal', 'alert external', 'Ring of External Calls'],
    ['alertEmergency', 'alert emergency', 'Ring of Emergency Calls'],
    ['alertPriority', 'alert priority', 'Ring of Priority Calls'],
  ]),
  section('Time and Date', [
    ['timeFormat', 'time format', 'Time Format'],
    ['dateFormat', 'date format', 'Date Format'],
    ['timeZone', 'time zone name', 'Time Zone'],
    ['timeZoneMinutes', 'time zone minutes', 'Time Zone Minutes'],
    ['timeServersEnabled', 'time server disabled', 'Time Servers', 'flipped'],
    ['timeSrv1', 'time server1', 'Time Server 1'],
    ['timeSrv2', 'time server2', 'Time Server 2'],
    ['timeSrv3', 'time server3', 'Time Server 3'],
  ]),
  section('Language', [
    ['screenLanguage', 'language', 'Language of the Screen'],
    ['webLanguage', 'web language', 'Language of These Pages'],
  ]),
];

export const PROVIS: readonly Section[] = [
  section('Basic Network Settings', [
    ['dhcp', 'dhcp', 'DHCP'],
    ['dhcpv6', 'dhcpv6', 'DHCPv6'],
    ['hostname', 'hostname', 'Hostname'],
    ['ip', 'ip', 'IP Address'],
    ['mask', 'subnet mask', 'Subnet Mask'],
    ['gateway', 'default gateway', 'Gateway'],
    ['dns1', 'dns1', 'Primary DNS'],
    ['dns2', 'dns2', 'Secondary DNS'],
    ['lldp', 'lldp', 'LLDP'],
    ['lldpInterval', 'lldp interval', 'LLDP Interval'],
  ]),
  section('Advanced Network Settings', [
    ['natIp', 'sip nat ip', 'NAT IP'],
    ['natPort', 'sip nat port', 'NAT SIP Port'],
    ['natRtpPort', 'sip nat rtp port', 'NAT RTP Port'],
    ['rport', 'sip rport', 'Rport (RFC 3581)'],
  ]),
  section('VLAN and Type of Service', [
    ['vlanEnabled', 'tagging enabled', 'VLAN Enable'],
    ['vlanid', 'vlan id', 'VLAN ID'],
    ['vlanid1', 'vlan id port 1', 'VLAN ID of the Second Socket'],
    ['tosSip', 'tos sip', 'Type of Service: SIP'],
    ['tosRtp', 'tos rtp', 'Type of Service: RTP'],
    ['tosRtcp', 'tos rtcp', 'Type of Service: RTCP'],
  ]),
  section('HTTPS and Web Pages', [
    ['https_validate_certificates', 'https validate certificates', 'Validate Certificates'],
    ['https_validate_expires', 'https validate expires', 'Check Expiration'],
    ['https_validate_hostname', 'https validate hostname', 'Check Host Name'],
    ['https_trusted_certs', 'sips trusted certificates', 'Trusted Certificates'],
    ['webPlainLogin', 'web plain login', 'Passwords over HTTP in the Clear'],
  ]),
];

const MODULES = [1, 2, 3] as const;
const MODULE_PAGES = [1, 2, 3] as const;
const KEYS_A_PAGE = 20;

/** `/expmodule1page1.html` and its fellows: 60 keys a module. */
export const MODULE_FORMS: readonly {
  readonly path: string;
  readonly title: string;
  readonly sections: readonly Section[];
}[] = MODULES.flatMap((module) =>
  MODULE_PAGES.map((page) => ({
    path: `/expmodule${module}page${page}.html`,
    title: `Expansion Module ${module}, Page ${page}`,
    sections: Array.from({ length: KEYS_A_PAGE }, (_key, index) => (page - 1) * KEYS_A_PAGE + index + 1).map((key) =>
      section(
        `Key ${key}`,
        (['type', 'label', 'value', 'line'] as const).map((part) => [
          `${part}${key}`,
          `expmod${module} key${key} ${part}`,
          `${part.slice(0, 1).toUpperCase()}${part.slice(1)}`,
        ]),
      ),
    ),
  })),
);
