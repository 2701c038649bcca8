/** Every parameter of the original's files: known for all lines or for each, with the range and the default of its guides (original-phone 1). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findParameter } from '../../../../firmware/config/parameters.ts';
import { readParameter } from '../../../../firmware/config/values.ts';

/**
 * `name = default; values that are taken; values that are refused`, `,` between names and between values; what is in brackets is a
 * part of a name that varies. Lines are named by `lineN`.
 */
const ORIGINAL: Readonly<Record<string, string>> = {
  '1.1 servers, global and per line': `
    sip [proxy ip|backup proxy ip|registrar ip|backup registrar ip] = 0.0.0.0; pbx.example,192.0.2.1; a b
    sip [outbound proxy|backup outbound proxy] = 0.0.0.0; pbx.example,192.0.2.1; a b
    sip [proxy|backup proxy|outbound proxy|backup outbound proxy|registrar|backup registrar] port = 0; 0,65535; -1,65536
    sip registration period = 0; 0,2147483647; -1,2147483648
    sip centralized conf = ; sip:conf@example`,
  '1.1 servers': 'sip dns query type = 1; 0,1,2; 3',
  '1.2 timers': `
    sip transaction timer = 4000; 4000,64000; 3999,64001
    sip t1 timer = 500; 0,500
    sip t2 timer = 4000; 0,4000
    sip session timer = 0; 0,90; 89
    sip registration retry timer = 1800; 30,1800; 29,1801
    sip registration timeout retry timer = 120; 30,2147483647; 2147483648
    sip registration renewal timer = 15; 0,214748364; 214748365
    sip blacklist duration = 300; 0,9999999; 10000000
    sip subscription [timeout|failed] retry timer = 0; 0,30`,
  '1.3 transport': `
    sip transport protocol = 1; 0,1,2,4; 3,5
    sips persistent tls = 0; 0,1; 2
    sip persistent tls keep alive = 0; 0,30
    sips [root and intermediate certificates|local certificate|private key|trusted certificates] = ; a.pem
    sip [outbound support|rport|nortel nat support|whitelist|send mac|send line] = 0; 0,1; 2
    sip symmetric udp signaling = 1; 0,1; 2
    sip nat ip = 0.0.0.0; 192.0.2.1
    sip nat port = 0; 0,65535; 65536
    sip nat rtp port = 51720; 51720; 65536
    sip nortel nat timer = 60; 60
    sip contact matching = 2; 0,1,2,3; 4
    sip [gruu|instance id] = 1; 0,1; 2
    sip [accept out of order requests|pai|diversion display] = 0; 0,1; 2
    sip local port = 5060; 0,65535; 65536
    sip local tls port = 5061; 0,65535; 65536`,
  '1.3 transport, global and per line': 'sip srtp mode = 0; 0,1,2; 3',
  '1.4 identity, global and per line': `
    sip [screen name|screen name 2|user name|display name|auth name|password|bla number|vmail] = ; 12345678901234567890
    sip mode = 0; 0,1,2,3; 4
    sip call waiting = 1; 0,1; 2`,
  '1.4 identity': 'call waiting = 1; 0,1; 2\ndynamic sip = 1; 0,1; 2',
  '1.5 subscriptions, global and per line': 'sip explicit mwi subscription = 0; 0,1; 2',
  '1.5 subscriptions': `
    sip explicit mwi subscription period = 86400; 120,86400
    sip mwi for bla account = 0; 0,1; 2
    sip [blf|acd|as-feature-event] subscription period = 3600; 120,86400
    sip bla subscription period = 300; 0,3700; 3701
    list uri = ; sip:list@example
    directed call pickup = 0; 0,1; 2
    directed call pickup prefix = ; *76,**`,
  '1.6 dialling and sound': `
    sip dial plan = X+#|XX+*; [01]XX|9XX+#
    sip dial plan terminator = 0; 0,1; 2
    sip digit timeout = 4; 3,4,6
    emergency dial plan = 911|999|112|110; 911|999
    sip out-of-band dtmf = 1; 0,1; 2
    sip use basic codecs = 0; 0,1; 2
    sip customized codec = ; payload=8;ptime=20;silsupp=off\\,payload=0;ptime=20
    sip silence suppression = 1; 0,1; 2
    sip rtp port = 3000; 3000; 65536
    sip single codec reply in sdp = 0; 0,1; 2
    tos sip = 26; 0,63; 64
    tos [rtp|rtcp] = 46; 0,63; 64`,
  '1.6 dialling and sound, global and per line': 'sip dtmf method = 0; 0,1,2; 3',
  '1.7 ringing, tones, calls': `
    ring tone = 0; 0,5; -1,6
    line[1|9] ring tone = -1; -1,5; 6
    tone set = us; US,Europe,UK,France,Germany,Italy,Australia,Mexico,Brazil; Mars
    priority alerting enabled = 1; 0,1; 2
    bellcore cadence dr2 = 800,400,800,4000; 800\\,400\\,-1
    bellcore cadence dr3 = 400,200,400,200,800,4000; 800\\,400\\,-1
    alert [internal|external|emergency|priority] = 0; 0,5; 6
    [handset|headset|speaker|ringer] volume = ; 5
    audio mode = 0; 0,3
    [headset tx|handset tx|handsfree tx|headset sidetone] gain = 0; 3
    [call waiting tone|switch focus to ringing line|goodbye cancels incoming call] = 1; 0,1; 2
    call waiting tone period = 0; 0,30
    [stutter disabled|call hold reminder|play a ring splash|display dtmf digits|live dialpad] = 0; 0,1; 2
    preferred line = 1; 0,9; 10
    preferred line timeout = 0; 0,30
    sip ignore status code = 486; 486,603; 200
    [missed calls indicator|callers list|call forward|conference|call transfer|redial] disabled = 0; 0,1; 2
    no service congestion tone = 0; 0,1; 2
    sip [allow auto answer|intercom mute mic|intercom warning tone|intercom allow barge in] = 1; 0,1; 2
    sip intercom type = 3; 1,2,3; 0,4
    sip intercom prefix code = ; *80
    sip intercom line = 1; 1,9; 0,10
    paging group listening = ; 239.0.1.15:10000; everywhere
    call forward key mode = 0; 0,1,2; 3
    dnd key mode = 1; 0,1,2; 3`,
  '1.8 keys': `
    [prgkey6|topsoftkey10|softkey20|expmod3 key60] type = none; none,line,speeddial,dnd,blf,list,acd,dcp,xml,flash,spre,park,pickup
    [prgkey6|topsoftkey10|softkey20] type = none; lcr,callforward,blfxfer,speeddialxfer,speeddialconf,directory,callers,redial; lamp
    [prgkey6|topsoftkey10|softkey20] type = none; conf,xfer,icom,services,phonelock,paging,save,delete,empty
    [topsoftkey10|softkey20|expmod3 key60] label = ; Ada
    [prgkey6|topsoftkey10|softkey20|expmod3 key60] value = ; 200
    [prgkey6|topsoftkey10|softkey20|expmod3 key60] line = 1; 1,9; 0,10
    [prgkey6|topsoftkey10|softkey20] locked = 0; 0,1; 2
    softkey20 states = ; idle connected incoming outgoing busy; asleep
    [sprecode|pickupsprecode] = ; asterisk;70`,
  '1.9 time': `
    time server disabled = 0; 0,1; 2
    time server[1|2|3] = 0.0.0.0; 192.0.2.1
    time format = 1; 0,1; 2
    date format = 0; 0,11; 12
    time zone name = ; US-Pacific,Custom
    time zone code = ; PST
    time zone minutes = 0; -60,480
    dst config = 3; 0,3; 4
    dst minutes = 60; 60
    dst [start|end] relative date = 0; 0,1; 2
    dst [start|end] month = ; 1,12; 13
    dst [start|end] week = ; 1,5; 6
    dst [start|end] day = ; 1,7
    dst [start|end] hour = ; 0,23; 24`,
  '1.10 network': `
    dhcp = 1; 0,1; 2
    [ip|subnet mask|default gateway|dns1|dns2] = 0.0.0.0; 192.0.2.1; here
    tagging enabled = 0; 0,1; 2
    vlan id = 1; 1,4094
    priority non-ip = 5; 0,7; 8
    vlan id port 1 = 4095; 4095; 4096
    tos priority map = ; (46\\,5)
    dhcp config option override = 0; -1,0,43,66,159,160; 67`,
  '1.10 provisioning': `
    download protocol = tftp; TFTP,FTP,HTTP,HTTPS; SCP
    [tftp server|alternate tftp server|ftp server|http server|https server] = 0.0.0.0; 192.0.2.1
    use alternate tftp server = 0; 0,1; 2
    [ftp|http|https] path = ; aastra
    [ftp username|ftp password|https client method|firmware server|user config url] = ; x
    http port = 80; 8080; 65536
    https port = 443; 8443; 65536
    [https validate certificates|contact rcs] = 1; 0,1; 2
    auto resync mode = 0; 0,1,2,3; 4
    auto resync time = 00:00; 03:15; 24:00
    auto resync max delay = 15; 0,1439; 1440
    auto resync days = 0; 0,364; 365
    upload system info server = ; http://x
    config files mandatory download = 0; 0,1; 2
    config files number of reattempt = 3; 3`,
  '1.10 administration': `
    [admin|user] password = ; 4294967295
    options password enabled = 0; 0,1; 2
    web interface enabled = 1; 0,1; 2
    phone lock = 0; 0,1; 2
    log server ip = 0.0.0.0; 192.0.2.1
    log server port = 514; 514; 65536
    log module [linemgr|user interface|misc|sip|dis|dstore|ept|ind|kbd|net|provis|rtpt|snd|prof|xml|stun] = 1; 0,65535; 65536
    sip dns host file = ; hosts
    sip dns srv[1|4] name = ; _sip._udp.example
    sip dns srv[1|4] [priority|weight|port] = 0; 10; 65536
    sip dns srv[1|4] target = 0.0.0.0; a.example`,
  '1.10 XML and action URIs': `
    xml application uri = ; http://x
    xml application title = ; Canteen
    xml application post list = ; 192.0.2.1\\,apps.example
    xml get timeout = 30; 30
    xml status scroll delay = 5; 5
    xml beep notification = 1; 0,1; 2
    sip xml notify event = 0; 0,1; 2
    action uri [startup|registered|registration event|incoming|outgoing|offhook|onhook|connected|disconnected] = ; http://x/$$LOCALIP$$
    action uri [xml sip notify|poll] = ; http://x/$$LOCALIP$$
    action uri poll interval = 0; 60`,
};

