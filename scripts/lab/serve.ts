/** Owns the life of a process that is one server of the lab: told by its parent what to be, and gone with it. */
import type { Ask, Bindings, FromServer, SeenRequest, Start, ToServer } from './protocol.ts';

export interface Server {
  /** Does what is asked; it is in force when this returns. */
  take(ask: Ask): Bindings | null;
}

export const seen = (request: SeenRequest): void => tell({ kind: 'seen', request });

const tell = (message: FromServer): void => {
  process.send?.(message);
};

/** `start` resolves when the server would answer a packet. */
export function serve(start: (options: Start) => Promise<Server>): void {
  let server: Server | null = null;
  process.on('message', (message: ToServer) => {
    if (message.kind === 'ask') tell({ kind: 'done', seq: message.seq, value: server?.take(message.ask) ?? null });
    else
      start(message).then((started) => {
        server = started;
        tell({ kind: 'listening' });
      }, fail);
  });
  // A port in use arrives here: npm sip has no event for it.
  process.on('uncaughtException', fail);
  // Without its parent a server of the lab has nothing to live for.
  process.on('disconnect', () => process.exit(0));
  // Ctrl-C reaches the whole group: the phone un-registers first, then the lab ends its servers.
  process.on('SIGINT', () => undefined);
}

function fail(error: Error): void {
  const message: FromServer = { kind: 'failed', error: error.message };
  if (process.send === undefined) process.exit(1);
  process.send(message, () => process.exit(1));
}
