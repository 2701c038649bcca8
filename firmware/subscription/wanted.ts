/** Owns which subscriptions the configuration asks for: one for each watched number, mailbox and list (original-phone 1.5, 1.8). Pure. */
import type { KeySetting } from '../config/key-settings.ts';
import type { LineSettings, PhoneSettings } from '../config/settings.ts';
import type { Watch } from '../sip/subscription-vocabulary.ts';

export type WatchKind = 'blf' | 'list' | 'bla' | 'sca' | 'mwi';

export interface Wanted {
  /** Equal for equal wishes: `1 dialog 2002`. */
  readonly key: string;
  readonly kind: WatchKind;
  readonly line: LineSettings;
  readonly watch: Watch;
  readonly expiresS: number;
}

const DIALOG_INFO = 'application/dialog-info+xml';

const WATCHES: Readonly<Record<WatchKind, Omit<Watch, 'resource'>>> = {
  blf: { event: 'dialog', accept: DIALOG_INFO, list: false },
  list: { event: 'dialog', accept: `multipart/related, application/rlmi+xml, ${DIALOG_INFO}`, list: true },
  bla: { event: 'dialog;sla', accept: DIALOG_INFO, list: false },
  // It tells all in a header field; the body that its servers may add is none that a lamp needs.
  sca: { event: 'call-info', accept: 'application/x-as-feature-event+xml', list: false },
  mwi: { event: 'message-summary', accept: 'application/simple-message-summary', list: false },
};

export function wantedOf(kind: WatchKind, line: LineSettings, resource: string, settings: PhoneSettings): Wanted {
  const watch = { ...WATCHES[kind], resource };
  return { key: `${line.line} ${watch.event} ${resource}`, kind, line, watch, expiresS: periodOf(kind, settings) };
}

const periodOf = (kind: WatchKind, { subscriptions }: PhoneSettings): number => PERIODS[kind](subscriptions);

const PERIODS: Readonly<Record<WatchKind, (settings: PhoneSettings['subscriptions']) => number>> = {
  blf: ({ blfPeriodS }) => blfPeriodS,
  list: ({ blfPeriodS }) => blfPeriodS,
  bla: ({ blaPeriodS }) => blaPeriodS,
  sca: ({ blaPeriodS }) => blaPeriodS,
  mwi: ({ mwiPeriodS }) => mwiPeriodS,
};

/** All that the configuration asks for; mailboxes first, then shared lines, then in the order of the keys, each once. */
export function allWanted(settings: PhoneSettings): readonly Wanted[] {
  const served = settings.lines.filter(({ proxy }) => proxy.primary !== null || proxy.backup !== null);
  const mailboxes = served.flatMap((line) =>
    line.explicitMwi ? [wantedOf('mwi', line, line.userName, settings)] : [],
  );
  const shared = served.flatMap((line) => {
    if (line.callInfo) return [wantedOf('sca', line, line.userName, settings)];
    return line.sharedNumber === null ? [] : [wantedOf('bla', line, line.sharedNumber, settings)];
  });
  const keys = settings.keys.flatMap((key) => keyWanted(key, served, settings));
  const all = new Map([...mailboxes, ...shared, ...keys].map((wanted) => [wanted.key, wanted]));
  return [...all.values()];
}

function keyWanted(key: KeySetting, lines: readonly LineSettings[], settings: PhoneSettings): readonly Wanted[] {
  const line = lines.find((candidate) => candidate.line === key.line);
  if (line === undefined) return [];
  if (key.type === 'list') return [wantedOf('list', line, settings.subscriptions.listUri, settings)];
  return key.type === 'blf' || key.type === 'blfxfer' ? [wantedOf('blf', line, key.value, settings)] : [];
}
