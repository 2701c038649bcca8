/**
 * Owns telling a broker of MQTT what Home Assistant shows (`mqtt server`): connect, publish what changed, keep alive, come back after a
 * while. It reads nothing but the broker's two answers; a dead or hostile broker costs one connection in a while, and no news are kept.
 */
import type { Socket } from 'node:net';
import { connect, isIP } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Calls, Identity } from '../actions/home-assistant.ts';
import { callsAfter, discovery, OFFLINE, ONLINE, state, statusTopic } from '../actions/home-assistant.ts';
import { NO_HOST } from '../config/values.ts';
import type { PhoneEvent } from '../events.ts';
import type { PhoneStatus } from '../status.ts';
import { connectPacket, GOODBYE, PING, publishPacket, readPackets } from './mqtt-wire.ts';

export interface MqttOptions {
  /** A parameter in force. */
  readonly value: (name: string) => string;
  readonly who: Pick<Identity, 'mac' | 'model' | 'version'>;
  readonly status: () => PhoneStatus;
  readonly lookup: (host: string) => Promise<readonly string[]>;
  readonly tell: (event: PhoneEvent) => void;
  /** PEM texts that a broker's certificate is checked with (`sips trusted certificates`); null = the public ones. */
  readonly authorities: () => Promise<readonly string[] | null>;
  /** Before the first attempt after a failure; 5000 where nothing is said. */
  readonly pauseMs?: number;
}

export interface Mqtt {
  event(event: PhoneEvent): void;
  /** The settings may have changed. */
  configured(): void;
  stop(): void;
}

const KEEP_ALIVE_S = 30;
/** From connecting to the broker's yes; and from a ping to its answer. */
const ANSWER_MS = 10_000;
const PAUSE_MS = 5000;
const PAUSE_MAX_MS = 300_000;
/** Waiting for a broker that takes nothing: then it is let go. */
const UNSENT_MAX_OCTETS = 262_144;
const GOODBYE_MS = 1000;
/** What happens within this is published once. */
const GATHER_MS = 100;

/** What a change of makes a new connection of. */
const NAMES = [
  ...['mqtt server', 'mqtt port', 'mqtt tls', 'mqtt username', 'mqtt password'],
  ...['mqtt topic', 'mqtt discovery prefix'],
];

export function createMqtt(options: MqttOptions): Mqtt {
  const { value, tell, pauseMs = PAUSE_MS } = options;
  let calls: Calls = new Map();
  let link: Link | null = null;
  let settings = '';
  let failures = 0;
  let lastProblem = '';
  let pause: NodeJS.Timeout | null = null;
  let gathering: NodeJS.Timeout | null = null;
  let stopped = false;

  const isOn = (): boolean => !['', NO_HOST].includes(value('mqtt server'));

  function problem(message: string): void {
    if (message !== lastProblem && !stopped)
      tell({ event: 'problem', file: '', line: 0, parameter: 'mqtt server', message: `mqtt: ${message}` });
    lastProblem = message;
  }

  function later(): void {
    if (stopped || pause !== null) return;
    pause = setTimeout(
      () => {
        pause = null;
        void open();
      },
      Math.min(PAUSE_MAX_MS, pauseMs * 2 ** Math.min(failures, 10)),
    );
    pause.unref();
    failures += 1;
  }

  async function open(): Promise<void> {
    if (stopped || !isOn() || link !== null) return;
    const of = settings;
    const host = value('mqtt server');
    const [[address], authorities] = await Promise.all([options.lookup(host).catch(() => []), options.authorities()]);
    if (stopped || of !== settings || link !== null) return;
    if (address === undefined) {
      problem(`DNS has no address for ${host}`);
      return later();
    }
    const own = openLink(options, {
      ...{ host, address, authorities, calls: () => calls },
      settled() {
        failures = 0;
        lastProblem = '';
      },
      ended(why) {
        if (link !== own) return;
        link = null;
        problem(why);
        later();
      },
    });
    link = own;
  }

  function configured(): void {
    const next = JSON.stringify(NAMES.map(value));
    if (next === settings || stopped) return gather();
    settings = next;
    link?.close();
    link = null;
    failures = 0;
    lastProblem = '';
    if (pause !== null) clearTimeout(pause);
    pause = null;
    void open();
  }

  function gather(): void {
    if (gathering !== null || link === null) return;
    gathering = setTimeout(() => {
      gathering = null;
      link?.publish();
    }, GATHER_MS);
    gathering.unref();
  }

  return {
    event(event) {
      calls = callsAfter(calls, event);
      if (event.event === 'ready') configured();
      if (['registration', 'failover', 'failback', 'call', 'mwi', 'unregistered'].includes(event.event)) gather();
    },
    configured,
    stop() {
      stopped = true;
      if (pause !== null) clearTimeout(pause);
      if (gathering !== null) clearTimeout(gathering);
      link?.close();
      link = null;
    },
  };
}

