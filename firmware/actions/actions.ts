/**
 * Owns action URIs: which addresses a happening at the phone asks for, and what stands in for their variables (original-phone 1.10). What
 * comes from outside is percent-encoded, so it can neither leave its place in the address nor begin a header.
 */

import type { HookState } from '../../hal/devices.ts';
import type { LineSettings } from '../config/settings.ts';
import type { PhoneEvent } from '../events.ts';
import type { PhoneStatus } from '../status.ts';

/** As the parameters name them: `action uri registered`. */
export type ActionName =
  | 'startup'
  | 'registered'
  | 'registration event'
  | 'incoming'
  | 'outgoing'
  | 'offhook'
  | 'onhook'
  | 'connected'
  | 'disconnected';

export interface Action {
  readonly name: ActionName;
  readonly variables: Variables;
}

export type Variables = Readonly<Record<string, string>>;

/** What the phone knows beside the event. */
export interface Surroundings {
  /** ms on the monotonic clock. */
  readonly now: number;
  readonly lines: readonly LineSettings[];
  readonly localIp: string;
  /** Where that line calls now; empty = nowhere. */
  readonly activeProxy: (line: number) => string;
}

/** What must be remembered between events. */
export interface ActionMemory {
  /** Last told registration of each line. */
  readonly registrations: ReadonlyMap<number, string>;
  /** When each call was connected. */
  readonly connected: ReadonlyMap<string, number>;
}

export const NO_MEMORY: ActionMemory = { registrations: new Map(), connected: new Map() };

interface Found {
  readonly actions: readonly Action[];
  readonly memory: ActionMemory;
}

type Of<Name extends PhoneEvent['event']> = Extract<PhoneEvent, { event: Name }>;

export function actionsOf(event: PhoneEvent, memory: ActionMemory, around: Surroundings): Found {
  switch (event.event) {
    case 'ready':
      return { actions: [{ name: 'startup', variables: lineVariables(1, around) }], memory };
    case 'registration':
      return ofRegistration(event, memory, around);
    case 'call':
      return ofCall(event, memory, around);
    default:
      return { actions: [], memory };
  }
}

export const hookAction = (state: HookState, around: Surroundings): Action => ({
  name: state === 'off' ? 'offhook' : 'onhook',
  variables: lineVariables(1, around),
});

/** Told where it changes: a second timeout in a row is no news. Trying is no state of the original. */
function ofRegistration(event: Of<'registration'>, memory: ActionMemory, around: Surroundings): Found {
  const told = registrationWords(event);
  if (told === null || memory.registrations.get(event.line) === told.join(' ')) return { actions: [], memory };
  const [state, code] = told;
  const variables = { ...lineVariables(event.line, around), REGISTRATIONSTATE: state, REGISTRATIONCODE: code };
  const names: readonly ActionName[] =
    event.state === 'registered' ? ['registration event', 'registered'] : ['registration event'];
  return {
    actions: names.map((name) => ({ name, variables })),
    memory: { ...memory, registrations: new Map(memory.registrations).set(event.line, told.join(' ')) },
  };
}

/** What variables say of a registration; silence counts as 408, as the status page shows it. Null = it is being tried. */
export function registrationWords({
  state,
  code,
}: {
  readonly state: Of<'registration'>['state'];
  readonly code?: number | null;
}): readonly [state: string, code: string] | null {
  switch (state) {
    case 'registered':
      return ['REGISTERED', '200'];
    case 'rejected':
      return ['REFUSED', String(code ?? '')];
    case 'waiting':
      return ['TIMEOUT', String(code ?? 408)];
    case 'off':
      return ['UNREGISTERED', ''];
    case 'trying':
      return null;
  }
}

const CALL_ACTIONS: Readonly<Partial<Record<Of<'call'>['state'], ActionName>>> = {
  connected: 'connected',
  ended: 'disconnected',
};

