/**
 * Owns the media worker: the sound card's periods, the sockets and the engine between them, in a thread of their own, so that nothing
 * that SIP does is heard. Main talks to it by plain messages, and can start another at any time.
 */
import { randomFillSync } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import type { MessagePort } from 'node:worker_threads';
import type { AudioDevice } from '../../../hal/devices.ts';
import type { Millis } from '../../kernel/time.ts';
import { millis } from '../../kernel/time.ts';
import { createEngine } from '../../media/engine.ts';
import type { Leaving } from '../../media/leg.ts';
import type { FromWorker, MediaBirth, ToWorker } from '../../media/messages.ts';
import { createProbe } from '../../media/probe.ts';
import type { MediaLeg } from '../../media-vocabulary.ts';
import { cipher } from './cipher.ts';
import { openMediaSockets } from './sockets.ts';

/** How often main hears how calls are heard, ms. */
const COUNTS_MS = 5000;

/** Runs until main says `close`. */
export async function runMediaWorker(port: MessagePort, birth: MediaBirth, card: AudioDevice): Promise<void> {
  const probe = createProbe(card);
  const engine = createEngine({ draw, cipher });
  const now = (): Millis => millis(performance.now());
  const tell = (message: FromWorker): void => port.postMessage(message);
  let legs: readonly MediaLeg[] = [];
  let running = false;
  const sockets = await openMediaSockets(birth, (at, from, octets, source) => {
    const leg = legs.find((candidate) => candidate.port === at);
    if (leg !== undefined) engine.packet(leg.call, from, octets, source, now());
  });
  card.onHealth((_health, detail) => tell({ kind: 'problem', message: detail }));

  function send(leaving: readonly Leaving[], from: readonly MediaLeg[]): void {
    for (const packet of leaving) {
      const leg = from.find(({ call }) => call === packet.call);
      if (leg !== undefined) sockets.send(leg.port, packet.from, packet.octets, packet.to);
    }
  }

  /** The sound card runs while there is something to hear or to say. */
  function pace(): void {
    const needed = !engine.idle || probe.busy;
    if (needed === running) return;
    running = needed;
    if (!needed) return probe.device.stop();
    probe.device.start((captured) => {
      const { played, leaving } = engine.period(captured, now());
      send(leaving, legs);
      return played;
    });
  }

  function plan(next: readonly MediaLeg[]): void {
    const ends = engine.counts(now()).filter(({ call }) => next.every((leg) => leg.call !== call));
    if (ends.length > 0) tell({ kind: 'counts', counts: ends });
    // Last words go out before their ports are closed.
    send(engine.plan(next, now()), legs);
    legs = next;
    sockets.use(legs.map((leg) => leg.port));
  }

  function take(message: ToWorker): void {
    switch (message.kind) {
      case 'plan':
        return plan(message.legs);
      case 'sound':
        return engine.sound(message.sound);
      case 'settings':
        return engine.settings(message.settings);
      case 'key':
        return engine.press(message.key);
      case 'tone':
        return probe.tone(message.hz, message.ms);
      case 'level':
        return tell({ kind: 'level', id: message.id, level: probe.level(message.hz) });
      case 'close':
        clearInterval(counting);
        plan([]);
        probe.device.stop();
        sockets.close();
        return port.close();
    }
  }

  const counting = setInterval(() => {
    const counts = engine.counts(now());
    if (counts.length > 0) tell({ kind: 'counts', counts });
    pace();
  }, COUNTS_MS);
  port.on('message', (message: ToWorker) => {
    take(message);
    if (message.kind !== 'close') pace();
  });
  tell({ kind: 'ready', ports: sockets.ports });
}

/** 32 bits that nobody can guess (RFC 3550 5.1). */
const draw = (): number => randomFillSync(new Uint32Array(1))[0] as number;
