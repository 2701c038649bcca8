/** The configuration editor of a whole phone: traps marked, a change tried in words, applied like a form's, undone; no secret on any page. */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { createVirtualPanel } from '../../../boards/virtual/panel.ts';
import type { WebDesk } from './web-desk.ts';
import { isOn, PASSWORD, plainCells, registrarOf, until, webDesks } from './web-desk.ts';

const desk = webDesks();
const localOf = ({ state }: WebDesk): Promise<string> => readFile(join(state, 'local.cfg'), 'utf8').catch(() => '');
const baseOf = (page: string): string => /name="base" value="(\w+)"/.exec(page)?.[1] ?? '';
const unescaped = (html: string): string =>
  html
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
const textOf = (page: string): string => unescaped(/<textarea[^>]*>\n([^<]*)<\/textarea>/.exec(page)?.[1] ?? '');

async function edit(at: WebDesk, act: 'try' | 'apply', text: string, base?: string): Promise<string> {
  return unescaped(await at.post('/editor.html', { act, text, base: base ?? baseOf(await at.get('/editor.html')) }));
}

describe('the configuration editor', () => {
  it('shows every file with its traps at their lines, and no password of any', async () => {
    const at = await desk([
      'sip proxy port: 5060',
      '#sip password: oldsecret',
      'sip line2 proxy ip: other.example',
      'sip pasword: typo1234',
    ]);
    const [account] = at.lab.info().accounts;
    const page = unescaped(await at.get('/editor.html'));
    assert.match(
      page,
      /<li><code>sip proxy port: 5060<\/code>[\s\S]{1,200}<p class="mark warning"><strong>warning<\/strong>: A lookup of primary\.lab\.test, because port 5060 is set/,
    );
    assert.match(page, /"sip line2 proxy ip" gives line 2 a network set of its own/);
    for (const secret of [account?.password ?? '?', PASSWORD, 'oldsecret', 'typo1234'])
      assert.ok(!page.includes(secret), 'a password is on the page');
    assert.match(page, /<code>#sip password: \*{8}<\/code>/);
  });

  it('says before the web pages are turned off how they come back, and does it; a phone whose pages are off has none', async () => {
    const panel = createVirtualPanel('57i');
    const at = await desk([], panel);
    const feed = await at.ask('/panel/feed');
    assert.match(await edit(at, 'try', 'web interface enabled: 0\n'), /beginning as new: 1 and # held/);
    assert.equal((await at.ask('/panel')).status, 200, 'a try changes nothing');
    await edit(at, 'apply', 'web interface enabled: 0\n');
    for (const path of ['/editor.html', '/panel', '/login', '/']) assert.equal((await at.ask(path)).status, 403, path);
    await feed.text();
    assert.equal((await fetch(`${at.url}/metrics`)).status, 200, 'from this machine');
    panel.rig.key('options', 'press', 80);
    panel.rig.key('3', 'press', 80);
    await until('the status page of the screen', () =>
      panel.rig.panel().lcd.some((row) => row.includes('Web pages    turned off by the configuration')),
    );
    assert.ok((await at.phone.set('web interface enabled', '1')).ok);
    assert.equal((await at.ask('/editor.html')).status, 200);
  });

  it('tries a change: says in words what would follow, and changes nothing', async () => {
    const at = await desk();
    const backup = `backup.${at.lab.info().domain}`;
    const page = await edit(
      at,
      'try',
      `sip backup registrar ip: ${backup}\nfailover profile: r2.0\nsip local port: 5080\n`,
    );
    assert.match(page, /Nothing has been changed yet/);
    assert.match(
      page,
      /<ins>It registers at primary\.lab\.test \(SRV lookup\), then the backup backup\.lab\.test \(SRV lookup\)\.<\/ins>/,
    );
    assert.match(
      page,
      /<ins>A silent primary is noticed in 4 s by the next renewal, call or subscription, and by nothing else/,
    );
    assert.match(page, /<ins>Home at the next renewal, at most \d+ s later/);
    assert.match(page, /<del>Home within 6 s/);
    assert.match(page, /SIP starts anew: a call that is up then ends\./);
    assert.match(page, /At the next start alone: "sip local port"/);
    assert.match(plainCells(page), /<td>failover profile<\/td><td>modern<\/td><td>r2\.0<\/td><td>local\.cfg<\/td>/);
    assert.equal(await localOf(at), '');
  });

  it('without probes says that a silent primary is noticed in 1.5 s, and home is at the next renewal', async () => {
    const at = await desk();
    const page = await edit(at, 'try', 'failover probe period: 0\n');
    assert.match(page, /A silent primary is noticed in 1\.5 s by a renewal/);
    assert.match(
      page,
      /<ins>Home at the next renewal, at most \d+ s later; the next call asks it first as well\.<\/ins>/,
    );
    assert.match(page, /New marks<\/h3><p class="mark warning">.*\[no-probes\]/);
  });

  it('applies a change whole, comments included; the phone uses it; undo brings back what was, and again what was undone', async () => {
    const at = await desk();
    await until('registered', isOn(at, 1, 'primary'));
    const text = `# the second site\nsip backup registrar ip: backup.${at.lab.info().domain}\nsip backup registrar port: 0\n`;
    assert.match(await edit(at, 'apply', text.replaceAll('\n', '\r\n')), /Provisioning complete\./);
    assert.equal(await localOf(at), text);
    await until('a backup is known', () => (registrarOf(at, 1)?.lists.backup.length ?? 0) > 0);
    const page = unescaped(await at.get('/editor.html'));
    assert.match(page, /<span class="out">− # the second site<\/span>/, 'what undo would do');
    assert.match(unescaped(await at.post('/editor.html', { act: 'undo' })), /The last change is undone/);
    assert.equal(await localOf(at), '');
    await until('no backup is known', () => registrarOf(at, 1)?.lists.backup.length === 0);
    await at.post('/editor.html', { act: 'undo' });
    assert.equal(await localOf(at), text);
  });

  it('undoes what another page has set', async () => {
    const at = await desk();
    await at.post('/globalSIPsettings.html', { regRetry: '600' });
    assert.equal(await localOf(at), 'sip registration retry timer: 600\n');
    await at.post('/editor.html', { act: 'undo' });
    assert.equal(await localOf(at), '');
  });

  it('keeps the passwords that there are where their stars stay, and takes a new one', async () => {
    const at = await desk();
    await at.post('/SIPsettingsLine2.html', { password: 'first1', screenName: 'Desk' });
    const text = textOf(await at.get('/editor.html'));
    assert.match(text, /^sip line2 password: \*{8}$/m);
    const kept = await edit(at, 'apply', text.replace('Desk', 'Bench'));
    assert.equal(await localOf(at), 'sip line2 screen name: Bench\nsip line2 password: first1\n');
    assert.match(kept, /Provisioning complete/);
    const changed = await edit(at, 'apply', text.replace('********', 'second2'));
    assert.match(await localOf(at), /^sip line2 password: second2$/m);
    assert.ok(!changed.includes('second2') && !changed.includes('first1'));
    assert.match(
      await edit(at, 'apply', 'sip line3 password: ********\n'),
      /line 1: there is no hidden value of "sip line3 password" to keep/,
    );
    assert.match(await localOf(at), /second2/);
  });

  it('refuses what cannot be read, by line, and what was made from another local.cfg; then all is as it was', async () => {
    const at = await desk();
    const page = await edit(at, 'apply', 'sip backup registrar port: 70000\nno colon here\n');
    assert.match(page, /line 1: "70000" is no value of "sip backup registrar port"/);
    assert.match(page, /line 2: there is no ":"/);
    assert.equal(await localOf(at), '');
    const old = baseOf(await at.get('/editor.html'));
    await at.post('/globalSIPsettings.html', { regRetry: '600' });
    assert.match(await edit(at, 'apply', 'time format: 1\n', old), /local\.cfg has changed meanwhile/);
    assert.equal(await localOf(at), 'sip registration retry timer: 600\n');
  });

  it('a text that is too long for a form is not cut short, but refused', async () => {
    const at = await desk();
    const answer = await at.ask('/editor.html', {
      method: 'POST',
      body: new URLSearchParams({ act: 'apply', base: baseOf(await at.get('/editor.html')), text: '#'.repeat(70_000) }),
    });
    assert.equal(answer.status, 413);
    await writeFile(join(at.state, 'local.cfg'), `${'# long\n'.repeat(8000)}time format: 1\n`);
    assert.match(await at.get('/editor.html'), /too long to be edited here/);
  });
});
