/** The traps that a valid configuration can hold, each with its code, its place and what it says. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Problem } from '../../../../firmware/config/layers.ts';
import { lint } from '../../../../firmware/config/lint.ts';
import { fromFiles } from '../../../support/files.ts';

const USER = 'sip user name: 2001\n';
const ACCOUNT = `${USER}sip registrar ip: r.example\nsip proxy ip: p.example\n`;
const traps = (text: string): readonly Problem[] => lint(fromFiles(text));
const codes = (text: string): readonly string[] => traps(text).map(({ code }) => code);
function only(text: string): Problem {
  const [found, ...more] = traps(text);
  assert.ok(found);
  assert.deepEqual(more, []);
  return found;
}

describe('a clean configuration', () => {
  it('raises no alarm: names with port 0, a backup elsewhere, a port of its own', () => {
    assert.deepEqual(traps(`${ACCOUNT}sip backup registrar ip: br.example\nsip backup proxy ip: 192.0.2.2\n`), []);
    assert.deepEqual(
      traps(`${USER}sip registrar ip: 192.0.2.1\nsip registrar port: 5060\nsip proxy ip: 192.0.2.1\n`),
      [],
    );
    assert.deepEqual(traps(`${ACCOUNT}sip registrar port: 5080\n`), []);
    assert.deepEqual(
      traps('sip proxy ip: p.example\nsip registrar ip: r.example\nsip line1 user name: 1\nsip line2 user name: 2\n'),
      [],
    );
  });
});

describe('port-hides-srv: a name with port 5060 is an A lookup', () => {
  it('is found for every server of every role, at its own parameter', () => {
    for (const name of [
      'registrar',
      'proxy',
      'outbound proxy',
      'backup registrar',
      'backup proxy',
      'backup outbound proxy',
    ]) {
      const host = name.includes('outbound') ? `sip ${name}` : `sip ${name} ip`;
      const found = only(`${ACCOUNT}${host}: pbx.example\nsip ${name} port: 5060\n`);
      assert.deepEqual(
        [found.code, found.parameter, found.severity],
        ['port-hides-srv', `sip ${name} port`, 'warning'],
      );
      assert.match(found.message, /A lookup of pbx\.example, because port 5060 is set/);
    }
  });

  it('names the file and the line, and is told once for all lines that share it', () => {
    const servers = 'sip registrar ip: r.example\nsip proxy ip: p.example\nsip registrar port: 5060\n';
    const found = only(`${servers}sip line1 user name: 2001\nsip line2 user name: 2002\n`);
    assert.deepEqual([found.file, found.line], ['file1.cfg', 3]);
  });
});

describe('backup-is-primary', () => {
  it('is found where the spelling differs: case, trailing dot, default port', () => {
    assert.equal(only(`${ACCOUNT}sip backup registrar ip: R.Example.\n`).code, 'backup-is-primary');
    const address = `${USER}sip registrar ip: 192.0.2.1\nsip proxy ip: 192.0.2.1\nsip backup proxy ip: 192.0.2.1\nsip backup proxy port:`;
    assert.equal(only(`${address} 5060\n`).parameter, 'sip backup proxy ip');
    assert.deepEqual(traps(`${address} 5070\n`), []);
    assert.deepEqual(
      codes(`sip transport protocol: 4\n${address} 5061\n`).filter((code) => code === 'backup-is-primary').length,
      1,
    );
  });
});

describe('half a configuration', () => {
  it('a backup registrar without a primary: the line does not register', () => {
    const text = `${USER}sip proxy ip: p.example\nsip backup registrar ip: br.example\n`;
    assert.match(only(text).message, /no primary registrar: line 1 does not register/);
    assert.equal(only(text).code, 'backup-without-primary');
  });

  it('a backup proxy without a primary: calls go by the backup', () => {
    const found = only(`${USER}sip registrar ip: r.example\nsip backup proxy ip: bp.example\n`);
    assert.deepEqual([found.code, found.parameter], ['backup-without-primary', 'sip backup proxy ip']);
  });

  it('a registrar without a proxy, and the reverse', () => {
    assert.equal(only(`${USER}sip registrar ip: r.example\n`).code, 'registrar-without-proxy');
    assert.equal(only(`${USER}sip proxy ip: p.example\n`).code, 'proxy-without-registrar');
  });
});

describe('sets', () => {
  it('line-hides-global-set: what is hidden is named, at the first parameter that hides it', () => {
    const found = only(
      `${ACCOUNT}sip backup proxy ip: bp.example\nsip line1 proxy ip: own.example\nsip line1 registrar ip: own.example\n`,
    );
    assert.deepEqual([found.code, found.parameter, found.line], ['line-hides-global-set', 'sip line1 proxy ip', 5]);
    assert.match(found.message, /network set.*ignores the global "sip backup proxy ip"/);
  });

  it('is silent where the line gives all that the global set gives', () => {
    assert.deepEqual(
      traps(`${ACCOUNT}sip line1 proxy ip: own.example\nsip line1 registrar ip: own.example\nsip line1 user name: 1\n`),
      [],
    );
  });

  it('line-without-user: a screen name alone takes the whole account away', () => {
    const found = traps(`${ACCOUNT}sip line1 screen name: Desk\n`);
    assert.deepEqual(
      found.map(({ code, parameter }) => [code, parameter]),
      [
        ['line-hides-global-set', 'sip line1 screen name'],
        ['line-without-user', 'sip line1 screen name'],
        ['no-line', 'sip user name'],
      ],
    );
  });

  it('a bad value of a line hides the global set as a good one does', () => {
    assert.deepEqual(codes(`${ACCOUNT}sip line1 registration period: soon\n`), ['bad-value', 'line-hides-global-set']);
  });
});

describe('identity', () => {
  it('user-with-domain: the part before @ alone', () => {
    assert.deepEqual(
      codes('sip registrar ip: r.example\nsip proxy ip: p.example\nsip line2 user name: a@b.example\n'),
      ['user-with-domain'],
    );
  });

  it('no-line is an error', () => {
    const found = only('sip registrar ip: r.example\n');
    assert.deepEqual([found.code, found.severity, found.file, found.line], ['no-line', 'error', '-', 0]);
  });
});

describe('timers', () => {
  it('no-probes: only where probes are what the profile has', () => {
    assert.equal(only(`${ACCOUNT}failover probe period: 0\n`).code, 'no-probes');
    assert.deepEqual(traps(`${ACCOUNT}failover probe period: 0\nfailover profile: r2.0\n`), []);
  });

  it('hedge-above-transaction: a limit that is never reached', () => {
    const found = only(`${ACCOUNT}failover hedge limit: 8000\nsip transaction timer: 4000\n`);
    assert.deepEqual([found.code, found.line], ['hedge-above-transaction', 4]);
    assert.deepEqual(traps(`${ACCOUNT}failover hedge limit: 4000\nsip transaction timer: 4000\n`), []);
    assert.deepEqual(traps(`${ACCOUNT}failover hedge limit: 8000\n`), []);
    assert.deepEqual(
      traps(`${ACCOUNT}failover hedge limit: 8000\nsip transaction timer: 4000\nfailover profile: r2.1\n`),
      [],
    );
  });

  it('renewal-above-period: half of the period is used', () => {
    const found = only(`${ACCOUNT}sip registration period: 60\nsip registration renewal timer: 31\n`);
    assert.deepEqual([found.code, found.line], ['renewal-above-period', 5]);
    assert.deepEqual(traps(`${ACCOUNT}sip registration period: 60\nsip registration renewal timer: 30\n`), []);
  });
});

describe('problems of the files', () => {
  it('come first, as they are', () => {
    assert.deepEqual(codes(`${ACCOUNT}failover probe period: 0\nsip send mac: yes\nsip registar ip: x\n`), [
      'bad-value',
      'unknown-parameter',
      'no-probes',
    ]);
  });
});

describe('what lets others in', () => {
  it('is named: passwords in the clear, servers that are not checked, words that manuals name, folders that lead out', () => {
    for (const [text, code, parameter] of [
      ['web plain login: 1\n', 'plain-login', 'web plain login'],
      ['download protocol: https\nhttps validate certificates: 0\n', 'unchecked-server', 'https validate certificates'],
      ['admin password: 22222\n', 'well-known-password', 'admin password'],
      ['options password enabled: 1\n', 'options-without-password', 'options password enabled'],
      ['http path: a/../../b\n', 'unsafe-path', 'http path'],
    ] as const) {
      const found = only(`${ACCOUNT}${text}`);
      assert.deepEqual([found.code, found.parameter], [code, parameter]);
      assert.doesNotMatch(found.message, /22222/);
    }
  });

  it('is not where it is not', () => {
    const clean =
      'web plain login: 0\nhttps validate certificates: 0\nadmin password: correct horse\nhttp path: /a/b/\n';
    assert.deepEqual(codes(`${ACCOUNT}${clean}`), []);
  });
});
