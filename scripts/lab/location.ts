/** Owns what a registrar knows of one user: contacts with their ends, and what a REGISTER makes of them (RFC 3261 10.3). */

export interface Contact {
  readonly name?: string | undefined;
  readonly uri: string;
  readonly params: Readonly<Record<string, string | null>>;
}

export interface Binding {
  readonly contact: Contact;
  readonly expiresAtMs: number;
  readonly callId: string;
  readonly cseq: number;
}

export interface Registration {
  readonly contacts: readonly Contact[];
  /** The Expires header, as it stands. */
  readonly expires: string | undefined;
  readonly callId: string;
  readonly cseq: number;
}

export type Registered =
  | { readonly status: 200; readonly bindings: readonly Binding[] }
  | { readonly status: 400 | 423 | 500; readonly reason: string };

const DEFAULT_EXPIRES_S = 3600;
const LARGEST_EXPIRES_S = 2 ** 32 - 1;

export const current = (bindings: readonly Binding[], nowMs: number): readonly Binding[] =>
  bindings.filter(({ expiresAtMs }) => expiresAtMs > nowMs);

/** All contacts of a request are taken, or none. Contacts are compared by the text of their URI. */
export function register(
  before: readonly Binding[],
  request: Registration,
  nowMs: number,
  minExpiresS: number,
): Registered {
  const { contacts, callId, cseq } = request;
  const held = current(before, nowMs);
  const late = (binding: Binding): boolean => binding.callId === callId && binding.cseq >= cseq;
  if (contacts.some(({ uri }) => uri === '*')) {
    if (contacts.length !== 1 || seconds(request.expires) !== 0)
      return { status: 400, reason: 'Contact * Stands Alone With Expires 0' };
    return held.some(late) ? { status: 500, reason: 'CSeq Out Of Order' } : { status: 200, bindings: [] };
  }
  const wanted = contacts.map((contact) => ({
    contact,
    expiresS: seconds(contact.params['expires'] ?? request.expires),
  }));
  if (wanted.some(({ expiresS }) => expiresS > 0 && expiresS < minExpiresS))
    return { status: 423, reason: 'Interval Too Brief' };
  const named = new Set(contacts.map(({ uri }) => uri));
  if (held.some((binding) => named.has(binding.contact.uri) && late(binding)))
    return { status: 500, reason: 'CSeq Out Of Order' };
  const added = wanted
    .filter(({ expiresS }) => expiresS > 0)
    .map(({ contact, expiresS }) => ({ contact, expiresAtMs: nowMs + expiresS * 1000, callId, cseq }));
  return { status: 200, bindings: [...held.filter(({ contact }) => !named.has(contact.uri)), ...added] };
}

/** The contact as it was sent, with what is left of its time. */
export const shown = ({ contact, expiresAtMs }: Binding, nowMs: number): Contact => ({
  ...contact,
  params: { ...contact.params, expires: String(Math.ceil((expiresAtMs - nowMs) / 1000)) },
});

/** What cannot be read counts as not given (RFC 3261 10.2.1.1). */
export const seconds = (text: string | null | undefined): number =>
  text != null && /^\d{1,10}$/.test(text) ? Math.min(Number(text), LARGEST_EXPIRES_S) : DEFAULT_EXPIRES_S;
