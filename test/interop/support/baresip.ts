/** Owns baresip as the other user agent of a call: it answers by itself, says one tone, and keeps what it hears as a file. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { levelAt } from '../../../firmware/media/pcm.ts';
import type { Pem } from './certificates.ts';
import { ADDRESSES } from './network.ts';
import type { Running } from './process.ts';
import { runIn } from './process.ts';

/** As baresip names them, with the rate of its sound. */
export const CODECS = {
  PCMU: { account: 'PCMU/8000/1', rateHz: 8000, payload: 0 },
  PCMA: { account: 'PCMA/8000/1', rateHz: 8000, payload: 8 },
  G722: { account: 'G722/16000/1', rateHz: 16_000, payload: 9 },
} as const;

export type CodecName = keyof typeof CODECS;

export interface Baresip {
  readonly running: Running;
  /** dBFS of a tone in the last half second that it heard; a sine at full scale is 0. */
  level(hz: number): number;
}

export interface BaresipOptions {
  readonly codec: CodecName;
  /** What it says, Hz, at -12 dBFS. */
  readonly hz: number;
  /** Whom it calls; null = it waits to be called. */
  readonly calls: string | null;
  /** It is called over TLS, with this certificate; `media`: what it wants of sound, as baresip names it. */
  readonly secure?: { readonly pem: Pem; readonly media: 'srtp' | 'srtp-mand' | null };
}

const AMPLITUDE = 8192;
const SAYS_S = 120;
const WAV_HEADER = 44;
const WINDOW_MS = 500;
const FLOOR_DBFS = -120;
/** A full-scale sine is -3 dBov. */
const SINE_DB = 10 * Math.log10(2);

/** A microphone that is a file, an ear that is one, no registrar. */
export function startBaresip(folder: string, { codec, hz, calls, secure }: BaresipOptions): Baresip {
  const home = join(folder, `baresip-${codec}-${calls === null ? 'called' : 'calls'}`);
  const heard = join(home, 'heard');
  const { account, rateHz } = CODECS[codec];
  const media = secure?.media ?? null;
  mkdirSync(heard, { recursive: true });
  writeFileSync(join(home, 'tone.wav'), wave(hz, rateHz));
  const certificate = join(home, 'certificate.pem');
  if (secure !== undefined)
    writeFileSync(
      certificate,
      [secure.pem.certificate, secure.pem.key].map((path) => readFileSync(path, 'utf8')).join(''),
    );
  writeFileSync(
    join(home, 'config'),
    [
      `sip_listen ${ADDRESSES.peer}:5060`,
      `audio_source aufile,${join(home, 'tone.wav')}`,
      'audio_player aubridge,ear',
      'audio_alert aubridge,bell',
      'audio_srate 8000-16000',
      'audio_channels 1-1',
      `snd_path ${heard}`,
      ...(secure === undefined ? [] : [`sip_certificate ${certificate}`]),
      'module_path /usr/lib/baresip/modules',
      ...['g711', 'g722', 'aufile', 'aubridge', 'sndfile', 'srtp'].map((name) => `module ${name}.so`),
      'module_tmp account.so',
      'module_app menu.so',
      '',
    ].join('\n'),
  );
  writeFileSync(
    join(home, 'accounts'),
    `<sip:tester@${ADDRESSES.peer}>;regint=0;answermode=auto;audio_codecs=${account}${media === null ? '' : `;mediaenc=${media}`}\n`,
  );
  writeFileSync(join(home, 'contacts'), '');
  const dials = calls === null ? [] : ['-e', `d ${calls}`];
  const running = runIn('peer', 'baresip', ['-4', '-f', home, ...dials]);
  return {
    running,
    level(tone) {
      const [file] = readdirSync(heard).filter((name) => name.endsWith('-dec.wav'));
      if (file === undefined) return FLOOR_DBFS;
      const octets = readFileSync(join(heard, file)).subarray(WAV_HEADER);
      const samples = new Int16Array(Math.floor(octets.length / 2));
      for (const index of samples.keys()) samples[index] = octets.readInt16LE(2 * index);
      const window = samples.slice(-(WINDOW_MS * rateHz) / 1000);
      return window.length === 0 ? FLOOR_DBFS : Math.max(FLOOR_DBFS, levelAt(window, tone, rateHz) + SINE_DB);
    },
  };
}

/** A RIFF file of 16-bit samples, one channel. */
function wave(hz: number, rateHz: number): Buffer {
  const samples = SAYS_S * rateHz;
  const file = Buffer.alloc(WAV_HEADER + 2 * samples);
  file.write('RIFF', 0);
  file.writeUInt32LE(file.length - 8, 4);
  file.write('WAVEfmt ', 8);
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(1, 20);
  file.writeUInt16LE(1, 22);
  file.writeUInt32LE(rateHz, 24);
  file.writeUInt32LE(2 * rateHz, 28);
  file.writeUInt16LE(2, 32);
  file.writeUInt16LE(16, 34);
  file.write('data', 36);
  file.writeUInt32LE(2 * samples, 40);
  for (let at = 0; at < samples; at += 1)
    file.writeInt16LE(Math.round(AMPLITUDE * Math.sin((2 * Math.PI * hz * at) / rateHz)), WAV_HEADER + 2 * at);
  return file;
}
