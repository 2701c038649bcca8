/**
 * Owns a sound card of ALSA's own plugins: `file` over `null`, with a pipe that is written in real time as its microphone. It can be
 * pulled out (its name is unknown, and who had it open ends), and it can block.
 */
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  constants,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AUDIO } from '../../../hal/devices.ts';

export interface AlsaCard {
  /** For `aplay -D` and `arecord -D`. */
  readonly name: string;
  /** The microphone's next periods bear these numbers. */
  say(numbers: readonly number[]): void;
  /** The first sample of each period that was played since the last opening. */
  heard(): readonly number[];
  plug(state: 'in' | 'out'): void;
  /** The microphone gives nothing more, though its program lives. */
  block(): void;
  /** The card's clock runs, or stands. */
  run(runs: boolean): void;
  close(): void;
}

const OCTETS = 2 * AUDIO.periodSamples;
const SYSTEM = '/usr/share/alsa/alsa.conf';
let cards = 0;

/** `clocked`: it has a clock, and what is said into it is recorded; else it is `null` alone. */
export function openAlsaCard(clocked: boolean): AlsaCard {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-alsa-'));
  const [config, played, spoken] = ['asound.conf', 'played', 'spoken'].map((file) => join(folder, file)) as [
    string,
    string,
    string,
  ];
  cards += 1;
  const name = `room${cards}`;
  execFileSync('mkfifo', [spoken]);
  const pipe = openSync(spoken, constants.O_RDWR | constants.O_NONBLOCK);
  const file = (path: string, more = ''): string =>
    `{ type file slave.pcm "null" file "${path}" format "raw" ${more} }`;
  const pcm = clocked
    ? `{ type asym playback.pcm ${file(played)} capture.pcm ${file('/dev/null', `infile "${spoken}"`)} }`
    : '{ type null }';
  const plug: AlsaCard['plug'] = (state) => {
    writeFileSync(config, `<${SYSTEM}>\n${state === 'in' ? `pcm.${name} ${pcm}\n` : ''}`);
    if (state === 'out') for (const pid of programsOf(name)) process.kill(pid, 'SIGKILL');
  };
  const said: number[] = [];
  let blocked = false;
  let clock: NodeJS.Timeout | null = null;
  let due = 0;
  const tick = (): void => {
    for (; due <= performance.now(); due += AUDIO.periodMs) {
      if (blocked) continue;
      try {
        writeSync(pipe, Buffer.from(new Int16Array(AUDIO.periodSamples).fill(said.shift() ?? 0).buffer));
      } catch {
        // Nobody reads: a card writes over what nobody took.
      }
    }
  };
  const run: AlsaCard['run'] = (runs) => {
    if (clock !== null) clearInterval(clock);
    clock = null;
    drain(pipe);
    if (!runs) return;
    due = performance.now();
    clock = setInterval(tick, AUDIO.periodMs / 2);
  };
  plug('in');
  process.env['ALSA_CONFIG_PATH'] = config;
  return {
    name,
    say: (numbers) => void said.push(...numbers),
    heard() {
      if (!existsSync(played)) return [];
      const octets = readFileSync(played);
      return Array.from({ length: Math.floor(octets.length / OCTETS) }, (_none, at) => octets.readInt16LE(at * OCTETS));
    },
    plug,
    block() {
      blocked = true;
    },
    run,
    close() {
      run(false);
      closeSync(pipe);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function drain(pipe: number): void {
  try {
    const octets = Buffer.alloc(65_536);
    while (readSync(pipe, octets) > 0);
  } catch {
    // Empty.
  }
}

/** Children of this process that have this card open. */
const programsOf = (name: string): readonly number[] =>
  readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .filter((pid) => {
      try {
        const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
        const parent = /^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
        return Number(parent) === process.pid && /^(aplay|arecord)$/.test(line[0] ?? '') && line.includes(name);
      } catch {
        return false;
      }
    })
    .map(Number);
