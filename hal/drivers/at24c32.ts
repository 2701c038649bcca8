/** Owns the identity that a board keeps in an EEPROM of the AT24C32 kind (Atmel data sheet): model and hardware address, with a check sum. */
import type { I2cBus, Scheduler } from '../ports.ts';

/** The chip is deaf while it writes a page: it is asked again until it answers. */
const WRITE_POLL_MS = 5;
const WRITE_POLLS = 20;

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
export function writeIdentity(
  chip: { readonly bus: I2cBus; readonly address: number; readonly scheduler: Scheduler },
  identity: Identity,
  done: (ok: boolean) => void,
): void {
  const { bus, address, scheduler } = chip;
  const check = (polls: number): void =>
    readIdentity(bus, address, (held) => {
      if (held !== null || polls === 0) return done(held?.mac === identity.mac && held.model === identity.model);
      scheduler.after(WRITE_POLL_MS, () => check(polls - 1));
    });
  bus.transfer({ address, write: Uint8Array.of(...AT, ...encode(identity)), readLength: 0 }, ({ ok }) =>
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

/** An erased chip, all 0xff, has none. */
const checkSum = (octets: readonly number[]): number => octets.reduce((sum, octet) => (sum * 31 + octet) & 0xff, 1);
