/** Owns the pages of the 57i screen as rows of text: idle, "Why?", status menu, network, lines, log (experience 4.2). */
import { servedText } from '../decisions.ts';
import type { LineStatus, RoleStatus, TargetStatus } from '../status.ts';
import { boardNews } from './board.ts';
import { listRows } from './list-rows.ts';
import { answeringNews, forwardRows, optionRows } from './options.ts';
import { passwordRows } from './password.ts';
import { speedDialRows } from './speed-dial.ts';
import type { UiSnapshot, UiState } from './state.ts';
import { age, centred, clock, countdown, localTime, spread, wrap } from './text.ts';
import { causeText, firstLoginText, idleNews, messageText, missedText, serverWord, tagOf, webUrl } from './words.ts';
import { statusLine } from './xml-state.ts';
import { xmlRows } from './xml-views.ts';

const WIDTH = 60;
/** Of a row that goes on. */
const INDENT = '     ';

interface Rows {
  readonly title: string;
  readonly body: readonly string[];
}

export function pageRows(ui: UiState, snapshot: UiSnapshot): Rows {
  const { page } = ui;
  switch (page) {
    case 'idle':
      return idle(ui, snapshot);
    case 'why':
      return { title: ' Why this server?', body: whyRows(snapshot) };
    case 'status':
      return { title: ' Phone status', body: statusRows(ui, snapshot) };
    case 'network':
      return { title: ' Network', body: networkRows(snapshot) };
    case 'lines':
      return { title: ' Lines', body: snapshot.status.lines.flatMap(lineRows) };
    case 'options':
      return { title: ' Options', body: optionRows(ui, snapshot) };
    case 'password':
      return { title: ' Options', body: passwordRows(ui) };
    case 'forward':
      return { title: ' Call forward', body: forwardRows(ui, snapshot) };
    case 'speed-dial':
      return { title: ` Speed dial: ${ui.speedDial?.key ?? ''}`, body: ['', ...speedDialRows(ui, snapshot, WIDTH)] };
    case 'redial':
    case 'callers':
    case 'directory':
      return listRows(page, ui, snapshot);
    case 'xml':
      return xmlRows(ui, snapshot);
    case 'log':
      return { title: ' What was decided, newest first', body: logRows(snapshot) };
  }
}

function idle(ui: UiState, snapshot: UiSnapshot): Rows {
  const { status, wallMs } = snapshot;
  const lines = status.lines
    .slice(0, 9)
    .map((line) => ` ${spread(nameOf(line), `[${tagOf(line, status)}] `, WIDTH - 1)}`);
  const time = wallMs === null ? null : localTime(wallMs, snapshot.zone);
  const date =
    time === null ? 'Clock not set' : `${clock(time, snapshot.clock24)}   ${time.weekday} ${time.day} ${time.month}`;
  const news = [
    ...idleNews(snapshot),
    ...boardNews(ui),
    ...[statusLine(ui.xml, snapshot.now, snapshot.xml.statusScrollMs)].filter((text) => text !== ''),
    ...answeringNews(snapshot),
    ...missedText(ui, snapshot),
    ...messageText(snapshot),
    ...firstLoginText(ui, snapshot),
  ];
  return {
    title: spread(` Holdfast ${snapshot.model}`, `${status.profile} `, WIDTH),
    body: [
      '',
      ...(lines.length === 0 ? [' No line is configured'] : lines),
      '',
      centred(date, WIDTH),
      '',
      ...news.map((text) => ` ${text}`),
    ],
  };
}

const nameOf = (line: LineStatus): string => `${line.userName} ${line.screenName}`.trim();

function whyRows({ status }: UiSnapshot): readonly string[] {
  const servers = status.targets.flatMap((target) => [
    ` ${spread(`${serverWord(target.server)} ${target.name}`, healthText(target), WIDTH - 2)}`,
    `   ${target.target}${target.via === null ? '' : ' (through the outbound proxy)'}`,
    ...detailRows(target),
  ]);
  const dns = status.dns.map(
    ({ type, name, age: seconds, source }) =>
      ` DNS ${type} ${name}: ${source === 'stale' ? 'STALE, ' : ''}${age(seconds)} old`,
  );
  const reasons = status.lines.flatMap(({ userName, registrar }) =>
    registrar === null ? [] : wrap(` ${userName}: ${registrar.reason}`, WIDTH, INDENT),
  );
  return [
    ...reasons,
    ...watchRows(status),
    '',
    ...(servers.length === 0 ? [' No server has an address yet.'] : servers),
    '',
    ...dns,
  ];
}

