/** Owns the proof that DNS octets are written and read right, and that no octets throw. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Answer } from 'dns-packet';
import { AUTHORITATIVE_ANSWER, decode, encode, TRUNCATED_RESPONSE } from 'dns-packet';
import fc from 'fast-check';
import { isHostName } from '../../../../firmware/dns/soundness.ts';
import { decodeMessage, encodeQuery, encodeStreamQuery } from '../../../../firmware/shell/dns-wire.ts';

const QUERY = { transactionId: 0xbeef, question: { name: '_sip._udp.example.test', type: 'SRV' }, edns: true } as const;

const response = (rest: Parameters<typeof encode>[0]): Buffer =>
  encode({ type: 'response', id: 7, questions: [{ type: 'A', name: 'pbx.example.test' }], ...rest });

const address = (data: string): Answer => ({ type: 'A', name: 'pbx.example.test', ttl: 60, data });
const addresses = (count: number): Answer[] =>
  Array.from({ length: count }, (_, index) => address(`10.0.${index >> 8}.${index & 255}`));

describe('a query on the wire', () => {
  it('asks one question, with recursion, and offers 1232 octets by EDNS', () => {
    const packet = decode(encodeQuery(QUERY));
    assert.deepEqual([packet.type, packet.id, packet.flag_rd], ['query', 0xbeef, true]);
    assert.deepEqual(packet.questions, [{ name: '_sip._udp.example.test', type: 'SRV', class: 'IN' }]);
    const [opt] = packet.additionals ?? [];
    assert.equal(opt?.type === 'OPT' && opt.udpPayloadSize, 1232);
  });

  it('leaves EDNS out where the server cannot do it', () => {
    assert.deepEqual(decode(encodeQuery({ ...QUERY, edns: false })).additionals, []);
  });

  it('has its length in front on a stream', () => {
    const plain = encodeQuery(QUERY);
    assert.deepEqual(encodeStreamQuery(QUERY), Buffer.concat([Buffer.from([0, plain.length]), plain]));
  });

  it('reads back, whatever the name, id and type', () => {
    const label = fc.stringMatching(/^[a-z0-9_-]{1,63}$/);
    const name = fc
      .array(label, { minLength: 1, maxLength: 8 })
      .map((labels) => labels.join('.'))
      .filter(isHostName);
    const type = fc.constantFrom('A', 'AAAA', 'SRV', 'NAPTR');
    fc.assert(
      fc.property(name, type, fc.nat(65_535), fc.boolean(), (text, kind, transactionId, edns) => {
        const message = decodeMessage(encodeQuery({ transactionId, question: { name: text, type: kind }, edns }));
        assert.ok(message !== 'malformed');
        assert.deepEqual(
          [message.id, message.response, message.questions],
          [transactionId, false, [{ name: text, type: kind }]],
        );
      }),
      { seed: 1 },
    );
  });
});

describe('a response from the wire', () => {
  it('tells header, question and records, names in lower case without their last dot', () => {
    const octets = response({
      flags: AUTHORITATIVE_ANSWER,
      questions: [{ type: 'SRV', name: 'Example.TEST' }],
      answers: [
        {
          type: 'SRV',
          name: 'Example.TEST',
          ttl: 30,
          data: { priority: 1, weight: 2, port: 5062, target: 'PBX.Example.TEST.' },
        },
        { type: 'SRV', name: 'example.test', ttl: 30, data: { priority: 0, weight: 0, port: 0, target: '.' } },
        { type: 'CNAME', name: 'a.test', ttl: 5, data: 'B.test' },
        {
          type: 'NAPTR',
          name: 'example.test',
          ttl: 6,
          data: {
            order: 10,
            preference: 20,
            flags: 's',
            services: 'SIP+D2U',
            regexp: '',
            replacement: '_SIP._udp.example.test',
          },
        },
        { type: 'TXT', name: 'example.test', ttl: 6, data: 'left out' },
      ],
      authorities: [
        {
          type: 'SOA',
          name: 'test',
          ttl: 9,
          data: { mname: 'ns.test', rname: 'x.test', serial: 1, refresh: 2, retry: 3, expire: 4, minimum: 50 },
        },
      ],
      additionals: [address('192.0.2.1'), { type: 'AAAA', name: 'pbx.example.test', ttl: 60, data: '2001:DB8::1' }],
    });
    assert.deepEqual(decodeMessage(octets), {
      id: 7,
      response: true,
      truncated: false,
      rcode: 0,
      questions: [{ name: 'example.test', type: 'SRV' }],
      answers: [
        { type: 'SRV', name: 'example.test', ttl: 30, priority: 1, weight: 2, port: 5062, target: 'pbx.example.test' },
        { type: 'SRV', name: 'example.test', ttl: 30, priority: 0, weight: 0, port: 0, target: '.' },
        { type: 'CNAME', name: 'a.test', ttl: 5, target: 'b.test' },
        {
          type: 'NAPTR',
          name: 'example.test',
          ttl: 6,
          order: 10,
          preference: 20,
          flags: 's',
          services: 'SIP+D2U',
          regexp: '',
          replacement: '_sip._udp.example.test',
        },
      ],
      authorities: [{ type: 'SOA', name: 'test', ttl: 9, minimum: 50 }],
      additionals: [
        { type: 'A', name: 'pbx.example.test', ttl: 60, address: '192.0.2.1' },
        { type: 'AAAA', name: 'pbx.example.test', ttl: 60, address: '2001:db8::1' },
      ],
    });
  });

  it('tells the code and that it is truncated', () => {
    const message = decodeMessage(response({ flags: TRUNCATED_RESPONSE | 3 }));
    assert.ok(message !== 'malformed');
    assert.deepEqual([message.truncated, message.rcode], [true, 3]);
  });

  it('tells the whole code, whose upper part stands in OPT, and who is to be asked instead', () => {
    const opt = {
      type: 'OPT',
      name: '.',
      udpPayloadSize: 1232,
      extendedRcode: 1,
      ednsVersion: 0,
      flags: 0,
      options: [],
    };
    const message = decodeMessage(
      response({
        authorities: [{ type: 'NS', name: 'Test', ttl: 60, data: 'NS.test' }],
        additionals: [opt as unknown as ReturnType<typeof address>],
      }),
    );
    assert.ok(message !== 'malformed');
    assert.equal(message.rcode, 16);
    assert.deepEqual(message.authorities, [{ type: 'NS', name: 'test', ttl: 60, target: 'ns.test' }]);
  });

  it('of another class holds nothing for us', () => {
    const message = decodeMessage(
      response({ answers: [{ type: 'A', name: 'pbx.example.test', class: 'CH', ttl: 60, data: '192.0.2.1' }] }),
    );
    assert.ok(message !== 'malformed');
    assert.deepEqual(message.answers, []);
  });

  it('is cut to 64 records a section; what follows a cut section is left out', () => {
    const counts = (octets: Buffer): readonly number[] => {
      const message = decodeMessage(octets);
      assert.ok(message !== 'malformed');
      return [message.answers.length, message.authorities.length, message.additionals.length];
    };
    assert.deepEqual(counts(response({ answers: addresses(64), additionals: addresses(64) })), [64, 0, 64]);
    assert.deepEqual(counts(response({ answers: addresses(65), additionals: addresses(3) })), [64, 0, 0]);
    assert.deepEqual(
      counts(response({ answers: addresses(2), authorities: addresses(500), additionals: addresses(3) })),
      [2, 64, 0],
    );
    assert.deepEqual(counts(response({ answers: addresses(2), additionals: addresses(1000) })), [2, 0, 64]);
  });

  it('does not change the octets it was given', () => {
    const octets = response({ answers: addresses(100) });
    const before = Buffer.from(octets);
    decodeMessage(octets);
    assert.deepEqual(octets, before);
  });
});

describe('hostile octets', () => {
  const good = response({ answers: addresses(2) });
  /** A name of one pointer, at octet 12, to itself. */
  const loop = Buffer.concat([good.subarray(0, 12), Buffer.from([0xc0, 12, 0, 1, 0, 1])]);
  const twoQuestions = Buffer.from(good);
  twoQuestions.writeUInt16BE(2, 4);
  const tooManyAnswers = Buffer.from(good);
  tooManyAnswers.writeUInt16BE(9, 6);

  for (const [what, octets] of [
    ['nothing', Buffer.alloc(0)],
    ['a part of a header', good.subarray(0, 11)],
    ['a part of a record', good.subarray(0, good.length - 3)],
    ['more than a message can hold', Buffer.concat([good, Buffer.alloc(65_536)])],
    ['two questions', twoQuestions],
    ['fewer records than the header says', tooManyAnswers],
    ['a name that points to itself', loop],
  ] as const)
    it(`${what}: malformed`, () => assert.equal(decodeMessage(octets), 'malformed'));

  it('of any kind never throw, and hold at most 64 records a section', () => {
    const flipped = fc.tuple(fc.nat(good.length - 1), fc.nat(255)).map(([at, octet]) => {
      const octets = Buffer.from(good);
      octets[at] = octet;
      return octets;
    });
    const noise = fc.uint8Array({ maxLength: 600 }).map((octets) => Buffer.from(octets));
    const tail = fc.uint8Array({ maxLength: 600 }).map((octets) => Buffer.concat([good.subarray(0, 12), octets]));
    fc.assert(
      fc.property(fc.oneof(flipped, noise, tail), (octets) => {
        const message = decodeMessage(octets);
        if (message === 'malformed') return;
        for (const section of [message.answers, message.authorities, message.additionals])
          assert.ok(section.length <= 64);
        assert.ok(message.rcode >= 0 && message.rcode <= 15);
      }),
      { seed: 2, numRuns: 3000 },
    );
  });
});
