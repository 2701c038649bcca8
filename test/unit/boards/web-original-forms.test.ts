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

/** Each field of the original's forms: what is posted, and what local.cfg says then (web-forms; original-phone 1). */
const STORED: Readonly<Record<string, string>> = {
  globalSIPsettings: `
    screenName Lobby > sip screen name: Lobby
    screenName2 East > sip screen name 2: East
    userName 2009 > sip user name: 2009
    dispName Lobby > sip display name: Lobby
    authName desk > sip auth name: desk
    password geheim > sip password: geheim
    blaName 2900 > sip bla number: 2900
    mode 3 > sip mode: 3
    callWaiting 0 > call waiting: 0
    proxyIp 192.0.2.1 > sip proxy ip: 192.0.2.1
    proxyPort 5071 > sip proxy port: 5071
    backupProxyIp 192.0.2.2 > sip backup proxy ip: 192.0.2.2
    backupProxyPort 5072 > sip backup proxy port: 5072
    outboundProxy 192.0.2.3 > sip outbound proxy: 192.0.2.3
    outboundProxyPort 5073 > sip outbound proxy port: 5073
    backupOutboundProxy 192.0.2.4 > sip backup outbound proxy: 192.0.2.4
    backupOutboundProxyPort 5074 > sip backup outbound proxy port: 5074
    regIp 192.0.2.5 > sip registrar ip: 192.0.2.5
    regPort 5075 > sip registrar port: 5075
    backupRegIp 192.0.2.6 > sip backup registrar ip: 192.0.2.6
    backupRegPort 5076 > sip backup registrar port: 5076
    registrationPeriod 600 > sip registration period: 600
    centraconf sip:conf@x > sip centralized conf: sip:conf@x
    park+pickup+config 70;71;asterisk > sip park pickup config: 70;71;asterisk
    sessionTimer 1800 > sip session timer: 1800
    t1Timer 400 > sip t1 timer: 400
    t2Timer 3000 > sip t2 timer: 3000
    transTimer 8000 > sip transaction timer: 8000
    transportProtocol 2 > sip transport protocol: 2
    sipLocalPort 5062 > sip local port: 5062
    sipLocalTLSPort 5063 > sip local tls port: 5063
    regRetry 900 > sip registration retry timer: 900
    regTimeout 60 > sip registration timeout retry timer: 60
    regRenewal 20 > sip registration renewal timer: 20
    blfPeriod 1200 > sip blf subscription period: 1200
    acdPeriod 1300 > sip acd subscription period: 1300
    blaPeriod 400 > sip bla subscription period: 400
    AFESubscriptionPeriod 1400 > sip as-feature-event subscription period: 1400
    blacklistDur 0 > sip blacklist duration: 0
    rtpPort 4000 > sip rtp port: 4000
    useNTE 0 > sip out-of-band dtmf: 0
    dtmfMethod 2 > sip dtmf method: 2
    srtpMode 1 > sip srtp mode: 1
    codec1 8 > sip customized codec: payload=8;ptime=20,payload=0;ptime=20
    adNumber 200 > auto dial number: 200
    adTimeout 3 > auto dial timeout: 3`,
  SIPsettingsLine3: `
    screenName Lobby > sip line3 screen name: Lobby
    screenName2 East > sip line3 screen name 2: East
    userName 2009 > sip line3 user name: 2009
    dispName Lobby > sip line3 display name: Lobby
    authName desk > sip line3 auth name: desk
    password geheim > sip line3 password: geheim
    blaName 2900 > sip line3 bla number: 2900
    mode 1 > sip line3 mode: 1
    callWaiting 0 > sip line3 call waiting: 0
    proxyIp 192.0.2.1 > sip line3 proxy ip: 192.0.2.1
    proxyPort 5071 > sip line3 proxy port: 5071
    backupProxyIp 192.0.2.2 > sip line3 backup proxy ip: 192.0.2.2
    backupProxyPort 5072 > sip line3 backup proxy port: 5072
    outboundProxy 192.0.2.3 > sip line3 outbound proxy: 192.0.2.3
    outboundProxyPort 5073 > sip line3 outbound proxy port: 5073
    backupOutboundProxy 192.0.2.4 > sip line3 backup outbound proxy: 192.0.2.4
    backupOutboundProxyPort 5074 > sip line3 backup outbound proxy port: 5074
    regIp 192.0.2.5 > sip line3 registrar ip: 192.0.2.5
    regPort 5075 > sip line3 registrar port: 5075
    backupRegIp 192.0.2.6 > sip line3 backup registrar ip: 192.0.2.6
    backupRegPort 5076 > sip line3 backup registrar port: 5076
    registrationPeriod 600 > sip line3 registration period: 600
    centraconf sip:conf@x > sip line3 centralized conf: sip:conf@x
    park+pickup+config 70;71;asterisk > sip line3 park pickup config: 70;71;asterisk
    dtmfMethod 1 > sip line3 dtmf method: 1
    srtpMode 2 > sip line3 srtp mode: 2`,
  actionURI: `
    offhookField http://a/1 > action uri offhook: http://a/1
    incomingField http://a/2 > action uri incoming: http://a/2
    onhookField http://a/3 > action uri onhook: http://a/3
    outgoingField http://a/4 > action uri outgoing: http://a/4
    connectedField http://a/5 > action uri connected: http://a/5
    disconnectedField http://a/6 > action uri disconnected: http://a/6
    registeredField http://a/7 > action uri registered: http://a/7
    regeventField http://a/8 > action uri registration event: http://a/8`,
  topsoftkey: `
    type10 speeddial > topsoftkey10 type: speeddial
    value10 200 > topsoftkey10 value: 200
    label10 Ada > topsoftkey10 label: Ada`,
  expmodule2page3: `
    type60 blf > expmod2 key60 type: blf
    value60 200 > expmod2 key60 value: 200
    label60 Ada > expmod2 key60 label: Ada`,
  configurationServer: `
    protocol HTTPS > download protocol: https
    tftp 192.0.2.1 > tftp server: 192.0.2.1
    tftppath a > tftp path: a
    alttftp 192.0.2.2 > alternate tftp server: 192.0.2.2
    alttftppath b > alternate tftp path: b
    ftpserv 192.0.2.3 > ftp server: 192.0.2.3
    ftppath c > ftp path: c
    ftpuser me > ftp username: me
    ftppass geheim > ftp password: geheim
    httpserv 192.0.2.4 > http server: 192.0.2.4
    httppath d > http path: d
    httpport 8081 > http port: 8081
    httpsserv 127.0.0.1 > https server: 127.0.0.1
    httpspath e > https path: e
    httpsport 1 > https port: 1
    autoResyncMode 3 > auto resync mode: 3
    autoResyncTime 03:15 > auto resync time: 03:15
    maxDelay 30 > auto resync max delay: 30
    days 7 > auto resync days: 7
    postList 192.0.2.9 > xml application post list: 192.0.2.9`,
  troubleshooting: `
    logIp 127.0.0.1 > log server ip: 127.0.0.1
    logPort 1514 > log server port: 1514`,
  preferences: `
    dialPlan 2xx > sip dial plan: 2xx
    digitTimeout 6 > sip digit timeout: 6
    sprecode asterisk;70 > sprecode: asterisk;70
    pickupsprecode asterisk;71 > pickupsprecode: asterisk;71
    displayDtmfDigits 1 > display dtmf digits: 1
    playCallWaiting 0 > call waiting tone: 0
    beepSupport 0 > xml beep notification: 0
    scrollDelay 9 > xml status scroll delay: 9
    switchFocusToRingingLine 0 > switch focus to ringing line: 0
    RemindCallWaiting 10 > call waiting tone period: 10
    preferedLine 2 > preferred line: 2
    preferedLineTimeout 20 > preferred line timeout: 20
    goodbyeCancelIncomingCall 0 > goodbye cancels incoming call: 0
    mwiLedLine 1 > mwi led line: 1
    dndApplicability 0 > dnd key mode: 0
    cfwdApplicability 1 > call forward key mode: 1
    intercomType 1 > sip intercom type: 1
    allowAutoAnswer 0 > sip allow auto answer: 0
    intercomMuteMic 0 > sip intercom mute mic: 0
    intercomWarn 0 > sip intercom warning tone: 0
    intercomAllowBargeIn 0 > sip intercom allow barge in: 0
    groupListening 239.0.1.15:10000 > paging group listening: 239.0.1.15:10000
    mapRedialTo dnd > map redial key to: dnd
    mapConfTo xfer > map conf key to: xfer
    toneSet Germany > tone set: germany
    globalRingTone 2 > ring tone: 2
    ringToneLine1 3 > line1 ring tone: 3
    ringToneLine9 4 > line9 ring tone: 4
    prioAlertingEn 0 > priority alerting enabled: 0
    directedCallPickupPrefix *8 > directed call pickup prefix: *8
    ringSplash 1 > play a ring splash: 1
    timeFormat 0 > time format: 0
    dateFormat 2 > date format: 2
    timeSrv1 192.0.2.7 > time server1: 192.0.2.7
    timeSrv2 192.0.2.8 > time server2: 192.0.2.8
    timeSrv3 192.0.2.9 > time server3: 192.0.2.9
    webLanguage 1 > web language: 1`,
  provis: `
    dhcp 0 > dhcp: 0
    dhcpv6 1 > dhcpv6: 1
    hostname lobby > hostname: lobby
    lldp 0 > lldp: 0
    lldpInterval 60 > lldp interval: 60
    natIp 198.51.100.1 > sip nat ip: 198.51.100.1
    natPort 6000 > sip nat port: 6000
    natRtpPort 6002 > sip nat rtp port: 6002
    https_validate_certificates 0 > https validate certificates: 0
    https_validate_expires 0 > https validate expires: 0
    https_validate_hostname 0 > https validate hostname: 0
    https_trusted_certs ca.pem > sips trusted certificates: ca.pem
    vlanid1 20 > vlan id port 1: 20`,
};

describe('each field of the original', () => {
  for (const [name, table] of Object.entries(STORED))
    it(`/${name}.html: is the parameter of the original's files that it stands for`, async () => {
      const at = await desk();
      const rows = [...table.matchAll(/^ +(\S+) (.*) > (.*)$/gm)];
      const answer = await at.post(
        `/${name}.html`,
        Object.fromEntries(rows.map(([, field = '', value = '']) => [field, value])),
      );
      assert.match(answer, /Provisioning complete/, answer.replace(/^.*<main/s, ''));
      const stored = new Set((await localOf(at)).split('\n'));
      for (const [, field, , line = ''] of rows) assert.ok(stored.has(line), `${field}: ${line}`);
    });
});
