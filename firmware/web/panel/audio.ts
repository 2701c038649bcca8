/** Owns the panel's microphone and speaker over HTTP: raw samples (16 kHz, mono, 16 bits, little end first), a stream out and pieces in. */
import type { HttpBindings } from '@hono/node-server';
import type { Hono } from 'hono';
import { stream } from 'hono/streaming';
import { assetText } from '../asset.ts';

/** The sound of the desk, for a page. */
export interface DeskAudio {
  say(samples: Int16Array): void;
  listen(listener: (samples: Int16Array) => void): () => void;
}

const FILES = ['audio.js', 'audio-worklet.js'] as const;
const OCTETS_PER_SAMPLE = 2;
/** A page that reads slower than it is spoken to misses what is more than this, periods. */
const WAITING_MAX = 50;

/** `open`: whether persons may still listen. */
export function mountPanelAudio(app: Hono<{ Bindings: HttpBindings }>, audio: DeskAudio, open: () => boolean): void {
  for (const name of FILES)
    app.get(`/panel/${name}`, (c) =>
      c.body(assetText('panel', name), 200, { 'Content-Type': 'text/javascript; charset=utf-8' }),
    );
  app.post('/panel/audio', async (c) => {
    const body = await c.req.arrayBuffer();
    if (body.byteLength % OCTETS_PER_SAMPLE !== 0) return c.json({ error: 'a sample has two octets' }, 400);
    audio.say(new Int16Array(body));
    return c.body(null, 204);
  });
  app.get('/panel/audio', (c) => {
    c.header('Content-Type', 'application/octet-stream');
    return stream(c, async (out) => {
      const waiting: Int16Array[] = [];
      let wake: () => void = () => undefined;
      const leave = audio.listen((samples) => {
        if (waiting.length < WAITING_MAX) waiting.push(samples);
        wake();
      });
      out.onAbort(() => wake());
      try {
        while (!out.aborted && open()) {
          const samples = waiting.shift();
          if (samples !== undefined)
            await out.write(new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength));
          else
            await new Promise<void>((resolve) => {
              wake = resolve;
            });
        }
      } finally {
        leave();
      }
    });
  });
}
