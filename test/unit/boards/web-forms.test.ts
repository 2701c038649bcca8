/** The Web UI of a whole phone at the lab: the original's forms are posted, and the phone acts (page 4-46, G1 and G10; web-forms). */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { WebDesk } from './web-desk.ts';
import { isOn, plainCells, registrarOf, until, webDesks } from './web-desk.ts';

const desk = webDesks();

const backups = ({ lab }: WebDesk): Readonly<Record<string, string>> => {
  const name = `backup.${lab.info().domain}`;
  return { backupProxyIp: name, backupProxyPort: '0', backupRegIp: name, backupRegPort: '0' };
};

describe('a backup registrar and a backup proxy set by the Web UI (page 4-46, G10)', () => {
  it('for all lines: they are stored, shown, and used when the primary dies', async () => {
    const at = await desk();
    await until('registered', () => isOn(at, 1, 'primary')() && isOn(at, 2, 'primary')());
    assert.match(await at.post('/globalSIPsettings.html', backups(at)), /Provisioning complete/);
    assert.match(await readFile(join(at.state, 'local.cfg'), 'utf8'), /^sip backup registrar ip: backup\./m);
    assert.match(
      await at.get('/globalSIPsettings.html'),
      /name="backupRegIp"[^>]*value="backup\.[^>]*>\s*<p[^>]*>From local\.cfg\./,
    );
    await until('home again with a backup', () => isOn(at, 1, 'primary')() && isOn(at, 2, 'primary')());
    assert.equal((await at.lab.fault('primary', 'kill')).ok, true);
    await until('both lines on the backup', () => isOn(at, 1, 'backup')() && isOn(at, 2, 'backup')());
    assert.match(plainCells(await at.get('/sysinfo.html')), /<td>Registered<\/td><td>Yes<\/td>/);
  });

  it('for one line: it keeps the primary that it had from all lines, and the other line has no backup', async () => {
    const at = await desk();
    await until('registered', () => isOn(at, 1, 'primary')() && isOn(at, 2, 'primary')());
    assert.match(await at.post('/SIPsettingsLine2.html', backups(at)), /Provisioning complete/);
    await until('home again with a backup', isOn(at, 2, 'primary'));
    assert.deepEqual(registrarOf(at, 1)?.lists.backup, []);
    assert.equal((await at.lab.fault('primary', 'kill')).ok, true);
    await until('line 2 on the backup', isOn(at, 2, 'backup'));
    assert.notEqual(registrarOf(at, 1)?.server, 'backup');
  });

  it('a phone that has given up uses the backup as soon as it is set', async () => {
    const at = await desk();
    await until('registered', isOn(at, 1, 'primary'));
    assert.equal((await at.lab.fault('primary', 'kill')).ok, true);
    await until('noticed', () => registrarOf(at, 1)?.state === 'waiting');
    const before = performance.now();
    await at.post('/globalSIPsettings.html', backups(at));
    await until('on the backup', isOn(at, 1, 'backup'));
    assert.ok(performance.now() - before < 5000, 'at the next attempt, which is made at once');
  });
});

describe('the forms of the Web UI', () => {
  it('store nothing that equals what they showed: a Save alone gives a line no set of its own', async () => {
    const at = await desk();
    const page = await at.get('/SIPsettingsLine2.html');
    const shown = [...page.matchAll(/<input[^>]*name="(\w+)"[^>]*value="([^"]*)"/g)].map(([, name, value]) => [
      name,
      value,
    ]);
    assert.ok(shown.length > 10);
    assert.match(
      await at.post('/SIPsettingsLine2.html', Object.fromEntries(shown)),
      /Provisioning complete\.<\/p>\s*<p>Nothing was changed/,
    );
    await assert.rejects(readFile(join(at.state, 'local.cfg'), 'utf8'), { code: 'ENOENT' });
  });

  it('store nothing at all where one value cannot be, and say which', async () => {
    const at = await desk();
    const answer = await at.post('/globalSIPsettings.html', { ...backups(at), backupRegPort: '70000' });
    assert.match(
      answer,
      /Nothing was saved\.<\/p>\s*<p>&quot;sip backup registrar port&quot;: expected a whole number from 0 to 65535/,
    );
    assert.doesNotMatch(answer, /Provisioning complete/);
    await assert.rejects(readFile(join(at.state, 'local.cfg'), 'utf8'), { code: 'ENOENT' });
  });

  it('show a locked field grey and leave it as it is', async () => {
    const at = await desk(['!sip transport protocol: 1']);
    assert.match(await at.get('/globalSIPsettings.html'), /name="transportProtocol"[^>]* disabled/);
    const answer = await at.post('/globalSIPsettings.html', { transportProtocol: '2', regRetry: '600' });
    assert.match(answer, /Provisioning complete/);
    assert.match(answer, /sip transport protocol&quot; is locked by phone\.cfg/);
    assert.equal(await readFile(join(at.state, 'local.cfg'), 'utf8'), 'sip registration retry timer: 600\n');
  });

  it('never show a password, and an empty field keeps the one there is', async () => {
    const at = await desk();
    const [account] = at.lab.info().accounts;
    const page = await at.get('/SIPsettingsLine1.html');
    assert.ok(account !== undefined && !page.includes(account.password) && page.includes('set; write here'));
    await at.post('/SIPsettingsLine1.html', { password: '', screenName: '<b>"quoted"' });
    assert.match(await at.get('/SIPsettingsLine1.html'), /value="&lt;b&gt;&quot;quoted&quot;"/);
    await until('still registered', isOn(at, 1, 'primary'));
  });

  it('cannot write a second line into local.cfg', async () => {
    const at = await desk();
    assert.match(
      await at.post('/globalSIPsettings.html', { dispName: 'a\nadmin password: mine' }),
      /no control characters/,
    );
    await assert.rejects(readFile(join(at.state, 'local.cfg'), 'utf8'), { code: 'ENOENT' });
  });

  it('forget what was set for a line when they are told to', async () => {
    const at = await desk();
    await at.post('/SIPsettingsLine2.html', backups(at));
    assert.match(await at.post('/SIPsettingsLine2.html', { useGlobal: '1' }), /Provisioning complete/);
    assert.equal(await readFile(join(at.state, 'local.cfg'), 'utf8'), '');
    assert.match(await at.get('/SIPsettingsLine2.html'), /For all lines, default/);
  });
});

describe('seeing why', () => {
  it('the timeline says what was decided, the ladder what was said, without a secret; the capture has it all', async () => {
    const at = await desk();
    await until('registered', isOn(at, 1, 'primary'));
    const timeline = await at.get('/timeline.html');
    assert.match(timeline, /<time>00:00:0\d\.\d{3}<\/time> <span class="line">line 1<\/span>/);
    const calls = await at.get('/trace.html');
    const [, link = ''] = /href="(\/trace\.html\?call=[^"]+)">REGISTER/.exec(calls) ?? [];
    const ladder = await at.get(link.replaceAll('&amp;', '&'));
    assert.match(ladder, /401 \(REGISTER \d+\)<\/strong> <span class="peer">received from udp:127\.0\.0\.1/);
    assert.match(ladder, /response=&quot;\*{32}&quot;/);
    assert.doesNotMatch(ladder, /response=&quot;[0-9a-f]/);
    const capture = await at.get('/api/capture.pcapng');
    assert.match(capture, /REGISTER sip:/);
    assert.doesNotMatch(capture, /response="[0-9a-f]/);
    assert.match(await at.get('/api/trace?call=none'), /^\[\]$/);
  });
});