/** How many lamps are fed by which server, where any are. */
function watchRows({ subscriptions }: UiSnapshot['status']): readonly string[] {
  if (subscriptions.length === 0) return [];
  return [` Lamps: ${servedText(subscriptions)}`];
}

function healthText({ health, cause, code, lastAnswerAge }: TargetStatus): string {
  if (health === 'dead') return causeText(cause, code);
  if (health === 'unknown') return 'not asked yet';
  return `answers${lastAnswerAge === null ? '' : `, ${age(lastAnswerAge)} ago`}`;
}

function detailRows({ health, retryAfter, nextProbeIn, hMs, probeable }: TargetStatus): readonly string[] {
  const rows: string[] = [];
  if (retryAfter !== null) rows.push(`   asks to be left alone for ${countdown(retryAfter)}`);
  if (nextProbeIn !== null) rows.push(`   checked again in ${countdown(nextProbeIn)}`);
  if (!probeable) rows.push('   does not answer checks; tried by registering');
  if (health === 'dead') rows.push(`   still asked first, but waited for only ${hMs} ms`);
  return rows;
}

const statusRows = (ui: UiState, { status, model, mac, address, desk }: UiSnapshot): readonly string[] => [
  ` Model        ${model}, Holdfast ${status.version}`,
  ` Profile      ${status.profile}`,
  ` Address      ${address ?? 'none yet'}`,
  ` MAC          ${mac}`,
  ` Link         ${status.link}`,
  ` Running      ${age(status.uptime)}`,
  ...webRows(ui, { address, desk }),
  '',
  ...status.lines.map(
    ({ userName, registrar }) => ` ${userName.padEnd(12)} ${registrar === null ? 'no registrar' : roleText(registrar)}`,
  ),
];

/** Nobody vouches for a certificate that the phone made: a person compares it with what the browser says. */
function webRows({ web }: UiState, { address, desk }: Pick<UiSnapshot, 'address' | 'desk'>): readonly string[] {
  if (web === null) return [];
  if (desk.webPages === 'off') return [' Web pages    turned off by the configuration'];
  const pairs = (web.fingerprint ?? '').split(':');
  return [
    ` Web pages    ${webUrl(web, address)}`,
    ...(web.fingerprint === null
      ? []
      : [' Its certificate, SHA-256:', `   ${pairs.slice(0, 16).join(' ')}`, `   ${pairs.slice(16).join(' ')}`]),
  ];
}

const roleText = ({ state, server, code }: RoleStatus): string =>
  `${state}${server === null ? '' : ` on the ${server === 'primary' ? 'main' : 'backup'} server`}${code === null ? '' : `, code ${code}`}`;

const networkRows = ({ status, mac, address }: UiSnapshot): readonly string[] => [
  ` Address      ${address ?? 'none yet'}`,
  ` MAC          ${mac}`,
  ` Link         ${status.link}`,
  '',
  ...(status.dns.length === 0
    ? [' No name is looked up.']
    : status.dns.map((entry) => ` ${entry.type.padEnd(5)} ${entry.name} (${entry.source}, ${entry.ttl} s left)`)),
];

function lineRows(line: LineStatus): readonly string[] {
  const { registrar } = line;
  const head = ` ${spread(`${line.line}: ${nameOf(line)}`, registrar === null ? 'no registrar' : registrar.state, WIDTH - 2)}`;
  if (registrar === null) return [head, `   ${line.aor}`, ''];
  const left = registrar.expiresIn === null ? [] : [`   runs out in ${countdown(registrar.expiresIn)}`];
  const retry = registrar.retryIn === null ? [] : [`   next attempt in ${countdown(registrar.retryIn)}`];
  const where = registrar.target === null ? [] : [`   ${registrar.target}`];
  return [head, `   ${line.aor}`, ...where, ...left, ...retry, ...wrap(`   ${registrar.reason}`, WIDTH, INDENT), ''];
}

const logRows = ({ decisions, now }: UiSnapshot): readonly string[] =>
  [...decisions]
    .reverse()
    .slice(0, 60)
    .flatMap(({ t, text }) => wrap(` ${age((now - t) / 1000).padStart(6)} ago  ${text}`, WIDTH, INDENT));