function ofCall(event: Of<'call'>, memory: ActionMemory, around: Surroundings): Found {
  const name =
    event.state === 'dialing'
      ? 'outgoing'
      : event.state === 'ringing' && event.direction === 'in'
        ? 'incoming'
        : CALL_ACTIONS[event.state];
  const since = memory.connected.get(event.id);
  // Back from hold it was connected all the time.
  if (name === undefined || (name === 'connected' && since !== undefined)) return { actions: [], memory };
  const variables = {
    ...lineVariables(event.line, around),
    LINESTATE: name.toUpperCase(),
    REMOTENUMBER: userOf(event.peer),
    INCOMINGNAME: event.direction === 'in' ? (event.name ?? '') : '',
    CALLDIRECTION: event.direction === 'in' ? 'incoming' : 'outgoing',
    CALLDURATION: String(since === undefined ? 0 : Math.round((around.now - since) / 1000)),
  };
  const connected = new Map(memory.connected);
  if (name === 'connected') connected.set(event.id, around.now);
  if (name === 'disconnected') connected.delete(event.id);
  return { actions: [{ name, variables }], memory: { ...memory, connected } };
}

/** Of a line that nothing happens on. */
export function lineVariables(line: number, { lines, localIp, activeProxy }: Surroundings): Variables {
  const own = lines.find((one) => one.line === line);
  return {
    SIPUSERNAME: own?.userName ?? '',
    SIPAUTHNAME: own?.authName ?? '',
    DISPLAYNAME: own?.displayName ?? '',
    PROXYURL: own?.proxy.primary?.name ?? '',
    LOCALIP: localIp,
    ACTIVEPROXY: activeProxy(line),
    LINESTATE: 'IDLE',
  };
}

/** The proxy that serves a line now: the backup after a failover. */
export function activeProxyOf(lines: readonly LineSettings[], status: PhoneStatus, line: number): string {
  const own = lines.find((one) => one.line === line)?.proxy;
  const now = status.lines.find((one) => one.line === line);
  const server = now?.proxy?.server ?? now?.registrar?.server ?? 'primary';
  return (server === 'backup' ? (own?.backup ?? own?.primary) : own?.primary)?.name ?? '';
}

/** `sip:2002@pbx.example` is 2002. */
export const userOf = (peer: string): string => /^(?:sips?:)?([^@;>]+)/i.exec(peer)?.[1] ?? '';

const VARIABLE = /\$\$([A-Z]{1,32})\$\$/g;

/** What our own configuration says: the only variables that may name a host. A caller must not choose whom the phone asks. */
const OWN: ReadonlySet<string> = new Set(['PROXYURL', 'ACTIVEPROXY', 'LOCALIP']);

/** A part of a path that leads back, encoded too (URL Standard 4.5): whoever is called ".." must not choose what the phone asks for. */
const LEADS_BACK = /^[^?#]*\/(?:\.|%2e){1,2}(?:[/?#]|$)/i;

/** The address to ask; null = it is none of HTTP. A variable that means nothing here is empty. */
export function addressOf(uri: string, variables: Variables): string | null {
  const [, host = '', rest = ''] = /^(https?:\/\/[^/?#]*)(.*)$/is.exec(uri) ?? [];
  const place = fill(rest, variables, () => true);
  if (LEADS_BACK.test(place)) return null;
  const filled = `${fill(host, variables, (name) => OWN.has(name))}${place}`;
  return /^https?:\/\/[^\s/?#\\@]+([/?#][^\s\\]*)?$/i.test(filled) ? filled : null;
}

const fill = (text: string, variables: Variables, may: (name: string) => boolean): string =>
  text.replace(VARIABLE, (_all, name: string) => encoded(may(name) ? (variables[name] ?? '') : ''));

/** Half a surrogate pair cannot be encoded. */
const encoded = (text: string): string =>
  encodeURIComponent(text.replace(/\p{Surrogate}/gu, '\uFFFD')).replace(
    /['()*!]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
