/** Proves how session descriptions are read and written: what is missing is borne, what is used is checked (RFC 8866; conformance J1, J2). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Stream } from '../../../../../firmware/sip/sdp/description.ts';
import { readDescription, writeDescription } from '../../../../../firmware/sip/sdp/description.ts';

const lines = (...all: readonly string[]): string => `${all.join('\r\n')}\r\n`;
const HEAD = ['v=0', 'o=- 1 2 IN IP4 192.0.2.7', 's=-', 'c=IN IP4 192.0.2.7', 't=0 0'] as const;

const read = (text: string): NonNullable<ReturnType<typeof tryRead>> => tryRead(text) ?? assert.fail(text);
const tryRead = (text: string) => {
  const description = readDescription(text);
  return description.ok ? description.value : null;
};

describe('a description', () => {
  it('has its streams with formats, address, direction and packet time', () =>
    assert.deepEqual(
      read(
        lines(
          ...HEAD,
          'm=audio 4000 RTP/AVP 9 0 101',
          'a=rtpmap:101 telephone-event/8000',
          'a=fmtp:101 0-15',
          'a=ptime:30',
          'a=sendonly',
        ),
      ),
      {
        sessionId: '1',
        version: 2,
        streams: [
          {
            type: 'audio',
            protocol: 'RTP/AVP',
            at: { address: '192.0.2.7', port: 4000 },
            written: '9 0 101',
            formats: [
              { payloadType: 9, name: 'G722', rate: 8000, parameters: '' },
              { payloadType: 0, name: 'PCMU', rate: 8000, parameters: '' },
              { payloadType: 101, name: 'TELEPHONE-EVENT', rate: 8000, parameters: '0-15' },
            ],
            direction: 'sendonly',
            ptimeMs: 30,
            keys: [],
          },
        ],
      },
    ));

  it('has the keys that can be used, in their order, and is written with them (RFC 4568)', () => {
    const key = 'QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNk';
    const [long, short] = ['AES_CM_128_HMAC_SHA1_80', 'AES_CM_128_HMAC_SHA1_32'];
    const usable = [
      `1 ${short} inline:${key}|2^48`,
      `2 ${long} inline:${key}|1048576 WSH=64`,
      `40 ${long} inline:${key} -NEW=1`,
    ];
    const useless = [
      ...[`3 ${long} inline:${key}|2^20|1:4`, `4 ${long} inline:${key}AA`, `5 F8_128_HMAC_SHA1_80 inline:${key}`],
      ...[
        `6 ${long} inline:${key} KDR=1`,
        `7 ${long} uri:https://x`,
        `8 ${long.toLowerCase()} inline:${key}`,
        'nonsense',
      ],
    ];
    const media = ['m=audio 4000 RTP/SAVP 0', ...[...useless, ...usable].map((line) => `a=crypto:${line}`)];
    const description = read(lines(...HEAD, ...media));
    const keys = description?.streams[0]?.keys;
    assert.deepEqual(keys, [
      { tag: 1, suite: short, masterKey: key },
      { tag: 2, suite: long, masterKey: key },
      { tag: 40, suite: long, masterKey: key },
    ]);
    assert.deepEqual(tryRead(writeDescription(description ?? assert.fail()))?.streams[0]?.keys, keys);
    const many = Array.from({ length: 30 }, (_, at) => `a=crypto:${at + 1} ${long} inline:${key}`);
    assert.equal(read(lines(...HEAD, 'm=audio 4000 RTP/SAVP 0', ...many))?.streams[0]?.keys.length, 16);
  });

  it('a stream’s own address and direction outrank those of the session', () => {
    const text = lines(
      ...HEAD,
      'a=inactive',
      'm=audio 4000 RTP/AVP 0',
      'c=IN IP6 2001:db8::7',
      'a=recvonly',
      'm=video 4002 RTP/AVP 31',
    );
    const [audio, video] = read(text).streams;
    assert.deepEqual([audio?.at.address, audio?.direction], ['2001:db8::7', 'recvonly']);
    assert.deepEqual([video?.at.address, video?.direction, video?.formats], ['192.0.2.7', 'inactive', []]);
  });

  it('bears a missing s= and t=, line feeds alone, and what it does not know', () => {
    const text = 'v=0\no=- 1 1 IN IP4 h\nc=IN IP4 192.0.2.7\nm=audio 4000 RTP/AVP 8 77\na=candidate:1 x\nz=?\nq=??\n';
    assert.deepEqual(
      read(text).streams[0]?.formats.map(({ name }) => name),
      ['PCMA'],
    );
  });

  it('an unlikely packet time is none', () => {
    for (const said of ['0', '5', '200', '-20', 'x'])
      assert.equal(read(lines(...HEAD, 'm=audio 4000 RTP/AVP 0', `a=ptime:${said}`)).streams[0]?.ptimeMs, null);
  });

  it('says what is wrong with what cannot be used', () => {
    for (const [text, why] of [
      ['', /v=0/],
      ['v=1\r\n', /v=0/],
      [lines(...HEAD, 'm=audio 99999 RTP/AVP 0'), /port 99999/],
      [lines('v=0', 'm=audio 4000 RTP/AVP 0'), /c= line/],
      [lines('v=0', 'c=IN IP4 pbx.test', 'm=audio 4000 RTP/AVP 0'), /"pbx.test"/],
      [lines(...HEAD, ...Array.from({ length: 17 }, () => 'm=audio 4000 RTP/AVP 0')), /17 m= lines/],
      [`v=0\r\n${'a=x\r\n'.repeat(10_000)}`, /octets/],
    ] as const) {
      const result = readDescription(text);
      assert.ok(!result.ok);
      assert.match(result.error, why);
    }
  });

  it('formats are bounded and counted once', () => {
    const text = lines(...HEAD, `m=audio 4000 RTP/AVP 0 0 ${Array.from({ length: 200 }, (_, at) => at).join(' ')}`);
    const names = read(text).streams[0]?.formats.map(({ name }) => name);
    assert.deepEqual(names, ['PCMU', 'GSM', 'G723', 'PCMA', 'G722', 'CN', 'G728', 'G729']);
  });

  it('no text makes it throw', () => {
    const line = fc.oneof(
      fc.constantFrom(...HEAD, 'm=audio 4000 RTP/AVP 0 101', 'a=rtpmap:101 telephone-event/8000', 'a=fmtp:101 0-15'),
      fc.tuple(fc.constantFrom('m', 'a', 'c', 'o', 'v', 't'), fc.string()).map(([type, text]) => `${type}=${text}`),
    );
    fc.assert(
      fc.property(fc.array(line), (all) => {
        readDescription(lines('v=0', ...all));
      }),
    );
  });
});

describe('our own description', () => {
  const PCMU = { payloadType: 0, name: 'PCMU', rate: 8000, parameters: '' };
  const EVENTS = { payloadType: 101, name: 'TELEPHONE-EVENT', rate: 8000, parameters: '0-15' };
  const stream: Stream = {
    ...{ type: 'audio', protocol: 'RTP/AVP', at: { address: '192.0.2.100', port: 3000 }, written: '0 101' },
    ...{ formats: [PCMU, EVENTS], direction: 'sendrecv', ptimeMs: 20, keys: [] },
  };

  it('is written in the order of RFC 8866 5', () =>
    assert.equal(
      writeDescription({ sessionId: '7', version: 3, streams: [stream] }),
      lines(
        'v=0',
        'o=- 7 3 IN IP4 192.0.2.100',
        's=-',
        'c=IN IP4 192.0.2.100',
        't=0 0',
        'm=audio 3000 RTP/AVP 0 101',
        'a=rtpmap:0 PCMU/8000',
        'a=rtpmap:101 telephone-event/8000',
        'a=fmtp:101 0-15',
        'a=ptime:20',
        'a=sendrecv',
      ),
    ));

  it('a refused stream keeps its place and its formats; the address is that of the stream that is left', () => {
    const video = { ...stream, type: 'video', at: { address: '198.51.100.1', port: 0 }, written: '31 98', formats: [] };
    const text = writeDescription({ sessionId: '7', version: 3, streams: [video, stream] });
    assert.match(text, /c=IN IP4 192\.0\.2\.100\r\nt=0 0\r\nm=video 0 RTP\/AVP 31 98\r\nm=audio 3000/);
  });

  it('reads back as it was written, over IPv6 too', () => {
    const six = { ...stream, at: { address: '2001:db8::100', port: 3000 } };
    const description = { sessionId: '12345678901234567890', version: 1, streams: [six] };
    assert.deepEqual(read(writeDescription(description)), description);
  });
});
