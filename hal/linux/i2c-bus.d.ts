/** The part of i2c-bus that is used here: the package brings no types of its own. */
declare module 'i2c-bus' {
  type Done = (error: NodeJS.ErrnoException | null) => void;

  export interface Bus {
    i2cWrite(address: number, length: number, octets: Buffer, done: Done): void;
    i2cRead(address: number, length: number, octets: Buffer, done: Done): void;
    readI2cBlock(address: number, command: number, length: number, octets: Buffer, done: Done): void;
  }

  export function openSync(bus: number): Bus;
}
