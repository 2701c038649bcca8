/** Owns the pages that say why: what was decided and for which reason, and what was said over SIP, call by call. They work without scripts. */
import type { HttpBindings } from '@hono/node-server';
import type { Context, Hono } from 'hono';
import { endpointText } from '../../kernel/target.ts';
import type { Decision, TracedMessage } from '../../status.ts';
import { assetText } from '../asset.ts';
import type { Markup, Viewer } from './markup.ts';
import { markup, page, table } from './markup.ts';
import { hintOf } from './message-hints.ts';

type Env = { Bindings: HttpBindings };

export interface WhySource {
  readonly decisions: () => readonly Decision[];
  readonly trace: () => readonly TracedMessage[];
}

const CALLS_SHOWN = 100;
const MESSAGES_SHOWN = 500;

export function mountWhyPages(
  app: Hono<Env>,
  { decisions, trace }: WhySource,
  enter: (c: Context<Env>, need: 'viewer' | 'admin') => Viewer | Response,
): void {
  const show = (path: string, title: string, body: (c: Context<Env>) => Markup): void => {
    app.get(path, (c) => {
      const viewer = enter(c, 'viewer');
      if (viewer instanceof Response) return viewer;
      return c.html(page(title, path, viewer, live(body(c))));
    });
  };
  app.get('/why.js', (c) => c.body(assetText('pages', 'why.js'), 200, { 'Content-Type': 'text/javascript' }));
  show('/timeline.html', 'Timeline', () => timelineView(decisions()));
  show('/trace.html', 'SIP Ladder', (c) => {
    const call = c.req.query('call');
    return call === undefined ? callsView(trace(), kindOf(c.req.query('kind'))) : ladderView(call, trace());
  });
}

/** What a script, where there is one, keeps as new as the phone: whenever that feed tells of something, it is loaded again. */
export const live = (body: Markup, feed = '/api/events'): Markup =>
  markup`<div id="live" data-feed="${feed}">${body}</div><p id="live-state" class="note" role="status">As of the moment the page was loaded; load it again for more.</p><script src="/why.js" defer></script>`;

/** Newest first: what happened last is what a person asks about. */
const timelineView = (decisions: readonly Decision[]): Markup =>
  decisions.length === 0
    ? markup`<p>Nothing has been decided yet.</p>`
    : markup`<p class="note">Newest first; times are since the phone started.</p>
<ol class="timeline" reversed>${decisions
        .toReversed()
        .map(
          ({ t, line, text, severity }) =>
            markup`<li class="${severity}"><time>${clock(t)}</time> <span class="line">${line === null ? 'all lines' : `line ${line}`}</span> ${text}</li>`,
        )}</ol>`;

/** Time since the phone started. */
function clock(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const two = (n: number): string => String(n).padStart(2, '0');
  const rest = `${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}.${String(Math.floor(ms) % 1000).padStart(3, '0')}`;
  return `${two(Math.floor(seconds / 3600))}:${rest}`;
}

/** By the first message's label; checks of servers come every few seconds, and would hide the rest. */
const KINDS = {
  calls: /^INVITE /,
  registrations: /^REGISTER /,
  subscriptions: /^(SUBSCRIBE|NOTIFY) /,
  checks: /^OPTIONS /,
  all: /^/,
} as const;
type Kind = keyof typeof KINDS;

/** Of a header that names somebody, characters that are looked through. */
const HEADER_READ = 300;

const kindOf = (asked: string | undefined): Kind =>
  (Object.keys(KINDS) as Kind[]).find((kind) => kind === asked) ?? 'all';

function callsView(messages: readonly TracedMessage[], kind: Kind): Markup {
  const calls = new Map<string, TracedMessage[]>();
  for (const message of messages) calls.set(message.callId, [...(calls.get(message.callId) ?? []), message]);
  const rows = [...calls]
    .toReversed()
    .filter(([, all]) => KINDS[kind].test(all[0]?.label ?? ''))
    .slice(0, CALLS_SHOWN);
  return markup`<p>${messages.length} messages are kept, secrets and keyed digits replaced by stars.
<a href="/api/capture.pcapng">Download all as a capture</a> for Wireshark.</p>
<p class="buttons">Show ${Object.keys(KINDS).map((name) => markup`<a class="button" href="/trace.html?kind=${name}"${name === kind ? markup` aria-current="true"` : ''}>${name}</a>`)}</p>
<section>${
    rows.length === 0
      ? markup`<p>Nothing of this kind is kept.</p>`
      : table(
          ['Since', 'First Message', 'For', 'Last', 'With', 'Messages'],
          rows.map(([call, all]) => [
            clock(all[0]?.t ?? 0),
            markup`<a href="/trace.html?call=${encodeURIComponent(call)}">${all[0]?.label ?? ''}</a>`,
            partiesOf(all[0]),
            all.at(-1)?.label ?? '',
            [...new Set(all.map(({ peer }) => endpointText(peer)))].join(', '),
            all.length,
          ]),
        )
  }</section>`;
}

/** Who asks whom, by their user parts; of a registration the account alone. A check of a server is for all lines. */
function partiesOf(first: TracedMessage | undefined): string {
  const { text = '', label = '' } = first ?? {};
  const [from, to] = [userIn(text, /^(?:From|f)[ \t]*:/im), userIn(text, /^(?:To|t)[ \t]*:/im)];
  if (/^OPTIONS /.test(label)) return '';
  if (from === to || /^REGISTER /.test(label)) return to;
  return [from, to].filter((user) => user !== '').join(' → ');
}

function userIn(text: string, header: RegExp): string {
  const at = header.exec(text)?.index ?? text.length;
  return /\bsips?:([^@;>\s]{1,64})@/i.exec(text.slice(at, at + HEADER_READ))?.[1] ?? '';
}

function ladderView(call: string, messages: readonly TracedMessage[]): Markup {
  const all = messages.filter(({ callId }) => callId === call).slice(-MESSAGES_SHOWN);
  const link = `/api/capture.pcapng?call=${encodeURIComponent(call)}`;
  return markup`<p><a href="/trace.html">All calls</a> · <a href="${link}">Download this one as a capture</a></p>
<p class="note">Call-ID ${call}</p>
${all.length === 0 ? markup`<p>Nothing of it is kept any more.</p>` : markup`<ol class="ladder">${all.map((message) => rung(message))}</ol>`}`;
}

/** The arrow is for the eye; a screen reader hears "sent to" and "received from". */
function rung(message: TracedMessage): Markup {
  const { id, t, direction, transport, peer, label, text } = message;
  const hint = hintOf(message);
  return markup`<li class="${direction}">
<details id="message-${id}"><summary><time>${clock(t)}</time> <span class="arrow" aria-hidden="true">${direction === 'sent' ? '→' : '←'}</span> <strong>${label}</strong> <span class="peer">${direction === 'sent' ? 'sent to' : 'received from'} ${transport}:${endpointText(peer)}</span>${hint === '' ? markup`` : markup` <span class="hint">${hint}</span>`}</summary>
<pre tabindex="0">${Buffer.from(text, 'latin1').toString('utf8')}</pre></details></li>`;
}
