/** The packets for a broker against the octets of the standard, and brokers that are silent, hostile, refusing or dead: the phone goes on. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { createServer } from 'node:net';
import { afterEach, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { PhoneEvent } from '../../../../firmware/events.ts';
import type { Mqtt } from '../../../../firmware/shell/mqtt.ts';
import { createMqtt } from '../../../../firmware/shell/mqtt.ts';
import { connectPacket, publishPacket, readPackets } from '../../../../firmware/shell/mqtt-wire.ts';
import type { PhoneStatus } from '../../../../firmware/status.ts';

const PATIENCE_MS = 60_000;
const STATUS: PhoneStatus = {
  ...{ profile: 'modern', model: '57i', version: '1', uptime: 1, link: 'up' },
  ...{ lines: [], subscriptions: [], targets: [], dns: [] },
};
const READY: PhoneEvent = {
  ...{ event: 'ready' as const, sip: [], http: null, https: null },
  ...{ profile: 'modern', model: '57i', lines: 1 },
};
const ACCEPTED = Buffer.from([0x20, 2, 0, 0]);

describe('the packets for a broker', () => {
  const plain = { clientId: 'c', keepAliveS: 30, will: { topic: 't', payload: 'w' }, username: '', password: '' };

  it('CONNECT: protocol 4, a clean session, a retained will; name and password where there are (MQTT 3.1.1, 3.1)', () => {
    assert.equal(
      connectPacket(plain).toString('hex'),
      '1013' + '00044d515454' + '04' + '26' + '001e' + '000163' + '000174' + '000177',
    );
    const full = connectPacket({ ...plain, username: 'u', password: 'p' });
    assert.equal(
      full.toString('hex'),
      '1019' + '00044d515454' + '04' + 'e6' + '001e' + '000163' + '000174' + '000177' + '000175' + '000170',
    );
    assert.equal(connectPacket({ ...plain, password: 'p' })[9], 0x26, 'no password without a name (3.1.2.9)');
  });

  it('PUBLISH: retained, and the length in seven bits an octet (2.2.3)', () => {
    assert.equal(publishPacket('a/b', '1').toString('hex'), '3106' + '0003612f62' + '31');
    assert.equal(publishPacket('a', 'x'.repeat(125)).subarray(0, 3).toString('hex'), '318001');
    assert.equal(publishPacket('a', 'x'.repeat(20_000)).subarray(0, 4).toString('hex'), '31a39c01');
  });

  it('answers are read in whatever pieces they come; anything else ends it', () => {
    assert.deepEqual(readPackets(Buffer.from([0x20, 2, 0])), { heard: [], rest: Buffer.from([0x20, 2, 0]) });
    assert.deepEqual(readPackets(Buffer.from([0x20, 2, 0, 0, 0xd0, 0, 0xd0])).heard, [
      { kind: 'accepted' },
      { kind: 'alive' },
    ]);
    assert.match(
      JSON.stringify(readPackets(Buffer.from([0x20, 2, 0, 4])).heard),
      /the user name or the password is wrong/,
    );
    assert.match(JSON.stringify(readPackets(Buffer.from('HTTP/1.1 400')).heard), /no broker of MQTT/);
  });
});

describe('a broker', () => {
  const cleanUps: (() => unknown)[] = [];
  afterEach(() => {
    for (const cleanUp of cleanUps.splice(0)) cleanUp();
  });

  async function phoneAt(
    serve: (socket: Socket) => void,
    pauseMs?: number,
  ): Promise<{
    readonly problems: string[];
    readonly came: () => number;
    readonly mqtt: Mqtt;
    readonly values: Record<string, string>;
  }> {
    let came = 0;
    const sockets: Socket[] = [];
    const server = createServer((socket) => {
      came += 1;
      sockets.push(socket);
      socket.on('error', () => undefined);
      serve(socket);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const values: Record<string, string> = {
      ...{ 'mqtt server': 'broker.test', 'mqtt port': String((server.address() as AddressInfo).port) },
      ...{ 'mqtt tls': '0', 'mqtt topic': 'holdfast', 'mqtt discovery prefix': 'homeassistant' },
    };
    const problems: string[] = [];
    const mqtt = createMqtt({
      value: (name) => values[name] ?? '',
      who: { mac: '00085D000001', model: '57i', version: '1' },
      status: () => STATUS,
      ...(pauseMs === undefined ? {} : { pauseMs }),
      authorities: () => Promise.resolve(null),
      lookup: () => Promise.resolve(['127.0.0.1']),
      tell: (event) => {
        if (event.event === 'problem') problems.push(event.message);
      },
    });
    cleanUps.push(
      () => mqtt.stop(),
      () => sockets.map((socket) => socket.destroy()),
      () => server.close(),
    );
    mqtt.event(READY);
    return { problems, came: () => came, mqtt, values };
  }
  async function until(holds: () => boolean): Promise<void> {
    for (const end = performance.now() + PATIENCE_MS; !holds(); await pause(5)) assert.ok(performance.now() < end);
  }

  it('that is none, or floods, is let go at once and told of once', async () => {
    const at = await phoneAt((socket) => socket.write(Buffer.alloc(1_000_000, 'A')));
    await until(() => at.problems.length === 1);
    assert.deepEqual(at.problems, ['mqtt: what answers is no broker of MQTT']);
    assert.equal(at.came(), 1, 'the next attempt comes later');
  });

  it('that refuses is named by its reason', async () => {
    const at = await phoneAt((socket) => socket.once('data', () => socket.end(Buffer.from([0x20, 2, 0, 5]))));
    await until(() => at.problems.length === 1);
    assert.deepEqual(at.problems, ['mqtt: not allowed to connect']);
  });

  it('that answers what it was not asked is let go: a pong or a second yes costs no connection that is held for nothing', async () => {
    const pong = Buffer.from([0xd0, 0]);
    for (const answers of [[pong], [ACCEPTED, ACCEPTED], [ACCEPTED, pong]]) {
      const at = await phoneAt((socket) => socket.once('data', () => socket.write(Buffer.concat(answers))));
      await until(() => at.problems.length === 1);
      assert.deepEqual(at.problems, ['mqtt: the broker answers what it was not asked']);
    }
  });

  it('that says yes and hangs up is told of once, and asked less and less often', async () => {
    const at = await phoneAt((socket) => socket.once('data', () => socket.end(ACCEPTED)), 200);
    await until(() => at.came() === 2);
    const second = performance.now();
    await until(() => at.came() === 3);
    // 200 ms, then 400.
    assert.ok(performance.now() - second > 350);
    assert.deepEqual(at.problems, ['mqtt: the broker closed the connection']);
  });

  it('that takes nothing any more does not fill the memory: what happens is published as it is then, or not at all', async () => {
    const at = await phoneAt((socket) => {
      socket.once('data', () => {
        socket.write(ACCEPTED);
        socket.pause();
      });
    });
    await until(() => at.came() === 1);
    for (let n = 0; n < 10_000; n += 1) at.mqtt.event({ event: 'mwi', line: 1, waiting: true, new: n, old: 0 });
    assert.deepEqual(at.problems, []);
  });

  it('is told by nobody where the setting is taken away, with a word of farewell', async () => {
    const heard: Buffer[] = [];
    let ended = false;
    const at = await phoneAt((socket) => {
      socket.once('data', () => socket.write(ACCEPTED));
      socket
        .on('data', (octets: Buffer) => heard.push(octets))
        .on('end', () => {
          ended = true;
        });
    });
    await until(() => Buffer.concat(heard).includes('online'));
    at.values['mqtt server'] = '0.0.0.0';
    at.mqtt.configured();
    await until(() => ended);
    const all = Buffer.concat(heard);
    assert.ok(all.includes('offline') && all.subarray(-2).equals(Buffer.from([0xe0, 0])));
    await pause(50);
    assert.equal(at.came(), 1);
  });
});
