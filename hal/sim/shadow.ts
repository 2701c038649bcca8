/**
 * Owns a bus with simulated chips beside the real ones: what really went out is decoded as the chip would, and a key may be pressed by
 * a test rig as well as by a finger. Without a real bus the simulated chips are all there is.
 */
import type { I2cBus } from '../ports.ts';
import type { SimI2c } from './i2c.ts';

export function createShadowedBus(real: I2cBus | null, shadow: SimI2c): I2cBus {
  if (real === null) return shadow;
  return {
    transfer(transfer, done) {
      real.transfer(transfer, (answer) => {
        if (!answer.ok) return done(answer);
        shadow.transfer(transfer, (beside) =>
          // A contact to ground wins, whoever closes it.
          done(
            beside.ok
              ? { ok: true, octets: answer.octets.map((octet, at) => octet & (beside.octets[at] ?? 0xff)) }
              : answer,
          ),
        );
      });
    },
  };
}
