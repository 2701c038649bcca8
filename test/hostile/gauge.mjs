/**
 * Owns the gauge that is loaded beside a phone under attack: the longest that its event loop was busy in one go, and its memory,
 * when asked. Counted is the time that its thread had a processor, from one beat of a short timer to the next, which the kernel
 * tells: that the machine is slow to let it run is no fault of the phone. What the clock on the wall says is told beside it.
 */
import { openSync, readSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';

const BEAT_MS = 5;

const delay = monitorEventLoopDelay({ resolution: BEAT_MS });
delay.enable();

/** Opened once, read into the same octets each time: the gauge makes no garbage that would count as growth of the phone. */
const schedstat = openSync('/proc/thread-self/schedstat', 'r');
const octets = Buffer.alloc(128);

/** The first number is the time on a processor, ns (Linux, Documentation/scheduler/sched-stats.rst). */
function onProcessor() {
  const length = readSync(schedstat, octets, 0, octets.length, 0);
  return Number(octets.latin1Slice(0, length).split(' ', 1)[0]) / 1e6;
}

let before = onProcessor();
let busyMs = 0;
setInterval(() => {
  const now = onProcessor();
  busyMs = Math.max(busyMs, now - before);
  before = now;
}, BEAT_MS).unref();

process.on('message', () => {
  process.send?.({ busyMs, heldUpMs: delay.max / 1e6, rss: process.memoryUsage().rss });
  busyMs = 0;
  delay.reset();
});
// Nobody who asks any more: the phone may end.
process.channel?.unref();
