/** Owns the one format of sound inside the phone: 16 kHz, mono, 16 bits, in periods of 10 ms. */

export const RATE_HZ = 16_000;
export const PERIOD_MS = 10;
export const PERIOD_SAMPLES = (RATE_HZ * PERIOD_MS) / 1000;
