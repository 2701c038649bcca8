/** Owns `holdfast run`: a phone on the chosen board until it is told to stop (interfaces 2). */
import type { Readable } from 'node:stream';
import type { RunArgs } from '../firmware/shell/args.ts';
import { parseRunArgs, RUN_HELP } from '../firmware/shell/args.ts';
import { startControl } from '../firmware/shell/control.ts';
import { ownMac } from '../firmware/shell/own-mac.ts';
import type { Service } from '../firmware/shell/service.ts';
import { openService } from '../firmware/shell/service.ts';
import { markForReset } from '../firmware/shell/state-folder.ts';
import type { WebServer } from '../firmware/web/server.ts';
import { wantsToBeginAnew } from './begin-anew.ts';
import type { Composed, ComposeOptions } from './compose.ts';
import { compose } from './compose.ts';
import { openPanel } from './panels.ts';
import { startScheduler } from './scheduler.ts';
import type { Signals } from './signals.ts';
import { hearSignals } from './signals.ts';

export async function runPhone(args: readonly string[]): Promise<number> {
  if (args.includes('--help')) {
    process.stdout.write(`${RUN_HELP}\n`);
    return 0;
  }
  const parsed = parseRunArgs(args, { STATE_DIRECTORY: process.env['STATE_DIRECTORY'], ownMac: await ownMac() });
  if (!parsed.ok) return refuse(parsed.error);
  const service = openService();
  for (;;) {
    const ended = await runOnce(parsed.value, service);
    if (ended !== 'again') return ended;
  }
}

/** The code that the process ends with, or that the phone wants to be started again. */
async function runOnce(run: RunArgs, service: Service | null): Promise<number | 'again'> {
  const signals = hearSignals();
  const opened = await openPanel(run);
  if (!opened.ok) {
    signals.close();
    return refuse(opened.error);
  }
  const panel = opened.value;
  // Nobody can hold keys of the virtual board before it runs.
  if (panel !== null && run.board !== 'virtual' && (await wantsToBeginAnew(panel.devices, startScheduler)))
    await markForReset(run.state);
  const composed = await compose(run, {
    panel,
    // The terminal that shows the panel is the one that the log would run through.
    logLevel: run.tui ? 'error' : 'warn',
    mount: (web, parts) => mountPages(web, { ...parts, panel, hil: run.hil }),
    card: cardOf(run),
  });
  if (!composed.ok) {
    panel?.stop();
    signals.close();
    return refuse(composed.error);
  }
  // Where nobody sits at the console it is a log: then the screen alone tells, if there is one.
  if (composed.value.password !== null && (panel === null || process.stderr.isTTY))
    process.stderr.write(
      `holdfast run: web pages: name admin, password ${composed.value.password} (shown this once)\n`,
    );
  service?.ready();
  if (run.control === 'stdio') controlByStdio(composed.value);
  if (run.tui && panel !== null) {
    const { startTui } = await import('./virtual/tui.ts');
    startTui({
      rig: panel.rig,
      host: composed.value.phone.host,
      faults: null,
      input: process.stdin,
      output: process.stdout,
      quit: () => void composed.value.phone.stop(),
    });
  }
  const code = await untilEnded(composed.value, service, signals);
  // Whoever holds the terminal or the control channel starts the phone again himself.
  return composed.value.again() && !run.tui && run.control === null ? 'again' : code;
}

function refuse(message: string): number {
  process.stderr.write(`holdfast run: ${message}\n`);
  return 2;
}

/** A desk plays and records by ALSA, the virtual one by the page that shows it. */
const cardOf = ({ board }: RunArgs): NonNullable<ComposeOptions['card']> => {
  if (board === 'headless') return { kind: 'none' };
  return board === 'virtual' ? { kind: 'page' } : { kind: 'alsa', name: 'default' };
};

/** The pages of a board with a panel. */
export async function mountPages(
  web: WebServer,
  {
    phone,
    media,
    audio,
    panel,
    hil,
  }: Pick<Composed, 'phone' | 'media' | 'audio' | 'panel'> & { readonly hil: boolean },
): Promise<void> {
  if (panel === null) return;
  const { mountPanel } = await import('../firmware/web/panel/panel.ts');
  mountPanel(web.app, { rig: panel.rig, host: phone.host, faults: null, audio, pages: true, open: web.pages });
  if (!hil) return;
  const { mountHil } = await import('../firmware/web/hil.ts');
  mountHil(web.app, { ...panel.rig, readings: panel.readings }, media);
}

function controlByStdio(composed: Composed): void {
  const { events, stop } = composed.phone;
  events.subscribe(({ json }) => {
    process.stdout.write(`${json}\n`);
  });
  // Nobody reads the events any more: who ordered the phone is gone.
  process.stdout.on('error', () => void stop());
  for (const { json } of events.since(0)) process.stdout.write(`${json}\n`);
  controlPhone(composed, process.stdin);
}

/** Commands come in by `input`, one a line; their results are events. */
export function controlPhone({ phone, media, panel, set }: Composed, input: Readable): void {
  startControl({
    input,
    tell: phone.tell,
    status: phone.host.status,
    setLink: (state) => phone.input({ kind: 'link', state }),
    set,
    key: panel === null ? null : panel.rig.key,
    sound: media,
    command: (id, command) => phone.input({ kind: 'command', id, command }),
    quit: () => void phone.stop(),
  });
}

/** The first signal un-registers and ends, the second ends at once, the third does not even wait for the disk. */
export async function untilEnded(
  { phone, panel, web }: Composed,
  service: Service | null = null,
  signals: Signals = hearSignals(),
): Promise<number> {
  signals.each((number) => {
    if (number === 1) service?.stopping();
    if (number > 2) process.exit(0);
    void (number === 1 ? phone.stop() : phone.abort());
  });
  process.on('uncaughtException', phone.crash);
  const code = await phone.ended;
  process.off('uncaughtException', phone.crash);
  panel?.stop();
  await web?.close();
  signals.close();
  process.stdin.unref?.();
  return code;
}
