/** Owns what every phone of a rig has in its configuration, so that scenarios are quick and the same everywhere (docs/hil.md). */

export const PHONE_LINES: readonly string[] = [
  'failover probe period: 5',
  // A renewal each 15 s: at max(expires - 15, expires / 2).
  'sip registration period: 30',
  // Waiting messages are asked for, and line 2 is shared with phones that there are none of but in what the lab tells.
  ...['sip explicit mwi subscription: 1', 'sip line2 mode: 3', 'sip line2 bla number: 2900'],
  // XML is pushed from this machine: over the loopback, and as an emulated board sees it in either network.
  'xml application post list: 127.0.0.1,10.57.0.1,10.0.2.2',
  // A number to watch, for scenarios with lamps, beside lamp softkey1 of either model.
  ...['topsoftkey1', 'prgkey1'].flatMap((key) => [`${key} type: blf`, `${key} label: Desk 210`, `${key} value: 210`]),
  // What rings there is picked up by a code in front; the other keys stand where nothing else has to move for them.
  'directed call pickup prefix: *8',
  ...['softkey1 type: park', 'softkey1 value: asterisk;70'],
  ...['softkey2 type: pickup', 'softkey2 value: asterisk;70', 'softkey2 states: outgoing'],
];
