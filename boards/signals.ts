/** Owns the signals that end a phone: heard from the first moment, so that one that is told to stop while it starts un-registers what it has. */

export interface Signals {
  /** Called for each signal with its number, from 1; at once for those that have come already. */
  each(act: (number: number) => void): void;
  /** They end the process again, as ever. */
  close(): void;
}

/** A terminal that goes away (SIGHUP) takes its phone with it, un-registered. */
const ENDING = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

/** As long as nobody acts, a second signal ends the process: nothing is left hanging that a person wants to be rid of. */
export function hearSignals(): Signals {
  let heard = 0;
  let act: (number: number) => void = (number) => {
    if (number > 1) process.exit(0);
  };
  const hear = (): void => {
    heard += 1;
    act(heard);
  };
  for (const signal of ENDING) process.on(signal, hear);
  return {
    each(wanted) {
      act = wanted;
      for (let number = 1; number <= heard; number += 1) wanted(number);
    },
    close() {
      for (const signal of ENDING) process.off(signal, hear);
    },
  };
}
