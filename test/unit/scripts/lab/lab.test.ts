/** The lab from outside, by plain packets: each fault is in force when its order returns, and gone after clear. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { runLint } from '../../../../firmware/shell/commands/lint.ts';
import type { Lab } from '../../../../scripts/lab/lab.ts';
import { startLab } from '../../../../scripts/lab/lab.ts';
import { askDns, openDnsStream } from './dns-wire.ts';
import type { Login, Peer } from './wire.ts';
import { ask, openPeer, readAnswer, register, request, stateOf } from './wire.ts';

const SRV = '_sip._udp.primary.lab.test';

let lab: Lab;
let peer: Peer;
let login: Login;

async function order(target: string, kind: string, arg?: string): Promise<void> {
  assert.deepEqual(await lab.fault(target, kind, arg), { ok: true });
}

describe('the lab', () => {
  before(async () => {
    lab = await startLab({ ttlS: 7 });
    peer = await openPeer(lab.info().primary.target);
    const [account] = lab.info().accounts;
    assert.ok(account);
    login = account;
  });
  afterEach(async () => {
    for (const target of ['primary', 'backup', 'dns']) await order(target, 'clear');
  });
  after(async () => {
    peer.close();
    await lab.stop();
  });

  describe('a fault of a registrar', () => {
    it('kill: the process is gone and its port refuses; clear: it is back on the port and remembers nothing', async () => {
      const [, , third = login] = lab.info().accounts;
      const bound = await register(peer, third, {
        user: '2003',
        headers: ['Contact: <sip:c@127.0.0.1>', 'Expires: 60'],
      });
      assert.equal(bound.status, 200);
      const { pid } = lab.info().primary;
      await order('primary', 'kill');
      assert.equal(stateOf(pid), null);
      peer.send(Buffer.from(request(peer.port)));
      await assert.rejects(peer.next(), { code: 'ECONNREFUSED' });
      assert.deepEqual(await lab.bindings('primary'), {});
      const refused = await lab.fault('primary', '503');
      assert.deepEqual(refused, { ok: false, error: 'primary is killed: clear it first' });
      await order('primary', 'clear');
      assert.equal((await ask(peer)).status, 200);
      assert.deepEqual(await lab.bindings('primary'), {});
      const now = lab.info().primary;
      assert.notEqual(now.pid, pid);
      assert.equal(stateOf(now.pid) === null, false);
    });

    it('freeze: the process stands still; clear: it answers what came meanwhile', async () => {
      const { pid } = lab.info().primary;
      await order('primary', 'freeze');
      assert.equal(stateOf(pid), 'T');
      peer.send(Buffer.from(request(peer.port, { callId: 'meanwhile' })));
      const refused = await lab.fault('primary', '503');
      assert.deepEqual(refused, { ok: false, error: 'primary is frozen: clear it first' });
      await assert.rejects(lab.bindings('primary'), /frozen/);
      const backup = await openPeer(lab.info().backup.target);
      assert.equal((await ask(backup)).status, 200);
      backup.close();
      assert.equal(peer.waiting, 0);
      await order('primary', 'clear');
      const late = readAnswer(await peer.next());
      assert.deepEqual([late.status, late.callId], [200, 'meanwhile']);
      assert.equal(lab.info().primary.pid, pid);
    });

    it('freeze, then kill, then clear: it can be given any fault again', async () => {
      const { pid } = lab.info().backup;
      for (const kind of ['freeze', 'freeze', 'kill', 'kill', 'clear', '500']) await order('backup', kind);
      assert.equal(stateOf(pid), null);
      const backup = await openPeer(lab.info().backup.target);
      assert.equal((await ask(backup)).status, 500);
      backup.close();
    });

    it('silent: nothing is answered, and a copy that comes after it is a new request', async () => {
      const lost = Buffer.from(request(peer.port, { callId: 'lost' }));
      await order('primary', 'silent');
      peer.send(lost);
      // The second order is obeyed after the packet was read.
      await order('primary', 'silent');
      await order('primary', 'clear');
      assert.notEqual((await ask(peer)).callId, 'lost');
      peer.send(lost);
      assert.equal(readAnswer(await peer.next()).callId, 'lost');
    });

    it('500, 503 and 503-retry: every request is answered so, the REGISTER too', async () => {
      for (const [kind, arg, status, retryAfter] of [
        ['500', undefined, 500, null],
        ['503', undefined, 503, null],
        ['503-retry', '30', 503, '30'],
        ['503', undefined, 503, null],
      ] as const) {
        await order('primary', kind, arg);
        for (const method of ['OPTIONS', 'REGISTER']) {
          const answer = await ask(peer, { method });
          assert.deepEqual([answer.status, answer.header('retry-after')], [status, retryAfter], kind);
        }
      }
    });

    it('slow: answers come late, in the order of their requests', async () => {
      await order('primary', 'slow', '150');
      const started = performance.now();
      for (const callId of ['slow 1', 'slow 2']) peer.send(Buffer.from(request(peer.port, { callId })));
      const [one, two] = [await peer.next(), await peer.next()].map((octets) => readAnswer(octets).callId);
      // A timer may end a millisecond early; never more.
      assert.ok(performance.now() - started >= 149);
      assert.deepEqual([one, two], ['slow 1', 'slow 2']);
    });
  });

  describe('DNS', () => {
    it('answers over UDP, and over TCP in pieces and twice on one connection', async () => {
      const { dns, primary } = lab.info();
      const answer = await askDns(dns, SRV, 'SRV');
      const port = Number(primary.target.split(':').at(-1));
      const data = { priority: 10, weight: 10, port, target: 'primary1.lab.test' };
      assert.deepEqual(answer.records, [{ ttl: 7, data }]);
      const stream = await openDnsStream(dns);
      const whole = stream.framed(SRV, 'SRV');
      stream.write(whole.subarray(0, 1));
      stream.write(whole.subarray(1, 9));
      stream.write(Buffer.concat([whole.subarray(9), stream.framed('primary.lab.test', 'A')]));
      assert.deepEqual((await stream.next()).records, [{ ttl: 7, data }]);
      assert.deepEqual((await stream.next()).records, [{ ttl: 7, data: '127.0.0.1' }]);
      stream.close();
    });

    it('under each fault answers as it should, and well again after clear', async () => {
      const { dns } = lab.info();
      const seen: Record<string, unknown> = {};
      for (const kind of ['truncate', 'servfail', 'nxdomain', 'landing-page', 'srv-gone']) {
        await order('dns', kind);
        const srv = await askDns(dns, SRV, 'SRV');
        const a = await askDns(dns, 'primary1.lab.test', 'A');
        seen[kind] = [srv.rcode, srv.truncated, srv.records.length, a.records.map(({ data }) => data)];
        await order('dns', 'clear');
        assert.equal((await askDns(dns, SRV, 'SRV')).records.length, 1);
      }
      assert.deepEqual(seen, {
        truncate: ['NOERROR', true, 0, []],
        servfail: ['SERVFAIL', false, 0, []],
        nxdomain: ['NXDOMAIN', false, 0, []],
        'landing-page': ['NOERROR', false, 0, ['127.0.0.2']],
        'srv-gone': ['NOERROR', false, 0, ['127.0.0.1']],
      });
    });

    it('silent: what is asked meanwhile is never answered', async () => {
      const { dns } = lab.info();
      const asking = await openPeer(dns);
      await order('dns', 'silent');
      asking.send(Buffer.from([0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1]));
      await order('dns', 'silent');
      await order('dns', 'clear');
      asking.send(Buffer.from([0, 2, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1]));
      assert.equal((await asking.next()).readUInt16BE(0), 2);
      asking.close();
    });

    it('slow: the answer comes late, over UDP', async () => {
      await order('dns', 'slow', '150');
      const started = performance.now();
      assert.equal((await askDns(lab.info().dns, SRV, 'SRV')).records.length, 1);
      assert.ok(performance.now() - started >= 149);
    });

    it('kill and freeze are as real as those of a registrar', async () => {
      const { dns } = lab.info();
      const asking = await openPeer(dns);
      await order('dns', 'kill');
      asking.send(Buffer.from([0]));
      await assert.rejects(asking.next(), { code: 'ECONNREFUSED' });
      asking.close();
      await order('dns', 'clear');
      await order('dns', 'freeze');
      const frozen = await openPeer(dns);
      frozen.send(Buffer.from([0, 7, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1]));
      assert.equal(frozen.waiting, 0);
      await order('dns', 'clear');
      assert.equal((await frozen.next()).readUInt16BE(0), 7);
      frozen.close();
    });
  });

  it('takes the faults of its callee, while one registrar is killed and started anew too', async () => {
    for (const [name, kind] of [
      ['callee', 'kill'],
      ['backup', 'kill'],
      ['backup', 'clear'],
      ['callee', 'clear'],
    ] as const)
      assert.deepEqual(await lab.fault(name, kind), { ok: true });
  });

  it('refuses a fault that does not fit, in words, and orders that come together are carried out in turn', async () => {
    assert.deepEqual(await lab.fault('dns', '503'), {
      ok: false,
      error: '503 is no fault of dns: primary, backup, callee only',
    });
    assert.equal((await lab.fault('callee', 'truncate')).ok, false);
    const all = ['kill', 'clear', 'kill', 'clear', 'freeze', 'clear'].map((kind) => lab.fault('backup', kind));
    assert.deepEqual(
      await Promise.all(all),
      all.map(() => ({ ok: true })),
    );
  });

  it('writes a configuration that only its owner can read and that lint has nothing against', async () => {
    const { config, accounts } = lab.info();
    assert.equal(statSync(config).mode & 0o777, 0o600);
    const text = readFileSync(config, 'latin1');
    assert.equal(new Set(accounts.map(({ password }) => password)).size, 3);
    for (const { password } of accounts) assert.ok(text.includes(`password: "${password}"\n`));
    let report = '';
    const code = await runLint(['--json', config], {
      report: (more) => {
        report += more;
      },
      complain: assert.fail,
    });
    const { problems, effective } = JSON.parse(report);
    assert.deepEqual([code, problems], [0, []]);
    assert.equal(effective['sip backup registrar ip'].value, 'backup.lab.test');
  });
});

describe('a lab that ends', () => {
  it('leaves no process and no file, be its servers frozen or killed, and takes no further order', async () => {
    const ended = await startLab({ accounts: 1 });
    const { config, primary, backup } = ended.info();
    await ended.fault('primary', 'freeze');
    await ended.fault('dns', 'kill');
    await ended.stop();
    assert.deepEqual([stateOf(primary.pid), stateOf(backup.pid)], [null, null]);
    assert.equal(existsSync(dirname(config)), false);
    assert.deepEqual(await ended.fault('primary', 'clear'), { ok: false, error: 'the lab has ended' });
    await ended.stop();
  });

  it('does so too where one of its ports is taken, and says which', async () => {
    const first = await startLab({ accounts: 1 });
    const basePort = Number(first.info().dns.split(':')[1]);
    await assert.rejects(startLab({ accounts: 1, basePort }), /server at 127\.0\.0\.1:\d+: .*EADDRINUSE/);
    await first.stop();
  });
});
