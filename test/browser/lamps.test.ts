/** Owns lamps on the front panel in a real Chromium: what each state looks like, by the main server and by the backup, and what nobody knows. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import type { Composed } from '../../boards/compose.ts';
import { compose } from '../../boards/compose.ts';
import { createVirtualPanel } from '../../boards/virtual/panel.ts';
import { parseRunArgs } from '../../firmware/shell/args.ts';
import { mountPanel } from '../../firmware/web/panel/panel.ts';
import type { Lab } from '../../scripts/lab/lab.ts';
import { placeAt, startLab } from '../../scripts/lab/lab.ts';
import { PATIENCE_MS, picture, startChromium } from './support/chromium.ts';

const WATCHED = ['idle', 'ringing', 'busy', 'held'] as const;
const LAMPS = ['off', 'fast-flash', 'on', 'slow-flash'] as const;
const numberOf = (at: number): string => String(210 + at);

const KEYS = [
  ...WATCHED.flatMap((_state, at) => [`topsoftkey${at + 1} type: blf`, `topsoftkey${at + 1} value: ${numberOf(at)}`]),
  // A line that there is none of: nobody tells what its number does.
  ...['topsoftkey5 type: blf', 'topsoftkey5 value: 299', 'topsoftkey5 line: 9'],
];

describe('lamps on the front panel in Chromium', () => {
  let lab: Lab;
  let phone: Composed;
  let browser: Browser;
  let page: Page;
  let state = '';

  before(async () => {
    const quick = ['failover probe period: 5', 'failover jitter: 0', 'sip explicit mwi subscription: 1'];
    lab = await startLab({ accounts: 1, extraConfig: [...quick, ...KEYS] });
    state = await mkdtemp(join(tmpdir(), 'holdfast-browser-'));
    const args = parseRunArgs([...placeAt(lab, state), '--board', 'virtual', '--http', '127.0.0.1:0'], {});
    if (!args.ok) throw new Error(args.error);
    const panel = createVirtualPanel('57i');
    const composed = await compose(args.value, {
      panel,
      mount: (web, { phone: running, audio }) =>
        mountPanel(web.app, {
          ...{ rig: panel.rig, host: running.host, audio, pages: true },
          faults: { apply: lab.fault, active: () => ({}) },
        }),
    });
    if (!composed.ok) throw new Error(composed.error);
    phone = composed.value;
    browser = await startChromium();
    page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    page.setDefaultTimeout(PATIENCE_MS);
    await page.goto(`http://${phone.http ?? ''}/`);
    await lcdShows('[P]');
  });

  after(async () => {
    await browser?.close();
    await phone?.phone.stop();
    phone?.panel?.stop();
    await phone?.web?.close();
    await lab?.stop();
    await rm(state, { recursive: true, force: true });
  });

  const lcdShows = (text: string): Promise<void> => page.locator('#lcd', { hasText: text }).waitFor();
  const lampIs = (name: string, lit: string): Promise<void> =>
    page.locator(`[data-lamp="${name}"][data-state="${lit}"]`).first().waitFor({ state: 'attached' });

  it('each state has its own, and what nobody knows is dark and says so', async () => {
    for (const [at, presence] of WATCHED.entries()) await lab.present(numberOf(at), presence);
    for (const [at, lit] of LAMPS.entries()) await lampIs(`softkey${at + 1}`, lit);
    await lampIs('softkey5', 'off');
    await lcdShows('299?');
    const screen = (await page.locator('#lcd').textContent()) ?? '';
    assert.doesNotMatch(screen, /21\d\?/, 'what is known has no mark');
    await picture(page, 'panel-lamps');
  });

  it('on the backup they go on, and the page of reasons counts what has moved', async () => {
    await lab.fault('primary', 'kill');
    await lcdShows('[B]');
    await lab.present(numberOf(0), 'ringing');
    await lampIs('softkey1', 'fast-flash');
    await page.keyboard.press('ArrowRight');
    await lcdShows('Lamps: 0 by the main server, 5 by the backup');
    await picture(page, 'panel-lamps-why');
    await lab.fault('primary', 'clear');
    await lcdShows('Lamps: 5 by the main server, 0 by the backup');
  });
});
