/** Owns one request by HTTP or HTTPS: bounded in size, time and redirects, the certificate checked by the name. */
import type { IncomingHttpHeaders, IncomingMessage, RequestOptions } from 'node:http';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';

export interface GetOptions {
  readonly userAgent: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** PEM; null = the usual public authorities. */
  readonly authorities: readonly string[] | null;
  readonly certificates: 'checked' | 'unchecked';
  readonly lookup: (host: string) => Promise<readonly string[]>;
  /** `name:password`, for the server that was named alone; null = none. */
  readonly login?: string | null;
  readonly octetsMax: number;
  /** Ends the transfer, however far it is. */
  readonly signal: AbortSignal;
}

export type Got =
  | { readonly kind: 'found'; readonly octets: Buffer; readonly headers: IncomingHttpHeaders; readonly url: URL }
  /** The server answers, and has no such thing. */
  | { readonly kind: 'missing' }
  | { readonly kind: 'aborted' }
  /** What came instead, for a person. */
  | { readonly kind: 'failed'; readonly error: string };

/** What one request that is not followed elsewhere brought. */
export type Asked =
  /** `octets`: null where there are more than are wanted. */
  { readonly kind: 'answered'; readonly status: number; readonly octets: Buffer | null } | Failure;

type Failure = Extract<Got, { kind: 'aborted' | 'failed' }>;

const REDIRECTS_MAX = 3;
const HEADERS_MAX_OCTETS = 16_384;

/** `address`: where the name of the URL was found; null = it is looked up. */
export async function httpGet(first: URL, address: string | null, options: GetOptions): Promise<Got> {
  let url = first;
  let at = address ?? (await addressOf(url, options));
  if (at === undefined) return { kind: 'failed', error: `${url.hostname} has no address` };
  for (let redirects = 0; redirects <= REDIRECTS_MAX; redirects += 1) {
    const asked: URL = url;
    // A password is for the server that was named, not for whom it points at.
    const login = url.origin === first.origin ? (options.login ?? null) : null;
    const came: Got | URL = await send(asked, at, { ...options, login }, (response) =>
      read(response, asked, options.octetsMax),
    );
    if (!(came instanceof URL)) return came;
    if (url.protocol === 'https:' && came.protocol !== 'https:')
      return { kind: 'failed', error: `a redirect from HTTPS to ${came.protocol.replace(':', '')}` };
    if (came.host !== url.host) at = await addressOf(came, options);
    if (at === undefined) return { kind: 'failed', error: `a redirect to ${came.hostname}, which has no address` };
    url = came;
  }
  return { kind: 'failed', error: `more than ${REDIRECTS_MAX} redirects` };
}

/** A GET, or a POST of that body; every answer counts, and of an ill one nothing is read. */
export async function httpAsk(url: URL, body: string | null, options: GetOptions): Promise<Asked> {
  const address = await addressOf(url, options);
  if (address === undefined) return { kind: 'failed', error: `${url.hostname} has no address` };
  return send(
    url,
    address,
    options,
    async (response) => {
      const status = response.statusCode ?? 0;
      const isWell = status >= 200 && status < 300;
      const octets = isWell && options.octetsMax > 0 ? await gathered(response, options.octetsMax) : null;
      response.destroy();
      return { kind: 'answered', status, octets };
    },
    body,
  );
}

const nameOf = ({ hostname }: URL): string => hostname.replace(/^\[|\]$/g, '');

const addressOf = async (url: URL, { lookup }: GetOptions): Promise<string | undefined> =>
  (await lookup(nameOf(url)))[0];

function send<T>(
  url: URL,
  address: string,
  options: GetOptions,
  use: (response: IncomingMessage) => Promise<T>,
  body: string | null = null,
): Promise<T | Failure> {
  const { signal, authorities, login = null } = options;
  const name = nameOf(url);
  const request: RequestOptions = {
    method: body === null ? 'GET' : 'POST',
    host: address,
    port: url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port),
    path: `${url.pathname}${url.search}`,
    headers: { accept: '*/*', ...options.headers, host: url.host, 'user-agent': options.userAgent },
    agent: false,
    maxHeaderSize: HEADERS_MAX_OCTETS,
    signal,
    ...(login === null ? {} : { auth: login }),
  };
  return new Promise((resolve) => {
    const failed = (error: NodeJS.ErrnoException): void => {
      resolve(signal.aborted ? { kind: 'aborted' } : { kind: 'failed', error: reasonOf(error) });
    };
    const take = (response: IncomingMessage): void => {
      void use(response).then(resolve, failed);
    };
    const asked =
      url.protocol === 'https:'
        ? httpsRequest(
            {
              ...request,
              // A name goes with the handshake and is what the certificate is for; an address has no name.
              ...(/^[\d.]+$|:/.test(name) ? {} : { servername: name }),
              ...(authorities === null ? {} : { ca: [...authorities] }),
              rejectUnauthorized: options.certificates === 'checked',
            },
            take,
          )
        : httpRequest(request, take);
    asked.on('error', failed);
    asked.end(body ?? undefined);
  });
}

async function read(response: IncomingMessage, url: URL, octetsMax: number): Promise<Got | URL> {
  const status = response.statusCode ?? 0;
  const { location } = response.headers;
  const tooLong: Got = { kind: 'failed', error: `more than ${octetsMax} octets` };
  if ([301, 302, 303, 307, 308].includes(status) && location !== undefined) {
    response.destroy();
    if (!URL.canParse(location, url.href)) return { kind: 'failed', error: 'a redirect to no address' };
    const next = new URL(location, url);
    return /^https?:$/.test(next.protocol) ? next : { kind: 'failed', error: `a redirect to ${next.protocol}` };
  }
  if (status !== 200) {
    response.destroy();
    return status === 404 || status === 410 ? { kind: 'missing' } : { kind: 'failed', error: `HTTP ${status}` };
  }
  if (Number(response.headers['content-length'] ?? 0) > octetsMax) {
    response.destroy();
    return tooLong;
  }
  const octets = await gathered(response, octetsMax);
  if (octets === null) return tooLong;
  return response.complete
    ? { kind: 'found', octets, headers: response.headers, url }
    : { kind: 'failed', error: 'cut short' };
}

/** Null = there are more than that. */
async function gathered(response: IncomingMessage, octetsMax: number): Promise<Buffer | null> {
  const parts: Buffer[] = [];
  let octets = 0;
  for await (const part of response as AsyncIterable<Buffer>) {
    octets += part.length;
    if (octets > octetsMax) return null;
    parts.push(part);
  }
  return Buffer.concat(parts);
}

function reasonOf({ code = '', message }: NodeJS.ErrnoException): string {
  if (code === 'ECONNREFUSED') return 'connection refused';
  if (code === 'ECONNRESET') return 'cut short';
  return message.replace(/[^ -~]/g, ' ').slice(0, 200);
}
