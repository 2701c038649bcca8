/** Owns the registers of the PCA9552, 16 open-drain outputs with two blink rates (NXP PCA9552 data sheet, tables 4 to 11). */

/** Control register: bit 4 = auto-increment. */
export const AUTO_INCREMENT = 0x10;
export const INPUT0 = 0x00;
/** PSC0, PWM0, PSC1, PWM1 follow one another. */
export const PSC0 = 0x02;
/** LS0 to LS3: four outputs an octet, two bits each. */
export const LS0 = 0x06;

/** Two-bit selector of an output. The lamp is lit when the output is low. */
export const SELECT = { on: 0b00, off: 0b01, blink0: 0b10, blink1: 0b11 } as const;
export type Selector = (typeof SELECT)[keyof typeof SELECT];

/** Blink period of a prescaler value: (PSC + 1) / 44 s. */
export const prescalerFor = (hz: number): number => Math.round(44 / hz) - 1;
/** Half on, half off. */
export const DUTY_HALF = 0x80;
/** Selectors of a chip whose outputs are all off: high impedance, so that its pins can be read. */
export const ALL_OFF: readonly number[] = [0x55, 0x55, 0x55, 0x55];
