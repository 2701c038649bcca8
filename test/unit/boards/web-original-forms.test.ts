/** The original's own forms, field by field with what they post where nobody has chosen (web-forms): a script that was written for it passes here. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { WebDesk } from './web-desk.ts';
import { isOn, until, webDesks } from './web-desk.ts';

const desk = webDesks();
const localOf = ({ state }: WebDesk): Promise<string> => readFile(join(state, 'local.cfg'), 'utf8').catch(() => '');

/** What the original posts beside a line's identity and servers. */
const USUAL: Readonly<Record<string, string>> = {
  ...{ blaName: '', mode: '', callWaiting: '1', centraconf: '', 'park+pickup+config': '' },
  ...{ backupOutboundProxy: '0.0.0.0', backupOutboundProxyPort: '0', registrationPeriod: '0' },
  ...{ rtpPort: '3000', useNTE: '1', dtmfMethod: '0', srtpMode: '0', ptime: '30' },
  ...Object.fromEntries(Array.from({ length: 10 }, (_codec, at) => [`codec${at + 1}`, at === 0 ? '-3' : '-1'])),
};
const USUAL_FOR_ALL: Readonly<Record<string, string>> = {
  ...USUAL,
  ...{ sessionTimer: '0', t1Timer: '0', t2Timer: '0', transTimer: '4000', transportProtocol: '1' },
  ...{ sipLocalPort: '5060', sipLocalTLSPort: '5061', regRetry: '1800', regTimeout: '120', regRenewal: '15' },
  ...{ blfPeriod: '3600', acdPeriod: '3600', blaPeriod: '300', AFESubscriptionPeriod: '3600', blacklistDur: '300' },
  ...{ UaProfileSub: '0', UaProfileSubsciptionPeriod: '86400', adNumber: '', adTimeout: '0' },
};

/** Of the lab's own account, as a script fills it in. */
function filled({ lab }: WebDesk, line: number): Readonly<Record<string, string>> {
  const { domain, accounts } = lab.info();
  const account = accounts[line - 1] ?? assert.fail();
  const [primary, backup] = [`primary.${domain}`, `backup.${domain}`];
  return {
    ...{ screenName: 'Desk', screenName2: '', userName: account.user, dispName: 'Desk' },
    ...{ authName: account.auth, password: account.password },
    ...{ proxyIp: primary, proxyPort: '0', backupProxyIp: backup, backupProxyPort: '0' },
    ...{ outboundProxy: '0.0.0.0', outboundProxyPort: '0' },
    ...{ regIp: primary, regPort: '0', backupRegIp: backup, backupRegPort: '0' },
  };
}

describe('the whole form of the original, with what it posts by itself', () => {
  it('of Line 1: Provisioning complete, and the backup is used at the next attempt', async () => {
    const at = await desk();
    const answer = await at.post('/SIPsettingsLine1.html', { ...USUAL, ...filled(at, 1) });
    assert.match(answer, /Provisioning complete/);
    assert.doesNotMatch(answer, /Without effect/);
    await until('registered', isOn(at, 1, 'primary'));
    assert.equal((await at.lab.fault('primary', 'kill')).ok, true);
    await until('on the backup', isOn(at, 1, 'backup'));
  });

  it('of Global SIP: Provisioning complete; the basic set of codecs is chosen, and what stands for a default is no value of its own', async () => {
    const at = await desk();
    const answer = await at.post('/globalSIPsettings.html', USUAL_FOR_ALL);
    assert.match(answer, /Provisioning complete/, answer.replace(/<[^>]*>/g, ' ').slice(0, 600));
    assert.match(answer, /At the next start: &quot;sip local port&quot;\./);
    // The lab's own file says 0, any free one.
    assert.equal(await localOf(at), 'sip local port: 5060\nsip use basic codecs: 1\n');
  });

  it('a field with plus signs in its name is known as scripts write it, encoded or not', async () => {
    const at = await desk();
    await at.post('/SIPsettingsLine1.html', 'park+pickup+config=70;71;asterisk');
    assert.equal(await localOf(at), 'sip line1 park pickup config: 70;71;asterisk\n');
    await at.post('/SIPsettingsLine1.html', 'park%2Bpickup%2Bconfig=80;81;asterisk');
    assert.equal(await localOf(at), 'sip line1 park pickup config: 80;81;asterisk\n');
  });
});

it('a field whose name asks the other way round says yes where the file says no: time servers, the stuttered dial tone', async () => {
  const at = await desk(['time server disabled: 1']);
  const chosen = (page: string, field: string): string | undefined =>
    new RegExp(`<select id="${field}".*?value="(\\d)" selected`, 's').exec(page)?.[1];
  const page = await at.get('/preferences.html');
  assert.deepEqual([chosen(page, 'timeServersEnabled'), chosen(page, 'stutteredDialTone')], ['0', '1']);
  assert.match(page, /<code>time server disabled<\/code>, the other way round: 1 = the clock is set by nobody/);
  await at.post('/preferences.html', { timeServersEnabled: '1', stutteredDialTone: '0' });
  assert.equal(await localOf(at), 'stutter disabled: 1\ntime server disabled: 0\n');
  const after = await at.get('/preferences.html');
  assert.deepEqual([chosen(after, 'timeServersEnabled'), chosen(after, 'stutteredDialTone')], ['1', '0']);
});

