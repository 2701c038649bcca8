/**
 * Owns the door for XML pushes: POST / from servers of `xml application post list`, known by the address that they connect from and by
 * nothing that they say. A browser never passes here, so no foreign page can push by a person's hands.
 */
import type { HttpBindings } from '@hono/node-server';
import type { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { Result } from '../kernel/result.ts';

export interface Push {
  readonly isAllowed: (peer: string) => Promise<boolean>;
  /** A body as it came; the error says what is wrong with it. */
  readonly take: (body: Uint8Array) => Result<null, string>;
}

/** The longest object with every octet percent-encoded. */
const BODY_MAX_OCTETS = 30_100;

/** Before the gate of logins: whoever may push has none. */
export function mountPush(app: Hono<{ Bindings: HttpBindings }>, push: Push): void {
  app.post('/', async (c, next) => {
    const fromBrowser = c.req.header('origin') !== undefined || c.req.header('sec-fetch-site') !== undefined;
    if (fromBrowser) return c.json({ error: 'a browser pushes nothing' }, 403);
    if (await push.isAllowed(c.env.incoming.socket.remoteAddress ?? '')) return next();
    return c.json({ error: 'this server may not push: "xml application post list" does not name it' }, 403);
  });
  app.post(
    '/',
    bodyLimit({
      maxSize: BODY_MAX_OCTETS,
      onError: (c) => c.json({ error: `a push has at most ${BODY_MAX_OCTETS} octets` }, 413),
    }),
    async (c) => {
      const taken = push.take(new Uint8Array(await c.req.arrayBuffer()));
      return taken.ok ? c.text('ok\n') : c.json({ error: taken.error }, 400);
    },
  );
}
