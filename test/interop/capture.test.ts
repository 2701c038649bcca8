/** What tshark reads in a capture: every message as SIP, with its ends, over UDP, TCP and TLS, nothing malformed. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { TracedMessage } from '../../firmware/status.ts';
import { pcapng } from '../../firmware/web/pcapng.ts';

const TEXT =
  'OPTIONS sip:h SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.7;branch=z9hG4bKa\r\nFrom: <sip:a@h>;tag=1\r\nTo: <sip:h>\r\nCall-ID: tshark\r\nCSeq: 7 OPTIONS\r\nContent-Length: 0\r\n\r\n';
const message = (
  transport: TracedMessage['transport'],
  address: string,
  direction: TracedMessage['direction'],
): TracedMessage => ({
  ...{ id: 1, t: 0, at: 1_700_000_000_000, direction, transport, local: null, callId: 'tshark', label: 'OPTIONS 7' },
  ...{ peer: { address, port: 5070 }, text: TEXT },
});

describe('tshark', () => {
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'holdfast-capture-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('reads every message as SIP, with both ends, and finds nothing malformed', () => {
    const file = join(folder, 'capture.pcapng');
    const messages = (['udp', 'tcp', 'tls'] as const).flatMap((transport) => [
      message(transport, '192.0.2.1', 'sent'),
      message(transport, '2001:db8::1', 'received'),
    ]);
    writeFileSync(file, pcapng(messages, { address: '192.0.2.7', port: 5060 }));
    const fields = [
      'sip.Method',
      'sip.Call-ID',
      'sip.CSeq.seq',
      'ip.src',
      'ipv6.src',
      'udp.dstport',
      'exported_pdu.ipv4_src',
      'exported_pdu.ipv6_src',
      'exported_pdu.dst_port',
      '_ws.malformed',
    ];
    const out = execFileSync(
      'tshark',
      [
        '-r',
        file,
        '-T',
        'fields',
        '-E',
        'separator=,',
        '-o',
        'udp.check_checksum:TRUE',
        ...fields.flatMap((field) => ['-e', field]),
      ],
      { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
    );
    const rows = out.trim().split('\n');
    assert.equal(rows.length, 6);
    for (const row of rows) assert.match(row, /^OPTIONS,tshark,7,/);
    assert.equal(rows[0], 'OPTIONS,tshark,7,192.0.2.7,,5070,,,,');
    assert.equal(rows[1], 'OPTIONS,tshark,7,,2001:db8::1,5060,,,,');
    assert.equal(rows[2], 'OPTIONS,tshark,7,192.0.2.7,,,192.0.2.7,,5070,');
    assert.equal(rows[5], 'OPTIONS,tshark,7,,2001:db8::1,,,2001:db8::1,5060,');
  });
});
