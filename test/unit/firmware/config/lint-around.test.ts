/** The traps around the servers: each on a planted file, and none beside what is meant so. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { lint } from '../../../../firmware/config/lint.ts';
import { fromFiles } from '../../../support/files.ts';

const ACCOUNT = 'sip user name: 2001\nsip registrar ip: r.example\nsip proxy ip: p.example\n';
const BACKUP = 'sip backup registrar ip: br.example\n';
const CODES = [
  ...['tls-to-plain-port', 'query-type-hides-srv', 'outbound-hides-backup', 'slow-to-notice', 'mwi-without-proxy'],
  ...['port-without-server', 'unknown-zone', 'short-blf-period', 'sound-on-sip-port', 'other-protocol'],
  ...['resync-without-server', 'clear-password', 'srtp-without-tls'],
];
const found = (text: string): readonly string[] =>
  lint(fromFiles(text)).flatMap(({ code, parameter }) => (CODES.includes(code) ? [`${code} ${parameter}`] : []));

/** What is planted, what is found at which parameter, and what is meant so. */
const TRAPS: readonly (readonly [planted: string, trap: string, clean: string])[] = [
  [
    `${ACCOUNT}sip registrar port: 5060\nsip transport protocol: 4\n`,
    'tls-to-plain-port sip transport protocol',
    `${ACCOUNT}sip registrar port: 5061\nsip transport protocol: 4\n`,
  ],
  [
    `${ACCOUNT}sip srtp mode: 1\n`,
    'srtp-without-tls sip srtp mode',
    `${ACCOUNT}sip srtp mode: 2\nsip transport protocol: 4\n`,
  ],
  [
    'sip line2 user name: 1\nsip line2 proxy ip: p.example\nsip line2 srtp mode: 2\n',
    'srtp-without-tls sip line2 srtp mode',
    `${ACCOUNT}sip srtp mode: 0\n`,
  ],
  [
    `${ACCOUNT}sip dns query type: 0\n`,
    'query-type-hides-srv sip dns query type',
    `${ACCOUNT}sip dns query type: 0\nsip registrar port: 5080\nsip proxy port: 5080\n`,
  ],
  [
    `${ACCOUNT}${BACKUP}sip outbound proxy: 192.0.2.9\n`,
    'outbound-hides-backup sip outbound proxy',
    `${ACCOUNT}${BACKUP}sip outbound proxy: 192.0.2.9\nsip backup outbound proxy: 192.0.2.10\n`,
  ],
  [
    'sip line1 user name: 1\nsip line1 registrar ip: r.example\nsip line1 proxy ip: p.example\nsip line1 backup proxy ip: b.example\nsip line1 outbound proxy: o.example\nsip line1 outbound proxy port: 5070\n',
    'outbound-hides-backup sip line1 outbound proxy',
    `${ACCOUNT}${BACKUP}sip outbound proxy: o.example\n`,
  ],
  [
    `${ACCOUNT}${BACKUP}failover profile: r2.0\n`,
    'slow-to-notice failover profile',
    `${ACCOUNT}${BACKUP}failover profile: r2.0\nsip registration period: 300\n`,
  ],
  [
    'sip user name: 1\nsip registrar ip: r.example\nsip explicit mwi subscription: 1\n',
    'mwi-without-proxy sip explicit mwi subscription',
    `${ACCOUNT}sip explicit mwi subscription: 1\n`,
  ],
  [
    `${ACCOUNT}sip backup registrar port: 5080\n`,
    'port-without-server sip backup registrar port',
    `${ACCOUNT}${BACKUP}sip backup registrar port: 5080\nsip outbound proxy port: 0\n`,
  ],
  [`${ACCOUNT}time zone name: DE-Berlinn\n`, 'unknown-zone time zone name', `${ACCOUNT}time zone name: DE-Berlin\n`],
  [`${ACCOUNT}time zone name: Mars\n`, 'unknown-zone time zone name', `${ACCOUNT}time zone name: Custom\n`],
  [
    `${ACCOUNT}sip blf subscription period: 60\n`,
    'short-blf-period sip blf subscription period',
    `${ACCOUNT}sip blf subscription period: 120\n`,
  ],
  [`${ACCOUNT}sip rtp port: 5050\n`, 'sound-on-sip-port sip rtp port', `${ACCOUNT}sip rtp port: 5062\n`],
  [
    `${ACCOUNT}http server: c.example\n`,
    'other-protocol http server',
    `${ACCOUNT}http server: c.example\ntftp server: d.example\ndownload protocol: http\n`,
  ],
  [
    `${ACCOUNT}auto resync mode: 3\ndhcp config option override: -1\n`,
    'resync-without-server auto resync mode',
    `${ACCOUNT}auto resync mode: 3\n`,
  ],
  [
    `${ACCOUNT}mqtt server: m.example\nmqtt password: x\n`,
    'clear-password mqtt password',
    `${ACCOUNT}mqtt server: m.example\nmqtt password: x\nmqtt tls: 1\n`,
  ],
];

describe('a trap around the servers', () => {
  for (const [planted, trap, clean] of TRAPS)
    it(`${trap}: is found where it was planted, and not where it is meant so`, () => {
      assert.deepEqual(found(planted), [trap]);
      assert.deepEqual(found(clean), []);
    });

  it('is none of a line that sets its port beside the server of all lines', () => {
    assert.deepEqual(found(`${ACCOUNT}sip line1 registrar port: 5080\n`), []);
  });
});
