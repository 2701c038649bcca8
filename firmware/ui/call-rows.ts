/** Owns what the screens say of a number that is keyed and of calls: the 57i's rows, and the 53i's three (experience 4.2). */
import type { ServerName } from '../status.ts';
import type { Appearance } from './appearances.ts';
import { farSide } from './appearances.ts';
import type { UiSnapshot, UiState } from './state.ts';
import { focusOf, isWaiting, waitingOf } from './state.ts';
import { countdown, spread, wrap } from './text.ts';

const WIDTH = 60;
const SMALL = 16;

/** Whether a number or a call is what the home page shows. */
export const isBusy = (ui: UiState): boolean => ui.dialer.name !== 'rest' || ui.calls.length > 0;

export function callRows(ui: UiState, view: UiSnapshot): { readonly title: string; readonly body: readonly string[] } {
  const focus = focusOf(ui);
  const dialing = dialerRows(ui);
  const shown = dialing.length > 0 ? dialing : focus === null ? [] : focusRows(focus, view);
  const rest = ui.calls.filter((call) => dialing.length > 0 || call !== focus);
  const others = rest.map((call) => ` ${spread(`${keyText(call)}${stateText(call)}`, `${farSide(call)} `, WIDTH - 1)}`);
  return { title: ` ${titleOf(ui, view)}`, body: ['', ...shown, '', ...others] };
}

function titleOf(ui: UiState, { status }: UiSnapshot): string {
  const number = ui.dialer.name === 'open' || ui.dialer.name === 'over' ? ui.dialer.line : focusOf(ui)?.line;
  const line = status.lines.find((candidate) => candidate.line === (number ?? status.lines[0]?.line));
  return line === undefined ? 'No line' : `Line ${line.line}  ${line.userName} ${line.screenName}`.trim();
}

const PLANNED = { none: '', transfer: 'Transfer to: ', conference: 'Conference with: ' } as const;

const sendText = (plan: UiState['plan']): string =>
  plan?.kind === 'transfer' ? ' Dial to announce it, Xfer to hand it over now' : ' Press # or Dial to send it now';

function dialerRows({ dialer, plan }: UiState): readonly string[] {
  switch (dialer.name) {
    case 'rest':
      return [];
    case 'keying':
      return [` ${dialer.keys}_`, '', ' Lift the handset, or press Dial'];
    case 'open':
      return [
        ` ${PLANNED[plan?.kind ?? 'none']}${dialer.keys}_`,
        '',
        dialer.keys === '' ? ' Key a number' : sendText(plan),
      ];
    case 'over':
      return [` ${dialer.keys}`, '', ` ${dialer.why}`];
  }
}

function focusRows(call: Appearance, view: UiSnapshot): readonly string[] {
  const since = countdown((view.now - (call.answeredAt ?? call.begunAt)) / 1000);
  const head = ` ${spread(stateText(call), `${since} `, WIDTH - 1)}`;
  const forwarded = call.sentTo === '' ? '' : `   Forwarded to ${call.sentTo}`;
  const place = ` ${placeText(call, since)}`;
  return [head, '', `   ${farSide(call)}`, forwarded, place, ...(goesOnAlone(call, view) ? ['', ALONE] : [])];
}

const ALONE = ' No server has the line now; the call goes on';

/** A call needs no registration (experience 4.2): whoever talks is told that there is nothing to fear. */
function goesOnAlone({ line, answeredAt }: Appearance, { status }: UiSnapshot): boolean {
  const registrar = status.lines.find((one) => one.line === line)?.registrar ?? null;
  return answeredAt !== null && (registrar?.state === 'waiting' || registrar?.state === 'rejected');
}

/** Who is asked, and how long it has taken: the person is never left with silence alone. */
function placeText({ state, asked, direction, unheard, answeredAt, encrypted }: Appearance, since: string): string {
  const server = asked.at(-1);
  if (unheard && answeredAt !== null) return 'The far side is not heard';
  if (direction === 'in' || server === undefined) return encrypted ? 'Encrypted' : '';
  if (state === 'dialing')
    return asked.includes('backup') ? `Trying main\u2026 trying backup\u2026 (${since})` : 'Trying main\u2026';
  return `Through the ${server === 'backup' ? 'backup' : 'main'} server${encrypted ? ', encrypted' : ''}`;
}

const keyText = ({ key }: Appearance): string => (key === null ? '   ' : `L${key} `);

export function stateText(call: Appearance): string {
  switch (call.state) {
    case 'dialing':
      return 'Calling';
    case 'ringing':
      return isWaiting(call) ? 'Call from' : 'Ringing';
    case 'early':
      return 'Ringing';
    case 'connected':
      return call.transfer !== null ? 'Transferring' : call.conference === 'in' ? 'Conference' : 'Connected';
    case 'held':
      return call.transfer !== null ? 'Transferring' : 'On hold';
  }
}

export function smallCallRows(ui: UiState, view: UiSnapshot): readonly string[] {
  const { dialer } = ui;
  if (dialer.name === 'over') return [...(dialer.keys === '' ? [] : [dialer.keys]), ...wrap(dialer.why, SMALL, '')];
  if (dialer.name !== 'rest')
    return [`${dialer.keys.slice(1 - SMALL)}_`, dialer.name === 'open' ? '# to send' : 'Lift to send'];
  const focus = focusOf(ui);
  if (focus === null) return [];
  const since = countdown((view.now - (focus.answeredAt ?? focus.begunAt)) / 1000);
  const waiting = waitingOf(ui);
  const second = waiting === null || waiting === focus ? smallPlace(focus) : `Call: ${farSide(waiting)}`;
  const others = ui.calls.length > 1 ? `${ui.calls.length} calls` : '';
  return [farSide(focus), spread(stateText(focus), since, SMALL), second === '' ? others : second];
}

function smallPlace({ state, asked, sentTo, unheard, answeredAt, encrypted }: Appearance): string {
  if (unheard && answeredAt !== null) return 'not heard';
  if (sentTo !== '') return `to ${sentTo}`.slice(0, SMALL);
  const server: ServerName | undefined = asked.at(-1);
  if (server === undefined || (state !== 'dialing' && server === 'primary')) return encrypted ? 'encrypted' : '';
  const word = server === 'primary' ? 'main' : 'backup';
  if (state === 'dialing') return `trying ${word}`;
  return encrypted ? `${word} encrypted` : `on ${word}`;
}
