/** Owns the lab's control over HTTP on the loopback: `POST /fault`, `POST /present`, `POST /call`, `GET /info`, `GET /requests`; its server, and the call to it. */
import type { IncomingMessage, Server } from 'node:http';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Lab } from './lab.ts';
import { PRESENCES } from './protocol.ts';
import type { FaultResult } from './server.ts';

export interface At {
  readonly host: string;
  readonly port: number;
}

export interface Control {
  /** As `127.0.0.1:8080`. */
  readonly address: string;
  close(): Promise<void>;
}

const BODY_OCTETS = 4096;
/** Longer than a server of the lab may take, ms. */
const PATIENCE_MS = 30_000;
const USAGE =
  'POST /fault {"target", "kind", "arg"}, POST /present {"resource", "presence"}, POST /call {"server", "user", "header"?}, GET /info, GET /requests';

/** Reads `127.0.0.1:8080`, `localhost:8080`, `[::1]:8080`: the control is for this machine alone. */
export function readAddress(text: string): At | null {
  const [, host = '', port = ''] = /^(127(?:\.\d{1,3}){3}|localhost|\[::1\]):(\d{1,5})$/.exec(text) ?? [];
  return host === '' || Number(port) > 65_535 ? null : { host: host.replace(/[[\]]/g, ''), port: Number(port) };
}

export async function serveControl(lab: Lab, at: At): Promise<Control> {
  const server: Server = createServer((incoming, outgoing) => {
    void respond(lab, address(), incoming)
      .catch((error: Error) => ({ status: 400, body: { ok: false, error: error.message } }))
      .then(({ status, body }) => {
        outgoing.writeHead(status, { 'Content-Type': 'application/json' });
        outgoing.end(`${JSON.stringify(body)}\n`);
      });
  });
  const address = (): string => {
    const { port } = server.address() as AddressInfo;
    return at.host.includes(':') ? `[${at.host}]:${port}` : `${at.host}:${port}`;
  };
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(at.port, at.host, resolve);
  });
  return {
    address: address(),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

interface Response {
  readonly status: number;
  readonly body: unknown;
}

async function respond(lab: Lab, control: string, incoming: IncomingMessage): Promise<Response> {
  // A page of somebody else's in a browser here must not reach the lab, by its own name or by another.
  if (incoming.headers.origin !== undefined || readAddress(incoming.headers.host ?? '') === null)
    return { status: 403, body: { ok: false, error: 'only programs on this machine, by its own address' } };
  switch (`${incoming.method} ${incoming.url}`) {
    case 'GET /info':
      return { status: 200, body: { ...lab.info(), control } };
    case 'GET /requests':
      return { status: 200, body: lab.requests() };
    case 'POST /fault': {
      const asked = objectIn(await read(incoming));
      if (asked === null) return { status: 400, body: { ok: false, error: USAGE } };
      const { target, kind, arg } = asked;
      const body = await lab.fault(String(target), String(kind), arg === undefined ? undefined : String(arg));
      return { status: 200, body };
    }
    case 'POST /present': {
      const { resource, presence: told } = objectIn(await read(incoming)) ?? {};
      const presence = PRESENCES.find((known) => known === told);
      if (typeof resource !== 'string' || presence === undefined)
        return { status: 400, body: { ok: false, error: `NUMBER ${PRESENCES.join('|')}` } };
      await lab.present(resource, presence);
      return { status: 200, body: { ok: true } };
    }
    case 'POST /call': {
      const { server, user, header } = objectIn(await read(incoming)) ?? {};
      const said = header === undefined ? undefined : String(header);
      return { status: 200, body: await lab.call(String(server), String(user), said) };
    }
    default:
      return { status: 404, body: { ok: false, error: USAGE } };
  }
}

/** The JSON object in a text; null = it is none. */
function objectIn(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null;
  } catch {
    return null;
  }
}

async function read(incoming: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of incoming) {
    text += String(chunk);
    if (text.length > BODY_OCTETS) throw new Error(`more than ${BODY_OCTETS} octets`);
  }
  return text;
}

/** Orders a fault of a lab that runs elsewhere; never rejects. */
export const orderFault = (
  at: At,
  fault: { readonly target: string; readonly kind: string; readonly arg?: string },
): Promise<FaultResult> => order(at, '/fault', fault);

/** A number of a lab that runs elsewhere does this from now on; never rejects. */
export const orderPresence = (at: At, resource: string, presence: string): Promise<FaultResult> =>
  order(at, '/present', { resource, presence });

/** The echo of a lab that runs elsewhere calls a user through one of its servers; never rejects. */
export const orderCall = (at: At, server: string, user: string, header?: string): Promise<FaultResult> =>
  order(at, '/call', { server, user, ...(header === undefined ? {} : { header }) });

function order(at: At, path: string, body: object): Promise<FaultResult> {
  const where = `${at.host}:${at.port}`;
  return new Promise((resolve) => {
    const failed = (error: Error): void => resolve({ ok: false, error: `no lab at ${where} (${error.message})` });
    const call = request(
      { ...at, path, method: 'POST', headers: { 'Content-Type': 'application/json' }, timeout: PATIENCE_MS },
      (response) => {
        read(response).then((text) => resolve(readResult(text)), failed);
      },
    );
    call.on('timeout', () => call.destroy(new Error('no answer')));
    call.on('error', failed);
    call.end(JSON.stringify(body));
  });
}

function readResult(text: string): FaultResult {
  try {
    const { ok, error } = JSON.parse(text) as Partial<FaultResult>;
    if (typeof ok === 'boolean') return error === undefined ? { ok } : { ok, error };
  } catch {
    // What is no JSON is no answer of a lab: said below.
  }
  return { ok: false, error: `this is no lab: it answered ${JSON.stringify(text.slice(0, 80))}` };
}
