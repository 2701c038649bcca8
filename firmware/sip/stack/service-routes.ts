/**
 * Owns the routes that registrars hand out for later requests of a line (RFC 3608 6.1): each server's own, while its binding
 * holds. The next hop stays the server that the walk has chosen; the route only says which way it goes on from there.
 */
import { SERVICE_ROUTES_MAX } from '../../config/defaults.ts';
import type { LineSettings } from '../../config/settings.ts';
import type { Millis } from '../../kernel/time.ts';
import type { ServerName } from '../../status.ts';
import type { Granted } from '../agent.ts';
import { headerValues } from '../message/headers.ts';
import type { Header, SipResponse } from '../message/message.ts';
import { nameAddrText, parseNameAddr } from '../message/name-addr.ts';
import { paramOf } from '../message/scan.ts';
import type { RegisterCommand, Sent, UnregisterCommand } from './attempt.ts';

export interface ServiceRoutes {
  /** A 2xx to a REGISTER: its routes take the place of those before, none takes them away; a removed binding has none. */
  learn(command: RegisterCommand | UnregisterCommand, sent: Sent, granted: Granted, response: SipResponse): void;
  /** The Route headers for a request of the line to that server, in their order. */
  of(line: LineSettings, server: ServerName, now: Millis): readonly Header[];
}

export function createServiceRoutes(): ServiceRoutes {
  const held = new Map<string, { readonly routes: readonly Header[]; readonly until: number }>();
  // With the user: a line that was given another account has no way of the old one's.
  const keyOf = ({ line, userName }: LineSettings, server: ServerName): string => `${line} ${server} ${userName}`;
  return {
    learn({ kind, line }, { candidate, sentAt }, { expiresS }, response) {
      const routes = kind === 'register' ? routesOf(response) : [];
      const key = keyOf(line, candidate.server);
      if (routes.length === 0) held.delete(key);
      else held.set(key, { routes, until: sentAt + expiresS * 1000 });
    },
    of(line, server, now) {
      const known = held.get(keyOf(line, server));
      return known === undefined || known.until <= now ? [] : known.routes;
    },
  };
}

/** All or nothing: half a way leads nowhere. Strict hops are not taken, for RFC 3608 5 wants `lr` in each. */
function routesOf(response: SipResponse): readonly Header[] {
  const values = headerValues(response, 'Service-Route');
  if (values.length > SERVICE_ROUTES_MAX) return [];
  const routes = values.flatMap((text) => {
    const parsed = parseNameAddr(text);
    const loose = parsed.ok && parsed.value.uri !== null && paramOf(parsed.value.uri.params, 'lr') !== undefined;
    return loose ? [{ name: 'Route', value: nameAddrText(parsed.value) }] : [];
  });
  return routes.length === values.length ? routes : [];
}
