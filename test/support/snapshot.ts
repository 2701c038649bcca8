/** What the panel sees of a phone with one line that is well; a test says what differs. */
import { ANSWERS_ALL } from '../../firmware/dialling/answering.ts';
import { millis } from '../../firmware/kernel/time.ts';
import type { PhoneStatus, RoleStatus, TargetStatus } from '../../firmware/status.ts';
import type { UiSnapshot } from '../../firmware/ui/state.ts';
import { phoneSettings } from './settings.ts';

const ROLE: RoleStatus = {
  state: 'registered',
  server: 'primary',
  target: 'udp:192.0.2.1:5060',
  since: 0,
  expiresIn: 3000,
  code: 200,
  retryIn: null,
  switching: false,
  reason: 'The main server answers.',
  lists: { primary: [], backup: [] },
};
export const TARGET: TargetStatus = {
  target: 'udp:192.0.2.1:5060',
  via: null,
  server: 'primary',
  name: 'sip1',
  health: 'live',
  cause: null,
  code: null,
  deadSince: null,
  retryAfter: null,
  probeable: true,
  nextProbeIn: 12,
  hMs: 1500,
  lastAnswerAge: 3,
};

export function snapshot(
  role: Partial<RoleStatus> | null = {},
  over: Partial<UiSnapshot> = {},
  status: Partial<PhoneStatus> = {},
): UiSnapshot {
  return {
    now: millis(60_000),
    wallMs: 1_772_534_520_000,
    zone: { zone: null, zoneMinutesWest: 0 },
    clock24: true,
    model: '57i',
    dialling: phoneSettings().dialling,
    desk: phoneSettings().desk,
    calls: phoneSettings().calls,
    answering: ANSWERS_ALL,
    keys: [],
    settableKeys: [],
    xml: phoneSettings().xml,
    ringTones: new Map(),
    pickup: { prefix: '', replaces: false },
    decisions: [],
    address: '192.0.2.100',
    mac: '00085D000001',
    status: {
      profile: 'modern',
      model: '57i',
      version: 'test',
      uptime: 60,
      link: 'up',
      lines: [
        {
          line: 1,
          aor: 'sip:2001@example.test',
          screenName: 'Reception',
          userName: '2001',
          messages: null,
          proxy: null,
          registrar: role === null ? null : { ...ROLE, ...role },
        },
      ],
      subscriptions: [],
      targets: [TARGET],
      dns: [],
      ...status,
    },
    ...over,
  };
}
