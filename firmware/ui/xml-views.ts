/** Owns what the screens of XML applications look like: the 57i's rows and the 53i's three, with the state of service always in sight. */
import type { PhoneModel } from '../config/settings.ts';
import { shownOf as entryShown } from '../xml-api/entry.ts';
import type { InputScreen, MenuScreen, TextLine, TextScreen } from '../xml-api/objects.ts';
import type { UiSnapshot, UiState } from './state.ts';
import { centred, spread, wrap } from './text.ts';
import { tagOf } from './words.ts';
import type { Shown } from './xml-state.ts';
import { shownOf } from './xml-state.ts';

const WIDTH = 60;
const ROWS = 15;
const SMALL = 16;
const SMALL_ROWS = 2;
/** A text keeps a cell free on both sides of the large screen. */
const TEXT_WIDTH = WIDTH - 2;

export function xmlRows(
  { xml }: UiState,
  view: UiSnapshot,
): { readonly title: string; readonly body: readonly string[] } {
  const shown = shownOf(xml);
  const state = serviceWord(view);
  const title = spread(
    ` ${xml.loading ? 'Loading\u2026' : (shown?.screen.title ?? '')}`,
    state === '' ? ' ' : `${state} `,
    WIDTH,
  );
  return { title, body: shown === null ? [] : bodyRows(shown) };
}

/** What a person must know whatever is shown; empty = all is well. */
function serviceWord({ status }: UiSnapshot): string {
  if (status.link === 'down') return 'No network';
  const registrars = status.lines.flatMap(({ registrar }) => (registrar === null ? [] : [registrar]));
  if (registrars.some(({ state, switching }) => state !== 'registered' && state !== 'off' && !switching))
    return 'No Service';
  return registrars.some(({ state, server }) => state === 'registered' && server === 'backup') ? 'Backup server' : '';
}

function bodyRows(shown: Shown): readonly string[] {
  const { screen, at } = shown;
  if (screen.kind === 'menu') return around(menuRows(screen, at), at, ROWS);
  if (screen.kind === 'input') return around(inputRows(screen, shown), 2 * at, ROWS);
  const { header, scroll, footer } = wrapped(screen, TEXT_WIDTH);
  const height = Math.max(1, ROWS - header.length - footer.length);
  return [...header, ...scroll.slice(at, at + height), ...footer].slice(0, ROWS).map((row) => ` ${row}`);
}

/** So many rows with the chosen one in the middle. */
const around = (rows: readonly string[], chosen: number, height: number): readonly string[] => {
  const first = Math.max(0, Math.min(chosen - Math.floor(height / 2), rows.length - height));
  return rows.slice(first, first + height);
};

function menuRows({ items, style }: MenuScreen, at: number): readonly string[] {
  return items.map(({ prompt }, index) => {
    const mark = style === 'numbered' ? `${index + 1}. ` : style === 'radio' ? (index === at ? '(o) ' : '( ) ') : '';
    return `${index === at ? '>' : ' '}${mark}${prompt}`;
  });
}

function inputRows({ fields }: InputScreen, { entries, at }: Shown): readonly string[] {
  return fields.flatMap((field, index) => {
    const entry = entries[index];
    const value = entry === undefined ? '' : entryShown(entry, field);
    const chosen = index === at && field.editable;
    return [` ${field.prompt}`, `${index === at ? '>' : ' '} ${value.slice(-(WIDTH - 4))}${chosen ? '_' : ''}`];
  });
}

const aligned = ({ align }: TextLine, row: string, width: number): string =>
  align === 'center' ? centred(row, width) : align === 'right' ? row.padStart(width) : row;

function wrapped({ header, scroll, footer }: TextScreen, width: number) {
  const rows = (lines: readonly TextLine[]): readonly string[] =>
    lines.flatMap((line) => wrap(line.text, width, '').map((row) => aligned(line, row, width)));
  return { header: rows(header), scroll: rows(scroll), footer: rows(footer) };
}

/** How far a text can be scrolled, rows. */
export function rowsBeyond(screen: TextScreen, model: PhoneModel): number {
  if (model === '53i') return Math.max(0, smallText(screen).length - SMALL_ROWS);
  const { header, scroll, footer } = wrapped(screen, TEXT_WIDTH);
  return Math.max(0, scroll.length - Math.max(1, ROWS - header.length - footer.length));
}

/** The small screen scrolls all of it. */
function smallText(screen: TextScreen): readonly string[] {
  const { header, scroll, footer } = wrapped(screen, SMALL);
  return [...header, ...scroll, ...footer];
}

export function smallXmlRows({ xml }: UiState, { status }: UiSnapshot): readonly string[] {
  const shown = shownOf(xml);
  const [line] = status.lines;
  const tag = line === undefined ? ' ' : tagOf(line, status);
  const head = (text: string): string => (tag === 'P' || tag === ' ' ? text : spread(text, tag, SMALL));
  if (xml.loading || shown === null) return [head('Loading\u2026')];
  const { screen, at } = shown;
  if (screen.kind === 'text') return [head(screen.title), ...smallText(screen).slice(at, at + SMALL_ROWS)];
  if (screen.kind === 'menu') return [head(screen.title), ...smallItems(menuRows(screen, at), at)];
  const field = screen.fields[at];
  const entry = shown.entries[at];
  const value = field === undefined || entry === undefined ? '' : entryShown(entry, field);
  const last = at === screen.fields.length - 1;
  return [
    head(field?.prompt || screen.title),
    `${value.slice(-(SMALL - 1))}${field?.editable === true ? '_' : ''}`,
    last ? '<Cancel    Send>' : '<Cancel    Next>',
  ];
}

/** The chosen one, and its neighbour. */
const smallItems = (rows: readonly string[], at: number): readonly string[] => {
  const first = Math.max(0, Math.min(at, rows.length - SMALL_ROWS));
  return rows.slice(first, first + SMALL_ROWS);
};
