/**
 * Owns rig `qemu`: the emulated board with its lab, booted once for all scenarios of a run and met as a phone on the desk is; its keys, lamps
 * and screen are those of the emulated chips (boards/qemu).
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { packageRoot } from '../lab/child.ts';
import type { HilPlace } from '../scenario/hil-client.ts';
import { askJson } from '../scenario/hil-client.ts';
import { boardRig } from './board.ts';
import { PHONE_LINES } from './phone-lines.ts';
import type { Rig } from './rig.ts';

interface Running {
  readonly http: string;
  readonly control: string;
}

/** A guard against a guest that hangs, ms: it boots in half a minute. */
const BOOT_PATIENCE_MS = 600_000;
const ASK_AGAIN_MS = 500;

/** Four keys may take the guest longer than a person, who would not wait so long either. */
const SLOW_KEYS = 'sip digit timeout: 30';

let running: Promise<Running> | null = null;

export const qemuRig: Rig = {
  async open(scenario, options) {
    running ??= start(options.model);
    const { http, control } = await running;
    const opened = await boardRig.open(scenario, { ...options, address: http, lab: control, token: null });
    return { ...opened, bench: { ...opened.bench, described: 'our own lab, rig qemu' } };
  },
};

/** It ends with this process, however this one ends. */
async function start(model: string): Promise<Running> {
  const lines = [...PHONE_LINES, SLOW_KEYS].flatMap((line) => ['--config', line]);
  const script = join(packageRoot(), 'scripts', 'qemu.mjs');
  const args = [process.execPath, script, '--json', '--model', model, ...lines];
  const child = spawn('setpriv', ['--pdeathsig', 'TERM', ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  process.once('exit', () => child.kill());
  const ended = once(child, 'exit').then(() => Promise.reject(new Error('rig qemu: its own words stand above')));
  ended.catch(() => undefined);
  const [line] = (await Promise.race([once(createInterface({ input: child.stdout }), 'line'), ended])) as [string];
  const { http, control } = JSON.parse(line) as Running;
  await Promise.race([booted({ http, token: null }), ended]);
  return { http, control };
}

/** The phone has told who it is. */
async function booted(place: HilPlace): Promise<void> {
  const end = performance.now() + BOOT_PATIENCE_MS;
  while (performance.now() < end) {
    const { version } = (await askJson(place, 'GET', '/api/status')) as { readonly version: string };
    if (version !== '') return;
    await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
  }
  throw new Error(`rig qemu: no phone after ${BOOT_PATIENCE_MS / 1000} s`);
}
