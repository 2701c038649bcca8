/** Owns what a change of settings costs a running phone: nothing, its calls, or a restart, for its sockets and certificates stay those of its start. */
import type { PhoneSettings } from './settings.ts';

export const TAKES_RESTART: ReadonlySet<string> = new Set([
  'sip local port',
  'sip local tls port',
  'sips root and intermediate certificates',
  'sips trusted certificates',
  'sips local certificate',
  'sips private key',
]);

/**
 * What SIP is made with: where it differs, SIP starts anew, and calls end. Lines register for themselves, and what the desk and the
 * sound read changes without a call noticing.
 */
const ofSip = (settings: PhoneSettings): unknown => ({
  ...settings,
  lines: [],
  keys: [],
  ...{
    subscriptions: null,
    dialling: null,
    desk: null,
    sound: null,
    calls: null,
    clock24: null,
    zone: null,
  },
});

export const endsCalls = (before: PhoneSettings, after: PhoneSettings): boolean =>
  JSON.stringify(ofSip(before)) !== JSON.stringify(ofSip(after));
