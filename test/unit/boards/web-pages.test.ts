/** The pages beside the SIP forms, of a whole phone: every address and field of the original is there, and what is done on them is done. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { WebDesk } from './web-desk.ts';
import { isOn, PASSWORD, until, webDesks } from './web-desk.ts';

const desk = webDesks();
const localOf = ({ state }: WebDesk): Promise<string> => readFile(join(state, 'local.cfg'), 'utf8').catch(() => '');

/** Of the SIP forms, for all lines and of each. */
const OF_LINES =
  'screenName screenName2 userName dispName authName password blaName mode callWaiting proxyIp proxyPort backupProxyIp backupProxyPort outboundProxy outboundProxyPort backupOutboundProxy backupOutboundProxyPort regIp regPort backupRegIp backupRegPort registrationPeriod centraconf dtmfMethod srtpMode';
const CODECS = 'codec1 codec2 codec3 codec4 codec5 codec6 codec7 codec8 codec9 codec10';
const keys = (from: number, to: number): string =>
  Array.from({ length: to - from + 1 }, (_key, index) => index + from)
    .map((key) => `type${key} value${key} label${key}`)
    .join(' ');

/** Every address and field of the original's forms (web-forms). */
const ORIGINAL: Readonly<Record<string, string>> = {
  globalSIPsettings: `${OF_LINES} sessionTimer t1Timer t2Timer transTimer transportProtocol sipLocalPort sipLocalTLSPort regRetry regTimeout regRenewal blfPeriod acdPeriod blaPeriod AFESubscriptionPeriod blacklistDur park+pickup+config rtpPort useNTE adNumber adTimeout ptime ${CODECS}`,
  SIPsettingsLine1: OF_LINES,
  SIPsettingsLine9: OF_LINES,
  callforward: 'fwdNumberAll1 StateAll1 fwdNumberBusy1 StateBusy1 fwdNumberNoAnswer1 StateNoAnswer1 ringNumber1 dnd1',
  actionURI:
    'offhookField incomingField onhookField outgoingField connectedField disconnectedField registeredField regeventField',
  topsoftkey: keys(1, 10),
  softkey: keys(1, 20),
  prgkey: keys(1, 6),
  expmodule1page1: keys(1, 20),
  expmodule3page3: keys(41, 60),
  configurationServer:
    'protocol tftp tftppath alttftp alttftppath ftpserv ftppath ftpuser ftppass httpserv httppath httpport httpsserv httpspath httpsport autoResyncMode autoResyncTime maxDelay days postList',
  troubleshooting: 'logIp logPort',
  preferences:
    'dialPlan digitTimeout sprecode pickupsprecode displayDtmfDigits playCallWaiting stutteredDialTone beepSupport scrollDelay switchFocusToRingingLine RemindCallWaiting preferedLine preferedLineTimeout goodbyeCancelIncomingCall mwiLedLine dndApplicability cfwdApplicability intercomType allowAutoAnswer intercomMuteMic intercomWarn intercomAllowBargeIn groupListening mapRedialTo mapConfTo toneSet globalRingTone ringToneLine1 ringToneLine9 prioAlertingEn directedCallPickupPrefix ringSplash timeFormat dateFormat timeServersEnabled timeSrv1 timeSrv2 timeSrv3 webLanguage',
  provis:
    'dhcp dhcpv6 hostname lldp lldpInterval natIp natPort natRtpPort https_validate_certificates https_validate_expires https_validate_hostname https_trusted_certs vlanid1',
};

/** Fields that no parameter of the original's files is known for: taken, and said to be without effect where somebody has chosen. */
const UNHEARD: Readonly<Record<string, string>> = {
  globalSIPsettings: 'UaProfileSub UaProfileSubsciptionPeriod',
  SIPsettingsLine1: `ptime ${CODECS}`,
  preferences: 'palertingkeyword1 palertingkeyword4',
};

