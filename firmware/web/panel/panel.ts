/** Owns the live front panel over HTTP: the page and its parts, the feed of what changes, keys and faults in (interfaces 4). */
import type { HttpBindings } from '@hono/node-server';
import type { Hono } from 'hono';
import { streamSSE } from 'hono/streaming';
import type { HookState, KeyName } from '../../../hal/devices.ts';
import { KEY_NAMES } from '../../../hal/devices.ts';
import type { Decision, PhoneStatus } from '../../status.ts';
import { assetText } from '../asset.ts';
import type { Rig } from '../hil.ts';
import { bodyOf } from '../hil.ts';
import type { DeskAudio } from './audio.ts';
import { mountPanelAudio } from './audio.ts';

/** A phone as the panel sees it. */
export interface PanelHost {
  status(): PhoneStatus;
  decisions(): readonly Decision[];
  /** What the softkeys say, where that is known. */
  softkeys?(): readonly string[];
  onChange(listener: () => void): () => void;
}

/** Faults of a lab behind the phone, for the demo. */
export interface PanelFaults {
  apply(target: string, kind: string): Promise<{ readonly ok: boolean; readonly error?: string }>;
  /** What is broken now, by target. */
  active(): Readonly<Record<string, string>>;
}

export interface PanelRig extends Rig {
  onChange(listener: () => void): () => void;
}

export interface PanelOptions {
  readonly rig: PanelRig;
  readonly host: PanelHost;
  readonly faults: PanelFaults | null;
  /** Null: this page is not the phone's microphone and speaker. */
  readonly audio: DeskAudio | null;
  /** Whether the Web UI is here too. */
  readonly pages: boolean;
  /** Whether persons may look: what streams ends where they no longer may. Always, where nothing is said. */
  readonly open?: () => boolean;
}

/** Changes nearer together than this are sent as one, ms. */
const GATHER_MS = 30;
const PRESS_MS = 80;
const DECISIONS_SENT = 100;

const FILES = {
  'panel.html': 'text/html; charset=utf-8',
  'panel.css': 'text/css; charset=utf-8',
  'panel.js': 'text/javascript; charset=utf-8',
} as const;

export function mountPanel(app: Hono<{ Bindings: HttpBindings }>, options: PanelOptions): void {
  const { rig, host, faults, audio, open = () => true } = options;
  if (audio !== null) mountPanelAudio(app, audio, open);
  app.get('/', (c) => c.redirect('/panel'));
  app.get('/panel', (c) => c.body(assetText('panel', 'panel.html'), 200, { 'Content-Type': FILES['panel.html'] }));
  for (const name of ['panel.css', 'panel.js'] as const)
    app.get(`/panel/${name}`, (c) => c.body(assetText('panel', name), 200, { 'Content-Type': FILES[name] }));
  app.post('/panel/key', async (c) => {
    const { key, action = 'press' } = await bodyOf(c);
    if (!(KEY_NAMES as readonly unknown[]).includes(key)) return c.json({ error: 'unknown key' }, 400);
    if (action !== 'press' && action !== 'down' && action !== 'up')
      return c.json({ error: 'action: press, down or up' }, 400);
    return c.json({ at: await rig.key(key as KeyName, action, PRESS_MS) });
  });
  app.post('/panel/hook', async (c) => {
    const { state } = await bodyOf(c);
    return state === 'on' || state === 'off'
      ? c.json({ at: rig.hook(state satisfies HookState) })
      : c.json({ error: 'state: on or off' }, 400);
  });
  app.post('/panel/fault', async (c) => {
    const { target, kind } = await bodyOf(c);
    if (faults === null) return c.json({ ok: false, error: 'there is no lab behind this phone' }, 404);
    return c.json(await faults.apply(String(target), String(kind)));
  });
  app.get('/panel/feed', (c) =>
    streamSSE(c, async (stream) => {
      let wake: () => void = () => undefined;
      let changed = true;
      const change = (): void => {
        changed = true;
        wake();
      };
      const leave = [rig.onChange(change), host.onChange(change)];
      // Ages and countdowns move by themselves.
      const tick = setInterval(change, 1000);
      stream.onAbort(() => wake());
      try {
        while (!stream.aborted && open()) {
          if (changed) {
            changed = false;
            await stream.writeSSE({ data: JSON.stringify(viewOf(options)) });
            await stream.sleep(GATHER_MS);
          } else
            await new Promise<void>((resolve) => {
              wake = resolve;
            });
        }
      } finally {
        for (const stop of leave) stop();
        clearInterval(tick);
      }
    }),
  );
}

const viewOf = ({ rig, host, faults, audio, pages }: PanelOptions): object => ({
  panel: rig.panel(),
  status: host.status(),
  softkeys: host.softkeys?.() ?? [],
  decisions: host.decisions().slice(-DECISIONS_SENT),
  faults: faults === null ? null : faults.active(),
  sound: audio !== null,
  pages,
});
