/**
 * Owns measuring one call's sound beside GStreamer's, both at once: how evenly packets leave, by the kernel's own time stamps on the
 * loopback, and what the process takes of a core. Both talk with an echo, in G.711 A-law, 20 ms a packet. Needs root and tcpdump.
 */
import type { ChildProcess } from 'node:child_process';
import { spawn, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { startLab } from '../lab/lab.ts';
import { startMeasured } from './phone.ts';
import type { Row } from './row.ts';

const PACKET_MS = 20;
const MEASURED_MS = 60_000;
/** Until both are in step: buffers are filled, code is compiled. */
const WARM_MS = 8000;
/** The phone holds a pair for each call that it may have, and takes one of them. */
const PORTS = { phone: 34_560, phoneLast: 34_639, gstreamer: 34_670, echo: 34_680, back: 34_672 };
const RTP_OCTETS = 12 + 160;
/** `/proc` counts in hundredths of a second on Linux, whatever the kernel's own clock. */
const TICK_MS = 10;

const present = (command: string): boolean => spawnSync('which', [command], { stdio: 'ignore' }).status === 0;

/** A whole call: what is said goes out, what comes goes through a jitter buffer to where it is heard. */
const PIPELINE = [
  ...['audiotestsrc', 'is-live=true', 'samplesperbuffer=160', '!', 'audio/x-raw,rate=8000,channels=1', '!', 'alawenc'],
  ...['!', 'rtppcmapay', `min-ptime=${PACKET_MS}000000`, `max-ptime=${PACKET_MS}000000`],
  ...['!', 'udpsink', 'host=127.0.0.1', `port=${PORTS.echo}`, `bind-port=${PORTS.gstreamer}`],
  ...[
    'udpsrc',
    `port=${PORTS.back}`,
    'caps=application/x-rtp,media=audio,clock-rate=8000,encoding-name=PCMA,payload=8',
  ],
  ...['!', 'rtpjitterbuffer', '!', 'rtppcmadepay', '!', 'alawdec', '!', 'fakesink', 'sync=true', 'async=false'],
];

export async function benchMedia(): Promise<readonly Row[]> {
  if (process.getuid?.() !== 0 || !present('tcpdump')) {
    process.stdout.write('  not measured: needs root and tcpdump\n');
    return [];
  }
  const beside = present('gst-launch-1.0');
  if (!beside)
    process.stdout.write('  GStreamer is not there (gstreamer1.0-tools, -plugins-base, -plugins-good): ours alone\n');
  const echo = beside ? await openEcho() : null;
  const peer = beside ? spawn('gst-launch-1.0', ['-q', ...PIPELINE], { stdio: 'ignore' }) : null;
  const codec = 'sip customized codec: payload=8;ptime=20';
  const lab = await startLab({ accounts: 1, extraConfig: [codec, `sip rtp port: ${PORTS.phone}`] });
  const phone = await startMeasured(lab, ['--board', 'headless']);
  try {
    await phone.until(({ event, state }) => event === 'registration' && state === 'registered');
    phone.command('dial 200');
    await phone.until(({ event, state }) => event === 'call' && state === 'connected');
    await sleep(WARM_MS);
    const wire = watch();
    const before = [phone.pid, peer?.pid ?? 0].map(spentMs);
    await sleep(MEASURED_MS);
    const spent = [phone.pid, peer?.pid ?? 0].map((pid, index) => spentMs(pid) - (before[index] ?? 0));
    const sent = await wire.close();
    return rows(
      sent,
      spent.map((ms) => (100 * ms) / MEASURED_MS),
    );
  } finally {
    await phone.stop();
    await lab.stop();
    await ended(peer);
    echo?.close();
  }
}

function rows(sent: Sent, shares: readonly number[]): readonly Row[] {
  const ours = spacing(sent.phone);
  const theirs = spacing(sent.gstreamer);
  if (ours === null) throw new Error('nothing was sent of the call');
  const row = (name: string, value: number, unit: string, against: number | undefined): Row => ({
    ...{ name, value, unit, against: against ?? null, beside: 'GStreamer' },
  });
  return [
    row('packets of 20 ms: mean spacing', ours.mean, 'ms', theirs?.mean),
    row('standard deviation of the spacing', ours.deviation, 'ms', theirs?.deviation),
    row('off 20 ms, 50 % of packets less than', ours.off50, 'ms', theirs?.off50),
    row('off 20 ms, 99 % of packets less than', ours.off99, 'ms', theirs?.off99),
    row('one call, of one core', shares[0] ?? Number.NaN, '%', theirs === null ? undefined : shares[1]),
  ];
}

interface Spacing {
  readonly mean: number;
  readonly deviation: number;
  readonly off50: number;
  readonly off99: number;
}

/** Of packets by when they left, ms; null = there are none. */
function spacing(times: readonly number[]): Spacing | null {
  const gaps = times.slice(1).map((at, index) => at - (times[index] as number));
  if (gaps.length === 0) return null;
  const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
  const deviation = Math.sqrt(gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length);
  const off = gaps.map((gap) => Math.abs(gap - PACKET_MS)).sort((a, b) => a - b);
  const at = (share: number): number => off[Math.floor(share * (off.length - 1))] ?? Number.NaN;
  return { mean, deviation, off50: at(0.5), off99: at(0.99) };
}

/** When packets left, ms. */
interface Sent {
  readonly phone: readonly number[];
  readonly gstreamer: readonly number[];
}

/** As the kernel stamps them. */
function watch(): { close(): Promise<Sent> } {
  const sent = { phone: [] as number[], gstreamer: [] as number[] };
  const filter = `udp and (src portrange ${PORTS.phone}-${PORTS.phoneLast} or src port ${PORTS.gstreamer})`;
  const child = spawn('tcpdump', ['-i', 'lo', '-n', '-tt', '-l', '--time-stamp-precision=micro', filter], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  createInterface({ input: child.stdout }).on('line', (line) => {
    const [, at, port, octets] = /^(\d+\.\d+) IP \S+\.(\d+) > .* length (\d+)$/.exec(line) ?? [];
    if (Number(octets) !== RTP_OCTETS) return;
    const from = Number(port) === PORTS.gstreamer ? 'gstreamer' : 'phone';
    sent[from].push(Number(at) * 1000);
  });
  return {
    async close() {
      await ended(child);
      return sent;
    },
  };
}

/** What was said to it comes back on the port that GStreamer listens on. */
async function openEcho() {
  const socket = createSocket('udp4');
  socket.on('message', (packet) => socket.send(packet, PORTS.back, '127.0.0.1'));
  socket.bind(PORTS.echo, '127.0.0.1');
  await once(socket, 'listening');
  return socket;
}

/** Time on a processor so far, all threads (proc(5): utime and stime follow the name in brackets). */
function spentMs(pid: number): number {
  if (pid === 0) return Number.NaN;
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

async function ended(child: ChildProcess | null): Promise<void> {
  if (child === null || child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'close');
  child.kill('SIGINT');
  await gone;
}
