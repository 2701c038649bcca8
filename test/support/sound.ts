/** Owns sounds that tests make and measure: sines of a known level, and octets as a digest. */
import { createHash } from 'node:crypto';

/** A sine of `dbov` (full scale is -3). */
export function sine(hz: number, dbov: number, samples: number, rateHz: number, from = 0): Int16Array {
  const peak = 32_768 * Math.SQRT2 * 10 ** (dbov / 20);
  return Int16Array.from({ length: samples }, (_none, index) =>
    Math.round(peak * Math.sin((2 * Math.PI * hz * (from + index)) / rateHz)),
  );
}

/** SHA-256 of the octets of samples (little end first) or of a payload. */
export const digestOf = (data: Int16Array | Uint8Array): string =>
  createHash('sha256')
    .update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
    .digest('hex');
