/** Owns a capture of a node's wire, and what tshark's own decoders say of the sound in it. */
import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { ADDRESSES } from './network.ts';
import { runIn, until } from './process.ts';

/** One direction of sound, as tshark's RTP analysis counts it. */
export interface RtpStream {
  readonly from: string;
  readonly to: string;
  /** As tshark names it: g711U, g711A, g722. */
  readonly payload: string;
  readonly packets: number;
  readonly lost: number;
  /** Between the packets of one stream, ms. */
  readonly meanDeltaMs: number;
}

export interface Capture {
  /** Ends it; what it holds is whole from then on. */
  end(): Promise<void>;
  streams(): readonly RtpStream[];
  /** Each RTCP packet: where from, and its packet types (200 = sender report, 202 = description, 203 = BYE). */
  reports(): readonly { readonly from: string; readonly types: readonly number[] }[];
  /** Octets of each packet of sound from there, without its RTP header. */
  payloads(from: string): readonly number[];
  /** Packets that some decoder calls malformed, as lines. */
  malformed(): readonly string[];
}

const START_MS = 60_000;
const UDP_AND_RTP = 8 + 12;
/** Sound is longer than any report, octets. */
const REPORT_MAX = 150;
const COLUMNS =
  /^\s*[\d.]+\s+[\d.]+\s+(\S+)\s+(\d+)\s+(\S+)\s+(\d+)\s+0x\S+\s+(\S.*?)\s+(\d+)\s+(-?\d+)\s+\([\d.-]+%\)\s+(\S+)\s+(\S+)\s+(\S+)/;

export async function startCapture(folder: string, name: string): Promise<Capture> {
  const file = join(folder, `${name}.pcap`);
  const running = runIn('phone', 'tcpdump', ['-U', '-n', '-s', '0', '-i', 'eth0', '-w', file, 'udp']);
  const size = (): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  await until('the capture begins', () => size() > 0, START_MS);
  const tshark = (...args: readonly string[]): string =>
    // While it is still written its last packet may be cut: then the exit code says so, and what was read stands all the same.
    spawnSync('tshark', ['-n', '-r', file, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).stdout;
  return {
    async end() {
      // The filter's last packets are written when it is told to end, not when it is killed.
      running.signal('SIGTERM');
      await until('the capture ends', () => running.child.exitCode !== null, START_MS);
    },
    streams: () =>
      tshark('-q', '-z', 'rtp,streams')
        .split('\n')
        .flatMap((line) => {
          const [, from, , to, , payload, packets, lost, , meanDelta] = COLUMNS.exec(line) ?? [];
          if (from === undefined || to === undefined || payload === undefined) return [];
          const counts = { packets: Number(packets), lost: Number(lost), meanDeltaMs: Number(meanDelta) };
          return [{ from, to, payload, ...counts }];
        }),
    reports: () =>
      tshark('-Y', 'rtcp', '-T', 'fields', '-e', 'ip.src', '-e', 'rtcp.pt')
        .trim()
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => {
          const [from = '', types = ''] = line.split('\t');
          return { from, types: types.split(',').map(Number) };
        }),
    payloads: (from) =>
      tshark('-Y', `udp.length > ${REPORT_MAX} && ip.src == ${from}`, '-T', 'fields', '-e', 'udp.length')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => Number(line) - UDP_AND_RTP),
    malformed: () =>
      tshark('-Y', `_ws.malformed && ip.addr == ${ADDRESSES.phone}`)
        .split('\n')
        .filter((line) => line !== ''),
  };
}
