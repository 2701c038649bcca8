/** Owns the proof of what the system's name servers and its hosts file are read as. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { Endpoint } from '../../../../firmware/kernel/target.ts';
import {
  parseEndpoint,
  parseHosts,
  readHosts,
  systemNameServers,
  watchNameServers,
} from '../../../../firmware/shell/system-dns.ts';

describe('an address with or without a port', () => {
  const rows: readonly (readonly [string, string | null, number])[] = [
    ['192.0.2.1', '192.0.2.1', 53],
    ['192.0.2.1:5353', '192.0.2.1', 5353],
    ['2001:db8::1', '2001:db8::1', 53],
    ['[2001:db8::1]', '2001:db8::1', 53],
    ['[2001:db8::1]:5353', '2001:db8::1', 5353],
    ['[2001:0DB8:0:0::0001]:5353', '2001:db8::1', 5353],
    ['fe80::1%eth0', 'fe80::1%eth0', 53],
    ['192.0.2.1:65536', null, 0],
    ['192.0.2.1:', null, 0],
    ['192.0.2.256', null, 0],
    ['dns.example.test', null, 0],
    ['', null, 0],
  ];
  for (const [text, address, port] of rows)
    it(`"${text}" is ${address === null ? 'none' : `${address} port ${port}`}`, () =>
      assert.deepEqual(parseEndpoint(text, 53), address === null ? null : { address, port }));
});

describe("the system's name servers", () => {
  it('in their order; what is no address is passed over', () => {
    assert.deepEqual(systemNameServers(['192.0.2.53', '[2001:db8::53]:5353', 'nonsense']), [
      { address: '192.0.2.53', port: 53 },
      { address: '2001:db8::53', port: 5353 },
    ]);
  });

  it('are those that Node knows', () => {
    for (const { address, port } of systemNameServers()) assert.ok(address !== '' && port > 0);
  });
});

describe("a change of the system's name servers", () => {
  it('is told once each time, when the file is written or replaced by another one', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'holdfast-resolv-'));
    const path = join(folder, 'resolv.conf');
    const write = (address: string): void => writeFileSync(path, `nameserver ${address}\n`);
    const read = (): readonly Endpoint[] => [{ address: readFileSync(path, 'utf8').split(/\s/)[1] ?? '', port: 53 }];
    write('192.0.2.1');
    const told: string[] = [];
    const stop = watchNameServers(([server]) => void told.push(server?.address ?? ''), { everyMs: 10, read });
    const seen = async (count: number): Promise<void> => {
      for (const end = performance.now() + 60_000; told.length < count && performance.now() < end; )
        await new Promise((resolve) => setTimeout(resolve, 10));
    };
    try {
      write('192.0.2.2');
      await seen(1);
      writeFileSync(join(folder, 'new'), 'nameserver 192.0.2.3\n# and a comment\n');
      renameSync(join(folder, 'new'), path);
      await seen(2);
      writeFileSync(path, 'nameserver 192.0.2.3\n# and another comment\n');
      await new Promise((resolve) => setTimeout(resolve, 50));
      write('192.0.2.4');
      await seen(3);
      assert.deepEqual(told, ['192.0.2.2', '192.0.2.3', '192.0.2.4']);
    } finally {
      stop();
      rmSync(folder, { recursive: true });
    }
  });
});

describe('the hosts file', () => {
  it('gives the addresses of each name, in lower case, each once, comments and nonsense passed over', () => {
    const text = [
      '# 192.0.2.9 comment.test',
      '192.0.2.1\tPBX.example.test pbx # main',
      '  2001:db8::1   pbx.example.test.  ',
      '192.0.2.1 pbx.example.test',
      'pbx.example.test 192.0.2.7',
      '192.0.2.2 __proto__ constructor\r',
      '192.0.2.3',
      '',
    ].join('\n');
    const table = parseHosts(text);
    assert.deepEqual(Object.entries(table), [
      ['pbx.example.test', ['192.0.2.1', '2001:db8::1']],
      ['pbx', ['192.0.2.1']],
      ['__proto__', ['192.0.2.2']],
      ['constructor', ['192.0.2.2']],
    ]);
  });

  it('that cannot be read is an empty one', async () => {
    assert.deepEqual(await readHosts('/nonexistent/hosts'), {});
  });
});
