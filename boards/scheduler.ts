/** Owns real time for drivers. A driver's timer keeps no ended phone alive. */
import type { Scheduler } from '../hal/ports.ts';

export const realScheduler: Scheduler = {
  after(ms, work) {
    const timer = setTimeout(work, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

/** The same for what a start waits for: the process stays. */
export const startScheduler: Scheduler = {
  after(ms, work) {
    const timer = setTimeout(work, ms);
    return () => clearTimeout(timer);
  },
};
