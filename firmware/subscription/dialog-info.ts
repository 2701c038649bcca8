/**
 * Owns what a notifier says of the calls of an entity: application/dialog-info+xml (RFC 4235 4), in the shapes that servers really send,
 * folded over full and partial documents (4.3). Pure and total.
 */
import type { Result } from '../kernel/result.ts';
import { fail, ok } from '../kernel/result.ts';
import type { XmlElement } from '../kernel/xml.ts';
import { childOf, childrenOf, parseXml } from '../kernel/xml.ts';
import type { WatchedState } from '../status.ts';

export interface WatchedDialog {
  readonly id: string;
  readonly state: 'trying' | 'proceeding' | 'early' | 'confirmed' | 'terminated';
  /** Null where the notifier does not say. */
  readonly direction: 'initiator' | 'recipient' | null;
  readonly held: boolean;
  /** What a pick-up by Replaces needs (RFC 3891); null = not told. */
  readonly callId: string | null;
  readonly localTag: string | null;
  readonly remoteTag: string | null;
  /** Who is at the other end, as an address; empty = not told. */
  readonly peer: string;
  /** Where the other end is reached: its target, else its address; empty = not told. */
  readonly peerUri: string;
  /** The appearance of a shared line, from 1; null = none (RFC 7463 5, the BLA draft's x-line-id from 0). */
  readonly appearance: number | null;
}

export interface DialogInfo {
  readonly entity: string;
  readonly state: 'full' | 'partial';
  /** Null where it is missing. */
  readonly version: number | null;
  readonly dialogs: readonly WatchedDialog[];
}

/** More calls than this at one entity are no phone's. */
const DIALOGS_MAX = 64;
const STATES = ['trying', 'proceeding', 'early', 'confirmed', 'terminated'] as const;

export function readDialogInfo(body: string): Result<DialogInfo, string> {
  const parsed = parseXml(body);
  if (!parsed.ok) return fail(`dialog-info: ${parsed.error}`);
  const root = parsed.value;
  if (root.name !== 'dialog-info') return fail(`<${root.name.slice(0, 40)}> is no dialog-info`);
  const version = root.attributes.get('version') ?? '';
  return ok({
    entity: root.attributes.get('entity') ?? '',
    state: root.attributes.get('state')?.toLowerCase() === 'partial' ? 'partial' : 'full',
    version: /^\d{1,10}$/.test(version) ? Number(version) : null,
    dialogs: childrenOf(root, 'dialog').slice(0, DIALOGS_MAX).map(dialogOf),
  });
}

function dialogOf(element: XmlElement): WatchedDialog {
  const { attributes } = element;
  const said = childOf(element, 'state')?.text.toLowerCase() ?? '';
  const direction = attributes.get('direction')?.toLowerCase();
  const remote = childOf(element, 'remote');
  const identity = childOf(remote, 'identity');
  return {
    id: attributes.get('id') ?? '',
    // A state that nobody knows is no call that could be counted on.
    state: STATES.find((state) => state === said) ?? 'terminated',
    direction: direction === 'initiator' || direction === 'recipient' ? direction : null,
    held: isHeld(childOf(element, 'local')),
    callId: attributes.get('call-id') ?? null,
    localTag: attributes.get('local-tag') ?? null,
    remoteTag: attributes.get('remote-tag') ?? null,
    peer: identity?.text ?? childOf(remote, 'target')?.attributes.get('uri') ?? '',
    peerUri: childOf(remote, 'target')?.attributes.get('uri') ?? identity?.text ?? '',
    appearance: appearanceOf(element),
  };
}

/** RFC 4235 4.1.6.2: media that are not rendered are held; notifiers write `pval` or `pvalue`. */
const isHeld = (local: XmlElement | undefined): boolean =>
  childrenOf(childOf(local, 'target') ?? NOTHING, 'param').some(({ attributes }) => {
    const value = (attributes.get('pval') ?? attributes.get('pvalue') ?? '').toLowerCase();
    return attributes.get('pname')?.toLowerCase() === '+sip.rendering' && value === 'no';
  });