/** Each name that a pattern stands for. */
function namesOf(pattern: string): readonly string[] {
  const [all, before = '', choices = '', after = ''] = /^([^[]*)\[([^\]]*)\](.*)$/.exec(pattern) ?? [];
  return all === undefined ? [pattern] : choices.split('|').flatMap((choice) => namesOf(`${before}${choice}${after}`));
}
const list = (text: string | undefined): readonly string[] =>
  (text ?? '')
    .split(/(?<!\\),/)
    .map((value) => value.trim().replace(/\\,/g, ','))
    .filter((value) => value !== '');

/** As it is spelled for all lines and, where it has a form for one, for a line. */
const spellings = (title: string, pattern: string): readonly string[] =>
  namesOf(pattern).flatMap((name) => {
    const global = name.replace(/^sip call/, 'call');
    return /per line/.test(title) ? [global, name.replace(/^sip /, 'sip line9 ')] : [global];
  });

for (const [title, table] of Object.entries(ORIGINAL))
  describe(`original-phone ${title}`, () => {
    for (const row of table.trim().split('\n')) {
      const [, pattern = '', fallback = '', rest = ''] = /^ *(.+?) = (.*?); (.*)$/.exec(row) ?? [];
      const [good, bad] = rest.split(/;(?= )/);
      it(pattern, () => {
        for (const name of spellings(title, pattern)) {
          const parameter = findParameter(name)?.parameter ?? assert.fail(name);
          assert.equal(parameter.default, fallback, `default of ${name}`);
          for (const value of list(good)) assert.ok(readParameter(parameter, value).ok, `${name}: ${value}`);
          for (const value of list(bad)) assert.ok(!readParameter(parameter, value).ok, `${name}: ${value}`);
        }
      });
    }
  });
