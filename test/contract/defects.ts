/** Owns a defect for each driver: one change of its text, and the contract test that must fail then. */

export interface Defect {
  readonly driver: string;
  /** In the words of whoever made it. */
  readonly defect: string;
  /** Text of the driver, and what stands there instead. */
  readonly from: string;
  readonly to: string;
  /** The file of the contract, and the test in it. */
  readonly contract: string;
  readonly caughtBy: string;
}

const PANEL = 'panel.test.ts';
const CLOCK = 'clock-and-identity.test.ts';

export const DEFECTS: readonly Defect[] = [
  {
    driver: 'hal/drivers/debounce.ts',
    defect: 'a contact counts at once',
    from: 'return { settled: contact.settled, raw, restedMs: 0 };',
    to: 'return { settled: raw, raw, restedMs: 0 };',
    contract: PANEL,
    caughtBy: 'is no press, whenever the driver looks',
  },
  {
    driver: 'hal/drivers/repeat.ts',
    defect: 'a key that came up is told on and on',
    from: 'held.get(key)?.();',
    to: '',
    contract: 'repeat.test.ts',
    caughtBy: 'volume and arrows are told again and again until they come up',
  },
  {
    driver: 'hal/drivers/contacts.ts',
    defect: 'a key that comes up is not told',
    from: 'if (after.settled === before.settled) return;',
    to: 'if (!after.settled || after.settled === before.settled) return;',
    contract: PANEL,
    caughtBy: 'keypad: tells each key by its own name, down and up once',
  },
  {
    driver: 'hal/drivers/keys-pca9552.ts',
    defect: 'the pins of the second register are never read',
    from: '((octets[1] ?? 0xff) << 8)',
    to: '0xff00',
    contract: PANEL,
    caughtBy: 'keypad: all keys may be down at once',
  },
  {
    driver: 'hal/drivers/keys-matrix.ts',
    defect: 'ghost keys are believed',
    from: '(isAmbiguous(seen, r, c) ? before[r]?.[c] === true : closed)',
    to: '(before[r] === undefined ? false : closed)',
    contract: 'matrix.test.ts',
    caughtBy: 'three keys on the corners of a rectangle never give the fourth, and the two that were there stay',
  },
  {
    driver: 'hal/drivers/lamps-pca9552.ts',
    defect: 'the other lamps of the register are cleared',
    from: '(before & ~(0b11 << shift))',
    to: '(0x55 & ~(0b11 << shift))',
    contract: PANEL,
    caughtBy: 'lamps: each lamp takes each state, and no other lamp changes',
  },
  {
    driver: 'hal/drivers/pca9552.ts',
    defect: 'the slow rate is the fast one',
    from: 'Math.round(44 / hz) - 1',
    to: 'Math.round(11 / hz) - 1',
    contract: PANEL,
    caughtBy: 'lamps: each lamp takes each state, and no other lamp changes',
  },
  {
    driver: 'hal/drivers/hook-switch.ts',
    defect: 'a spike is lifting the handset',
    from: 'contact = readContact(contact, closed() ?? contact.raw, POLL_MS);',
    to: 'contact = { ...contact, settled: closed() ?? contact.raw };',
    contract: 'hook.test.ts',
    caughtBy: 'a spike of half the de-bounce time is nothing, polled or told',
  },
  {
    driver: 'hal/drivers/enable-line.ts',
    defect: 'the polarity is the wrong way round',
    from: "(activeLevel === 'high')",
    to: "(activeLevel === 'low')",
    contract: CLOCK,
    caughtBy: 'active high: off at the start, then what was set (planted defect: the polarity the wrong way round)',
  },
  {
    driver: 'hal/drivers/cells.ts',
    defect: 'a run ends one cell early',
    from: 'last.length = joined;',
    to: 'last.length = joined - 1;',
    contract: PANEL,
    caughtBy: 'display: shows the last frame, whatever was there before',
  },
  {
    driver: 'hal/drivers/text-display.ts',
    defect: 'what was shown is forgotten after the first frame',
    from: 'shown = next;',
    to: 'shown = shown.length > 0 ? shown : next;',
    contract: PANEL,
    caughtBy: 'display: shows the last frame, whatever was there before',
  },
  {
    driver: 'hal/drivers/framebuffer.ts',
    defect: 'glyphs are mirrored',
    from: 'for (let x = CELL.width - 1; x >= 0; x -= 1)',
    to: 'for (let x = 0; x < CELL.width; x += 1)',
    contract: PANEL,
    caughtBy: 'display: shows the last frame, whatever was there before',
  },
  {
    driver: 'hal/drivers/ssd1306.ts',
    defect: 'the third line never takes its turn',
    from: 'turn += 1;',
    to: 'turn += 0;',
    contract: 'oled.test.ts',
    caughtBy: 'two visible lines: the second one shows the second and third line in turn, a blank one is left out',
  },
  {
    driver: 'hal/drivers/hd44780.ts',
    defect: 'rows follow one another in memory',
    from: '[0x00, 0x40, 0x14, 0x54]',
    to: '[0x00, 0x14, 0x28, 0x3c]',
    contract: 'character-lcd.test.ts',
    caughtBy: 'each row stands where it belongs, in the odd order of the chip',
  },
  {
    driver: 'hal/drivers/ds1307.ts',
    defect: 'decimal digits are taken for a number',
    from: '(octet & 0x0f) > 9 || octet >> 4 > 9 ? Number.NaN : 10 * (octet >> 4) + (octet & 0x0f)',
    to: 'octet',
    contract: CLOCK,
    caughtBy: 'reads the registers of the data sheet: 24-hour and 12-hour form',
  },
  {
    driver: 'hal/drivers/at24c32.ts',
    defect: 'the check sum is not looked at',
    from: ' && checkSum(head) === octets[LENGTH - 1]',
    to: '',
    contract: CLOCK,
    caughtBy: 'planted defect, one octet wrong: no identity, whichever octet it is',
  },
  {
    driver: 'hal/bus/queue.ts',
    defect: 'the second transfer begins within the first',
    from: 'while (!open) {',
    to: 'for (;;) {',
    contract: 'i2c-queue.test.ts',
    caughtBy: 'many transfers asked for at once go out one at a time, in order',
  },
  {
    driver: 'hal/bus/queue.ts',
    defect: 'a process that was held up takes an answer for none',
    from: 'const SLICES = 3;',
    to: 'const SLICES = 1;',
    contract: 'i2c-queue.test.ts',
    caughtBy: 'a process that was held up for long still hears the answer that came meanwhile',
  },
  {
    driver: 'hal/bus/health.ts',
    defect: 'one transfer that failed makes a lost chip',
    from: 'if (failures === 1) return void scheduler.after(SECOND_TRY_MS, again);',
    to: "if (failures === 1) tell('lost');",
    contract: PANEL,
    caughtBy: 'once for nothing, and answers when asked again: nobody is told, no press is lost',
  },
  {
    driver: 'hal/drivers/ssd1306.ts',
    defect: 'the space behind the last glyph is sent for nothing',
    from: 'columns.slice(0, -1)',
    to: 'columns',
    contract: 'oled.test.ts',
    caughtBy: 'sends at most twice the octets of the changed cells, positions and control octets included',
  },
  {
    driver: 'hal/bus/health.ts',
    defect: 'a chip that is away is asked without back-off',
    from: 'Math.min(RETRY_MAX_MS, 2 * retryMs)',
    to: 'RETRY_FIRST_MS',
    contract: PANEL,
    caughtBy: 'is asked less and less often, and at most ten seconds apart',
  },
  {
    driver: 'hal/drivers/sound-pipes.ts',
    defect: 'a recorder that is lost is waited for at each period',
    from: 'alone ? 0 : PATIENCE_MS',
    to: 'PATIENCE_MS',
    contract: 'sound-card.test.ts',
    caughtBy: 'a lost card keeps the time, is told of once, and comes back by itself',
  },
];
