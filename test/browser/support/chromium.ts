/** Owns how Chromium is started for these tests, how long anything may take, and where pictures go when they are wanted. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { chromium } from 'playwright-core';

/** Ten times what any of it should take. */
export const PATIENCE_MS = 60_000;

/** Without these a browser on a machine that is cut off fills its console with the look-ups that fail. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export const startChromium = (): Promise<Browser> =>
  chromium.launch({ executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium', args: FLAGS });

/** Pictures are wanted with HOLDFAST_PICTURES=docs/pictures. */
export async function picture(of: Page, name: string, { fullPage = false } = {}): Promise<void> {
  const folder = process.env['HOLDFAST_PICTURES'];
  if (folder === undefined) return;
  await mkdir(folder, { recursive: true });
  await of.screenshot({ path: join(folder, `${name}.png`), fullPage });
}
