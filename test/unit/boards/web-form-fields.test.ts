/** The fields of the original's forms, one by one: what each stores (web-forms). */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { webDesks } from './web-desk.ts';

const desk = webDesks();

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
      const stored = new Set((await readFile(join(at.state, 'local.cfg'), 'utf8')).split('\n'));
      for (const [, field, , line = ''] of rows) assert.ok(stored.has(line), `${field}: ${line}`);
    });
});
