/** Owns how a list stands on the screens, with the chosen entry in sight: the 57i's rows, and the 53i's three. */
import type { Entry, ListName } from '../lists/lists.ts';
import { labelOf, shownOf } from '../lists/lists.ts';
import type { UiSnapshot, UiState } from './state.ts';
import { clock, fit, localTime, spread } from './text.ts';

const WIDTH = 60;
const SMALL = 16;
/** Entries on one 57i page. */
const SHOWN = 15;

const TITLES: Readonly<Record<ListName, string>> = { redial: 'Redial', callers: 'Callers', directory: 'Directory' };

export function listRows(
  list: ListName,
  ui: UiState,
  view: UiSnapshot,
): { readonly title: string; readonly body: readonly string[] } {
  const entries = shownOf(ui.lists, list);
  const first = Math.max(0, Math.min(ui.scroll - Math.floor(SHOWN / 2), entries.length - SHOWN));
  const body = entries.slice(first, first + SHOWN).map((entry, index) => {
    const mark = `${first + index === ui.scroll ? '>' : ' '}${entry.missed ? '!' : ' '}`;
    const again = entry.times > 1 ? ` (${entry.times})` : '';
    return `${mark}${fit(labelOf(entry) + again, 26)} ${fit(entry.name === '' ? '' : entry.number, 13)} ${timeOf(entry, view)}`;
  });
  const count = entries.length === 0 ? '' : `${ui.scroll + 1}/${entries.length} `;
  return {
    title: ` ${spread(TITLES[list], count, WIDTH - 1)}`,
    body: body.length === 0 ? ['', ' Nothing here yet'] : body,
  };
}

export function smallListRows(list: ListName, ui: UiState, view: UiSnapshot): readonly string[] {
  const entry = shownOf(ui.lists, list)[ui.scroll];
  if (entry === undefined) return [TITLES[list], 'Nothing here yet'];
  const head = spread(`${entry.missed ? '!' : ''}${labelOf(entry)}`, String(ui.scroll + 1), SMALL);
  return [head, entry.name === '' ? '' : entry.number, timeOf(entry, view).slice(0, SMALL)];
}

function timeOf({ at }: Entry, { zone, clock24 }: UiSnapshot): string {
  if (at === null) return '';
  const time = localTime(at, zone);
  return `${time.day} ${time.month.slice(0, 3)} ${clock(time, clock24)}`;
}
