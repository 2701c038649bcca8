/** Owns what the six softkeys say and do: by page, and at home by what is going on (original-phone 4.2). */
import { dialer, drop, goodbye, hold, openLine } from './acts.ts';
import type { Page, Turn, UiState } from './state.ts';
import { change, focusOf } from './state.ts';

export interface Softkey {
  readonly label: string;
  readonly act: (turn: Turn) => Turn;
}

const page = (label: string, to: Page): Softkey => ({
  label,
  act: (turn) => change(turn, { page: to, scroll: 0, note: null }),
});

const PAGES: Readonly<Record<Page, readonly Softkey[]>> = {
  idle: [page('Why?', 'why'), page('Lines', 'lines'), page('Log', 'log'), page('Status', 'status')],
  why: [page('Back', 'idle'), page('Lines', 'lines'), page('Log', 'log')],
  status: [
    page('Back', 'idle'),
    page('Network', 'network'),
    page('Servers', 'why'),
    page('Lines', 'lines'),
    page('Log', 'log'),
  ],
  network: [page('Back', 'status')],
  lines: [page('Back', 'idle'), page('Why?', 'why')],
  log: [page('Back', 'idle')],
};

const DIAL: Softkey = { label: 'Dial', act: (turn) => dialer(turn, { kind: 'send' }) };
const ERASE: Softkey = { label: 'Erase', act: (turn) => dialer(turn, { kind: 'erase' }) };
const CANCEL: Softkey = { label: 'Cancel', act: goodbye };
const DROP: Softkey = { label: 'Drop', act: drop };
const HOLD: Softkey = { label: 'Hold', act: hold };
const RESUME: Softkey = { label: 'Resume', act: hold };
const NEW_CALL: Softkey = { label: 'New call', act: (turn) => openLine(turn, null) };

/** Keys that would do nothing are not shown; the one that ends is always the first or the last. */
export function softkeysOf(ui: UiState): readonly Softkey[] {
  if (ui.page !== 'idle') return PAGES[ui.page];
  switch (ui.dialer.name) {
    case 'keying':
      return [DIAL, ERASE, CANCEL];
    case 'open':
      return ui.dialer.keys === '' ? [CANCEL] : [DIAL, ERASE, CANCEL];
    case 'over':
      return ui.dialer.keys === '' ? [CANCEL] : [ERASE, CANCEL];
    case 'rest':
      return callKeys(ui);
  }
}

function callKeys(ui: UiState): readonly Softkey[] {
  const call = focusOf(ui);
  if (call === null) return PAGES.idle;
  switch (call.state) {
    case 'connected':
      return [DROP, HOLD, NEW_CALL];
    case 'held':
      return [DROP, RESUME, NEW_CALL];
    default:
      return [DROP];
  }
}
