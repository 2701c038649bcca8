/** Owns printing a recording as a SIP ladder: the phone on the left, a column for each far side, and what was decided between. */
import { readFileSync } from 'node:fs';
import type { PhoneEvent } from '../firmware/events.ts';
import { endpointText } from '../firmware/kernel/target.ts';
import type { Recorded } from '../firmware/shell/recorder.ts';
import { cseqOf } from '../firmware/sip/message/headers.ts';
import { parseMessage } from '../firmware/sip/message/parse.ts';

/** One arrow of a ladder, or what came of the arrows before it. `at`: ms on the phone's clock. */
export type Rung =
  | { readonly at: number; readonly kind: 'sent' | 'received'; readonly peer: string; readonly label: string }
  | { readonly at: number; readonly kind: 'note'; readonly text: string };

const COLUMN = 26;
const TIME = 10;

/** The lines of a recording as text; anything but messages and what came of them is left out. */
export function ladder(text: string): string {
  const rungs = readRungs(text);
  const peers = peersOf(rungs);
  return `${[header(peers), ...rungs.map((rung) => drawn(rung, peers))].map((line) => line.trimEnd()).join('\n')}\n`;
}

/** The rungs of a recording; a last line that was cut off where the phone was killed is left out. */
export function readRungs(text: string): readonly Rung[] {
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  const steps = whole
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Recorded);
  const seen = new Set<string>();
  return steps.flatMap((step) => (step.what === 'step' ? rungsOf(step, seen) : []));
}

/** The far sides, in the order in which they appear. */
export const peersOf = (rungs: readonly Rung[]): readonly string[] => [
  ...new Set(rungs.flatMap((rung) => (rung.kind === 'note' ? [] : [rung.peer]))),
];

/** What came in, then what it caused. */
function rungsOf({ now: at, input, effects }: Extract<Recorded, { what: 'step' }>, seen: Set<string>): readonly Rung[] {
  const rungs: Rung[] = [];
  if (input.kind === 'datagram')
    rungs.push({ at, kind: 'received', peer: endpointText(input.from), label: labelOf(input.data) });
  if (input.kind === 'flow-failed') rungs.push({ at, kind: 'note', text: `${peerOf(input.flow)}: ${input.cause}` });
  if (input.kind === 'link') rungs.push({ at, kind: 'note', text: `link ${input.state}` });
  for (const effect of effects) {
    if (effect.kind === 'send' || effect.kind === 'reply') {
      const peer = effect.kind === 'send' ? peerOf(effect.flow) : endpointText(effect.to);
      const again = seen.has(`${peer} ${effect.data}`) ? ' again' : '';
      seen.add(`${peer} ${effect.data}`);
      rungs.push({ at, kind: 'sent', peer, label: `${labelOf(effect.data)}${again}` });
    }
    const text = effect.kind === 'event' ? noteOf(effect.event) : null;
    if (text !== null) rungs.push({ at, kind: 'note', text });
  }
  return rungs;
}

/** A flow is called by its target: `udp:192.0.2.1:5060`. */
const peerOf = (flow: string): string => flow.replace(/^(udp|tcp|tls):/, '');

function labelOf(data: string): string {
  const parsed = parseMessage(data);
  const message = parsed.ok ? parsed.value : parsed.error.partial;
  if (message === null) return 'malformed';
  const cseq = cseqOf(message);
  const of = cseq.ok ? `${cseq.value.method} ${cseq.value.number}` : '?';
  if (message.kind === 'response') return `${message.status} (${of})`;
  return cseq.ok ? of : message.method;
}

/** The events that say what the messages around them led to. */
function noteOf(event: PhoneEvent): string | null {
  switch (event.event) {
    case 'registration':
      return `line ${event.line} ${event.state}${event.server === undefined ? '' : ` on the ${event.server}`}`;
    case 'failover':
    case 'failback':
      return `line ${event.line} ${event.event}: ${event.cause}`;
    case 'target-failed':
      // What the socket said stands there already.
      return event.cause !== 'no-answer' && event.cause !== 'code'
        ? null
        : `${peerOf(event.target)} failed: ${event.cause}`;
    case 'unregistered':
      return `line ${event.line} no longer bound at the ${event.server}`;
    default:
      return null;
  }
}

const header = (peers: readonly string[]): string =>
  `${'ms'.padStart(TIME)}  ${['phone', ...peers].map((name) => name.padEnd(COLUMN)).join('')}`;

function drawn(rung: Rung, peers: readonly string[]): string {
  const time = rung.at.toFixed(1).padStart(TIME);
  if (rung.kind === 'note') return `${time}  |  ${rung.text}`;
  const end = (peers.indexOf(rung.peer) + 1) * COLUMN;
  const cells: string[] = Array.from({ length: peers.length * COLUMN + 1 }, (_cell, at) =>
    at % COLUMN === 0 ? '|' : ' ',
  );
  for (let at = 1; at < end; at += 1) cells[at] = '-';
  if (rung.kind === 'sent') cells[end - 1] = '>';
  else cells[1] = '<';
  // In the last column before the far side, where no other arrow crosses.
  const label = ` ${rung.label.slice(0, COLUMN - 6)} `;
  const start = end - COLUMN + Math.floor((COLUMN - label.length) / 2);
  cells.splice(start, label.length, ...label);
  return `${time}  ${cells.join('')}`;
}

if (import.meta.url === `file://${process.argv[1] ?? ''}`) {
  const [file] = process.argv.slice(2);
  if (file === undefined) {
    process.stderr.write('npm run ladder -- FILE\n');
    process.exit(2);
  }
  process.stdout.write(ladder(readFileSync(file, 'utf8')));
}
