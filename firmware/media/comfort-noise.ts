/** Owns comfort noise (RFC 3389): what its packets say, and a hiss of that level for as long as the far side says nothing. */

/** A quiet room, where a packet says nothing. */
const USUAL_DBOV = -70;

/** The first octet is the level below full scale, dB; the spectrum that may follow is not followed (4.1 leaves it free). */
export const noiseLevelOf = (payload: Uint8Array): number =>
  payload.length === 0 ? USUAL_DBOV : -((payload[0] as number) & 0x7f);

/** White noise from a small generator of its own: nothing that decides depends on it. */
export function createNoise(dbov: number): (samples: number) => Int16Array {
  // A uniform draw over twice its peak has a third of the peak's power.
  const peak = 32_768 * 10 ** (dbov / 20) * Math.sqrt(3);
  let state = 0x2545_f491;
  return (samples) =>
    Int16Array.from({ length: samples }, () => {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      return Math.max(-32_768, Math.min(32_767, (state / 2 ** 31) * peak));
    });
}