interface Link {
  /** What has changed since it was last published here. */
  publish(): void;
  /** In order; nothing is told of it. */
  close(): void;
}

interface LinkPlan {
  /** As configured, which a certificate must show. */
  readonly host: string;
  readonly address: string;
  readonly authorities: readonly string[] | null;
  readonly calls: () => Calls;
  /** The broker has answered a ping: one that says yes and hangs up is waited for longer each time. */
  readonly settled: () => void;
  /** Not by us. */
  readonly ended: (why: string) => void;
}

function openLink({ value, who: phone, status }: MqttOptions, plan: LinkPlan): Link {
  const { host, address, authorities } = plan;
  const who: Identity = { ...phone, topic: value('mqtt topic'), discovery: value('mqtt discovery prefix') };
  const at = { host: address, port: Number(value('mqtt port')) };
  const trusted = authorities === null ? {} : { ca: [...authorities] };
  const socket: Socket =
    value('mqtt tls') === '1'
      ? connectTls({ ...at, ...trusted, ...(isIP(host) === 0 ? { servername: host } : {}) })
      : connect(at);
  const published = new Map<string, string>();
  let isAccepted = false;
  let isPinged = false;
  let unread = Buffer.alloc(0);
  let over = false;
  let silent = setTimeout(() => end(`no answer within ${ANSWER_MS / 1000} s`), ANSWER_MS);
  const pings = setInterval(ping, KEEP_ALIVE_S * 1000);
  for (const timer of [silent, pings]) timer.unref();

  function leave(): void {
    over = true;
    clearTimeout(silent);
    clearInterval(pings);
  }

  function end(why: string): void {
    if (over) return;
    leave();
    socket.destroy();
    plan.ended(why);
  }

  function ping(): void {
    if (!isAccepted) return;
    isPinged = true;
    socket.write(PING);
    clearTimeout(silent);
    silent = setTimeout(() => end('the broker has gone silent'), ANSWER_MS);
    silent.unref();
  }

  function put(topic: string, payload: string): void {
    if (published.get(topic) === payload) return;
    published.set(topic, payload);
    socket.write(publishPacket(topic, payload));
    if (socket.writableLength > UNSENT_MAX_OCTETS) end('the broker takes nothing any more');
  }

  function publish(): void {
    if (!isAccepted || over) return;
    const now = status();
    for (const { topic, payload } of discovery(who, now)) put(topic, payload);
    const { topic, payload } = state(who, now, plan.calls());
    put(topic, payload);
    put(statusTopic(who), ONLINE);
  }

  socket.on(value('mqtt tls') === '1' ? 'secureConnect' : 'connect', () => {
    socket.write(
      connectPacket({
        ...{ clientId: `holdfast-${who.mac}`, keepAliveS: KEEP_ALIVE_S },
        will: { topic: statusTopic(who), payload: OFFLINE },
        ...{ username: value('mqtt username'), password: value('mqtt password') },
      }),
    );
  });
  socket.on('data', (octets: Buffer) => {
    const { heard, rest } = readPackets(Buffer.concat([unread, octets]));
    unread = Buffer.from(rest);
    for (const one of heard) {
      if (one.kind === 'refused') return end(one.why);
      if (one.kind === 'accepted' ? isAccepted : !isPinged) return end('the broker answers what it was not asked');
      clearTimeout(silent);
      if (one.kind === 'alive') {
        isPinged = false;
        plan.settled();
        continue;
      }
      isAccepted = true;
      publish();
    }
  });
  socket.on('error', (error: NodeJS.ErrnoException) => {
    const code = error.code ?? error.message.slice(0, 100);
    const isUntrusted = 'authorizationError' in socket && Boolean(socket.authorizationError);
    end(isUntrusted ? `the broker's certificate is not accepted (${code})` : code);
  });
  socket.on('close', () => end('the broker closed the connection'));

  return {
    publish,
    close() {
      if (over) return;
      if (!isAccepted) {
        leave();
        socket.destroy();
        return;
      }
      put(statusTopic(who), OFFLINE);
      leave();
      socket.end(GOODBYE);
      // What has been written may still leave; a broker that takes nothing holds nobody up.
      setTimeout(() => socket.destroy(), GOODBYE_MS).unref();
    },
  };
}
