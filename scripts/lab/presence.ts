/** Owns the lab's presence: whoever subscribes is told at once what a number does, and again with every change (RFC 6665 4.2; RFC 4235; RFC 3842). */
import { randomBytes } from 'node:crypto';
import type { AddressHeader, Connection, SipMessage, Transactions } from 'sip';
import sip from 'sip';
import type { Answer } from './authenticate.ts';
import { seconds } from './location.ts';
import type { Presence } from './protocol.ts';
import { createSharedLines } from './shared-lines.ts';

export interface PresenceOptions {
  readonly address: string;
  readonly port: number;
  readonly transactions: Transactions;
}

export interface PresenceServer {
  /** A SUBSCRIBE from somebody who has shown who they are; `way`: the connection that it came by, as long as it is there. */
  subscribed(request: SipMessage, tag: string, way: () => Connection | null): Answer;
  /** The number does this from now on. */
  set(resource: string, presence: Presence): void;
  /** What a phone of a shared line says that it does with it; null = nobody asked it. */
  told(notify: SipMessage): Answer | null;
  /** Resource and package of all that are in force. */
  watched(): readonly string[];
}

interface Subscription {
  readonly resource: string;
  readonly event: string;
  readonly local: AddressHeader;
  readonly remote: AddressHeader;
  readonly callId: string;
  readonly contact: string;
  readonly way: () => Connection | null;
  endsAt: number;
  cseq: number;
  version: number;
}

const PACKAGES: Readonly<Record<string, string>> = {
  dialog: 'application/dialog-info+xml',
  'message-summary': 'application/simple-message-summary',
};
/** Longer than any step of a check; a phone renews at half of it. */
const LONGEST_S = 3600;

export function createPresence({ address, port, transactions }: PresenceOptions): PresenceServer {
  const subscriptions = new Map<string, Subscription>();
  const states = new Map<string, Presence>();
  const contact = [{ uri: `sip:presence@${address}:${port}`, params: {} }];
  const shared = createSharedLines({ address, port, transactions, onChange: tell });

  function forget(key: string): void {
    const subscription = subscriptions.get(key);
    if (!subscriptions.delete(key) || subscription === undefined || !isShared(subscription)) return;
    shared.left(subscription.resource, subscription.contact);
  }

  function tell(resource: string): void {
    const now = Date.now();
    for (const [key, subscription] of subscriptions) {
      if (subscription.endsAt <= now) forget(key);
      else if (subscription.resource === resource)
        notify(key, subscription, `active;expires=${Math.ceil((subscription.endsAt - now) / 1000)}`);
    }
  }

  function notify(key: string, subscription: Subscription, state: string): void {
    const connection = subscription.way();
    if (connection === null) return forget(key);
    subscription.cseq += 1;
    subscription.version += 1;
    const { resource, event, local, remote, callId, cseq } = subscription;
    const request = {
      ...{ method: 'NOTIFY', uri: subscription.contact, version: '2.0' },
      headers: {
        via: [{ version: '2.0', protocol: connection.protocol, host: address, port, params: {} }],
        'max-forwards': 70,
        ...{ from: local, to: remote, 'call-id': callId, cseq: { method: 'NOTIFY', seq: cseq }, contact, event },
        'subscription-state': state,
        'content-type': PACKAGES[event.split(';', 1)[0] ?? ''],
      },
      content: bodyOf(subscription, states.get(resource) ?? 'idle', shared.dialogs(resource)),
    } as unknown as SipMessage;
    transactions.createClientTransaction(connection, request, ({ status }) => {
      // Who has none is told nothing more (RFC 6665 4.2.2).
      if (status === 481) forget(key);
    });
  }

  return {
    subscribed(request, tag, way) {
      const { headers } = request;
      const event = String(headers['event'] ?? '');
      if (PACKAGES[event.split(';', 1)[0] ?? ''] === undefined)
        return [489, 'Bad Event', { 'allow-events': Object.keys(PACKAGES).join(', ') }];
      const key = headers['call-id'];
      const inDialog = headers.to.params['tag'] !== undefined;
      const known = subscriptions.get(key);
      if (inDialog && known === undefined) return [481, 'Subscription Does Not Exist'];
      const expiresS = Math.min(seconds(headers['expires'] as string | undefined), LONGEST_S);
      const subscription: Subscription = known ?? {
        resource: sip.parseUri(request.uri)?.user ?? '',
        event,
        local: { ...headers.to, params: { ...headers.to.params, tag } },
        remote: headers['from'] as AddressHeader,
        callId: key,
        contact: (headers['contact'] as readonly AddressHeader[])[0]?.uri ?? '',
        ...{ way, endsAt: 0, cseq: 0, version: -1 },
      };
      subscription.endsAt = Date.now() + expiresS * 1000;
      if (expiresS === 0) forget(key);
      else subscriptions.set(key, subscription);
      if (expiresS > 0 && isShared(subscription)) shared.joined(subscription.resource, subscription.contact, way);
      const state = expiresS === 0 ? 'terminated;reason=timeout' : `active;expires=${expiresS}`;
      setImmediate(() => notify(key, subscription, state));
      return [200, 'OK', { contact, expires: String(expiresS) }];
    },
    set(resource, presence) {
      states.set(resource, presence);
      tell(resource);
    },
    told: (notify) => shared.told(notify),
    watched: () => [...subscriptions.values()].map(({ event, resource }) => `${event} ${resource}`),
  };
}

export const newPresenceTag = (): string => randomBytes(8).toString('hex');

const isShared = ({ event }: Subscription): boolean => /;\s*(?:sla|ma)\b/i.test(event);

/** `shared`: what the phones of a shared line do with it; what was ordered counts where they do nothing. */
function bodyOf({ event, resource, version }: Subscription, presence: Presence, shared: string): string {
  if (event.startsWith('message-summary'))
    return presence === 'idle'
      ? 'Messages-Waiting: no\r\nVoice-Message: 0/0\r\n'
      : 'Messages-Waiting: yes\r\nVoice-Message: 1/0\r\n';
  const held = '<local><target uri="sip:lab@lab.test"><param pname="+sip.rendering" pvalue="no"/></target></local>';
  const dialog = {
    idle: '',
    ringing: '<dialog id="1" direction="recipient"><state>early</state></dialog>',
    busy: '<dialog id="1" direction="initiator"><state>confirmed</state></dialog>',
    held: `<dialog id="1" direction="initiator"><state>confirmed</state>${held}</dialog>`,
  }[presence];
  const dialogs = shared === '' ? dialog : shared;
  return `<?xml version="1.0"?>\n<dialog-info xmlns="urn:ietf:params:xml:ns:dialog-info" version="${version}" state="full" entity="sip:${resource}@lab.test">${dialogs}</dialog-info>\n`;
}