describe('the codecs of the form', () => {
  const chosen = (page: string, field: string): string | undefined =>
    new RegExp(`<select id="${field}".*?value="([^"]*)" selected`, 's').exec(page)?.[1];
  const shown = (page: string): string =>
    ['codec1', 'codec2', 'codec3', 'codec4', 'codec10', 'ptime'].map((field) => chosen(page, field)).join(' ');
  const places = (...codecs: readonly string[]): Readonly<Record<string, string>> =>
    Object.fromEntries(Array.from({ length: 10 }, (_codec, at) => [`codec${at + 1}`, codecs[at] ?? '-1']));

  it('are shown as they are in force, and stored as files say them; back at the usual ones nothing is stored', async () => {
    const at = await desk();
    const usual = await at.get('/globalSIPsettings.html');
    assert.equal(shown(usual), '9 0 8 -1 -1 20');
    assert.match(usual, /id="codec1-note" class="note">Default\./);
    assert.match(
      await at.post('/globalSIPsettings.html', { ...places('9', '0', '8'), ptime: '20' }),
      /Nothing was changed/,
    );

    await at.post('/globalSIPsettings.html', { ...places('8', '9'), ptime: '40' });
    assert.equal(await localOf(at), 'sip customized codec: payload=8;ptime=40,payload=9;ptime=40\n');
    const list = await at.get('/globalSIPsettings.html');
    assert.equal(shown(list), '8 9 -1 -1 -1 40');
    assert.match(list, /id="ptime-note" class="note">From local\.cfg\./);

    await at.post('/globalSIPsettings.html', { ...places('-3'), ptime: '30' });
    assert.equal(await localOf(at), 'sip use basic codecs: 1\n');
    assert.equal(shown(await at.get('/globalSIPsettings.html')), '-3 -1 -1 -1 -1 30');

    await at.post('/globalSIPsettings.html', { ...places('9', '0', '8'), ptime: '20' });
    assert.equal(await localOf(at), '');
  });

  it('of a file are shown with it, and a Save alone leaves its list as it is written; a lock holds', async () => {
    const written = 'sip customized codec: payload=18;ptime=20,payload=0;ptime=10;silsupp=off';
    const at = await desk([written]);
    const page = await at.get('/globalSIPsettings.html');
    assert.equal(shown(page), '0 -1 -1 -1 -1 10');
    assert.match(page, /id="codec1-note" class="note">From phone\.cfg\./);
    assert.match(await at.post('/globalSIPsettings.html', { ...places('0'), ptime: '10' }), /Nothing was changed/);
    await at.post('/globalSIPsettings.html', { ...places('-3'), ptime: '30' });
    assert.equal(await localOf(at), 'sip customized codec:\nsip use basic codecs: 1\n');

    const locked = await desk([`!${written}`]);
    assert.match(await locked.get('/globalSIPsettings.html'), /<select id="codec1"[^>]* disabled/);
    assert.match(
      await locked.post('/globalSIPsettings.html', { ...places('9'), ptime: '20' }),
      /sip customized codec&quot; is locked by phone\.cfg/,
    );
    assert.equal(await localOf(locked), '');
  });

  it('that are not spoken here are named, and the rest is stored; a length of packets that cannot be stores nothing', async () => {
    const at = await desk();
    const answer = await at.post('/globalSIPsettings.html', { ...places('18', '8'), ptime: '20' });
    assert.match(answer, /Provisioning complete/);
    assert.match(answer, /&quot;codec1&quot;: codec 18 is not spoken here/);
    assert.equal(await localOf(at), 'sip customized codec: payload=8;ptime=20\n');
    const refused = await at.post('/globalSIPsettings.html', { codec1: '9', ptime: '25', regRetry: '600' });
    assert.match(refused, /Nothing was saved\.<\/p>\s*<p>&quot;ptime&quot;: expected one of 10, 20, 30, 40, 50, 60/);
    assert.equal(await localOf(at), 'sip customized codec: payload=8;ptime=20\n');
  });

  it('none at all is no choice: nobody is left without a voice', async () => {
    const at = await desk();
    await at.post('/globalSIPsettings.html', { ...places(), ptime: '60' });
    assert.equal(await localOf(at), '');
    await at.post('/globalSIPsettings.html', { ...places('0'), ptime: '20' });
    await at.post('/globalSIPsettings.html', { ...places(), ptime: '20' });
    assert.equal(await localOf(at), '');
  });
});
