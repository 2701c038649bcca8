/** Owns what every keypad, lamp, display and hook switch must do; the implementation under test is a parameter (sim, QEMU, hardware). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
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
  contact(key: KeyName, closed: boolean): void;
  lift(state: HookState): void;
  lampSeen(lamp: LampName): LampState;
  screenSeen(): readonly string[];
  /** Lets `ms` pass. */
  pass(ms: number): Promise<void>;
}

/** Long enough for any de-bouncing to settle, ms. */
const SETTLE_MS = 120;

export function panelContract(name: string, make: () => PanelUnderTest): void {
  const pressed = (panel: PanelUnderTest): readonly KeyEdge[] => {
    const edges: KeyEdge[] = [];
    panel.keypad.onKey((edge) => void edges.push(edge));
    return edges;
  };

  describe(`${name}: keypad`, () => {
    // Planted defect: two keys wired to one pin. Each key would tell another one's name here.
    it('tells each key by its own name, down and up once', async () => {
      const panel = make();
      const edges = pressed(panel);
      for (const key of KEY_NAMES) {
        panel.contact(key, true);
        await panel.pass(SETTLE_MS);
        panel.contact(key, false);
        await panel.pass(SETTLE_MS);
      }
      assert.deepEqual(
        edges,
        KEY_NAMES.flatMap((key) => [
          { key, edge: 'down' },
          { key, edge: 'up' },
        ]),
      );
    });

    // Planted defect: no de-bouncing. Every bounce would be an edge.
    it('a bouncing contact is one press', async () => {
      const panel = make();
      const edges = pressed(panel);
      for (const closed of [true, false, true, false, true]) {
        panel.contact('5', closed);
        await panel.pass(5);
      }
      await panel.pass(SETTLE_MS);
      assert.deepEqual(edges, [{ key: '5', edge: 'down' }]);
    });

    it('a spike shorter than de-bouncing is nothing', async () => {
      const panel = make();
      const edges = pressed(panel);
      panel.contact('5', true);
      await panel.pass(8);
      panel.contact('5', false);
      await panel.pass(SETTLE_MS);
      assert.deepEqual(edges, []);
    });

    // Planted defect: only the lowest key of a chip is read. Roll-over would lose keys.
    it('all keys may be down at once', async () => {
      const panel = make();
      const edges = pressed(panel);
      for (const key of KEY_NAMES) panel.contact(key, true);
      await panel.pass(SETTLE_MS);
      assert.deepEqual(new Set(edges.map(({ key }) => key)), new Set(KEY_NAMES));
    });
  });

  describe(`${name}: lamps`, () => {
    // Planted defect: the selector of the neighbour is overwritten. The others would change too.
    it('each lamp takes each state, and no other lamp changes', () => {
      const panel = make();
      for (const lamp of LAMP_NAMES)
        for (const state of ['on', 'slow-flash', 'fast-flash', 'off'] as const) {
          panel.lamps.set(lamp, state);
          assert.equal(panel.lampSeen(lamp), state, lamp);
          for (const other of LAMP_NAMES)
            if (other !== lamp) assert.equal(panel.lampSeen(other), 'off', `${lamp} changed ${other}`);
        }
    });

    it('keep their states side by side', () => {
      const panel = make();
      panel.lamps.set('line1', 'on');
      panel.lamps.set('line2', 'slow-flash');
      panel.lamps.set('line3', 'fast-flash');
      assert.deepEqual(
        ['line1', 'line2', 'line3', 'line4'].map((lamp) => panel.lampSeen(lamp as LampName)),
        ['on', 'slow-flash', 'fast-flash', 'off'],
      );
    });
  });

  describe(`${name}: display`, () => {
    // Planted defect: a changed run is cut at the first equal cell. The rest would stay old.
    it('shows the last frame, whatever was there before', () => {
      const panel = make();
      const { columns, rows } = panel.display;
      const frame = (text: string): { columns: number; rows: readonly string[] } => ({
        columns,
        rows: Array.from({ length: rows }, (_row, index) => `${index}${text}`.slice(0, columns).padEnd(columns)),
      });
      for (const text of ['abcdefghij', 'abXdefXhij', '', 'zz']) {
        panel.display.show(frame(text));
        assert.deepEqual(panel.screenSeen(), frame(text).rows);
      }
    });
  });

  describe(`${name}: hook switch`, () => {
    // Planted defect: polarity the wrong way round. Lifting would tell "on".
    it('tells lifting and putting down once each', async () => {
      const panel = make();
      const states: HookState[] = [];
      panel.hook.onHook((state) => void states.push(state));
      panel.lift('off');
      await panel.pass(SETTLE_MS);
      panel.lift('on');
      await panel.pass(SETTLE_MS);
      assert.deepEqual(states, ['off', 'on']);
    });
  });
}
