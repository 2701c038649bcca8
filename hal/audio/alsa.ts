/** Owns `aplay` and `arecord` of alsa-utils as the two ends of a sound card: started without a shell, with raw samples on their pipes. */
import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import type { AudioDevice } from '../devices.ts';
import { AUDIO } from '../devices.ts';
import type { SoundProgram } from '../drivers/sound-pipes.ts';
import { createPipes } from '../drivers/sound-pipes.ts';
import type { Clock } from '../ports.ts';

/** Three periods are the least that does not stutter; the fourth covers a loaded machine. */
const BUFFER_PERIODS = 4;
/** Unplayed sound in our own hands at most, octets: 100 ms. What the pipe itself holds cannot be seen. */
const UNWRITTEN_MAX = 3200;
const DETAIL_MAX = 200;
/** A recorder that gives so much sound within this time has no clock: it is held back, so that it takes no processor for itself. */
const FLOOD_OCTETS = 32_000;
const FLOOD_MS = 500;
const HELD_BACK_MS = 100;

/** `name`: a PCM of ALSA's, as `default` or `plughw:1`; it must not begin with a hyphen. */
export const openAlsa = (name: string, clock: Clock): AudioDevice =>
  createPipes({
    clock,
    player: () => program('aplay', name, clock),
    recorder: () => program('arecord', name, clock),
  });

function program(command: 'aplay' | 'arecord', name: string, clock: Clock): SoundProgram {
  const periodUs = AUDIO.periodMs * 1000;
  const format = ['-t', 'raw', '-f', 'S16_LE', '-r', String(AUDIO.rateHz), '-c', '1'];
  const size = [`--period-time=${periodUs}`, `--buffer-time=${BUFFER_PERIODS * periodUs}`];
  const child = spawn(command, ['-q', '-D', name, ...format, ...size], { stdio: ['pipe', 'pipe', 'pipe'] });
  let said = '';
  child.stderr.on('data', (text: Buffer) => {
    said = `${said}${text.toString()}`.slice(-DETAIL_MAX);
  });
  // Whoever has ended reads no more: its end is told below.
  child.stdin.on('error', () => undefined);
  return {
    onOctets: (listener) => heldBack(child.stdout, clock, listener),
    onEnd(listener) {
      let told = false;
      const end = (detail: string): void => {
        if (!told) listener(detail);
        told = true;
      };
      child.once('error', (error) => end(`${command}: ${error.message}`));
      child.once('close', (code) =>
        end(`${command}: ${said.trim().split('\n').at(-1) || `exit code ${code ?? 'none'}`}`),
      );
    },
    write(octets) {
      if (child.stdin.writableLength < UNWRITTEN_MAX) child.stdin.write(octets);
    },
    end: () => void child.kill('SIGKILL'),
  };
}

/** After a hold-up of this program a real card gives as much at once: then a tenth of a second waits in the pipe, and nothing is lost. */
export function heldBack(from: Readable, clock: Clock, listener: (octets: Uint8Array) => void): void {
  let since = clock.now();
  let octets = 0;
  from.on('data', (data: Buffer) => {
    listener(data);
    if (clock.now() - since > FLOOD_MS) {
      since = clock.now();
      octets = 0;
    }
    octets += data.length;
    if (octets < FLOOD_OCTETS) return;
    octets = 0;
    from.pause();
    clock.after(HELD_BACK_MS, () => from.resume());
  });
}
