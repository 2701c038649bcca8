/** Owns what the phone says of its own calls on a shared line: dialog-info with the appearance of each (RFC 4235 4; draft-anil-sipping-bla, `x-line-id`). Pure. */

export interface OwnDialog {
  /** The name of the call. */
  readonly id: string;
  readonly state: 'trying' | 'early' | 'confirmed';
  readonly direction: 'initiator' | 'recipient';
  readonly held: boolean;
  /** From 1; `x-line-id` counts from 0. */
  readonly appearance: number;
  /** An address or a number; empty = not known. */
  readonly peer: string;
  /** What others need to take it over (RFC 3891); null before it is answered. */
  readonly ids: {
    readonly callId: string;
    readonly localTag: string;
    readonly remoteTag: string;
    readonly target: string;
  } | null;
}

/** All of it, each time: nobody has to ask for what he missed. */
export function writeDialogInfo(entity: string, version: number, dialogs: readonly OwnDialog[]): string {
  const inner = dialogs.map(dialogText).join('');
  return `<?xml version="1.0" encoding="UTF-8"?>\r\n<dialog-info xmlns="urn:ietf:params:xml:ns:dialog-info" version="${version}" state="full" entity="${escaped(entity)}">${inner}</dialog-info>\r\n`;
}

function dialogText({ id, state, direction, held, appearance, peer, ids }: OwnDialog): string {
  const named =
    ids === null
      ? ''
      : ` call-id="${escaped(ids.callId)}" local-tag="${escaped(ids.localTag)}" remote-tag="${escaped(ids.remoteTag)}"`;
  const rendering = `<param pname="+sip.rendering" pvalue="${held ? 'no' : 'yes'}"/>`;
  const local = `<local><target uri="sip:anonymous@anonymous.invalid"><param pname="x-line-id" pvalue="${appearance - 1}"/>${rendering}</target></local>`;
  const target = ids === null ? '' : `<target uri="${escaped(ids.target)}"/>`;
  const remote = peer === '' ? target : `<identity>${escaped(peer)}</identity>${target}`;
  return `<dialog id="${escaped(id)}"${named} direction="${direction}"><state>${state}</state>${local}<remote>${remote}</remote></dialog>`;
}

const SIGNS: Readonly<Record<string, string>> = {
  '<': '&lt;',
  '>': '&gt;',
  '&': '&amp;',
  '"': '&quot;',
  "'": '&apos;',
};

/** What no document may hold is left out. */
const escaped = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what XML 1.0 has no place for
  text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, '').replace(/[<>&"']/g, (sign) => SIGNS[sign] ?? '');

/** The lowest that nobody has. */
export function freeAppearance(taken: ReadonlySet<number>): number {
  let appearance = 1;
  while (taken.has(appearance)) appearance += 1;
  return appearance;
}
