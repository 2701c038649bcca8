/** Owns an I2C bus of Linux by way of i2c-bus, without ever holding up the process: the transfers run on threads of their own. */
import { accessSync, constants } from 'node:fs';
import type { Bus } from 'i2c-bus';
import type { I2cAnswer, I2cBus, I2cFailure, I2cTransfer } from '../ports.ts';
import { loadNative, MissingError } from './load.ts';

/** The longest read after a command that the kernel does with a repeated start. */
const BLOCK_MAX = 32;

/** Transfers must not overlap: `hal/bus/queue.ts` sees to it. */
export async function openI2c(number: number): Promise<I2cBus> {
  const path = `/dev/i2c-${number}`;
  try {
    accessSync(path, constants.R_OK | constants.W_OK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new MissingError(`${path} cannot be opened (${code}): is I2C switched on, and may this user use it?`);
  }
  const { openSync } = await loadNative('i2c-bus', () => import('i2c-bus').then((found) => found.default ?? found));
  return createI2c(openSync(number));
}

/** Over the package's own interface, so that a test can stand in for it. */
export const createI2c = (bus: Bus): I2cBus => ({ transfer: (transfer, done) => carry(bus, transfer, done) });

function carry(bus: Bus, { address, write, readLength }: I2cTransfer, done: (answer: I2cAnswer) => void): void {
  const octets = Buffer.alloc(readLength);
  const end = (error: NodeJS.ErrnoException | null): void =>
    done(error === null ? { ok: true, octets } : { ok: false, failure: failureOf(error) });
  const [command] = write;
  if (readLength === 0) return bus.i2cWrite(address, write.length, Buffer.from(write), end);
  if (write.length === 0) return bus.i2cRead(address, readLength, octets, end);
  if (command !== undefined && write.length === 1 && readLength <= BLOCK_MAX)
    return bus.readI2cBlock(address, command, readLength, octets, end);
  // A longer register address: the chip keeps it between two transfers, and nobody else comes between them.
  bus.i2cWrite(address, write.length, Buffer.from(write), (error) =>
    error === null ? bus.i2cRead(address, readLength, octets, end) : end(error),
  );
}

function failureOf({ code }: NodeJS.ErrnoException): I2cFailure {
  switch (code) {
    case 'ETIMEDOUT':
    case 'EAGAIN':
    case 'EBUSY':
      return 'bus-stuck';
    case 'ENODEV':
    case 'ENOENT':
    case 'EBADF':
      return 'gone';
    default:
      return 'no-acknowledge';
  }
}