const NOTHING: XmlElement = { name: '', attributes: new Map(), children: [], text: '' };

/** RFC 7463 5.2: an element of its own; the BLA draft: a parameter of the local target, counted from 0. */
function appearanceOf(element: XmlElement): number | null {
  const own = childOf(element, 'appearance')?.text ?? '';
  if (/^\d{1,3}$/.test(own)) return Number(own);
  const params = childrenOf(childOf(childOf(element, 'local'), 'target') ?? NOTHING, 'param');
  const line = params.find(({ attributes }) => attributes.get('pname')?.toLowerCase() === 'x-line-id')?.attributes;
  const id = line?.get('pval') ?? line?.get('pvalue') ?? '';
  return /^\d{1,3}$/.test(id) ? Number(id) + 1 : null;
}

/** What is known of one entity. */
export interface Watched {
  readonly version: number | null;
  readonly dialogs: readonly WatchedDialog[];
}

/** `gap`: something was missed, the whole must be asked for. `old`: it tells of an earlier time (RFC 4235 4.3). */
export function foldDialogs(before: Watched | null, info: DialogInfo): Watched | 'gap' | 'old' {
  const { version } = info;
  const last = before?.version ?? null;
  // A notifier that always says 0 tells everything in each document: the order is that of CSeq.
  const restarts = version === 0 && info.state === 'full';
  if (version !== null && last !== null && version <= last && !restarts) return 'old';
  if (info.state === 'full') return { version, dialogs: info.dialogs.filter(isAlive) };
  if (before === null || (version !== null && last !== null && version > last + 1)) return 'gap';
  const changed = new Set(info.dialogs.map(({ id }) => id));
  const kept = before.dialogs.filter(({ id }) => !changed.has(id));
  return { version: version ?? last, dialogs: [...kept, ...info.dialogs.filter(isAlive)].slice(0, DIALOGS_MAX) };
}

const isAlive = ({ state }: WatchedDialog): boolean => state !== 'terminated';

/** original-phone 4.3, conformance H16: any call that comes in rings, any other is busy, all held is held. */
export function presenceOf(dialogs: readonly WatchedDialog[]): WatchedState {
  if (dialogs.some(isRinging)) return 'ringing';
  const rest = dialogs.filter(isAlive);
  if (rest.length === 0) return 'idle';
  return rest.every(({ held, state }) => held && state === 'confirmed') ? 'held' : 'busy';
}

/** A notifier that does not say who began tells of calls that could be picked up. */
export const isRinging = ({ state, direction }: WatchedDialog): boolean =>
  state === 'early' && direction !== 'initiator';

/** Whom to call to take a call over, and the dialog there whose place the new one takes (RFC 4235 6.2, RFC 3891). */
export interface TakeOver {
  /** A whole SIP URI. */
  readonly to: string;
  /** `Replaces` value. */
  readonly replaces: string;
}

/** The first call that rings, else the first that is held, where the notifier has told all that it takes; null = none. */
export function takeOverOf(dialogs: readonly WatchedDialog[]): TakeOver | null {
  const candidates = [
    ...dialogs.filter(isRinging),
    ...dialogs.filter(({ held, state }) => held && state === 'confirmed'),
  ];
  for (const { callId, localTag, remoteTag, peerUri } of candidates)
    if (isWord(callId) && isWord(localTag) && isWord(remoteTag) && /^sips?:[\x21-\x7e]{1,255}$/i.test(peerUri))
      return { to: peerUri, replaces: `${callId};to-tag=${remoteTag};from-tag=${localTag}` };
  return null;
}

/** What may stand in a header: a document can say anything, line ends included. */
const isWord = (text: string | null): text is string =>
  text !== null && /^[\w.!%*+`'~@:/?[\](){}<>-]{1,255}$/.test(text);
