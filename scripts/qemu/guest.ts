/** Owns what the phone in the guest tells over its own web interface: its events in order, its state and decisions. */
import type { IncomingMessage } from 'node:http';
import { request } from 'node:http';
import { createInterface } from 'node:readline';
import type { Decision, PhoneStatus } from '../../firmware/status.ts';

export interface GuestEvent {
  readonly id: number;
  readonly json: string;
  /** ms on this machine's monotonic clock. */
  readonly arrived: number;
  /** Of the phone: ms since its start, and the event's name, and its fields. */
  readonly fields: Readonly<Record<string, unknown>> & { readonly t: number; readonly event: string };
}

export interface GuestState {
  readonly status: PhoneStatus;
  readonly decisions: readonly Decision[];
}

export interface Guest {
  events(): readonly GuestEvent[];
  onEvent(listener: (event: GuestEvent) => void): () => void;
  /** Null = the phone has not answered yet. */
  state(): GuestState | null;
  onState(listener: () => void): () => void;
  /** One request to the phone's interface, and the JSON of its answer. */
  ask(method: 'GET' | 'POST', path: string, body?: object): Promise<object>;
  close(): void;
}

/** As many as the phone itself keeps. */
const EVENTS_KEPT = 4000;
const AGAIN_MS = 250;
/** The phone sends a comment each 15 s. */
const SILENCE_MS = 40_000;

/** Follows the phone at `HOST:PORT` from its first moment, through its restarts, until closed. */
export function followGuest(http: string, token: string): Guest {
  const events: GuestEvent[] = [];
  let state: GuestState | null = null;
  let closed = false;
  const open = new Set<IncomingMessage>();
  const onEvent = listeners<GuestEvent>();
  const onState = listeners<void>();

  async function follow(path: () => string, see: (data: string, id: number) => void): Promise<void> {
    while (!closed) {
      const stream = await openStream(`http://${http}${path()}`, token);
      if (stream !== null) {
        open.add(stream);
        await readStream(stream, see);
        open.delete(stream);
      }
      if (!closed) await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  }

  const last = (): number => events.at(-1)?.id ?? 0;
  void follow(
    () => `/api/events?since=${last()}`,
    (data, id) => {
      const event = { id, json: data, arrived: performance.now(), fields: JSON.parse(data) as GuestEvent['fields'] };
      events.push(event);
      if (events.length > EVENTS_KEPT) events.shift();
      onEvent.tell(event);
    },
  );
  void follow(
    () => '/panel/feed',
    (data) => {
      const { status, decisions } = JSON.parse(data) as GuestState;
      state = { status, decisions };
      onState.tell();
    },
  );
  return {
    events: () => events,
    onEvent: onEvent.add,
    state: () => state,
    onState: onState.add,
    async ask(method, path, body) {
      const response = await fetch(`http://${http}${path}`, {
        method,
        headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return (await response.json()) as object;
    },
    close() {
      closed = true;
      for (const stream of open) stream.destroy();
    },
  };
}

function listeners<Item>(): {
  readonly add: (listener: (item: Item) => void) => () => void;
  readonly tell: (item: Item) => void;
} {
  const all = new Set<(item: Item) => void>();
  return {
    add(listener) {
      all.add(listener);
      return () => void all.delete(listener);
    },
    tell(item) {
      for (const listener of all) listener(item);
    },
  };
}

/** Null = nobody there yet. */
const openStream = (url: string, token: string): Promise<IncomingMessage | null> =>
  new Promise((resolve) => {
    const call = request(url, { headers: { Authorization: `Bearer ${token}` }, agent: false });
    call.setTimeout(SILENCE_MS, () => call.destroy());
    call.on('error', () => resolve(null));
    call.on('response', (response) => {
      if (response.statusCode === 200) return resolve(response);
      response.destroy();
      resolve(null);
    });
    call.end();
  });

/** Until the stream ends. */
async function readStream(stream: IncomingMessage, see: (data: string, id: number) => void): Promise<void> {
  let id = 0;
  const lines = createInterface({ input: stream });
  stream.on('error', () => lines.close());
  stream.on('close', () => lines.close());
  lines.on('line', (line) => {
    if (line.startsWith('id: ')) id = Number(line.slice('id: '.length));
    if (line.startsWith('data: ')) see(line.slice('data: '.length), id);
  });
  await new Promise<void>((resolve) => lines.once('close', resolve));
}
