/** The evidence of decision 0001 on DNS that needs no package: what Node's resolver hides, and what our codec withstands. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import type { Resolver } from 'node:dns/promises';
import dns from 'node:dns/promises';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Answer, Packet } from 'dns-packet';
import { decode, encode } from 'dns-packet';

const NAME = '_sip._udp.pbx.test';
const AUTHORITATIVE = 1 << 10;
/** A hang guard for a decoder, ms. */
const PATIENCE_MS = 30_000;

/** Node's resolver, asking one server that answers every query with these records. */
async function asking<T>(records: Packet, ask: (resolver: Resolver) => Promise<T>): Promise<T> {
  const socket = createSocket('udp4');
  socket.on('message', (octets, { port, address }) => {
    const { id = 0, questions = [] } = decode(octets);
    socket.send(encode({ type: 'response', flags: AUTHORITATIVE, id, questions, ...records }), port, address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const resolver = new dns.Resolver();
  resolver.setServers([`127.0.0.1:${socket.address().port}`]);
  return ask(resolver).finally(() => socket.close());
}

describe("Node's own resolver", () => {
  it('gives SRV records without their TTL and without the addresses that came with them', async () => {
    const srv: Answer = {
      type: 'SRV',
      name: NAME,
      ttl: 7,
      data: { priority: 10, weight: 20, port: 5062, target: 'a.test' },
    };
    const address: Answer = { type: 'A', name: 'a.test', ttl: 7, data: '192.0.2.1' };
    const records = await asking({ answers: [srv], additionals: [address] }, (resolver) => resolver.resolveSrv(NAME));
    assert.equal(records.length, 1);
    const { name, port, priority, weight, ...rest } = records[0] ?? {};
    assert.deepEqual([name, port, priority, weight], ['a.test', 5062, 10, 20]);
    assert.equal(/7|ttl|192\.0\.2\.1/i.test(JSON.stringify(rest)), false, JSON.stringify(rest));
  });

  it('says that there is no record, and not for how long that holds', async () => {
    const soa: Answer = {
      type: 'SOA',
      name: 'test',
      ttl: 7,
      data: { mname: 'ns.test', rname: 'a.test', serial: 1, refresh: 1, retry: 1, expire: 1, minimum: 7 },
    };
    await assert.rejects(
      asking({ authorities: [soa] }, (resolver) => resolver.resolveSrv(NAME)),
      (error: NodeJS.ErrnoException) => {
        assert.equal(error.code, 'ENODATA');
        assert.deepEqual(Object.keys(error).sort(), ['code', 'errno', 'hostname', 'syscall']);
        return true;
      },
    );
  });
});

describe('dns-packet', () => {
  it('refuses a name that points to itself, on which npm node-dns hangs for ever', () => {
    const octets = '0001818000000001' + '00000000' + 'c00c00010001000000040004c0000201';
    const script = `
      const { decode } = require('dns-packet');
      try { decode(Buffer.from('${octets}', 'hex')); console.log('read'); } catch { console.log('refused'); }
    `;
    const done = spawnSync(process.execPath, ['--input-type=commonjs', '-e', script], {
      encoding: 'utf8',
      timeout: PATIENCE_MS,
      cwd: fileURLToPath(new URL('../../..', import.meta.url)),
    });
    assert.deepEqual([done.status, done.stdout], [0, 'refused\n']);
  });
});
