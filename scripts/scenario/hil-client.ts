/** Owns the asking side of the hardware-in-loop interface (interfaces 5): keys, hook and tones in, screen, lamps and levels out. */
import { once } from 'node:events';
import { request } from 'node:http';

export interface PanelSeen {
  readonly lcd: readonly string[];
  readonly lamps: Readonly<Record<string, string>>;
  readonly hook?: 'on' | 'off';
  readonly amplifier?: boolean;
  readonly ringer?: boolean;
  /** The screen as a picture, where the rig takes one: a data URI. */
  readonly picture?: string;
}

export interface HilPanel {
  key(key: string, action: 'press' | 'down' | 'up', ms: number): Promise<void>;
  hook(state: 'on' | 'off'): Promise<void>;
  /** Before it is known where the panel is, it shows nothing. */
  panel(): Promise<PanelSeen>;
  /** As a server of `xml application post list` does; what the phone refuses is an error. */
  push(document: string): Promise<void>;
  tone(hz: number, ms: number): Promise<void>;
  /** dBFS of a tone in the earpiece. */
  level(hz: number): Promise<number>;
}

export interface HilPlace {
  /** `HOST:PORT`. */
  readonly http: string;
  /** For an interface that is not on the loopback; null = none. */
  readonly token: string | null;
}

export const DARK: PanelSeen = { lcd: [], lamps: {} };
const PATIENCE_MS = 120_000;

/** `where` is null as long as the phone has not told. */
export function hilClient(where: () => HilPlace | null): HilPanel {
  const ask = (method: 'GET' | 'POST', path: string, body?: unknown): Promise<unknown> => {
    const place = where();
    if (place === null) throw new Error('the phone has not told where its panel is');
    return askJson(place, method, path, body);
  };
  return {
    key: async (key, action, ms) => void (await ask('POST', '/hil/v1/keys', { key, action, ms })),
    hook: async (state) => void (await ask('POST', '/hil/v1/hook', { state })),
    panel: async () => (where() === null ? DARK : ((await ask('GET', '/hil/v1/panel')) as PanelSeen)),
    push: async (document) => {
      const place = where();
      if (place === null) throw new Error('the phone has not told where its web server is');
      const body = new URLSearchParams({ xml: document });
      const answer = await fetch(`http://${place.http}/`, {
        method: 'POST',
        body,
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
      const said = (await answer.text()).trim();
      // Other pages answer too: those of the emulated board stand before the phone's own.
      if (!answer.ok || said !== 'ok') throw new Error(`push: ${answer.status} ${said.slice(0, 200)}`);
    },
    tone: async (hz, ms) => void (await ask('POST', '/hil/v1/audio/tone', { hz, ms })),
    level: async (hz) => {
      const answer = (await ask('GET', `/hil/v1/audio/level?hz=${hz}`)) as { readonly dbfs?: unknown };
      if (typeof answer.dbfs === 'number') return answer.dbfs;
      throw new Error(`/hil/v1/audio/level: no level in ${JSON.stringify(answer).slice(0, 200)}`);
    },
  };
}

/** Any answer but 200 is an error that says what was asked and what came. */
export async function askJson(
  { http, token }: HilPlace,
  method: string,
  path: string,
  body?: unknown,
): Promise<unknown> {
  const call = request(`http://${http}${path}`, {
    method,
    headers: {
      'Content-Type': 'application/json',
      ...(token === null ? {} : { Authorization: `Bearer ${token}` }),
    },
    timeout: PATIENCE_MS,
  });
  call.on('timeout', () => call.destroy(new Error(`${http}${path}: no answer within ${PATIENCE_MS / 1000} s`)));
  call.end(body === undefined ? undefined : JSON.stringify(body));
  const [response] = (await once(call, 'response')) as [AsyncIterable<Buffer> & { readonly statusCode: number }];
  let text = '';
  for await (const chunk of response) text += chunk.toString();
  if (response.statusCode !== 200) throw new Error(`${path}: ${response.statusCode} ${text.trim().slice(0, 200)}`);
  return JSON.parse(text) as unknown;
}
