/**
 * Owns what a board keeps in an EEPROM of the AT24C32 kind (Atmel data sheet), each with a check sum: its model and hardware address, and
 * which way round its handset's switch was learned to be.
 */
import type { HookState } from '../devices.ts';
import type { I2cBus, Scheduler } from '../ports.ts';

/** The chip is deaf while it writes a page: it is asked again until it answers. */
const WRITE_POLL_MS = 5;
const WRITE_POLLS = 20;

interface Chip {
  readonly bus: I2cBus;
  readonly address: number;
  readonly scheduler: Scheduler;
}

export interface Identity {
  readonly model: '57i' | '53i';
  /** 12 hexadecimal digits, upper case. */
  readonly mac: string;
}

/** "HF", version, model, six octets of address, check sum: one page of the chip. */
const MAGIC = [0x48, 0x46, 0x01] as const;
const MODELS = ['57i', '53i'] as const;
const LENGTH = 11;
const AT = [0, 0] as const;

/** Null where the chip does not answer or holds no identity. */
export function readIdentity(bus: I2cBus, address: number, done: (identity: Identity | null) => void): void {
  bus.transfer({ address, write: Uint8Array.of(...AT), readLength: LENGTH }, (answer) =>
    done(answer.ok ? decode(answer.octets) : null),
  );
}

/** True when the chip holds it and says so. */
export function writeIdentity(chip: Chip, identity: Identity, done: (ok: boolean) => void): void {
  const read = (held: (is: boolean) => void): void =>
    readIdentity(chip.bus, chip.address, (found) =>
      held(found?.mac === identity.mac && found.model === identity.model),
    );
  writeChecked(chip, [...AT, ...encode(identity)], read, done);
}

/** Within one page. Read back until it is there, as long as a write may take. */
function writeChecked(
  { bus, address, scheduler }: Chip,
  octets: readonly number[],
  read: (held: (is: boolean) => void) => void,
  done: (ok: boolean) => void,
): void {
  const check = (polls: number): void =>
    read((is) => {
      if (is || polls === 0) return done(is);
      scheduler.after(WRITE_POLL_MS, () => check(polls - 1));
    });
  bus.transfer({ address, write: Uint8Array.from(octets), readLength: 0 }, ({ ok }) =>
    ok ? check(WRITE_POLLS) : done(false),
  );
}

function encode({ model, mac }: Identity): readonly number[] {
  const octets = Array.from({ length: 6 }, (_octet, index) => Number.parseInt(mac.slice(2 * index, 2 * index + 2), 16));
  const head = [...MAGIC, MODELS.indexOf(model), ...octets];
  return [...head, checkSum(head)];
}

function decode(octets: Uint8Array): Identity | null {
  const head = [...octets.slice(0, LENGTH - 1)];
  const model = MODELS[head[MAGIC.length] ?? -1];
  const known = MAGIC.every((octet, index) => octet === head[index]) && checkSum(head) === octets[LENGTH - 1];
  if (!known || model === undefined) return null;
  const mac = head.slice(MAGIC.length + 1).map((octet) => octet.toString(16).padStart(2, '0').toUpperCase());
  return { model, mac: mac.join('') };
}

/** A page of its own: "HK", the state that a closed contact means, check sum. */
const HOOK_AT = [0, 32] as const;
const HOOK_MAGIC = [0x48, 0x4b] as const;
const HOOK_STATES = ['on', 'off'] as const satisfies readonly HookState[];
const HOOK_LENGTH = 4;

/** Null where the chip does not answer, or nothing was learned. */
export function readLearnedHook(bus: I2cBus, address: number, done: (closedMeans: HookState | null) => void): void {
  bus.transfer({ address, write: Uint8Array.of(...HOOK_AT), readLength: HOOK_LENGTH }, (answer) => {
    const head = answer.ok ? [...answer.octets.slice(0, HOOK_LENGTH - 1)] : [];
    const known = answer.ok && HOOK_MAGIC.every((octet, index) => octet === head[index]);
    done(known && checkSum(head) === answer.octets[HOOK_LENGTH - 1] ? (HOOK_STATES[head[2] ?? -1] ?? null) : null);
  });
}

/** True when the chip holds it and says so. */
export function writeLearnedHook(
  { bus, address, scheduler }: Chip,
  closedMeans: HookState,
  done: (ok: boolean) => void,
): void {
  const head = [...HOOK_MAGIC, HOOK_STATES.indexOf(closedMeans)];
  const read = (held: (what: boolean) => void): void =>
    readLearnedHook(bus, address, (found) => held(found === closedMeans));
  writeChecked({ bus, address, scheduler }, [...HOOK_AT, ...head, checkSum(head)], read, done);
}

/** An erased chip, all 0xff, has none. */
const checkSum = (octets: readonly number[]): number => octets.reduce((sum, octet) => (sum * 31 + octet) & 0xff, 1);
