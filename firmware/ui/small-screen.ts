/** Owns the 53i screen: three rows of 16 cells, the same facts in fewer words. */
import type { LineStatus } from '../status.ts';
import { smallBoardNews } from './board.ts';
import { smallListRows } from './list-rows.ts';
import { answeringNews, forwardRows, optionRows } from './options.ts';
import { passwordRows } from './password.ts';
import { speedDialRows } from './speed-dial.ts';
import type { UiSnapshot, UiState } from './state.ts';
import { age, clock, countdown, localTime, spread } from './text.ts';
import { causeText, messageText, missedText, serverWord, smallFirstLogin, tagOf } from './words.ts';
import { alertLine, statusLine } from './xml-state.ts';
import { smallXmlRows } from './xml-views.ts';

const WIDTH = 16;

export function smallRows(ui: UiState, snapshot: UiSnapshot): readonly string[] {
  const { status } = snapshot;
  switch (ui.page) {
    case 'idle':
      return idle(ui, snapshot);
    case 'why':
      return status.targets.flatMap((target) => [
        spread(serverWord(target.server), target.health, WIDTH),
        target.health === 'dead' ? causeText(target.cause, target.code) : target.target.replace(/^udp:/, ''),
        target.nextProbeIn === null ? '' : `check in ${countdown(target.nextProbeIn)}`,
      ]);
    case 'status':
    case 'network':
      return [
        snapshot.address ?? 'no address',
        snapshot.mac,
        `up ${age(status.uptime)}`,
        `profile ${status.profile}`,
        `link ${status.link}`,
      ];
    case 'lines':
      return status.lines.flatMap(lineRows);
    case 'options':
      return around(optionRows(ui, snapshot), ui.scroll);
    case 'password':
      return [...passwordRows(ui), `${ui.secret.entry.letters}   right = OK`];
    case 'forward':
      return around(forwardRows(ui, snapshot), ui.scroll);
    case 'speed-dial':
      return [...speedDialRows(ui, snapshot, WIDTH), 'right = next, OK'];
    case 'redial':
    case 'callers':
    case 'directory':
      return smallListRows(ui.page, ui, snapshot);
    case 'xml':
      return smallXmlRows(ui, snapshot);
    case 'log':
      return [...snapshot.decisions]
        .reverse()
        .slice(0, 20)
        .flatMap(({ text }) => [text.slice(0, WIDTH), text.slice(WIDTH, 2 * WIDTH), text.slice(2 * WIDTH, 3 * WIDTH)]);
  }
}

/** Three rows with the chosen one in the middle. */
const around = (rows: readonly string[], chosen: number): readonly string[] => {
  const first = Math.max(0, Math.min(chosen - 1, rows.length - 3));
  return rows.slice(first, first + 3);
};

function idle(ui: UiState, snapshot: UiSnapshot): readonly string[] {
  const { status, wallMs } = snapshot;
  const [line] = status.lines;
  const head =
    line === undefined
      ? 'No line set up'
      : spread(`${line.userName} ${line.screenName}`.trim(), tagOf(line, status), WIDTH);
  const time = wallMs === null ? null : localTime(wallMs, snapshot.zone);
  const date =
    time === null
      ? 'Clock not set'
      : `${clock(time, snapshot.clock24)} ${time.weekday} ${time.day} ${time.month.slice(0, 3)}`;
  return [
    head,
    date,
    smallNews(snapshot) ||
      smallBoardNews(ui) ||
      // An alert has its time; the first password would hide it for as long as nobody logs in.
      alertLine(ui.xml, snapshot.now) ||
      smallFirstLogin(ui, snapshot) ||
      statusLine(ui.xml, snapshot.now, snapshot.xml.statusScrollMs) ||
      ([...answeringNews(snapshot), ...missedText(ui, snapshot), ...messageText(snapshot)][0] ?? ''),
  ];
}

function smallNews({ status }: UiSnapshot): string {
  if (status.link === 'down') return 'No network';
  const registrars = status.lines.flatMap(({ registrar }) => (registrar === null ? [] : [registrar]));
  const out = registrars.find(({ state, switching }) => state !== 'registered' && state !== 'off' && !switching);
  if (out !== undefined) return out.state === 'rejected' ? `No Service ${out.code ?? ''}` : 'No Service';
  const backup = registrars.some(({ state, server }) => state === 'registered' && server === 'backup');
  if (!backup) return '';
  const next = status.targets.find(
    ({ server, nextProbeIn }) => server === 'primary' && nextProbeIn !== null,
  )?.nextProbeIn;
  return next == null ? 'On backup' : `Main down ${countdown(next)}`;
}

const lineRows = (line: LineStatus): readonly string[] => [
  spread(`${line.line}: ${line.userName}`, line.registrar === null ? '-' : '', WIDTH),
  line.registrar?.state ?? 'no registrar',
  line.registrar?.server === null || line.registrar === null
    ? ''
    : `on ${serverWord(line.registrar.server).toLowerCase()}`,
];
