/**
 * Owns SIPp's part in a call, written as the ladder of messages that it is: each step is what SIPp sends or must get, in this order, and
 * SIPp's exit code says whether everything came as it should. The XML that SIPp reads is made from it.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ADDRESSES } from './network.ts';
import { SEATS } from './phone.ts';
import type { Running } from './process.ts';
import { runIn } from './process.ts';

interface Extra {
  /** Further header lines. */
  readonly headers?: readonly string[];
  /** A description with this direction. */
  readonly sdp?: 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';
  /** A final answer to a REFER, told by NOTIFY (RFC 3515 2.4.5). */
  readonly fragment?: string;
}

export type Step =
  /** A request or an answer must come next; `has`: extended regular expressions that it must match somewhere. */
  | { readonly gets: string | number; readonly has: readonly string[] }
  /** An answer to the last INVITE, or (`to`) to what came last. `tag`: of another place that rings. */
  | (Extra & { readonly says: number; readonly to: 'INVITE' | 'last'; readonly tag?: string })
  /** A request: it begins a call, or goes on in it; ACK and CANCEL have the number of the last INVITE. */
  | (Extra & { readonly asks: string })
  | { readonly pauseMs: number };

export const gets = (what: string | number, ...has: readonly string[]): Step => ({ gets: what, has });
export const says = (status: number, extra: Extra & { readonly tag?: string } = {}): Step => ({
  ...{ says: status, to: 'INVITE' },
  ...extra,
});
/** 2xx to whatever came last. */
export const agrees = ({ status = 200 } = {}): Step => ({ says: status, to: 'last' });
export const asks = (method: string, extra: Extra = {}): Step => ({ asks: method, ...extra });
export const pause = (pauseMs: number): Step => ({ pauseMs });

/** Whom the phone calls rings and answers. `has`: of the INVITE. */
export const answers = (...has: readonly string[]): readonly Step[] => [
  ...[gets('INVITE', ...has), says(180), says(200, { sdp: 'sendrecv' }), gets('ACK')],
];
/** Calls the phone, which rings and answers. */
export const calls = (): readonly Step[] => [
  ...[asks('INVITE', { sdp: 'sendrecv' }), gets(100), gets(180), gets(200), asks('ACK')],
];
/** The phone ends the call. */
export const ends = (): readonly Step[] => [gets('BYE'), agrees()];
export const leaves = (): readonly Step[] => [asks('BYE'), gets(200)];

/** Where SIPp plays it. */
export interface Stand {
  readonly folder: string;
  readonly port: number;
}

export interface Played {
  readonly running: Running;
  /** File of what it complains of. */
  readonly complaints: string;
}

const LIMIT = '120s';
let played = 0;

/** At the primary's address: whose requests a phone trusts. */
export function play({ folder, port }: Stand, steps: readonly Step[]): Played {
  played += 1;
  const file = join(folder, `sipp-${played}.xml`);
  const complaints = join(folder, `sipp-${played}.log`);
  writeFileSync(file, scenario(steps));
  const running = runIn('primary', 'sipp', [
    ...['-sf', file, '-i', ADDRESSES.primary, '-p', String(port), '-mp', String(20_000 + 10 * played)],
    ...['-m', '1', '-nostdin', '-timeout', LIMIT, '-timeout_error'],
    ...['-trace_err', '-error_file', complaints, ADDRESSES.phone],
  ]);
  return { running, complaints };
}

/** Whether it is there to be called: or the end of its process is all that there is to wait for. */
export function listens({ running: { child } }: Played, port: number): boolean {
  if (child.exitCode !== null) return true;
  const sockets = readFileSync(`/proc/${child.pid}/net/udp`, 'utf8');
  return sockets.includes(`:${port.toString(16).toUpperCase()} 00000000:0000`);
}

/** Waits for its end, and judges by its exit code. */
export async function done({ running: { child, errors }, complaints }: Played): Promise<void> {
  if (child.exitCode === null) await once(child, 'exit');
  const told = (): string => (existsSync(complaints) ? readFileSync(complaints, 'utf8') : errors());
  assert.equal(child.exitCode, 0, child.exitCode === 0 ? '' : told());
}

/** `as`: both ends (`remote`, `own`), where the phone wants to be reached, what an answer to its INVITE copies. */
const keep = (header: string, as: string, what = '[^ ].*'): string =>
  `<ereg regexp="${what}" search_in="hdr" header="${header}:" check_it="false" assign_to="${as}"/>`;
const seek = (regexp: string): string =>
  `<ereg regexp="${regexp.replaceAll('<', '&lt;').replaceAll('"', '&quot;')}" search_in="msg" check_it="true" assign_to="seen"/>`;
const TARGET = keep('Contact', 'target', 'sip:[^>]*');
const PHONE = `sip:${SEATS.phone.user}@[remote_ip]:[remote_port]`;
const TAG = ';tag=sipp[call_number]';
const CONTACT = 'Contact: <sip:sipp@[local_ip]:[local_port]>';

function scenario(steps: readonly Step[]): string {
  const body = steps.map(createWriter()).join('\n');
  // What is kept and never used is an error to SIPp.
  const kept = new Set([...body.matchAll(/assign_to="(\w+)"/g)].map(([, name]) => name));
  const used = kept.size === 0 ? '' : `<Reference variables="${[...kept].join(',')}"/>\n`;
  const head = '<?xml version="1.0" encoding="UTF-8"?>\n<scenario name="flow">';
  return `${head}\n${body}\n${used}</scenario>\n`;
}

