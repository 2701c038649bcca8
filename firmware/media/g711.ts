/** Owns ITU-T G.711: both laws as tables that are made from the segment rule once, so that each sample costs one look-up. */

export type Law = 'mu' | 'A';

/** Bias of the mu-law segments, on the scale of 16 bits. */
const MU_BIAS = 132;
const MU_CLIP = 32_635;
/** A-law sends every other bit inverted, mu-law all of them. */
const A_TOGGLE = 0x55;

const DECODED: Readonly<Record<Law, Int16Array>> = {
  mu: Int16Array.from({ length: 256 }, (_none, code) => expandMu(code)),
  A: Int16Array.from({ length: 256 }, (_none, code) => expandA(code)),
};
const ENCODED: Readonly<Record<Law, Uint8Array>> = {
  mu: Uint8Array.from({ length: 65_536 }, (_none, index) => compressMu(index - 32_768)),
  A: Uint8Array.from({ length: 65_536 }, (_none, index) => compressA(index - 32_768)),
};

export const encodeG711 = (law: Law, samples: Int16Array): Uint8Array => {
  const table = ENCODED[law];
  return Uint8Array.from(samples, (sample) => table[sample + 32_768] as number);
};

export const decodeG711 = (law: Law, octets: Uint8Array): Int16Array => {
  const table = DECODED[law];
  return Int16Array.from(octets, (octet) => table[octet] as number);
};

/** Negative samples count from -1, so that both halves have the same number of steps. */
function magnitudeOf(sample: number): number {
  return sample < 0 ? ~sample : sample;
}

function expandMu(code: number): number {
  const bits = ~code & 0xff;
  const magnitude = ((((bits & 0x0f) << 3) + MU_BIAS) << ((bits >> 4) & 7)) - MU_BIAS;
  return bits & 0x80 ? -magnitude : magnitude;
}

function compressMu(sample: number): number {
  const magnitude = Math.min(magnitudeOf(sample), MU_CLIP) + MU_BIAS;
  const segment = 24 - Math.clz32(magnitude);
  const bits = (segment << 4) | ((magnitude >> (segment + 3)) & 0x0f);
  return ~(sample < 0 ? bits | 0x80 : bits) & 0xff;
}

/** The lowest segment is as coarse as the second; above it each is twice as coarse. The middle of a step is played. */
function expandA(code: number): number {
  const bits = code ^ A_TOGGLE;
  const segment = (bits >> 4) & 7;
  const step = ((bits & 0x0f) << 4) + 8;
  const magnitude = segment === 0 ? step : (step + 256) << (segment - 1);
  return bits & 0x80 ? magnitude : -magnitude;
}

function compressA(sample: number): number {
  const magnitude = magnitudeOf(sample) >> 4;
  const segment = Math.max(0, 28 - Math.clz32(magnitude));
  const bits = (segment << 4) | ((segment === 0 ? magnitude : magnitude >> (segment - 1)) & 0x0f);
  return (sample < 0 ? bits : bits | 0x80) ^ A_TOGGLE;
}
