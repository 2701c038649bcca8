/**
 * Owns the lab's state agent of shared lines (draft-anil-sipping-bla): it watches every phone that watches the line, tells all of them what
 * any of them does with it, and refuses an appearance that another one has.
 */
import { randomBytes } from 'node:crypto';
import type { AddressHeader, Connection, SipMessage, Transactions } from 'sip';
import type { Answer } from './authenticate.ts';

export interface SharedLinesOptions {
  readonly address: string;
  readonly port: number;
  readonly transactions: Transactions;
  /** What the phones do with this line has changed. */
  readonly onChange: (resource: string) => void;
}

export interface SharedLines {
  /** A phone watches the line, by this Contact; from now on it is watched in return. */
  joined(resource: string, contact: string, way: () => Connection | null): void;
  left(resource: string, contact: string): void;
  /** A NOTIFY of a phone; null = of none that is watched. */
  told(request: SipMessage): Answer | null;
  /** The `dialog` elements of all phones of the line, each with an id of its own. */
  dialogs(resource: string): string;
}

/** One phone of a line: the agent's own dialog with it, and what it said last. */
interface Phone {
  readonly resource: string;
  readonly callId: string;
  readonly tag: string;
  dialogs: readonly string[];
}

const EXPIRES_S = 3600;

export function createSharedLines({ address, port, transactions, onChange }: SharedLinesOptions): SharedLines {
  const phones = new Map<string, Phone>();
  const keyOf = (resource: string, contact: string): string => `${resource} ${contact}`;

  function leave(key: string): void {
    const phone = phones.get(key);
    phones.delete(key);
    if (phone !== undefined && phone.dialogs.length > 0) onChange(phone.resource);
  }

  /** By another phone than this one. */
  const isTaken = (phone: Phone, appearance: string): boolean =>
    [...phones.values()].some(
      (other) =>
        other !== phone &&
        other.resource === phone.resource &&
        other.dialogs.some((dialog) => appearanceOf(dialog) === appearance),
    );

  return {
    joined(resource, contact, way) {
      const key = keyOf(resource, contact);
      const connection = way();
      if (phones.has(key) || connection === null) return;
      const phone: Phone = { resource, callId: random(16), tag: random(8), dialogs: [] };
      phones.set(key, phone);
      const own = { uri: `sip:${resource}@${address}:${port}`, params: {} };
      const subscribe = {
        ...{ method: 'SUBSCRIBE', uri: contact, version: '2.0', content: '' },
        headers: {
          via: [{ version: '2.0', protocol: connection.protocol, host: address, port, params: {} }],
          ...{ 'max-forwards': 70, from: { ...own, params: { tag: phone.tag } }, to: own, 'call-id': phone.callId },
          cseq: { method: 'SUBSCRIBE', seq: 1 },
          contact: [{ uri: `sip:agent@${address}:${port}`, params: {} }],
          ...{ event: 'dialog;sla', expires: String(EXPIRES_S), accept: 'application/dialog-info+xml' },
        },
      } as unknown as SipMessage;
      transactions.createClientTransaction(connection, subscribe, ({ status }) => {
        if (status >= 300) leave(key);
      });
    },
    left: (resource, contact) => leave(keyOf(resource, contact)),
    told({ headers, content = '' }) {
      const [key, phone] = [...phones].find(([, { callId }]) => callId === headers['call-id']) ?? [];
      if (key === undefined || phone === undefined) return null;
      const dialogs = [...content.matchAll(/<dialog [\s\S]*?<\/dialog>/g)].map(([dialog]) => dialog);
      const taken = dialogs.map(appearanceOf).some((appearance) => appearance !== null && isTaken(phone, appearance));
      if (taken) return [409, 'Conflict'];
      phone.dialogs = dialogs;
      if (/^terminated/i.test(String(headers['subscription-state'] ?? ''))) phones.delete(key);
      onChange(phone.resource);
      return [200, 'OK', { contact: [{ uri: `sip:agent@${address}:${port}`, params: {} }] as AddressHeader[] }];
    },
    dialogs: (resource) =>
      [...phones.values()]
        .filter((phone) => phone.resource === resource)
        .flatMap(({ tag, dialogs }) => dialogs.map((dialog) => dialog.replace(/ id="/, ` id="${tag}-`)))
        .join(''),
  };
}

const random = (octets: number): string => randomBytes(octets).toString('hex');

const appearanceOf = (dialog: string): string | null =>
  /<param pname="x-line-id" pvalue="(\d+)"/.exec(dialog)?.[1] ?? null;