describe('the pages of the original', () => {
  it('are there, each with its fields, a label and a note for every field', async () => {
    const at = await desk();
    for (const [name, fields] of Object.entries(ORIGINAL)) {
      const page = await at.get(`/${name}.html`);
      for (const field of fields.split(' ')) {
        assert.match(
          page,
          new RegExp(`<(?:input|select)[^>]* name="${field.replaceAll('+', '[+]')}"`),
          `${name}: ${field}`,
        );
        assert.match(
          page,
          new RegExp(`<label for="${field.replaceAll('+', '[+]')}">`),
          `${name}: the label of ${field}`,
        );
      }
    }
    for (const name of [
      'sysinfo',
      'upgrade',
      'timeline',
      'trace',
      'resolve',
      'editor',
      'telling',
      'backup',
      'reset',
      'password',
    ])
      assert.equal((await at.ask(`/${name}.html`)).status, 200, name);
  });

  it('take what the files have no parameter for, and say where it has no effect', async () => {
    const at = await desk();
    for (const [name, fields] of Object.entries(UNHEARD)) {
      const chosen = Object.fromEntries(fields.split(' ').map((field) => [field, '77']));
      const answer = await at.post(`/${name}.html`, chosen);
      assert.match(answer, /Provisioning complete/);
      const said = /Without effect in this release: ([^<]*)\./.exec(answer)?.[1]?.split(', ') ?? [];
      assert.deepEqual([...said].sort(), fields.split(' ').sort(), name);
    }
    const usual = { codec1: '-3', codec2: '-1', ptime: '30' };
    assert.doesNotMatch(await at.post('/SIPsettingsLine1.html', usual), /Without effect/);
    const profile = { UaProfileSub: '0', UaProfileSubsciptionPeriod: '86400' };
    assert.doesNotMatch(await at.post('/globalSIPsettings.html', profile), /Without effect/);
    assert.equal(await localOf(at), '');
    const load = { protocol: 'TFTP', server: 'evil.example', path: '', username: '', password: '', file: '57i.st' };
    assert.match(await at.post('/upgrade.html', load), /Nothing was loaded/);
  });

  it('a script that posts the whole form of the original is told "Provisioning complete", and the phone acts', async () => {
    const at = await desk();
    const shown = await at.get('/globalSIPsettings.html');
    const whole = Object.fromEntries(
      [...shown.matchAll(/<input id="([^"]+)"[^>]* type="text"[^>]* value="([^"]*)"/g)].map(
        ([, name = '', value = '']) => [name, value],
      ),
    );
    assert.ok(Object.keys(whole).length > 40);
    const codecs = Object.fromEntries(CODECS.split(' ').map((codec) => [codec, codec === 'codec1' ? '-3' : '-1']));
    const backup = `backup.${at.lab.info().domain}`;
    const answer = await at.post('/globalSIPsettings.html', {
      ...whole,
      ...codecs,
      ptime: '30',
      backupRegIp: backup,
      backupRegPort: '0',
    });
    assert.match(answer, /Provisioning complete.*2 settings changed/s);
    assert.match(await localOf(at), /^sip backup registrar ip: .*\nsip use basic codecs: 1$/m);
    assert.equal((await at.lab.fault('primary', 'kill')).ok, true);
    // The next attempt after the loss is the one that goes to the backup.
    await until('on the backup', isOn(at, 1, 'backup'));
  });

  it('every page that the menu or another page leads to is there', async () => {
    const at = await desk();
    const seen = new Set<string>();
    const open = ['/sysinfo.html'];
    for (let path = open.shift(); path !== undefined; path = open.shift()) {
      if (seen.has(path)) continue;
      seen.add(path);
      const answer = await at.ask(path);
      assert.equal(answer.status, 200, path);
      if (!(answer.headers.get('content-type') ?? '').startsWith('text/html')) continue;
      for (const [, link = ''] of (await answer.text()).matchAll(/(?:href|src)="(\/[^"?#]*)/g)) open.push(link);
    }
    assert.ok(seen.size > 35, `${seen.size} pages`);
  });
});

describe('Account Configuration', () => {
  it('sets do not disturb and forwards on the running phone, kept over a restart', async () => {
    const at = await desk();
    const answer = await at.post('/callforward.html', {
      dnd1: '1',
      StateBusy1: '1',
      fwdNumberBusy1: '4711',
      StateAll1: '0',
      fwdNumberAll1: '',
    });
    assert.match(answer, /Provisioning complete/);
    const { dnd, forward } = at.phone.phone.host.answering();
    assert.deepEqual([dnd, forward.busy, forward.all.on], ['on', { on: true, to: '4711' }, false]);
    assert.match(await at.get('/callforward.html'), /name="fwdNumberBusy1"[^>]*value="4711"/);
    await at.post('/callforward.html', { dnd1: '0', StateBusy1: '0' });
    assert.match(await at.post('/callforward.html', { ringNumber1: '5' }), /name="ringNumber1"[^>]*value="5"/);
    assert.equal(at.phone.phone.host.answering().rings, 5);
    for (const ringNumber1 of ['0', '21', 'x', '1.5'])
      assert.match(await at.post('/callforward.html', { ringNumber1 }), /expected a whole number from 1 to 20/);
    assert.equal(at.phone.phone.host.answering().rings, 5);
    assert.deepEqual(at.phone.phone.host.answering().forward.busy, { on: false, to: '4711' });
  });

  it('says that the fields of further accounts have no effect, where somebody has chosen', async () => {
    const at = await desk();
    const usual = { dnd1: '0', dnd2: '0', StateAll2: '0', fwdNumberAll2: '' };
    assert.doesNotMatch(await at.post('/callforward.html', usual), /Without effect/);
    assert.match(
      await at.post('/callforward.html', { ...usual, StateAll2: '1', fwdNumberAll2: '4711' }),
      /Provisioning complete.*Without effect: StateAll2, fwdNumberAll2\. All accounts are set together/s,
    );
    assert.equal(at.phone.phone.host.answering().forward.all.on, false);
  });

  it('names what is no number, and leaves that forward as it was', async () => {
    const at = await desk();
    const answer = await at.post('/callforward.html', { StateAll1: '1', fwdNumberAll1: 'a b\r\nEvil: 1' });
    assert.match(answer, /Forward &quot;All calls&quot;: .* is no number that calls can be sent to/s);
    assert.equal(at.phone.phone.host.answering().forward.all.on, false);
  });
});

describe('what is set back', () => {
  it('to what the files or the defaults say is taken out of local.cfg', async () => {
    const at = await desk(['sip registration retry timer: 900']);
    await at.post('/globalSIPsettings.html', { regRetry: '600', transTimer: '8000' });
    assert.equal(await localOf(at), 'sip transaction timer: 8000\nsip registration retry timer: 600\n');
    assert.match(await at.post('/globalSIPsettings.html', { regRetry: '900' }), /1 setting changed/);
    assert.equal(await localOf(at), 'sip transaction timer: 8000\n');
    await at.post('/globalSIPsettings.html', { transTimer: '4000' });
    assert.equal(await localOf(at), '');
    assert.match(await at.get('/globalSIPsettings.html'), /id="regRetry-note" class="note">From phone\.cfg\./);
  });

  it('of a line keeps its own set together', async () => {
    const at = await desk();
    await at.post('/SIPsettingsLine2.html', { backupRegPort: '5070' });
    const stored = await localOf(at);
    assert.match(stored, /^sip line2 registrar ip: primary/m);
    await at.post('/SIPsettingsLine2.html', { backupRegPort: '0' });
    assert.match(await localOf(at), /^sip line2 backup registrar port: 0$/m);
    await until('still registered', isOn(at, 2, 'primary'));
  });
});

describe('Troubleshooting and the configuration server', () => {
  it('give local.cfg and server.cfg without a password, to the administrator alone, and tell the errors', async () => {
    const at = await desk(['sip local port: none', 'user password: look']);
    await at.post('/SIPsettingsLine1.html', { password: 'geheim99', screenName: 'Desk' });
    const [local, server] = [await at.get('/local.cfg'), await at.get('/server.cfg')];
    assert.match(local, /^sip line1 screen name: Desk$/m);
    assert.match(local, /^sip line1 password: \*{8}$/m);
    assert.match(server, /^# phone\.cfg$/m);
    for (const secret of ['geheim99', PASSWORD, at.lab.info().accounts[0]?.password ?? '?'])
      assert.ok(!local.includes(secret) && !server.includes(secret));
    const viewer = { Authorization: `Basic ${Buffer.from('user:look').toString('base64')}` };
    assert.equal((await at.ask('/local.cfg', { headers: viewer })).status, 403);
    const page = await at.get('/troubleshooting.html');
    assert.match(page, /<li>phone\.cfg line \d+: &quot;none&quot; is no value of &quot;sip local port&quot;/);
  });

  it('say what came of asking the configuration server, and ask it when told to', async () => {
    const files = createServer((request, response) => {
      const isOurs = request.url === '/aastra.cfg';
      response.writeHead(isOurs ? 200 : 404).end(isOurs ? 'sip line1 screen name: Lobby\n' : '');
    }).listen(0, '127.0.0.1');
    const { port } = await new Promise<AddressInfo>((resolve) =>
      files.on('listening', () => resolve(files.address() as AddressInfo)),
    );
    const at = await desk(['download protocol: http', 'http server: 127.0.0.1', `http port: ${port}`]);
    const named = (): boolean => at.phone.phone.host.status().lines[0]?.screenName === 'Lobby';
    await until('the files are in force', named);
    const page = await at.get('/configurationServer.html');
    assert.match(
      page,
      /<dt>Outcome<\/dt><dd>New files came; they are in force\.<\/dd><dt>From<\/dt><dd>http:\/\/127\.0\.0\.1:\d+/,
    );
    const asked = await at.ask('/resync', { method: 'POST', redirect: 'manual' });
    assert.deepEqual([asked.status, asked.headers.get('location')], [303, '/configurationServer.html']);
    files.close();
  });

  it('no firmware is loaded over the network, and a tool that tries is told so', async () => {
    const at = await desk();
    const answer = await at.ask('/upgrade.html', {
      method: 'POST',
      body: new URLSearchParams({ protocol: 'TFTP', server: '192.0.2.1', file: '57i.st' }),
    });
    assert.equal(answer.status, 501);
    assert.doesNotMatch(await answer.text(), /Provisioning complete/);
  });
});
