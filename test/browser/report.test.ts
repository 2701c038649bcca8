/** The report of `holdfast test` in a real Chromium: what it shows of a run against the lab, at two sizes. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { after, before, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { runTest } from '../../scripts/scenario/command.ts';
import { picture, startChromium } from './support/chromium.ts';

/** Bounds ten times what it should take: a busy machine does not blur what is looked at here. */
const WAY_HOME = `
- say: The primary dies and comes back
- start:
    failover probe period: 5
- expectRegistered: primary
  bound: 20
- expectEvent: {event: probe, ok: true}
- fault: {primary: kill}
- expectRegistered: backup
  bound: 60
- clear: primary
- expectRegistered: primary
  bound: 60
- expectNoEvent: {event: failover}
  within: 2
`;

describe('the report of a scenario run in Chromium', () => {
  let folder = '';
  let url = '';
  let browser: Browser;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'holdfast-report-'));
    const file = join(folder, 'report.html');
    const quiet = { input: new PassThrough(), print: () => undefined, complain: () => undefined };
    const scenario = join(folder, 'way-home.yaml');
    await writeFile(scenario, WAY_HOME);
    assert.equal((await runTest([scenario, 'registration', '--html', file], '0.1.0', quiet)) < 2, true);
    url = pathToFileURL(file).href;
    browser = await startChromium();
  });
  after(async () => {
    await browser?.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function open(width: number, height: number, more: { readonly dark?: boolean } = {}): Promise<Page> {
    const page = await browser.newPage({ viewport: { width, height }, colorScheme: more.dark ? 'dark' : 'light' });
    page.on('request', (request) => assert.equal(request.url().split('#')[0], url, 'the page asks for another file'));
    page.on('pageerror', (error) => assert.fail(error.message));
    await page.goto(url);
    return page;
  }

  it('says the verdict first, draws when each line was served where, and unfolds the ladder', async () => {
    const page = await open(1100, 1000);
    assert.match((await page.locator('h1').textContent()) ?? '', /passed all 2|failed 1 of 2/);
    assert.equal(await page.locator('nav a').count(), 2);
    const home = page.locator('#way-home');
    assert.ok((await home.locator('.timeline rect.primary').count()) >= 2);
    assert.ok((await home.locator('.timeline rect.backup').count()) >= 1);
    assert.equal(await home.locator('.meter.passed').count(), 3);
    const ladder = home.locator('svg.ladder');
    assert.equal(await ladder.isVisible(), false);
    await picture(page, 'test-report');
    await home.locator('summary', { hasText: 'SIP ladder' }).click();
    assert.equal(await ladder.isVisible(), true);
    assert.ok((await ladder.locator('.sent').count()) >= 4);
    await page.close();
  });

  it('on a telephone nothing is wider than the window', async () => {
    const page = await open(390, 844);
    for (const summary of await page.locator('summary').all()) await summary.click();
    assert.ok(await page.evaluate('document.documentElement.scrollWidth <= 390'));
    await page.close();
  });

  it('follows a dark desk', async () => {
    const page = await open(1100, 800, { dark: true });
    const [ink, paper] = (await page.evaluate(
      '[getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor]',
    )) as readonly string[];
    assert.deepEqual([ink, paper], ['rgb(228, 234, 240)', 'rgb(21, 27, 33)']);
    await page.close();
  });
});
