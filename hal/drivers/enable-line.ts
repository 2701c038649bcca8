/** Owns a line that switches a part of the board, such as amplifier or ringer: off at the start, and off when the phone ends. */
import type { OutputLine } from '../ports.ts';

export interface EnableLine {
  set(state: 'on' | 'off'): void;
  readonly state: 'on' | 'off';
}

export function createEnableLine(line: OutputLine, activeLevel: 'low' | 'high'): EnableLine {
  let state: 'on' | 'off' = 'off';
  const drive = (): boolean => line.write((state === 'on') === (activeLevel === 'high'));
  drive();
  return {
    get state() {
      return state;
    },
    set(wanted) {
      state = wanted;
      drive();
    },
  };
}
