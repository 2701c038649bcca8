/** Owns the demo: the lab and one phone on the virtual board, side by side; `--check` drives it by a script and ends. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseRunArgs } from '../../firmware/shell/args.ts';
import { mountHil } from '../../firmware/web/hil.ts';
import type { PanelFaults } from '../../firmware/web/panel/panel.ts';
import { mountPanel } from '../../firmware/web/panel/panel.ts';
import type { Lab, LabTransport } from '../../scripts/lab/lab.ts';
import { placeAt, startLab } from '../../scripts/lab/lab.ts';
import { standingFaults } from '../../scripts/lab/standing.ts';
import type { Composed } from '../compose.ts';
import { compose } from '../compose.ts';
import { untilEnded } from '../run.ts';
import { checkDemo } from './check.ts';
import { createVirtualPanel } from './panel.ts';
import { startTui } from './tui.ts';

export interface DemoOptions {
  readonly check?: boolean;
  readonly tui?: boolean;
  readonly transport?: LabTransport;
}

/** Checks run often enough that a person sees the phone move within seconds. */
const DEMO_CONFIG = [
  'failover probe period: 5',
  'topsoftkey1 type: blf',
  'topsoftkey1 label: Lab',
  'topsoftkey1 value: 300',
  'sip line1 explicit mwi subscription: 1',
];

/** Runs until a signal, or until the script is done; ends the process with its code, and leaves nothing behind. */
export async function startDemo({ check = false, tui = false, transport = 'udp' }: DemoOptions): Promise<void> {
  const state = await mkdtemp(join(tmpdir(), 'holdfast-demo-'));
  const lab = await startLab({ extraConfig: DEMO_CONFIG, transport });
  let code = 1;
  try {
    code = await runDemo(lab, state, { check, tui });
  } finally {
    await lab.stop();
    await rm(state, { recursive: true, force: true });
  }
  process.exit(code);
}

async function runDemo(
  lab: Lab,
  state: string,
  { check, tui }: Required<Pick<DemoOptions, 'check' | 'tui'>>,
): Promise<number> {
  const args = parseRunArgs([...placeAt(lab, state), '--board', 'virtual', '--http', '127.0.0.1:0', '--hil'], {});
  if (!args.ok) throw new Error(args.error);
  const panel = createVirtualPanel(args.value.model);
  const faults = standingFaults(lab);
  const composed = await compose(args.value, {
    panel,
    // The panel, the terminal and the steps of the check tell what happens; the log would only run through them.
    logLevel: 'error',
    card: { kind: 'page' },
    mount: (web, { phone, media, audio }) => {
      mountPanel(web.app, { rig: panel.rig, host: phone.host, faults, audio, pages: true });
      mountHil(web.app, panel.rig, media);
    },
  });
  if (!composed.ok) {
    process.stderr.write(`holdfast: ${composed.error}\n`);
    panel.stop();
    return 2;
  }
  if (check) return checkAndStop(composed.value, lab);
  return runForPerson(composed.value, faults, tui);
}

async function checkAndStop(composed: Composed, lab: Lab): Promise<number> {
  const passed = await checkDemo(composed, lab);
  await composed.phone.stop();
  composed.panel?.stop();
  await composed.web?.close();
  return passed ? 0 : 1;
}

function runForPerson(composed: Composed, faults: PanelFaults, tui: boolean): Promise<number> {
  const { phone, panel, http, password } = composed;
  if (!tui || panel === null) {
    process.stdout.write(`
  Holdfast is running: one phone with three lines, a main and a backup server, and DNS.

    Front panel   http://${http ?? ''}/panel
    Settings      http://${http ?? ''}/sysinfo.html   (name admin, password ${password ?? ''})
    State         http://${http ?? ''}/api/status

  Open the panel, press "Kill main", and watch the phone move. Dial 200 and it answers; dial 55 and it calls you back.
  Ctrl-C ends everything.
`);
    return untilEnded(composed);
  }
  const stop = startTui({
    rig: panel.rig,
    host: phone.host,
    faults,
    input: process.stdin,
    output: process.stdout,
    quit: () => void phone.stop(),
  });
  return untilEnded(composed).finally(stop);
}
