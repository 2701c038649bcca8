/** Owns the connections that phones have to a registrar of the lab, so that they can be cut. */
import type { Socket } from 'node:net';

export interface Streams {
  /** npm sip shows a connection with the messages that it carries, again and again. */
  note(stream: Socket): void;
  /** Ends them all, by FIN or by RST. */
  cut(how: 'close' | 'reset'): void;
}

export function createStreams(): Streams {
  const streams = new Set<Socket>();
  return {
    note(stream) {
      if (streams.has(stream)) return;
      streams.add(stream);
      stream.once('close', () => streams.delete(stream));
    },
    cut(how) {
      for (const stream of streams)
        if (how === 'close') stream.end();
        else reset(stream);
    },
  };
}

/** What is reset while its FIN is under way is never closed, and Node 20 spins at its exit: the RST follows the FIN. */
function reset(stream: Socket): void {
  const now = (): unknown => underneath(stream).resetAndDestroy();
  if (stream.writableEnded && !stream.writableFinished) stream.once('finish', now);
  else now();
}

/** Node resets TCP alone, and TLS has it beneath, without a public name. */
const underneath = (stream: Socket & { readonly _parent?: Socket }): Socket => stream._parent ?? stream;
