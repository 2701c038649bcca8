/** Owns fetching a file by HTTP or HTTPS from one address: bounded in size, time and redirects, the certificate checked by the name. */
import type { IncomingMessage, RequestOptions } from 'node:http';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Fetched, Wanted } from './fetched.ts';
import { FILE_MAX_OCTETS, pathOf, timedOut, tooLong } from './fetched.ts';

export interface HttpOptions {
  /** As provisioning systems know the original: they give files to whom they know. */
  readonly userAgent: string;
  /** PEM; null = the usual public authorities. */
  readonly authorities: readonly string[] | null;
  /** `https validate certificates`. */
  readonly certificates: 'checked' | 'unchecked';
  /** Where a redirect leads to. */
  readonly lookup: (host: string) => Promise<readonly string[]>;
}

const REDIRECTS_MAX = 3;
const HEADERS_MAX_OCTETS = 16_384;

export async function fetchHttp(wanted: Wanted, options: HttpOptions): Promise<Fetched> {
  const { source } = wanted;
  const host = source.host.includes(':') ? `[${source.host}]` : source.host;
  let url = new URL(`${source.protocol}://${host}:${source.port}/${encoded(pathOf(wanted))}`);
  const first = url.origin;
  let address: string | undefined = wanted.address;
  for (let redirects = 0; redirects <= REDIRECTS_MAX; redirects += 1) {
    // A password is for the server that was named, not for whom it points at.
    const login = source.user !== '' && url.origin === first ? `${source.user}:${source.password}` : null;
    const came: Fetched | URL = await askOnce({ url, address, login, signal: wanted.signal }, options);
    if (!(came instanceof URL)) return came;
    if (url.protocol === 'https:' && came.protocol !== 'https:')
      return { kind: 'failed', error: `a redirect from HTTPS to ${came.protocol.replace(':', '')}` };
    if (came.host !== url.host) [address] = await options.lookup(came.hostname.replace(/^\[|\]$/g, ''));
    if (address === undefined) return { kind: 'failed', error: `a redirect to ${came.hostname}, which has no address` };
    url = came;
  }
  return { kind: 'failed', error: `more than ${REDIRECTS_MAX} redirects` };
}

/** What is encoded already stays so. */
const encoded = (path: string): string => encodeURI(path).replace(/%25/g, '%');

interface Asked {
  readonly url: URL;
  readonly address: string;
  readonly login: string | null;
  readonly signal: AbortSignal;
}

function askOnce({ url, address, login, signal }: Asked, options: HttpOptions): Promise<Fetched | URL> {
  const name = url.hostname.replace(/^\[|\]$/g, '');
  const request: RequestOptions = {
    host: address,
    port: url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port),
    path: `${url.pathname}${url.search}`,
    headers: { host: url.host, 'user-agent': options.userAgent, accept: '*/*' },
    agent: false,
    maxHeaderSize: HEADERS_MAX_OCTETS,
    signal,
    ...(login === null ? {} : { auth: login }),
  };
  return new Promise((resolve) => {
    const failed = (error: NodeJS.ErrnoException): void => {
      resolve(signal.aborted ? timedOut() : { kind: 'failed', error: reasonOf(error) });
    };
    const take = (response: IncomingMessage): void => {
      void read(response, url).then(resolve, failed);
    };
    const asked =
      url.protocol === 'https:'
        ? httpsRequest(
            {
              ...request,
              // A name goes with the handshake and is what the certificate is for; an address has no name.
              ...(/^[\d.]+$|:/.test(name) ? {} : { servername: name }),
              ...(options.authorities === null ? {} : { ca: [...options.authorities] }),
              rejectUnauthorized: options.certificates === 'checked',
            },
            take,
          )
        : httpRequest(request, take);
    asked.on('error', failed);
    asked.end();
  });
}

async function read(response: IncomingMessage, url: URL): Promise<Fetched | URL> {
  const status = response.statusCode ?? 0;
  const { location } = response.headers;
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
  if (Number(response.headers['content-length'] ?? 0) > FILE_MAX_OCTETS) {
    response.destroy();
    return tooLong();
  }
  const parts: Buffer[] = [];
  let octets = 0;
  for await (const part of response as AsyncIterable<Buffer>) {
    octets += part.length;
    if (octets > FILE_MAX_OCTETS) return tooLong();
    parts.push(part);
  }
  return response.complete ? { kind: 'found', octets: Buffer.concat(parts) } : { kind: 'failed', error: 'cut short' };
}

function reasonOf({ code = '', message }: NodeJS.ErrnoException): string {
  if (code === 'ECONNREFUSED') return 'connection refused';
  if (code === 'ECONNRESET') return 'cut short';
  return message.replace(/[^ -~]/g, ' ').slice(0, 200);
}
