/** Owns the Web UI in a real Chromium: a person logs in, sets a backup, sees it used, at two sizes, by keyboard, and without scripts. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import axe from 'axe-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import type { Composed } from '../../boards/compose.ts';
import { compose } from '../../boards/compose.ts';
import { parseRunArgs } from '../../firmware/shell/args.ts';
import type { Lab } from '../../scripts/lab/lab.ts';
import { startLab } from '../../scripts/lab/lab.ts';
import { PATIENCE_MS, picture, startChromium } from './support/chromium.ts';

const PASSWORD = 'correct horse battery';
const PAGES = [
  'sysinfo',
  'timeline',
  'trace',
  'resolve',
  'globalSIPsettings',
  'SIPsettingsLine1',
  'topsoftkey',
  'softkey',
  'prgkey',
  'expmodule1page1',
  'preferences',
  'callforward',
  'provis',
  'actionURI',
  'telling',
  'configurationServer',
  'upgrade',
  'troubleshooting',
  'password',
  'editor',
  'backup',
  'reset',
].map((name) => `/${name}.html`);

describe('the Web UI in Chromium', () => {
  let lab: Lab;
  let phone: Composed;
  let browser: Browser;
  let person: BrowserContext;
  let page: Page;
  let place = '';
  let url = '';

  before(async () => {
    lab = await startLab({ accounts: 2, extraConfig: ['failover probe period: 5', 'failover jitter: 0'] });
    place = await mkdtemp(join(tmpdir(), 'holdfast-pages-'));
    const config = join(place, 'phone.cfg');
    const text = await readFile(lab.info().config, 'utf8');
    const alone = text.split('\n').filter((line) => !line.startsWith('sip backup'));
    await writeFile(config, [...alone, `admin password: ${PASSWORD}`, ''].join('\n'));
    const args = parseRunArgs(
      [
        ...['--config', config, '--state', join(place, 'state'), '--dns', lab.info().dns],
        ...['--bind', '127.0.0.1', '--http', '127.0.0.1:0'],
      ],
      {},
    );
    if (!args.ok) throw new Error(args.error);
    const composed = await compose(args.value, { panel: null, logLevel: 'silent' });
    if (!composed.ok) throw new Error(composed.error);
    phone = composed.value;
    url = `http://${phone.http ?? ''}`;
    browser = await startChromium();
    person = await browser.newContext({ viewport: { width: 1280, height: 900 } });
    page = await person.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
  });

  after(async () => {
    await browser?.close();
    await phone?.phone.stop();
    await phone?.web?.close();
    await lab?.stop();
    await rm(place, { recursive: true, force: true });
  });

  it('asks who is there, refuses a wrong password, and goes on to the page that was asked for', async () => {
    await page.goto(`${url}/globalSIPsettings.html`);
    await page.getByLabel('Password').fill('wrong');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').waitFor();
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.waitForURL('**/globalSIPsettings.html');
    assert.equal(await page.locator('h1').textContent(), 'Global SIP Settings');
  });

  it('a backup registrar set for all lines is stored, shown with its origin, and used when the primary dies', async () => {
    await page.goto(`${url}/globalSIPsettings.html`);
    await page.getByLabel('Backup Registrar Server').fill(`backup.${lab.info().domain}`);
    await page.getByLabel('Backup Registrar Port').fill('0');
    await page.getByRole('button', { name: 'Save' }).first().click();
    await page.getByText('Provisioning complete').waitFor();
    await picture(page, 'web-global');
    assert.match((await page.locator('main').textContent()) ?? '', /From local\.cfg/);
    assert.equal((await lab.fault('primary', 'kill')).ok, true);
    await page.goto(`${url}/sysinfo.html`);
    await until(async () => {
      await page.reload();
      return /RegisteredYes/.test((await page.locator('table').first().textContent()) ?? '');
    });
    await picture(page, 'web-status');
  });

  for (const path of PAGES)
    it(`${path}: nothing serious for a screen reader, nothing wider than a telephone, a label for every field`, async () => {
      await page.setViewportSize({ width: 390, height: 844 });
      await page.goto(`${url}${path}`);
      assert.equal(new URL(page.url()).pathname, path);
      assert.ok(await page.evaluate('document.documentElement.scrollWidth <= 390'));
      await page.setViewportSize({ width: 1280, height: 900 });
      // The page's own policy admits no script but its own: axe is looked at from the tester's side of it.
      await page.evaluate(axe.source);
      const { passed, serious } = (await page.evaluate(
        "axe.run().then(({ passes, violations }) => ({ passed: passes.length, serious: violations.filter(({ impact }) => impact === 'serious' || impact === 'critical').map(({ id, nodes }) => [id, nodes[0].html]) }))",
      )) as { readonly passed: number; readonly serious: readonly unknown[] };
      await picture(page, `page${path.replaceAll('/', '-').replace('.html', '')}`);
      assert.ok(passed > 5, 'axe has looked at the page');
      assert.deepEqual(serious, []);
    });

  it('no page of the phone is left out of these, but for those of further lines and modules, which are alike', () => {
    const alike = (path: string): string => path.replace(/\d/g, '1');
    const there = (phone.web?.app.routes ?? [])
      .filter(({ path }) => path.endsWith('.html'))
      .map(({ path }) => alike(path));
    assert.deepEqual([...new Set(there)].sort(), [...PAGES].sort());
  });

  it('with scripting off, status and forms still work', async () => {
    const plain = await browser.newContext({ javaScriptEnabled: false });
    const bare = await plain.newPage();
    await bare.goto(`${url}/SIPsettingsLine2.html`);
    await bare.fill('#pass', PASSWORD);
    await bare.click('button.main');
    await bare.waitForURL('**/SIPsettingsLine2.html');
    await bare.getByLabel('Screen Name', { exact: true }).fill('Bench');
    await bare.getByRole('button', { name: 'Save' }).first().click();
    await bare.getByText('Provisioning complete').waitFor();
    await bare.goto(`${url}/resolve.html`);
    await bare.getByLabel('Server', { exact: true }).fill(`primary.${lab.info().domain}`);
    await bare.getByLabel('Backup Server').fill(`backup.${lab.info().domain}`);
    await bare.getByRole('button', { name: 'Look up' }).click();
    await bare.getByRole('heading', { name: 'DNS steps' }).waitFor();
    assert.equal(await bare.locator('section ol li').count(), 2, 'a target of each server');
    await picture(bare, 'web-resolve', { fullPage: true });
    await plain.close();
  });

  it('the timeline tells by itself what has just been decided, and the ladder stays open while it grows', async () => {
    await page.goto(`${url}/timeline.html`);
    await page.getByText('Live:').waitFor();
    await picture(page, 'web-timeline');
    const before = await page.locator('.timeline li').count();
    assert.equal((await lab.fault('primary', 'clear')).ok, true);
    await until(async () => (await page.locator('.timeline li').count()) > before);
    await page.goto(`${url}/trace.html`);
    await page.getByText('Live:').waitFor();
    await page
      .getByRole('link', { name: /^REGISTER/ })
      .last()
      .click();
    await page.getByText('Live:').waitFor();
    const first = page.locator('.ladder summary').first();
    await first.focus();
    await page.keyboard.press('Enter');
    await page.locator('.ladder pre').first().waitFor();
    await picture(page, 'web-ladder');
    // The oldest series is that of the primary, where the lines are now. A line that has its binding leaves, and comes back in it.
    const rungs = await page.locator('.ladder summary').count();
    for (const line of [1, 2]) phone.phone.input({ kind: 'command', id: null, command: { verb: 'unregister', line } });
    await until(async () => (await page.locator('.ladder summary').count()) > rungs);
    assert.equal(await page.locator('.ladder details[open]').count(), 1);
    for (const line of [1, 2]) phone.phone.input({ kind: 'command', id: null, command: { verb: 'register', line } });
  });

  it('a copy of the settings is downloaded, and brings back what was', async () => {
    await page.goto(`${url}/backup.html`);
    await picture(page, 'web-backup');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Download the copy' }).click(),
    ]);
    const file = join(place, 'copy.cfg');
    await download.saveAs(file);
    assert.match(await readFile(file, 'utf8'), /^sip backup registrar ip: backup\./m);
    await page.goto(`${url}/globalSIPsettings.html`);
    await page.getByLabel('Backup Registrar Server').fill('elsewhere.example.org');
    await page.getByRole('button', { name: 'Save' }).first().click();
    await page.getByText('Provisioning complete').waitFor();
    await page.goto(`${url}/backup.html`);
    await page.getByLabel('File of the copy').setInputFiles(file);
    await page.getByRole('button', { name: 'Restore' }).click();
    await page.getByText('Provisioning complete').waitFor();
    await page.goto(`${url}/globalSIPsettings.html`);
    assert.match(await page.getByLabel('Backup Registrar Server').inputValue(), /^backup\./);
  });

  it('the first page is light', async () => {
    const answer = await page.goto(`${url}/sysinfo.html`);
    const css = await person.request.get(`${url}/pages.css`);
    const octets = ((await answer?.body())?.length ?? 0) + (await css.body()).length;
    assert.ok(octets > 1000 && octets <= 150_000, `${octets} octets`);
  });

  it('another site cannot post to it with the cookie of this browser', async () => {
    const foreign = await person.newPage();
    await foreign.goto(`data:text/html,<form method=post action=${url}/logout><button>Go</button></form>`);
    const [answer] = await Promise.all([
      foreign.waitForResponse((one) => one.url().endsWith('/logout')),
      foreign.click('button'),
    ]);
    assert.equal(answer.status(), 403);
    await foreign.close();
  });

  it('the editor says what a change would do, does it, and takes it back, without scripts as well', async () => {
    for (const javaScriptEnabled of [true, false]) {
      const other = await browser.newContext({ javaScriptEnabled, viewport: { width: 1280, height: 900 } });
      const editor = await other.newPage();
      await editor.goto(`${url}/editor.html`);
      await editor.fill('#pass', PASSWORD);
      await editor.keyboard.press('Enter');
      const text = editor.getByLabel('One setting a line');
      const old = await text.inputValue();
      await text.fill(`${old}\nfailover profile: r2.0\nsip backup proxy port: 5060\n`);
      await editor.getByRole('button', { name: 'What would follow?' }).click();
      await editor.getByText('Nothing has been changed yet').waitFor();
      await editor.getByText('A silent primary is noticed in 4 s').first().waitFor();
      await picture(editor, 'web-editor', { fullPage: true });
      await editor.getByRole('button', { name: 'Apply' }).click();
      await editor.getByText('Provisioning complete').waitFor();
      await editor.getByRole('button', { name: 'Undo' }).click();
      await editor.getByText('The last change is undone').waitFor();
      assert.equal(await text.inputValue(), old);
      await other.close();
    }
  });

  it('logging out ends it', async () => {
    await page.goto(`${url}/sysinfo.html`);
    await page.getByRole('button', { name: 'Log out' }).click();
    await page.waitForURL('**/login');
    await page.goto(`${url}/provis.html`);
    assert.equal(await page.locator('h1').textContent(), 'Log in');
  });
});

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (const end = performance.now() + PATIENCE_MS; !(await holds()); )
    assert.ok(performance.now() < end, `not within ${PATIENCE_MS} ms`);
}
