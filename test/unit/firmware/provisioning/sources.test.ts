/** Where configuration files come from: parameters first, then DHCP, each once; nothing that leads out of its folder. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findParameter } from '../../../../firmware/config/parameters.ts';
import { heldBy, leaseOptions } from '../../../../firmware/provisioning/dhcp-lease.ts';
import type { DhcpOptions, Sources } from '../../../../firmware/provisioning/sources.ts';
import { readServer, sourcesOf, sourceText } from '../../../../firmware/provisioning/sources.ts';

const NO_LEASE: DhcpOptions = new Map();
const given = (values: Readonly<Record<string, string>>, dhcp = NO_LEASE): Sources =>
  sourcesOf((name) => values[name] ?? findParameter(name)?.parameter.default ?? '', dhcp);
const texts = (...asked: Parameters<typeof given>): readonly string[] => given(...asked).sources.map(sourceText);
const options = (entries: Readonly<Record<number, string>>): DhcpOptions =>
  new Map(Object.entries(entries).map(([number, text]) => [Number(number), text]));

describe('parameters', () => {
  it('name a server for each protocol, with port and folder; nothing named is nothing asked', () => {
    assert.deepEqual(texts({}), []);
    assert.deepEqual(texts({ 'tftp server': '192.0.2.1' }), ['tftp://192.0.2.1']);
    assert.deepEqual(texts({ 'download protocol': 'http', 'http server': 'pbx.example', 'http path': '/a/b/' }), [
      'http://pbx.example/a/b',
    ]);
    assert.deepEqual(texts({ 'download protocol': 'https', 'https server': '2001:db8::1', 'https port': '8443' }), [
      'https://[2001:db8::1]:8443',
    ]);
    assert.deepEqual(
      given({ 'download protocol': 'ftp', 'ftp server': 'f.example', 'ftp username': 'u', 'ftp password': 'p' })
        .sources,
      [{ protocol: 'ftp', host: 'f.example', port: 21, path: '', user: 'u', password: 'p', namedBy: '"ftp server"' }],
    );
  });

  it('only that of the chosen protocol is asked; the further TFTP server first where it is switched on', () => {
    assert.deepEqual(texts({ 'download protocol': 'http', 'tftp server': '192.0.2.1' }), []);
    const two = { 'tftp server': '192.0.2.1', 'alternate tftp server': '192.0.2.2' };
    assert.deepEqual(texts(two), ['tftp://192.0.2.1']);
    assert.deepEqual(texts({ ...two, 'use alternate tftp server': '1' }), ['tftp://192.0.2.2', 'tftp://192.0.2.1']);
    const folders = { 'tftp path': '/a/', 'alternate tftp path': 'b', 'use alternate tftp server': '1' };
    assert.deepEqual(texts({ ...two, ...folders }), ['tftp://192.0.2.2/b', 'tftp://192.0.2.1/a']);
  });

  it('a folder that leads out of itself is refused by name', () => {
    for (const path of ['../etc', 'a/../../b', '%2e%2e/x', 'a/%2fetc', 'a\r\nX: y', 'a?b', 'a//b']) {
      const { sources, problems } = given({
        'download protocol': 'http',
        'http server': 'h.example',
        'http path': path,
      });
      assert.deepEqual([sources, problems.length], [[], 1], path);
      assert.match(problems[0] ?? '', /"http path"/);
    }
  });
});

describe('DHCP', () => {
  it('43 counts before 160, 159 and 66; one alone where it is chosen, none for -1', () => {
    const all = options({
      66: '192.0.2.66',
      159: '192.0.2.159',
      160: 'http://192.0.2.160/cfg',
      43: 'ftp://192.0.2.43',
    });
    assert.deepEqual(texts({}, all), ['ftp://192.0.2.43']);
    assert.deepEqual(texts({}, new Map([...all].filter(([number]) => number !== 43))), ['http://192.0.2.160/cfg']);
    assert.deepEqual(texts({ 'dhcp config option override': '66' }, all), ['tftp://192.0.2.66']);
    assert.deepEqual(texts({ 'dhcp config option override': '-1' }, all), []);
  });

  it('comes after what parameters name, and the same place is asked once', () => {
    const http = { 'download protocol': 'http', 'http server': '192.0.2.1' };
    assert.deepEqual(texts(http, options({ 66: '192.0.2.2\0' })), ['http://192.0.2.1', 'tftp://192.0.2.2']);
    assert.deepEqual(texts(http, options({ 66: 'http://192.0.2.1' })), ['http://192.0.2.1']);
  });

  it('43 holds sub-options, of which 2 is the server; or the bare text', () => {
    const server = 'http://192.0.2.9/x';
    assert.deepEqual(texts({}, options({ 43: `\x01\x02ab\x02${String.fromCharCode(server.length)}${server}\xff` })), [
      server,
    ]);
    assert.deepEqual(texts({}, options({ 43: server })), [server]);
    assert.deepEqual(texts({}, options({ 43: '\x01\x02ab\x02\xff' })), []);
  });

  it('what is no server is named, and the next option is used', () => {
    const { sources, problems } = given({}, options({ 66: '192.0.2.1', 159: 'gopher://x y' }));
    assert.deepEqual(sources.map(sourceText), ['tftp://192.0.2.1']);
    assert.match(problems[0] ?? '', /DHCP option 159: "gopher:\/\/x y"/);
  });
});

describe('an address of a server', () => {
  it('has protocol, user, port and folder, or is a name alone', () => {
    assert.deepEqual(readServer('https://user:pw@h.example:8443/a/b', 'x'), {
      ...{ protocol: 'https', host: 'h.example', port: 8443, path: 'a/b' },
      ...{ user: 'user', password: 'pw', namedBy: 'x' },
    });
    assert.equal(sourceText(readServer('h.example/folder', 'x') ?? assert.fail()), 'tftp://h.example/folder');
    assert.equal(sourceText(readServer('http://[2001:db8::1]/', 'x') ?? assert.fail()), 'http://[2001:db8::1]');
  });

  it('is nothing else', () => {
    for (const text of [
      '',
      'http://',
      'file:///etc',
      'http://h:0',
      'http://h:70000',
      'http://h/../x',
      'a b',
      '0.0.0.0',
      'http://a@b@c',
    ])
      assert.equal(readServer(text, 'x'), null, text);
  });

  it('never shows its password', () => {
    assert.equal(sourceText(readServer('ftp://u:secret@h.example/x', 'x') ?? assert.fail()), 'ftp://h.example/x');
    const [problem = ''] = given({}, options({ 66: 'http://u:secret@h.example:0/x' })).problems;
    assert.match(problem, /"http:\/\/h\.example:0\/x" is neither/);
  });
});

describe('a lease', () => {
  const hex = (text: string): string => Buffer.from(text, 'latin1').toString('hex');

  it('of systemd-networkd: the option of the vendor and those that it keeps by number', () => {
    const lease = `# This is private data. Do not parse.\nADDRESS=192.0.2.7\nSERVER_ADDRESS=192.0.2.1\nVENDOR_SPECIFIC=${hex('http://192.0.2.1')}\nOPTION_224=${hex('x')}\nOPTION_66=zz\n`;
    assert.deepEqual(
      [...leaseOptions(lease)],
      [
        [43, 'http://192.0.2.1'],
        [224, 'x'],
      ],
    );
  });

  it('as the packet itself: every option, long ones joined, cut ones left out', () => {
    const packet = (...parts: readonly string[]): string => `\x02${'\0'.repeat(235)}c\x82Sc${parts.join('')}`;
    const found = leaseOptions(packet('\0\x35\x01\x05', '\x42\x03abc', '\x42\x02de', '\xff', '\x42\x01z'));
    assert.equal(found.get(66), 'abcde');
    assert.equal(leaseOptions(packet('\x42\x09abc')).size, 0);
    assert.equal(leaseOptions(packet('\x42')).size, 0);
  });

  it('as the packet itself: options that had no room stand in the fields of the names (RFC 2132 9.3)', () => {
    const packet = (overload: string): string =>
      [
        ...['\x02', '\0'.repeat(43), '\x42\x02de\xff'.padEnd(64, '\0'), '\x42\x03abc\xff'.padEnd(128, '\0')],
        ...['c\x82Sc', '\x35\x01\x05', `\x34\x01${overload}`, '\xff'],
      ].join('');
    assert.equal(leaseOptions(packet('\x01')).get(66), 'abc');
    assert.equal(leaseOptions(packet('\x02')).get(66), 'de');
    assert.equal(leaseOptions(packet('\x03')).get(66), 'abcde');
    assert.equal(leaseOptions(packet('\x00')).get(66), undefined);
  });

  it('says who holds which address', () => {
    const held = heldBy('# private\nADDRESS=192.0.2.7\nSERVER_ADDRESS=192.0.2.1\nCLIENTID=0100085d000001\n');
    assert.deepEqual([hex(held?.address ?? ''), hex(held?.clientId ?? '')], ['c0000207', '0100085d000001']);
    for (const text of ['', 'ADDRESS=192.0.2.7\n', 'CLIENTID=0100085d000001\n', 'ADDRESS=1.2.3.999\nCLIENTID=0102\n'])
      assert.equal(heldBy(text), null, text);
  });

  it('is nothing else', () => {
    for (const text of ['', '\xff'.repeat(1000), 'OPTION_66', 'OPTION_66=6', '{}'])
      assert.equal(leaseOptions(text).size, 0);
  });
});
