/**
 * Owns what every keypad, lamp, display and hook switch must do, each rule with the defect that it is there to catch. The
 * implementation is a parameter: simulated chips, QEMU, hardware.
 */
import assert from 'node:assert/strict';
import type {
  Display,
  HookState,
  HookSwitch,
  KeyEdge,
  KeyName,
  Keypad,
  LampName,
  LampState,
  Lamps,
} from '../../hal/devices.ts';
import { KEY_NAMES, LAMP_NAMES } from '../../hal/devices.ts';

/** A panel and the means to touch it and look at it from outside. */
export interface PanelUnderTest {
  readonly keypad: Keypad;
  readonly hook: HookSwitch;
  readonly lamps: Lamps;
  readonly display: Display;
  /** A raw contact, before de-bouncing. */
  contact(key: KeyName, closed: boolean): Promise<void>;
  lift(state: HookState): Promise<void>;
  lampSeen(lamp: LampName): Promise<LampState>;
  screenSeen(): Promise<readonly string[]>;
  /** Lets `ms` pass. */
  pass(ms: number): Promise<void>;
}

export interface Rule {
  readonly part: 'keypad' | 'lamps' | 'display' | 'hook switch';
  readonly rule: string;
  /** The defect that this rule catches; `defects.test.ts` plants it. */
  readonly defect: string;
  readonly check: (panel: PanelUnderTest) => Promise<void>;
}

/** Long enough for any de-bouncing to settle, and for any change to reach the chips, ms. */
const SETTLE_MS = 150;
/** Shorter than any de-bouncing, ms. */
const BOUNCE_MS = 4;

async function edgesOf(panel: PanelUnderTest, act: () => Promise<void>): Promise<readonly KeyEdge[]> {
  const edges: KeyEdge[] = [];
  panel.keypad.onKey((edge) => void edges.push(edge));
  await panel.pass(SETTLE_MS);
  await act();
  await panel.pass(SETTLE_MS);
  return edges;
}

async function lampsAre(panel: PanelUnderTest, lit: Readonly<Partial<Record<LampName, LampState>>>): Promise<void> {
  await panel.pass(SETTLE_MS);
  for (const lamp of LAMP_NAMES) assert.equal(await panel.lampSeen(lamp), lit[lamp] ?? 'off', lamp);
}

/** The display's own rule: the last frame counts, whatever was there before. */
export async function shows(
  panel: Pick<PanelUnderTest, 'display' | 'pass' | 'screenSeen'>,
  texts: readonly string[],
): Promise<void> {
  const { columns, rows } = panel.display;
  for (const text of texts) {
    const lines = Array.from({ length: rows }, (_row, index) => `${index}${text}`.slice(0, columns).padEnd(columns));
    panel.display.show({ columns, rows: lines });
    await panel.pass(SETTLE_MS);
    assert.deepEqual(await panel.screenSeen(), lines);
  }
}

export const RULES: readonly Rule[] = [
  {
    part: 'keypad',
    rule: 'tells each key by its own name, down and up once',
    defect: 'two keys share a pin',
    async check(panel) {
      const edges = await edgesOf(panel, async () => {
        for (const key of KEY_NAMES)
          for (const closed of [true, false]) {
            await panel.contact(key, closed);
            await panel.pass(SETTLE_MS);
          }
      });
      assert.deepEqual(
        edges,
        KEY_NAMES.flatMap((key) => [
          { key, edge: 'down' },
          { key, edge: 'up' },
        ]),
      );
    },
  },
  {
    part: 'keypad',
    rule: 'a bouncing contact is one press, a spike is none',
    defect: 'contacts are not de-bounced',
    async check(panel) {
      const edges = await edgesOf(panel, async () => {
        for (const closed of [true, false, true, false, true]) {
          await panel.contact('5', closed);
          await panel.pass(BOUNCE_MS);
        }
        await panel.contact('6', true);
        await panel.contact('6', false);
      });
      assert.deepEqual(edges, [{ key: '5', edge: 'down' }]);
    },
  },
  {
    part: 'keypad',
    rule: 'all keys may be down at once',
    defect: 'only the first key of a chip is told',
    async check(panel) {
      const edges = await edgesOf(panel, async () => {
        for (const key of KEY_NAMES) await panel.contact(key, true);
      });
      assert.deepEqual(new Set(edges.map(({ key }) => key)), new Set(KEY_NAMES));
    },
  },
  {
    part: 'lamps',
    rule: 'each lamp takes each state, and no other lamp changes',
    defect: 'the selectors of the neighbours are overwritten',
    async check(panel) {
      for (const state of ['on', 'slow-flash', 'fast-flash'] as const)
        for (const [index, lamp] of LAMP_NAMES.entries()) {
          panel.lamps.set(lamp, state);
          await lampsAre(panel, Object.fromEntries(LAMP_NAMES.slice(0, index + 1).map((name) => [name, state])));
          if (index < LAMP_NAMES.length - 1) continue;
          for (const name of LAMP_NAMES) panel.lamps.set(name, 'off');
          await lampsAre(panel, {});
        }
    },
  },
  {
    part: 'lamps',
    rule: 'the last of many changes counts, and states stand side by side',
    defect: 'a change during a transfer is forgotten',
    async check(panel) {
      for (const state of ['on', 'off', 'fast-flash', 'slow-flash'] as const) panel.lamps.set('line2', state);
      panel.lamps.set('line1', 'on');
      panel.lamps.set('line3', 'fast-flash');
      await lampsAre(panel, { line1: 'on', line2: 'slow-flash', line3: 'fast-flash' });
    },
  },
  {
    part: 'display',
    rule: 'shows the last frame, whatever was there before',
    defect: 'a changed run is cut at the first equal cell',
    check: (panel) => shows(panel, ['abcdefghij', 'abXdefXhij', '', 'zz']),
  },
  {
    part: 'hook switch',
    rule: 'tells lifting and putting down once each, through any bounce',
    defect: 'the polarity is the wrong way round',
    async check(panel) {
      const states: HookState[] = [];
      panel.hook.onHook((state) => void states.push(state));
      await panel.pass(SETTLE_MS);
      for (const state of ['off', 'on', 'off'] as const) {
        await panel.lift(state);
        await panel.pass(BOUNCE_MS);
      }
      await panel.pass(SETTLE_MS);
      await panel.lift('on');
      await panel.pass(SETTLE_MS);
      assert.deepEqual(states, ['off', 'on']);
    },
  },
];
