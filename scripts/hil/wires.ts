/** Owns the second Pi as a program: its bus and its line opened, and the hardware-in-loop interface to them over HTTP (docs/hil.md). */
import { timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { HttpBindings } from '@hono/node-server';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { DESK_V1 } from '../../boards/desk-v1/board.ts';
import { createFinger } from '../../boards/finger.ts';
import { realScheduler } from '../../boards/scheduler.ts';
import { mountHil } from '../../firmware/web/hil.ts';
import { createI2cQueue } from '../../hal/bus/queue.ts';
import type { HookState } from '../../hal/devices.ts';
import { openI2c } from '../../hal/linux/i2c.ts';
import { openLines } from '../../hal/linux/lines.ts';
import type { Scheduler } from '../../hal/ports.ts';
import type { Hands } from './hands.ts';
import { createHands } from './hands.ts';

const USAGE = 'node --import tsx scripts/hil/wires.ts --http HOST:PORT --token-file FILE';
const TOKEN_MIN = 32;

/** The same questions as a phone answers, without a screen. */
export function wiresApp(hands: Hands, scheduler: Scheduler, token: string): Hono<{ Bindings: HttpBindings }> {
  const app = new Hono<{ Bindings: HttpBindings }>();
  app.use(async (c, next) => {
    const shown = Buffer.from(c.req.header('authorization') ?? '');
    const wanted = Buffer.from(`Bearer ${token}`);
    if (shown.length === wanted.length && timingSafeEqual(shown, wanted)) return next();
    return c.json({ error: 'a valid token is needed' }, 401);
  });
  app.onError((error, c) => c.json({ error: error.message }, 501));
  const started = performance.now();
  const at = (): number => Math.round(performance.now() - started);
  let seq = 0;
  let handset: HookState = 'on';
  const silent = (): never => {
    throw new Error('there is no sound on the wires');
  };
  const rig = {
    key: createFinger(hands.contact, scheduler, at),
    hook(state: HookState) {
      handset = state;
      hands.hook(state);
      return at();
    },
    panel() {
      seq += 1;
      return { seq, lcd: [], lamps: hands.lamps(), hook: handset };
    },
  };
  mountHil(app, rig, { tone: silent, level: silent });
  return app;
}

async function main(args: readonly string[]): Promise<void> {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({ args: [...args], options: { http: text, 'token-file': text } });
  const [, hostname, port] = /^(.+):(\d+)$/.exec(values.http ?? '') ?? [];
  if (hostname === undefined || values['token-file'] === undefined) throw new Error(USAGE);
  const token = readFileSync(values['token-file'], 'utf8').split('\n', 1)[0]?.trim() ?? '';
  if (token.length < TOKEN_MIN)
    throw new Error(`--token-file: the first line must have at least ${TOKEN_MIN} characters`);
  const bus = createI2cQueue(await openI2c(DESK_V1.i2cBus), realScheduler);
  const lines = await openLines(DESK_V1.lineChips);
  const hook = lines.output(DESK_V1.hook.line, DESK_V1.hook.closedLevel);
  const hands = createHands({ data: DESK_V1, bus, hook, scheduler: realScheduler });
  serve({ fetch: wiresApp(hands, realScheduler, token).fetch, hostname, port: Number(port) });
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.once(signal, () => {
      hands.stop();
      setTimeout(() => process.exit(0), 200);
    });
}

if (process.argv[1]?.endsWith('scripts/hil/wires.ts'))
  await main(process.argv.slice(2)).catch((error: Error) => {
    process.stderr.write(`wires: ${error.message}\n`);
    process.exit(2);
  });
