/** Owns the Via header value (RFC 3261 20.42, RFC 3581). */
import type { Result } from '../../kernel/result.ts';
import { fail, ok } from '../../kernel/result.ts';
import type { Param } from './scan.ts';
import { paramsText, parseParams } from './scan.ts';
import { parseHostPort } from './uri.ts';

export interface Via {
  /** Upper case: `UDP`, `TCP`, `TLS` ... */
  readonly transport: string;
  readonly host: string;
  readonly port: number | null;
  readonly params: readonly Param[];
}

const SENT = /^SIP\s*\/\s*2\.0\s*\/\s*([A-Za-z0-9\-.!%*_+`'~]+)\s(.+)$/is;

export function parseVia(text: string): Result<Via, string> {
  const semicolon = text.indexOf(';');
  const match = SENT.exec(semicolon === -1 ? text : text.slice(0, semicolon));
  if (match === null) return fail(`"${text.slice(0, 40)}" is no Via`);
  const sentBy = parseHostPort(match[2] ?? '');
  if (!sentBy.ok) return sentBy;
  const params = parseParams(semicolon === -1 ? '' : text.slice(semicolon));
  if (!params.ok) return params;
  const { host, port } = sentBy.value;
  // Nothing can be sent there.
  if (port === 0) return fail(`Via "${text.slice(0, 40)}" names port 0`);
  return ok({ transport: (match[1] ?? '').toUpperCase(), host, port, params: params.value });
}

export function viaText({ transport, host, port, params }: Via): string {
  const name = host.includes(':') ? `[${host}]` : host;
  return `SIP/2.0/${transport} ${name}${port === null ? '' : `:${port}`}${paramsText(params)}`;
}
