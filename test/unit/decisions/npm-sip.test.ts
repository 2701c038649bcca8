/** The evidence of decision 0001 on npm `sip` 0.0.6: why it serves in the lab and not inside the phone. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
/** A hang guard: what is measured takes about two seconds. */
const PATIENCE_MS = 120_000;

interface Ended {
  readonly status: number | null;
  readonly said: string;
  readonly error: string;
}

/** Runs a script in a process of its own, so that what freezes or ends it does neither to the tests. */
function inChild(script: string): Ended {
  const done = spawnSync(process.execPath, ['--input-type=commonjs', '-e', script], {
    encoding: 'utf8',
    timeout: PATIENCE_MS,
    cwd: ROOT,
  });
  return { status: done.status, said: done.stdout, error: done.stderr };
}

/** What a script prints last, as JSON. */
function told(script: string): unknown {
  const { status, said, error } = inChild(script);
  assert.equal(status, 0, error);
  return JSON.parse(said.trim().split('\n').at(-1) ?? 'null');
}

/** npm sip takes port 0 for 5060, which may be in use. */
const FREE_PORT = `
  const net = require('node:net');
  const freePort = (use) => {
    const probe = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => use(port));
    });
  };
`;

describe('npm sip', () => {
  it('is the version that was judged', () => {
    assert.equal(JSON.parse(readFileSync(join(ROOT, 'node_modules/sip/package.json'), 'utf8')).version, '0.0.6');
  });

  it('takes more than the square of the length for one datagram, so that one holds the process up', () => {
    const [short, long] = told(`
      const sip = require('sip');
      const message = (length) => Buffer.from('OPTIONS sip:a@b SIP/2.0\\r\\nTo: <' + ' '.repeat(length) + '\\r\\n\\r\\n');
      const busy = (length) => {
        const before = process.cpuUsage();
        sip.parse(message(length));
        return process.cpuUsage(before).user;
      };
      const least = (length, tries) => Math.min(...Array.from({ length: tries }, () => busy(length)));
      console.log(JSON.stringify([least(400, 20), least(1600, 2)]));
    `) as readonly [number, number];
    const ratio = long / short;
    assert.ok(ratio > 24, `4 times the length kept it busy ${ratio.toFixed(0)} times as long: the square would be 16`);
  });

  it('ends with its process on 60,000 octets of junk over TCP', () => {
    // The junk counts when it is read in one piece, which no sender can order: hence several connections.
    const { status, error } = inChild(`
      ${FREE_PORT}
      freePort((port) => {
        require('sip').create({ address: '127.0.0.1', port, udp: false }, () => undefined);
        const junk = (left) => {
          if (left === 0) process.exit(0);
          const stream = net.connect(port, '127.0.0.1', () => stream.end('x\\r\\n\\r\\n'.repeat(12000)));
          stream.resume().on('error', () => undefined).on('close', () => junk(left - 1));
        };
        junk(50);
      });
    `);
    assert.notEqual(status, 0);
    assert.match(error, /RangeError: Maximum call stack size exceeded/);
  });

  it('ends with its process on a port above 65535, which any Contact may name', () => {
    const { status, error } = inChild(`
      ${FREE_PORT}
      freePort((port) => {
        const stack = require('sip').create({ address: '127.0.0.1', port, tcp: false }, () => undefined);
        const side = { uri: 'sip:a@pbx.test', params: {} };
        const headers = { to: side, from: side, 'call-id': '1', cseq: { method: 'OPTIONS', seq: 1 } };
        stack.send({ method: 'OPTIONS', uri: 'sip:a@127.0.0.2:99999', headers }, () => process.exit(0));
      });
    `);
    assert.notEqual(status, 0);
    assert.match(error, /ERR_SOCKET_BAD_PORT/);
  });

  it('ignores the priority of SRV records: it takes them as they come', () => {
    const order = told(`
      const dns = require('node:dns');
      const records = [
        { name: 'last.test', port: 5060, priority: 30, weight: 0 },
        { name: 'first.test', port: 5060, priority: 10, weight: 0 },
        { name: 'second.test', port: 5060, priority: 20, weight: 0 },
      ];
      const addresses = { 'first.test': '192.0.2.1', 'second.test': '192.0.2.2', 'last.test': '192.0.2.3' };
      dns.resolveSrv = (name, done) => process.nextTick(done, null, name.startsWith('_sip._udp.') ? records : []);
      dns.resolve4 = (name, done) => process.nextTick(done, null, [addresses[name]]);
      dns.resolve6 = (name, done) => process.nextTick(done, new Error('none'));
      const sip = require('sip');
      sip.resolve(sip.parseUri('sip:pbx.test'), (targets) => console.log(JSON.stringify(targets.map((at) => at.address))));
    `);
    assert.deepEqual(order, ['192.0.2.3', '192.0.2.1', '192.0.2.2']);
  });

  it('sends what is for sips: in the clear', () => {
    const targets = told(`
      const sip = require('sip');
      sip.resolve(sip.parseUri('sips:a@192.0.2.1'), (targets) => console.log(JSON.stringify(targets)));
    `);
    assert.deepEqual(targets, [{ protocol: 'UDP', address: '192.0.2.1', port: 5060 }]);
  });

  it('reads no IPv6 address', () => {
    assert.equal(
      told(`console.log(JSON.stringify(require('sip').parseUri('sip:a@[2001:db8::1]:5060') ?? null))`),
      null,
    );
  });

  it('answers a SHA-256 challenge with MD5 under the name of SHA-256', () => {
    const [{ algorithm, response }] = told(`
      const digest = require('sip/digest.js');
      const challenge = { scheme: 'Digest', realm: '"r"', nonce: '"n"', qop: '"auth"', algorithm: 'SHA-256' };
      const request = { method: 'REGISTER', uri: 'sip:pbx.test', headers: {} };
      const refusal = { status: 401, headers: { 'www-authenticate': [challenge] } };
      digest.signRequest({}, request, refusal, { user: 'u', password: 'p' });
      console.log(JSON.stringify(request.headers.authorization));
    `) as readonly [{ readonly algorithm: string; readonly response: string }];
    assert.equal(algorithm, 'sha-256');
    assert.match(response, /^"[0-9a-f]{32}"$/, 'SHA-256 would be 64 signs');
  });

  it('names its transactions by one number in a million, which a stranger can guess', () => {
    const branches = told(`
      const sip = require('sip');
      console.log(JSON.stringify(Array.from({ length: 1000 }, () => sip.generateBranch())));
    `) as readonly string[];
    const numbers = branches.map((branch) => Number(branch.slice('z9hG4bK'.length)));
    assert.ok(numbers.every((number) => Number.isInteger(number) && number <= 1_000_000));
  });
});
