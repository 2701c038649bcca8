/**
 * Owns the times between a contact, the phone's event and the lamp, on the emulated board. The event's own time is the phone's clock, laid
 * over ours by the quickest event that came: it is late by the quickest way through the network, a few ms.
 */
import type { KeyName, LampName, LampState } from '../../hal/devices.ts';
import type { EmulatedPhone } from './phone.ts';

export interface Sample {
  /** From the closed contact to the event of the lamp, ms. */
  readonly keyToEvent: number;
  /** From that event to the lamp, seen at its chip, ms. */
  readonly eventToLamp: number;
  readonly keyToLamp: number;
}

export interface Toggle {
  readonly key: KeyName;
  readonly lamp: LampName;
  /** What the lamp becomes. */
  readonly state: LampState;
}

/** Between two looks at the lamp, ms. */
const LOOK_MS = 2;
/** Between two presses: de-bounced, told, drawn. */
const REST_MS = 300;
/** A guard against a phone that hangs, ms. */
const PATIENCE_MS = 300_000;

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Presses the keys one after another, each until its lamp has changed. */
export async function measure(phone: EmulatedPhone, toggles: readonly Toggle[]): Promise<readonly Sample[]> {
  const samples: Sample[] = [];
  for (const toggle of toggles) {
    samples.push(await press(phone, toggle));
    await phone.wires.contact(toggle.key, false);
    await wait(REST_MS);
  }
  return samples;
}

async function press({ guest, wires }: EmulatedPhone, { key, lamp, state }: Toggle): Promise<Sample> {
  let eventT: number | null = null;
  const leave = guest.onEvent(({ fields }) => {
    if (fields.event === 'lamp' && fields['name'] === lamp && fields['state'] === state) eventT ??= fields.t;
  });
  try {
    const pressed = performance.now();
    await wires.contact(key, true);
    const until = pressed + PATIENCE_MS;
    while ((await wires.lamp(lamp)) !== state) await patience(until, `${key}: the lamp ${lamp} is not ${state}`);
    const seen = performance.now();
    while (eventT === null) await patience(until, `${key}: the phone told nothing of the lamp ${lamp}`);
    const offset = Math.min(...guest.events().map(({ arrived, fields }) => arrived - fields.t));
    const told = eventT + offset;
    return { keyToEvent: told - pressed, eventToLamp: seen - told, keyToLamp: seen - pressed };
  } finally {
    leave();
  }
}

async function patience(until: number, what: string): Promise<void> {
  if (performance.now() > until) throw new Error(`${what} after ${PATIENCE_MS} ms`);
  await wait(LOOK_MS);
}

/** The value that `share` of all are not above; 0 of none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? 0;
}
