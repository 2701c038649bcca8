/** Owns running the sound card's contract on each card, and proving that each of its rules catches the defect that it names. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AudioDevice } from '../../hal/devices.ts';
import { AUDIO } from '../../hal/devices.ts';
import type { SoundProgram } from '../../hal/drivers/sound-pipes.ts';
import { createPipes } from '../../hal/drivers/sound-pipes.ts';
import { createSoundCard } from '../../hal/sim/sound-card.ts';
import { VirtualScheduler } from '../support/virtual-scheduler.ts';
import type { CardUnderTest } from './sound-card.ts';
import { RULES } from './sound-card.ts';

/** A room behind a card: numbers are said into it, and heard from it. */
class Room {
  readonly time = new VirtualScheduler();
  readonly heard: number[] = [];
  readonly said: number[] = [];

  record(): Int16Array {
    return new Int16Array(AUDIO.periodSamples).fill(this.said.shift() ?? 0);
  }

  under(device: AudioDevice, plug: CardUnderTest['plug']): CardUnderTest {
    return {
      device,
      time: this.time,
      slack: 0,
      heard: () => this.heard,
      say: (numbers) => void this.said.push(...numbers),
      plug,
      holdUp: (ms) => this.time.holdUp(ms),
    };
  }
}

function simCard(): CardUnderTest {
  const room = new Room();
  const card = createSoundCard(room.time, {
    record: () => room.record(),
    play: (samples) => void room.heard.push(samples[0] as number),
  });
  return room.under(card, card.plug);
}

/** Programs as `aplay` and `arecord` are: paced by a card whose clock may be off, ended by the loss of the card. `clock` 0 = none. */
function pipes({ clock }: { readonly clock: number }): CardUnderTest {
  const room = new Room();
  let plugged = true;
  const running = new Set<() => void>();

  function program(run: (octets: (data: Uint8Array) => void) => () => void): SoundProgram {
    let end: (detail: string) => void = () => undefined;
    let stop = (): void => undefined;
    const lose = (): void => {
      stop();
      running.delete(lose);
      room.time.after(0, () => end('No such device'));
    };
    return {
      onOctets(listener) {
        stop = run(listener);
        running.add(lose);
        if (!plugged) lose();
      },
      onEnd(listener) {
        end = listener;
      },
      write(octets) {
        if (plugged) room.heard.push(new DataView(octets.buffer, octets.byteOffset).getInt16(0, true));
      },
      end() {
        stop();
        running.delete(lose);
      },
    };
  }

  const recorder = (): SoundProgram =>
    program((octets) => {
      let cancel: () => void = () => undefined;
      const tick = (): void => {
        const samples = room.record();
        const data = new Uint8Array(samples.buffer);
        // A pipe cuts where it likes.
        octets(data.subarray(0, 99));
        octets(data.subarray(99));
        cancel = room.time.after(AUDIO.periodMs * clock, tick);
      };
      cancel = clock === 0 ? () => undefined : room.time.after(AUDIO.periodMs, tick);
      return () => cancel();
    });
  const device = createPipes({ clock: room.time, player: () => program(() => () => undefined), recorder });
  return room.under(device, (state) => {
    plugged = state === 'in';
    if (!plugged) for (const lose of [...running]) lose();
  });
}

const CARDS: Readonly<Record<string, () => CardUnderTest>> = {
  'a card that is only its clock': simCard,
  'pipes to programs': () => pipes({ clock: 1 }),
  'pipes to a card whose clock is slow': () => pipes({ clock: 1.0002 }),
  'pipes to a card whose clock is fast': () => pipes({ clock: 0.9998 }),
};

for (const [name, card] of Object.entries(CARDS))
  describe(name, () => {
    for (const { rule, check } of RULES) it(rule, () => check(card()));
  });

describe('pipes to a recorder that says nothing', () => {
  for (const { rule, check } of RULES)
    if (rule !== 'what is recorded comes, in order') it(rule, () => check(pipes({ clock: 0 })));
});

describe('pipes to a recorder without a clock', () => {
  it('keep about the time all the same', () => {
    const time = new VirtualScheduler();
    let flood: (octets: Uint8Array) => void = () => undefined;
    const silent: SoundProgram = {
      onOctets: () => undefined,
      onEnd: () => undefined,
      write: () => undefined,
      end: () => undefined,
    };
    const listens: SoundProgram['onOctets'] = (listener) => {
      flood = listener;
    };
    const recorder = (): SoundProgram => ({ ...silent, onOctets: listens });
    const device = createPipes({ clock: time, player: () => silent, recorder });
    let asked = 0;
    device.start(() => {
      asked += 1;
      return new Int16Array(AUDIO.periodSamples);
    });
    for (let ms = 0; ms < 10_000; ms += 1) {
      flood(new Uint8Array(3200));
      time.pass(1);
    }
    assert.ok(asked > 990 && asked < 1050, `${asked} periods in 10 s`);
  });
});

describe('the contract', () => {
  /** Each defect where the rule's own words put it. */
  const DEFECTS: Readonly<Record<string, (card: CardUnderTest) => AudioDevice>> = {
    'it asks too rarely': ({ device }) => {
      let turn = 0;
      return {
        ...device,
        start: (period) =>
          device.start((captured) => {
            turn += 1;
            return turn % 2 === 0 ? period(captured) : new Int16Array(AUDIO.periodSamples);
          }),
      };
    },
    'half a period is recorded': ({ device }) => ({
      ...device,
      start: (period) => device.start((captured) => period(captured.subarray(80))),
    }),
    'a period is played twice': ({ device }) => {
      let last = new Int16Array(AUDIO.periodSamples);
      return {
        ...device,
        start: (period) =>
          device.start((captured) => {
            const played = period(captured);
            const out = (played[0] as number) % 7 === 0 ? last : played;
            last = Int16Array.from(played);
            return out;
          }),
      };
    },
    'recorded periods change places': ({ device }) => {
      let kept = new Int16Array(AUDIO.periodSamples);
      return {
        ...device,
        start: (period) =>
          device.start((captured) => {
            const before = kept;
            kept = Int16Array.from(captured);
            return period(captured[0] === 3 ? captured : before);
          }),
      };
    },
    'it goes on after its stop': ({ device }) => ({ ...device, stop: () => undefined }),
    'a lost card stops the clock': (card) => {
      let out = false;
      const { plug } = card;
      Object.assign(card, {
        plug: (state: 'in' | 'out') => {
          out = state === 'out';
          plug(state);
        },
      });
      return {
        ...card.device,
        start: (period) =>
          card.device.start((captured) => (out ? new Int16Array(AUDIO.periodSamples) : period(captured))),
      };
    },
    'it makes up for every period that was missed': (card) => {
      let missed = 0;
      const holdUp = (ms: number): void => {
        missed = ms / AUDIO.periodMs;
      };
      Object.assign(card, { holdUp });
      return {
        ...card.device,
        start(period) {
          card.device.start(period);
          const { pass } = card.time;
          card.time.pass = (ms) => {
            for (; missed > 0; missed -= 1) period(new Int16Array(AUDIO.periodSamples));
            pass.call(card.time, ms);
          };
        },
      };
    },
  };
  for (const { rule, defect, check } of RULES)
    it(`catches that ${defect}: ${rule}`, async () => {
      const card = simCard();
      const broken = DEFECTS[defect]?.(card) ?? assert.fail(defect);
      await assert.rejects(check({ ...card, device: broken }), assert.AssertionError);
    });
});
