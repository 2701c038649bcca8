/** Owns the gauge that is loaded beside a phone under attack: how long its event loop was held up, and its memory, when asked. */
import { monitorEventLoopDelay } from 'node:perf_hooks';

const delay = monitorEventLoopDelay({ resolution: 5 });
delay.enable();
process.on('message', () => {
  process.send?.({ heldUpMs: delay.max / 1e6, rss: process.memoryUsage().rss });
  delay.reset();
});
// Nobody who asks any more: the phone may end.
process.channel?.unref();
