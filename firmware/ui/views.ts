/** Owns what lamps, tones and switches follow from the panel's state (original-phone 4.3). */
import type { DeskSound, DeskTone, LampName, LampState } from '../../hal/devices.ts';
import { LAMP_NAMES } from '../../hal/devices.ts';
import type { Appearance } from './appearances.ts';
import { freeKey, LINE_KEYS, lineOfKey } from './appearances.ts';
import { softkeysOf } from './softkeys.ts';
import type { UiSnapshot, UiState } from './state.ts';
import { focusOf, isWaiting, pathOf, waitingOf } from './state.ts';
import { voiceOf } from './volume.ts';
import { sharedLamp } from './watch-keys.ts';
import { waitingLines } from './words.ts';

export function lamps(ui: UiState, view: UiSnapshot): Readonly<Record<LampName, LampState>> {
  const off = Object.fromEntries(LAMP_NAMES.map((name) => [name, 'off'])) as Record<LampName, LampState>;
  const open = openKey(ui, view);
  const lines = LINE_KEYS.map((key) => {
    const call = ui.calls.find((candidate) => candidate.key === key);
    return [`line${key}`, call === undefined ? (open === key ? 'on' : idleLamp(key, view)) : callLamp(call)] as const;
  });
  return {
    ...off,
    ...(Object.fromEntries([...lines, ...litSoftkeys(ui, view)]) as Partial<Record<LampName, LampState>>),
    speaker: pathOf(ui) === 'speaker' ? 'on' : 'off',
    mute: ui.muted ? 'on' : 'off',
    hold: ui.calls.some(({ state }) => state === 'held') ? 'slow-flash' : 'off',
    message: hasMessages(view) ? 'on' : 'off',
    backlight: 'on',
  };
}

const hasMessages = (view: UiSnapshot): boolean =>
  waitingLines(view).some(({ line }) => line === (view.desk.messageLine ?? line));

const litSoftkeys = (ui: UiState, view: UiSnapshot): readonly (readonly [string, LampState])[] =>
  softkeysOf(ui, view).map(({ lit }, index) => [`softkey${index + 1}`, lit?.(view, ui) ?? 'off']);

/** Nobody here uses the line; others may, where it is shared. */
function idleLamp(key: number, view: UiSnapshot): LampState {
  const line = lineOfKey(
    key,
    view.status.lines.map((each) => each.line),
  );
  return line === null ? 'off' : sharedLamp(line, view);
}

function callLamp(call: Appearance): LampState {
  if (isWaiting(call)) return 'fast-flash';
  return call.state === 'held' ? 'slow-flash' : 'on';
}

/** The key that a number being keyed would take. */
function openKey({ dialer, calls }: UiState, { status }: UiSnapshot): number | null {
  if (dialer.name !== 'open' && dialer.name !== 'over') return null;
  const lines = status.lines.map(({ line }) => line);
  const line = dialer.line ?? lines[0];
  return line === undefined ? null : freeKey(calls, line, lines);
}

type SoundView = Pick<UiSnapshot, 'ringTones' | 'desk'> & { readonly calls: Pick<UiSnapshot['calls'], 'warningTone'> };

/** What is heard at the desk besides the far side. */
export function sound(ui: UiState, { calls: { warningTone }, desk, ringTones }: SoundView): DeskSound {
  const path = pathOf(ui);
  // A notification is heard where nothing else is; nobody is listened to meanwhile.
  if (path === 'off' && ui.xml.beepUntil !== null && waitingOf(ui) === null)
    return { path: 'speaker', tone: 'call-waiting', ring: 'off', microphone: 'muted', volume: ui.volumes[voiceOf(ui)] };
  const rings = path === 'off' ? waitingOf(ui) : null;
  const said = toneOf(ui, desk);
  const own = said === 'intercom' && warningTone === 'off' ? null : said;
  return {
    path,
    tone: path === 'off' ? null : (own ?? (ui.xml.beepUntil === null ? null : 'call-waiting')),
    ring: rings === null || rings.ring?.length === 0 ? 'off' : 'on',
    ...ringToneOf(rings?.line, ringTones),
    ...(rings?.ring == null || rings.ring.length === 0 ? {} : { cadence: rings.ring }),
    microphone: ui.muted ? 'muted' : 'open',
    volume: ui.volumes[voiceOf(ui)],
  };
}

function ringToneOf(line: number | undefined, tones: SoundView['ringTones']): Pick<DeskSound, 'ringTone'> {
  const ringTone = line === undefined ? undefined : tones.get(line);
  return ringTone === undefined ? {} : { ringTone };
}

function toneOf(ui: UiState, { waitingTone }: UiSnapshot['desk']): DeskTone | null {
  const { dialer } = ui;
  if (dialer.name === 'over') return dialer.tone;
  if (dialer.name === 'open') return dialer.keys === '' ? 'dial' : dialer.tone ? 'second-dial' : null;
  const call = focusOf(ui);
  if (call?.state === 'dialing') return 'trying';
  // What another network was to let us hear, and does not, is made here after all (conformance G12).
  if (call?.state === 'early' && call.unheard) return 'ring-back';
  if (call?.state === 'ringing' && call.direction === 'out') return 'ring-back';
  const waiting = waitingOf(ui);
  // Where nothing else is listened to, it is the only sound that there is of the call.
  if (waiting !== null && waiting !== call && (call === null || waitingTone === 'on')) return 'call-waiting';
  if (call?.announced === true) return 'intercom';
  return waiting !== null && waiting === call ? 'call-waiting' : null;
}
