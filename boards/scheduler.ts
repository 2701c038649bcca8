/** Owns real time for drivers: what is already due comes at once. A driver's timer keeps no ended phone alive. */
import type { Scheduler } from '../hal/ports.ts';

export const realScheduler: Scheduler = {
  after(ms, work) {
    const timer = setTimeout(work, Math.max(0, ms));
    timer.unref();
    return () => clearTimeout(timer);
  },
};

/** The same for what a start waits for: the process stays. */
export const startScheduler: Scheduler = {
  after(ms, work) {
    const timer = setTimeout(work, Math.max(0, ms));
    return () => clearTimeout(timer);
  },
};
