/** Owns what the first pages cost whoever opens them: octets with all their parts, and the time from asking to loaded in Chromium. */
import type { Browser } from 'playwright-core';
import { chromium } from 'playwright-core';
import { startLab } from '../lab/lab.ts';
import { startMeasured } from './phone.ts';
import type { Row } from './row.ts';

const RUNS = 9;
const GOAL_OCTETS = 150_000;
const GOAL_MS = 500;
const PASSWORD = 'correct horse battery';
const PAGES = [
  ['first page of the Web UI', '/sysinfo.html'],
  ['front panel', '/panel'],
] as const;

export async function benchWeb(): Promise<readonly Row[]> {
  const lab = await startLab({ accounts: 3, extraConfig: [`admin password: ${PASSWORD}`] });
  const phone = await startMeasured(lab, ['--board', 'virtual', '--http', '127.0.0.1:0']);
  let browser: Browser | null = null;
  try {
    const { http } = await phone.until(({ event }) => event === 'ready');
    await phone.until(({ event, state }) => event === 'registration' && state === 'registered');
    browser = await chromium.launch({
      executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-gpu'],
    });
    const rows: Row[] = [];
    for (const [name, path] of PAGES) rows.push(...(await measure(browser, name, `http://${String(http)}`, path)));
    return rows;
  } finally {
    await browser?.close();
    await phone.stop();
    await lab.stop();
  }
}

/** Each time by a browser that has kept nothing but its login. */
async function measure(browser: Browser, name: string, url: string, path: string): Promise<readonly Row[]> {
  const times: number[] = [];
  let octets = 0;
  for (let run = 0; run < RUNS; run += 1) {
    const person = await browser.newContext();
    await person.request.post(`${url}/login`, { form: { user: 'admin', password: PASSWORD } });
    const page = await person.newPage();
    const bodies: Promise<number>[] = [];
    page.on('response', (answer) => {
      // What never ends has no length.
      if (!answer.url().endsWith('/feed'))
        bodies.push(
          answer.body().then(
            (body) => body.length,
            () => 0,
          ),
        );
    });
    const start = performance.now();
    const answer = await page.goto(`${url}${path}`, { waitUntil: 'load' });
    times.push(performance.now() - start);
    if (answer?.status() !== 200) throw new Error(`${path}: ${answer?.status() ?? 'no answer'}`);
    octets = (await Promise.all(bodies)).reduce((sum, length) => sum + length, 0);
    await person.close();
  }
  const median = [...times].sort((a, b) => a - b)[Math.floor(RUNS / 2)] ?? Number.NaN;
  return [
    {
      name: `${name}, with its parts`,
      value: octets / 1000,
      unit: 'kB',
      against: GOAL_OCTETS / 1000,
      beside: 'the goal',
    },
    { name: `${name}: asked for to loaded`, value: median, unit: 'ms', against: GOAL_MS, beside: 'the goal' },
  ];
}
