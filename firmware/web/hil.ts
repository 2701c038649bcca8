/** Owns the hardware-in-loop interface over HTTP: keys in as contacts, lamps and screen out as the drivers sent them (interfaces 5). */
import type { HttpBindings } from '@hono/node-server';
import type { Context, Hono } from 'hono';
import type { HookState, KeyName } from '../../hal/devices.ts';
import { KEY_NAMES } from '../../hal/devices.ts';

/** What the board's rig offers; `boards/board.ts` describes it. */
export interface Rig {
  key(key: KeyName, action: 'press' | 'down' | 'up', ms: number): Promise<number>;
  hook(state: HookState): number;
  panel(): unknown;
  /** How often the keys have been read: whoever touches contacts from outside knows by it that they were seen. */
  readings?(): number;
}

/** The sound of the desk; `firmware/shell/media/host.ts` has it. */
export interface RigSound {
  tone(hz: number, ms: number): void;
  level(hz: number): Promise<object>;
}

type Env = { Bindings: HttpBindings };

const PRESS_MS = 80;
const PRESS_MIN_MS = 60;
const PRESS_MAX_MS = 60_000;
const HZ_MAX = 8000;
const TONE_MAX_MS = 60_000;

export function mountHil(app: Hono<Env>, rig: Rig, sound: RigSound): void {
  app.get('/hil/v1/panel', (c) => c.json({ ...(rig.panel() as object), readings: rig.readings?.() }));
  app.post('/hil/v1/keys', async (c) => {
    const body = await bodyOf(c);
    const key = body['key'];
    const action = body['action'] ?? 'press';
    const ms = body['ms'] ?? PRESS_MS;
    if (!(KEY_NAMES as readonly unknown[]).includes(key))
      return c.json({ error: `unknown key ${JSON.stringify(key ?? null).slice(0, 60)}` }, 400);
    if (action !== 'press' && action !== 'down' && action !== 'up')
      return c.json({ error: 'action: press, down or up' }, 400);
    if (typeof ms !== 'number' || !(ms >= PRESS_MIN_MS && ms <= PRESS_MAX_MS))
      return c.json({ error: `ms: a number from ${PRESS_MIN_MS} to ${PRESS_MAX_MS}` }, 400);
    return c.json({ at: await rig.key(key as KeyName, action, ms) });
  });
  app.post('/hil/v1/hook', async (c) => {
    const { state } = await bodyOf(c);
    if (state !== 'on' && state !== 'off') return c.json({ error: 'state: on or off' }, 400);
    return c.json({ at: rig.hook(state) });
  });
  app.post('/hil/v1/audio/tone', async (c) => {
    const { hz, ms } = await bodyOf(c);
    if (!isWithin(hz, 1, HZ_MAX)) return c.json({ error: `hz: a number from 1 to ${HZ_MAX}` }, 400);
    if (!isWithin(ms, 1, TONE_MAX_MS)) return c.json({ error: `ms: a number from 1 to ${TONE_MAX_MS}` }, 400);
    sound.tone(hz, ms);
    return c.json({ hz, ms });
  });
  app.get('/hil/v1/audio/level', async (c) => {
    const hz = Number(c.req.query('hz') ?? '1000');
    if (!isWithin(hz, 1, HZ_MAX)) return c.json({ error: `hz: a number from 1 to ${HZ_MAX}` }, 400);
    return c.json(await sound.level(hz));
  });
}

const isWithin = (value: unknown, low: number, high: number): value is number =>
  typeof value === 'number' && value >= low && value <= high;

/** The JSON object of a request; anything else is an empty one, which the checks above refuse by name. */
export async function bodyOf(c: Context<Env>): Promise<Readonly<Record<string, unknown>>> {
  const body: unknown = await c.req.json().catch(() => null);
  return typeof body === 'object' && body !== null ? (body as Readonly<Record<string, unknown>>) : {};
}
