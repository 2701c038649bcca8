/** Owns the front panel in a real Chromium, with a real phone and the lab behind it: keys, faults, decisions, two sizes. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import type { Composed } from '../../boards/compose.ts';
import { compose } from '../../boards/compose.ts';
import { createVirtualPanel } from '../../boards/virtual/panel.ts';
import { parseRunArgs } from '../../firmware/shell/args.ts';
import { mountHil } from '../../firmware/web/hil.ts';
import { mountPanel } from '../../firmware/web/panel/panel.ts';
import type { Lab } from '../../scripts/lab/lab.ts';
import { placeAt, startLab } from '../../scripts/lab/lab.ts';
import { PATIENCE_MS, picture, startChromium } from './support/chromium.ts';

describe('the front panel in Chromium', () => {
  let lab: Lab;
  let phone: Composed;
  let browser: Browser;
  let page: Page;
  let state = '';
  const errors: string[] = [];

  before(async () => {
    lab = await startLab({
      extraConfig: [
        'failover probe period: 5',
        'admin password: correct horse battery',
        'xml application post list: 127.0.0.1',
      ],
    });
    state = await mkdtemp(join(tmpdir(), 'holdfast-browser-'));
    const args = parseRunArgs([...placeAt(lab, state), '--board', 'virtual', '--http', '127.0.0.1:0'], {});
    if (!args.ok) throw new Error(args.error);
    const panel = createVirtualPanel('57i');
    const composed = await compose(args.value, {
      panel,
      card: { kind: 'page' },
      mount: (web, { phone: running, media, audio }) => {
        mountPanel(web.app, {
          rig: panel.rig,
          host: running.host,
          faults: { apply: lab.fault, active: () => ({}) },
          audio,
          pages: true,
        });
        mountHil(web.app, panel.rig, media);
      },
    });
    if (!composed.ok) throw new Error(composed.error);
    phone = composed.value;
    browser = await startChromium();
    page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    page.setDefaultTimeout(PATIENCE_MS);
    page.on('console', (message) => {
      if (message.type() === 'error') errors.push(message.text());
    });
    page.on('pageerror', (error) => errors.push(error.message));
    await page.goto(`http://${phone.http ?? ''}/`);
    await lcdShows(page, '[P]');
  });

  after(async () => {
    await browser?.close();
    await phone?.phone.stop();
    phone?.panel?.stop();
    await phone?.web?.close();
    await lab?.stop();
    await rm(state, { recursive: true, force: true });
  });

  it('shows three lines at home, their servers, and what was decided', async () => {
    assert.match((await page.locator('#summary').textContent()) ?? '', /3 of 3 lines on the main server/);
    assert.equal(await page.locator('#server-list li').count(), 2);
    assert.match((await page.locator('#decisions').textContent()) ?? '', /Registered on the main server/);
    await picture(page, 'panel-home');
    const parts = ['/panel', '/panel/panel.css', '/panel/panel.js', '/icon.svg'];
    const bodies = await Promise.all(
      parts.map(async (path) => (await page.request.get(`http://${phone.http ?? ''}${path}`)).body()),
    );
    const octets = bodies.reduce((sum, { length }) => sum + length, 0);
    assert.ok(octets > 10_000 && octets <= 150_000, `${octets} octets`);
  });

  it('a key by click and by keyboard changes the screen', async () => {
    await page.getByRole('button', { name: 'F4', exact: true }).click();
    await lcdShows(page, 'Why this server?');
    await page.keyboard.press('Escape');
    await lcdShows(page, 'Holdfast 57i');
    await page.keyboard.press('o');
    await lcdShows(page, 'Phone status');
    await page.getByRole('button', { name: 'Goodbye' }).focus();
    await page.keyboard.press('Enter');
    await lcdShows(page, 'Holdfast 57i');
  });

  it('leads to the pages, where the hardware is tried and the panel seen live', async () => {
    await page.getByRole('link', { name: 'Status and settings' }).click();
    await page.getByLabel('Password', { exact: true }).fill('correct horse battery');
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByRole('link', { name: 'Hardware Test' }).click();
    await page.getByText('Live:').waitFor();
    await page.getByRole('button', { name: 'Begin the Test' }).click();
    await page.getByRole('button', { name: 'line2 slow-flash' }).click();
    await page.getByText('line2 slow-flash, backlight on').waitFor();
    await picture(page, 'web-hardware');
    // What happens at the desk is seen without a reload.
    await phone.panel?.rig.key('redial', 'press', 80);
    await page.getByText('1 of 34').waitFor();
    await page.setViewportSize({ width: 390, height: 844 });
    assert.ok(await page.evaluate('document.documentElement.scrollWidth <= 390'));
    await page.setViewportSize({ width: 1280, height: 900 });
    await page.evaluate(axe.source);
    const serious = await page.evaluate(
      "axe.run().then(({ violations }) => violations.filter(({ impact }) => impact === 'serious' || impact === 'critical').map(({ id }) => id))",
    );
    assert.deepEqual(serious, []);
    await page.getByRole('button', { name: 'End the Test' }).click();
    await page.getByText('does not run').waitFor();
    await page.getByRole('link', { name: 'Front Panel' }).click();
    await lcdShows(page, 'Holdfast 57i');
    // A page that asks who is there answers 401, which the browser tells its console.
    assert.deepEqual(
      errors.splice(0).filter((text) => !text.includes('401')),
      [],
    );
  });

  it('shows the screens of an XML application: pushed by a server that may, fetched by its items, and keyed into', async () => {
    const ordered: string[] = [];
    const shop = createServer((asked, answer) => {
      ordered.push(asked.url ?? '');
      answer.writeHead(200, { 'Content-Type': 'text/xml' });
      answer.end(
        asked.url === '/today'
          ? '<AastraIPPhoneTextScreen><Title>Today</Title><Text>Soup, and bread baked in the house</Text></AastraIPPhoneTextScreen>'
          : '<AastraIPPhoneTextScreen><Title>Order</Title><Text>It is on its way</Text></AastraIPPhoneTextScreen>',
      );
    }).listen(0, '127.0.0.1');
    await once(shop, 'listening');
    const at = `http://127.0.0.1:${(shop.address() as AddressInfo).port}`;
    const push = async (object: string): Promise<number> =>
      (await fetch(`http://${phone.http ?? ''}/`, { method: 'POST', body: `xml=${encodeURIComponent(object)}` }))
        .status;
    const item = (prompt: string, uri: string): string =>
      `<MenuItem><Prompt>${prompt}</Prompt><URI>${uri}</URI></MenuItem>`;
    const menu = `<AastraIPPhoneTextMenu><Title>Canteen</Title>${item('Today', `${at}/today`)}${item('Order', `${at}/order`)}${item('Call the cook', 'Dial:200')}</AastraIPPhoneTextMenu>`;
    assert.equal(await push(menu), 200);
    await lcdShows(page, '3. Call the cook');
    await picture(page, 'panel-xml-menu');
    await page.keyboard.press('F1');
    await lcdShows(page, 'Soup, and bread');
    await picture(page, 'panel-xml-text');
    assert.deepEqual(ordered, ['/today']);
    const input = `<AastraIPPhoneInputScreen type="number"><Title>Order</Title><Prompt>How many?</Prompt><URL>${at}/ordered</URL><Parameter>count</Parameter></AastraIPPhoneInputScreen>`;
    assert.equal(await push(input), 200);
    await lcdShows(page, 'How many?');
    await page.keyboard.press('4');
    await page.keyboard.press('2');
    await lcdShows(page, '42');
    await picture(page, 'panel-xml-input');
    await page.keyboard.press('Escape');
    shop.close();
    // Who is not named may not, and nothing of the screen changes.
    assert.deepEqual(await phone.set('xml application post list', '192.0.2.1'), { ok: true, value: null });
    assert.equal(await push(menu), 403);
    for (let press = 0; press < 3; press += 1) await page.keyboard.press('Escape');
    await lcdShows(page, '[P]');
  });

  it('is the microphone and the speaker of the phone: the dial tone is heard in it', async () => {
    await page.getByRole('button', { name: 'Sound on' }).click();
    await page.locator('#sound-note', { hasText: /Microphone and speaker|Speaker only/ }).waitFor();
    await page.locator('#hook').click();
    // Asked from here again and again: the page's own policy evaluates no text.
    const level = async (): Promise<number> =>
      Number((await page.locator('#sound-note').getAttribute('data-dbfs')) || -120);
    for (const end = performance.now() + PATIENCE_MS; (await level()) <= -40; )
      assert.ok(performance.now() < end, `${await level()} dB`);
    await page.locator('#hook').click();
    await page.getByRole('button', { name: 'Sound off' }).click();
    await page.getByRole('button', { name: 'Sound on' }).waitFor();
  });

  it('every key of the phone is there, and each is reached by its name', async () => {
    assert.equal(await page.locator('[data-key]').count(), 34);
  });

  it('"Kill main" moves the phone before the eyes of the reader, "Bring main back" leads home', async () => {
    await page.getByRole('button', { name: 'Kill main' }).click();
    await lcdShows(page, 'Backup server since');
    assert.match((await page.locator('#decisions').textContent()) ?? '', /Moved from .*connection refused/);
    await picture(page, 'panel-backup');
    await page.keyboard.press('F4');
    await lcdShows(page, 'connection refused');
    await picture(page, 'panel-why');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Bring main back' }).click();
    await lcdShows(page, '[P]');
    assert.match((await page.locator('#decisions').textContent()) ?? '', /Back home/);
  });

  it('a call is made with handset and keys, held, and ended', async () => {
    await page.getByRole('button', { name: 'Lift handset' }).click();
    await lcdShows(page, 'Key a number');
    for (const key of '200#') await page.keyboard.press(key);
    await lcdShows(page, 'Through the main server');
    await lcdShows(page, 'Connected');
    assert.match((await page.locator('#lcd').textContent()) ?? '', /\b200\b/, 'no key is lost, however fast');
    await picture(page, 'panel-call');
    await page.getByRole('button', { name: 'Hold' }).click();
    await lcdShows(page, 'On hold');
    await page.keyboard.press('F2');
    await lcdShows(page, 'Connected');
    await page.getByRole('button', { name: 'Put handset down' }).click();
    await lcdShows(page, 'Holdfast 57i');
  });

  it('the display fills its frame, and nothing of it must be scrolled to', async () => {
    const [inner, outer, scroll] = (await page.evaluate(
      "(() => { const lcd = document.getElementById('lcd'); const range = document.createRange(); range.selectNodeContents(lcd); return [range.getBoundingClientRect().width, lcd.clientWidth, lcd.scrollWidth]; })()",
    )) as readonly [number, number, number];
    assert.ok(scroll <= outer, `${scroll} px in ${outer}`);
    assert.ok(inner > 0.9 * (outer - 24), `${inner} px of ${outer} are used`);
  });

  it('has the message lamp, and says its state to a screen reader', async () => {
    assert.equal(await page.getByRole('img', { name: 'Message lamp: off' }).count(), 1);
  });

  it('fits a telephone: nothing is wider than the window, and the display is seen whole', async () => {
    const small = await browser.newPage({ viewport: { width: 390, height: 844 } });
    await small.goto(`http://${phone.http ?? ''}/panel`);
    await lcdShows(small, 'Holdfast');
    await picture(small, 'panel-small');
    for (const width of [390, 360, 320]) {
      await small.setViewportSize({ width, height: 780 });
      assert.ok(await small.evaluate(`document.documentElement.scrollWidth <= ${width}`), `${width} px: the page`);
      assert.ok(
        await small.evaluate(
          "document.getElementById('lcd').scrollWidth <= document.getElementById('lcd').clientWidth",
        ),
        `${width} px: the display`,
      );
    }
    await small.close();
  });

  it('without scripting shows the way to what does without, and nothing that would stay empty', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false, viewport: { width: 390, height: 844 } });
    const plain = await context.newPage();
    await plain.goto(`http://${phone.http ?? ''}/panel`);
    assert.ok(await plain.locator('noscript p').isVisible());
    for (const filled of ['#lcd', '#summary']) assert.equal(await plain.locator(filled).isVisible(), false);
    await plain.getByRole('link', { name: 'Status and settings' }).click();
    await plain.getByLabel('Password').waitFor();
    await context.close();
  });

  /** The page of a phone that says this and nothing else. */
  async function pageOf(told: object): Promise<Page> {
    const other = await browser.newPage();
    const all = { panel: { lcd: ['2001'], lamps: {}, hook: 'on' }, softkeys: [], decisions: [], faults: null, ...told };
    // As text: what tsx makes of a function does not run in a page.
    await other.addInitScript(`window.EventSource = class {
      constructor() { setTimeout(() => this.onmessage({ data: ${JSON.stringify(JSON.stringify(all))} })); }
    };`);
    await other.goto(`http://${phone.http ?? ''}/panel`);
    return other;
  }

  it('of a 53i, whose display has no room for it, says on the keys what they do', async () => {
    const softkeys = ['Save', 'Delete', 'Dir', 'Calls', 'Xfer', 'Conf'];
    const small = await pageOf({ softkeys, status: { ...phone.phone.host.status(), model: '53i' } });
    for (const name of softkeys) await small.getByRole('button', { name }).getByText(name).waitFor();
    assert.equal(await page.getByRole('button', { name: 'F5' }).count(), 1, 'a 57i has it on the display');
    await small.close();
  });

  it('of a phone without lines says so, and shows no list that is empty', async () => {
    const bare = await pageOf({ status: { ...phone.phone.host.status(), lines: [], targets: [] } });
    await bare.getByText('No line is configured yet').waitFor();
    for (const list of ['Lines', 'Servers'])
      assert.equal(await bare.getByRole('heading', { name: list }).isVisible(), false, list);
    await bare.close();
  });

  it('no error stood in the console', () => assert.deepEqual(errors, []));
});

const lcdShows = async (page: Page, text: string): Promise<void> => {
  await page.locator('#lcd', { hasText: text }).waitFor({ timeout: PATIENCE_MS });
};
