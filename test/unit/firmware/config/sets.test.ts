/** Global parameters against those of a line: one member of a line's set hides the whole global set (original-phone 2). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { LineSettings } from '../../../../firmware/config/settings.ts';
import { fromFiles } from '../../../support/files.ts';

const GLOBAL_SERVERS = `sip proxy ip: p.example\nsip proxy port: 5060\nsip backup proxy ip: bp.example
sip outbound proxy: o.example\nsip backup outbound proxy: bo.example\nsip registrar ip: r.example
sip backup registrar ip: br.example\nsip backup registrar port: 5070\nsip registration period: 120\n`;
const GLOBAL_ACCOUNT = 'sip user name: 2001\nsip password: secret\nsip screen name: Desk\nsip display name: Ann\n';
const OFF = { primary: null, backup: null };

const lines = (text: string): readonly LineSettings[] => fromFiles(text).settings.lines;
const numbers = (text: string): readonly number[] => lines(text).map(({ line }) => line);
function line(n: number, text: string): LineSettings {
  const found = lines(text).find((candidate) => candidate.line === n);
  assert.ok(found, `line ${n} exists`);
  return found;
}

describe('the global sets', () => {
  it('make line 1, with every server', () => {
    assert.deepEqual(lines(GLOBAL_SERVERS + GLOBAL_ACCOUNT), [
      {
        line: 1,
        screenName: 'Desk',
        screenName2: '',
        userName: '2001',
        displayName: 'Ann',
        authName: '2001',
        password: 'secret',
        registrar: { primary: { name: 'r.example', port: 0 }, backup: { name: 'br.example', port: 5070 } },
        proxy: { primary: { name: 'p.example', port: 5060 }, backup: { name: 'bp.example', port: 0 } },
        outboundProxy: { primary: { name: 'o.example', port: 0 }, backup: { name: 'bo.example', port: 0 } },
        registrationPeriodS: 120,
        explicitMwi: false,
        sharedNumber: null,
        callInfo: false,
        callWaiting: 'on',
        srtp: 'off',
        callerId: 'shown',
        ringTone: null,
        keysSent: { events: 'on', sound: 'off', info: 'off' },
      },
    ]);
  });

  it('the digest name is the user name unless it is given', () => {
    assert.equal(line(1, `${GLOBAL_ACCOUNT}sip auth name: ann\n`).authName, 'ann');
    assert.equal(line(1, GLOBAL_ACCOUNT).authName, '2001');
  });

  it('a period of 0 asks for 3600 s', () => {
    assert.equal(line(1, GLOBAL_ACCOUNT).registrationPeriodS, 3600);
    assert.equal(line(1, `${GLOBAL_ACCOUNT}sip registration period: 0\n`).registrationPeriodS, 3600);
  });
});

describe("a line's own set", () => {
  it('hides the whole global network set, whichever member it is', () => {
    for (const member of [
      'proxy ip: x.example',
      'proxy port: 0',
      'backup proxy ip: x.example',
      'backup proxy port: 0',
      'outbound proxy: x.example',
      'outbound proxy port: 0',
      'backup outbound proxy: x.example',
      'backup outbound proxy port: 0',
      'registrar ip: x.example',
      'registrar port: 0',
      'backup registrar ip: x.example',
      'backup registrar port: 0',
      'registration period: 0',
    ]) {
      const { registrar, proxy, outboundProxy, registrationPeriodS } = line(
        1,
        `${GLOBAL_SERVERS}${GLOBAL_ACCOUNT}sip line1 ${member}\n`,
      );
      const servers = [registrar, proxy, outboundProxy].flatMap(({ primary, backup }) => [primary, backup]);
      const own = servers.filter((server) => server !== null).map(({ name, port }) => [name, port]);
      assert.deepEqual(own, member.endsWith('x.example') ? [['x.example', 0]] : [], member);
      assert.equal(registrationPeriodS, 3600, member);
    }
  });

  it('hides the whole global authentication set, whichever member it is', () => {
    for (const member of [
      'screen name: Own',
      'screen name 2: Own',
      'display name: Own',
      'auth name: own',
      'password: own',
      'bla number: 1',
      'mode: 0',
    ])
      assert.deepEqual(numbers(`${GLOBAL_ACCOUNT}sip line1 ${member}\n`), [], member);
    const own = line(1, `${GLOBAL_ACCOUNT}sip line1 user name: 3001\n`);
    assert.deepEqual([own.userName, own.authName, own.password, own.screenName], ['3001', '3001', '', '']);
  });

  it("of servers leaves the account alone, and the reverse: the vendor's own example", () => {
    const text = `${GLOBAL_SERVERS}${GLOBAL_ACCOUNT}sip line3 proxy ip: siptest.example\nsip line3 proxy port: 0\n`;
    const third = line(3, text);
    assert.deepEqual(third.proxy, { primary: { name: 'siptest.example', port: 0 }, backup: null });
    assert.deepEqual(third.registrar, OFF);
    assert.equal(third.userName, '2001');
    assert.equal(line(1, text).registrar.primary?.name, 'r.example');
    assert.equal(line(2, `${GLOBAL_SERVERS}sip line2 user name: 2002\n`).registrar.primary?.name, 'r.example');
  });

  it('counts as given by a value that is empty, 0.0.0.0 or bad', () => {
    for (const value of ['', '0.0.0.0', 'a b']) {
      const { registrar, proxy } = line(1, `${GLOBAL_SERVERS}${GLOBAL_ACCOUNT}sip line1 outbound proxy: ${value}\n`);
      assert.deepEqual([registrar, proxy], [OFF, OFF], value);
    }
  });

  it('is no matter of parameters outside of the sets', () => {
    const text = `${GLOBAL_SERVERS}${GLOBAL_ACCOUNT}sip line1 vmail: 99\nsip line2 vmail: 99\n`;
    assert.deepEqual(numbers(text), [1]);
    assert.equal(line(1, text).registrar.primary?.name, 'r.example');
  });
});

describe('which lines there are', () => {
  it('one by a global account, not nine', () => {
    assert.deepEqual(numbers(GLOBAL_SERVERS + GLOBAL_ACCOUNT), [1]);
  });

  it('those with a member of their own and a user name, in their order', () => {
    assert.deepEqual(numbers('sip line9 user name: 9\nsip line2 user name: 2\nsip line4 screen name: none\n'), [2, 9]);
    assert.deepEqual(numbers(`${GLOBAL_ACCOUNT}sip line5 registrar ip: r5.example\n`), [1, 5]);
  });

  it('none without a user name', () => {
    assert.deepEqual(numbers(GLOBAL_SERVERS), []);
  });
});

describe('a server that is not configured', () => {
  it('is empty or 0.0.0.0, for every role and both servers', () => {
    for (const off of ['0.0.0.0', '""', ''])
      for (const role of ['registrar', 'proxy', 'outboundProxy'] as const) {
        const name = role === 'outboundProxy' ? 'outbound proxy' : `${role} ip`;
        const text = `${GLOBAL_ACCOUNT}sip ${name}: ${off}\nsip backup ${name}: ${off}\n`;
        assert.deepEqual(line(1, text)[role], OFF, `${role} ${off}`);
      }
  });

  it('is not filled by another role, and the backup stays the backup', () => {
    const { registrar, proxy } = line(1, `${GLOBAL_ACCOUNT}sip backup registrar ip: br.example\n`);
    assert.deepEqual(registrar, { primary: null, backup: { name: 'br.example', port: 0 } });
    assert.deepEqual(proxy, OFF);
  });
});