/** Writes one step after the other. */
function createWriter(): (step: Step) => string {
  let side: 'none' | 'callee' | 'caller' = 'none';
  let number = 0;
  let invite = 0;
  let asked = '';
  let status = 0;

  const us = (): string => (side === 'callee' ? `[$own]${TAG}` : `<sip:sipp@[local_ip]:[local_port]>${TAG}`);

  function gotten(what: string | number, has: readonly string[]): string {
    const first = what === 'INVITE' && side === 'none';
    const actions = has.map(seek);
    if (first) {
      side = 'callee';
      actions.push(keep('From', 'remote'), keep('To', 'own'), TARGET);
    }
    if (what === 'INVITE') actions.push(keep('Via', 'via'), keep('CSeq', 'cseq'));
    if (typeof what === 'number' && asked === 'INVITE' && what > 100) {
      status = what;
      actions.push(keep('To', 'remote'), TARGET, keep('RSeq', 'rseq'));
    }
    // Who answers at once need not say that he is at it (RFC 3261 17.2.1).
    const mayLack = what === 100 ? ' optional="true"' : '';
    const wanted = typeof what === 'number' ? `response="${what}"${mayLack}` : `request="${what}"`;
    return `<recv ${wanted}><action>${actions.join('')}</action></recv>`;
  }

  function answer(step: Extract<Step, { says: number }>): string {
    const tag = step.tag === undefined ? TAG : `;tag=${step.tag}[call_number]`;
    const ends = side === 'callee' ? ['From: [$remote]', `To: [$own]${tag}`] : ['From: [$remote]', `To: ${us()}`];
    const copied =
      step.to === 'last'
        ? ['[last_Via:]', '[last_From:]', '[last_To:]', '[last_Call-ID:]', '[last_CSeq:]']
        : ['Via: [$via]', ...ends, 'Call-ID: [call_id]', 'CSeq: [$cseq]'];
    const own = step.headers?.some((header) => header.startsWith('Contact:')) === true ? [] : [CONTACT];
    return message(`SIP/2.0 ${step.says} x`, [...copied, ...own], step);
  }

  function request({ asks: method, ...extra }: Extract<Step, { asks: string }>): string {
    if (side === 'none') side = 'caller';
    if (method === 'CANCEL') return written(method, { uri: PHONE, to: `<${PHONE}>`, cseq: invite, hop: invite }, extra);
    if (method === 'ACK') {
      // To a refusal it goes the way of the INVITE (RFC 3261 17.1.1.3).
      const refused = status >= 300;
      const hop = refused ? invite : `${invite}a`;
      return written(method, { uri: refused ? PHONE : '[$target]', to: '[$remote]', cseq: invite, hop }, extra);
    }
    number += 1;
    asked = method;
    if (method === 'INVITE') invite = number;
    const known = side === 'callee' || status > 0;
    const ends = known ? { uri: '[$target]', to: '[$remote]' } : { uri: PHONE, to: `<${PHONE}>` };
    return written(method, { ...ends, cseq: number, hop: number }, extra);
  }

  interface Ends {
    readonly uri: string;
    readonly to: string;
    readonly cseq: number;
    /** Of the branch. */
    readonly hop: number | string;
  }

  const written = (method: string, { uri, to, cseq, hop }: Ends, extra: Extra): string =>
    message(
      `${method} ${uri} SIP/2.0`,
      [
        `Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=z9hG4bK-[pid]-[call_number]-${hop}`,
        'Max-Forwards: 70',
        `From: ${us()}`,
        `To: ${to}`,
        'Call-ID: [call_id]',
        `CSeq: ${cseq} ${method}`,
        ...(method === 'PRACK' ? [`RAck: [$rseq] ${invite} INVITE`] : []),
        CONTACT,
      ],
      extra,
    );

  return (step) => {
    if ('gets' in step) return gotten(step.gets, step.has);
    if ('pauseMs' in step) return `<pause milliseconds="${step.pauseMs}"/>`;
    if ('says' in step) return answer(step);
    return request(step);
  };
}

function message(first: string, headers: readonly string[], { headers: further = [], sdp, fragment }: Extra): string {
  const type = sdp !== undefined ? 'application/sdp' : fragment !== undefined ? 'message/sipfrag;version=2.0' : null;
  const body = sdp !== undefined ? described(sdp) : fragment !== undefined ? [`SIP/2.0 ${fragment}`] : [];
  const lines = [first, ...headers, ...further, ...(type === null ? [] : [`Content-Type: ${type}`])];
  return `<send><![CDATA[\n${[...lines, 'Content-Length: [len]', '', ...body].join('\n')}\n]]></send>`;
}

const described = (direction: string): readonly string[] => [
  'v=0',
  'o=- [call_number] 1 IN IP4 [local_ip]',
  's=-',
  'c=IN IP4 [local_ip]',
  't=0 0',
  'm=audio [media_port] RTP/AVP 0 101',
  'a=rtpmap:0 PCMU/8000',
  'a=rtpmap:101 telephone-event/8000',
  `a=${direction}`,
];
