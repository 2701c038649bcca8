/** Owns the front panel in a terminal: display, lamps and decisions drawn with box characters; keys by keyboard. */
import type { Readable, Writable } from 'node:stream';
import type { PanelFaults, PanelHost } from '../../firmware/web/panel/panel.ts';
import type { KeyName, LampState } from '../../hal/devices.ts';
import type { HilRig } from '../board.ts';

export interface TuiOptions {
  readonly rig: HilRig;
  readonly host: PanelHost;
  readonly faults: PanelFaults | null;
  readonly input: Readable & { readonly isTTY?: boolean; setRawMode?(on: boolean): unknown };
  readonly output: Writable & { readonly columns?: number; readonly rows?: number };
  readonly quit: () => void;
}

const KEYS: Readonly<Record<string, KeyName>> = {
  '\u001b[A': 'up',
  '\u001b[B': 'down',
  '\u001b[C': 'right',
  '\u001b[D': 'left',
  '\u001bOP': 'softkey1',
  '\u001bOQ': 'softkey2',
  '\u001bOR': 'softkey3',
  '\u001bOS': 'softkey4',
  '\u001b[15~': 'softkey5',
  '\u001b[17~': 'softkey6',
  '\u001b': 'goodbye',
  g: 'goodbye',
  o: 'options',
  h: 'hold',
  r: 'redial',
  m: 'mute',
  s: 'speaker',
  '+': 'volume-up',
  '-': 'volume-down',
};
/** Faults of the demo by key. */
const FAULTS: Readonly<Record<string, readonly [string, string, string]>> = {
  k: ['primary', 'kill', 'kill main'],
  b: ['primary', 'silent', 'black-hole main'],
  e: ['primary', '503', 'main answers 503'],
  d: ['dns', 'servfail', 'break DNS'],
  c: ['primary', 'clear', 'bring main back'],
  x: ['dns', 'clear', 'mend DNS'],
};
const PRESS_MS = 80;
const DRAW_MS = 50;
const LAMP_MARKS: Readonly<Record<LampState, string>> = { off: '○', on: '●', 'slow-flash': '◐', 'fast-flash': '◉' };
const HELP = 'digits * #  arrows  F1-F6 softkeys  g goodbye  o options  l+1-4 lines  q quit  ? help';

/** Draws until the returned function is called; the terminal is left as it was. */
export function startTui(options: TuiOptions): () => void {
  const { rig, host, input, output } = options;
  let help = false;
  let lineKey = false;
  let note = '';
  let timer: NodeJS.Timeout | null = null;
  const frame = (): void => {
    timer = null;
    output.write(
      `\u001b[H${drawing(options, { help, note })
        .map((row) => `${row}\u001b[K`)
        .join('\r\n')}\u001b[J`,
    );
  };
  const change = (): void => {
    timer ??= setTimeout(frame, DRAW_MS);
  };
  const tick = setInterval(change, 1000);
  const leave = [rig.onChange(change), host.onChange(change)];

  function onData(chunk: Buffer | string): void {
    const text = chunk.toString();
    if (text === '\u0003' || text === 'q') return stop(true);
    if (text === '?') help = !help;
    const line = lineKey && /^[1-4]$/.test(text) ? (`line${text}` as KeyName) : null;
    lineKey = text === 'l';
    const key = line ?? (/^[0-9*#]$/.test(text) ? (text as KeyName) : KEYS[text]);
    if (key !== undefined) void rig.key(key, 'press', PRESS_MS);
    else if (FAULTS[text] !== undefined) order(FAULTS[text]);
    change();
  }

  function order([target, kind, label]: readonly [string, string, string]): void {
    if (options.faults === null) return;
    void options.faults.apply(target, kind).then(({ ok, error }) => {
      note = ok ? `done: ${label}` : `not done: ${error ?? ''}`;
      change();
    });
  }

  function stop(asked: boolean): void {
    clearInterval(tick);
    if (timer !== null) clearTimeout(timer);
    for (const end of leave) end();
    input.off('data', onData);
    if (input.isTTY === true) input.setRawMode?.(false);
    input.pause();
    output.write('\u001b[?25h\u001b[?1049l');
    if (asked) options.quit();
  }

  output.write('\u001b[?1049h\u001b[?25l\u001b[2J');
  if (input.isTTY === true) input.setRawMode?.(true);
  input.on('data', onData);
  input.resume();
  frame();
  return () => stop(false);
}

/** The rows of the whole drawing. */
export function drawing(
  { rig, host, faults, output }: Pick<TuiOptions, 'rig' | 'host' | 'faults' | 'output'>,
  state: { readonly help: boolean; readonly note: string },
): readonly string[] {
  const { lcd, lamps, hook } = rig.panel();
  const width = Math.max(16, lcd[0]?.length ?? 16);
  const across = output.columns ?? 80;
  const rows = [`┌${'─'.repeat(width + 2)}┐`, ...lcd.map((text) => `│ ${text} │`), `└${'─'.repeat(width + 2)}┘`];
  const lamp = (name: keyof typeof lamps): string =>
    `${LAMP_MARKS[lamps[name]]} ${name}${lamps[name] === 'off' ? '' : ` ${lamps[name]}`}`;
  rows.push(
    ` ${(['line1', 'line2', 'line3', 'line4', 'message', 'hold', 'mute', 'speaker'] as const).map(lamp).join('  ')}`,
  );
  rows.push(` handset ${hook === 'on' ? 'down' : 'lifted'}   ${state.help ? HELP : '? help  q quit'}`);
  if (faults !== null)
    rows.push(
      ` demo: k kill main  b black-hole main  e 503 main  c bring main back  d break DNS  x mend DNS   ${state.note}`,
    );
  rows.push('', ' What was decided, and why:');
  const room = Math.max(5, (output.rows ?? 40) - rows.length - 1);
  const mark = { good: '+', bad: '!', info: ' ' } as const;
  for (const { t, line, text, severity } of host.decisions().slice(-room))
    rows.push(` ${(t / 1000).toFixed(2).padStart(8)} ${line === null ? '  ' : `L${line}`} ${mark[severity]} ${text}`);
  // What comes from outside gives the terminal no orders.
  return rows.map((row) => row.slice(0, across).replace(/\p{Cc}/gu, '?'));
}
