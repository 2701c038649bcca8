/**
 * Owns the page "Resolve like the phone": a name, port and transport typed in, every DNS step that follows, the rule of the guide's page
 * 4-46 that led to it, and the servers in the order in which the phone would try them. Works without scripts; changes nothing.
 */
import { domainToASCII } from 'node:url';
import type { HttpBindings } from '@hono/node-server';
import type { Context, Hono } from 'hono';
import { findParameter } from '../../config/parameters.ts';
import type {
  DnsQueryType,
  LineSettings,
  PhoneSettings,
  ServerPair,
  ServerSetting,
  TransportChoice,
} from '../../config/settings.ts';
import { readParameter } from '../../config/values.ts';
import type { DnsRecordView, PhoneEvent } from '../../events.ts';
import type { Result } from '../../kernel/result.ts';
import { fail, ok } from '../../kernel/result.ts';
import { isIpv4, isIpv6 } from '../../kernel/target.ts';
import type { DnsStatus, PhoneStatus } from '../../status.ts';
import type { Markup, Viewer } from './markup.ts';
import { markup, message, page, table } from './markup.ts';
import type { Settings } from './settings-pages.ts';

export interface LookUp {
  readonly servers: readonly ServerSetting[];
  readonly transport: TransportChoice;
  readonly dnsQueryType: DnsQueryType;
}

/** What came of it; the shell looks it up. */
export interface LookedUp {
  readonly steps: readonly Step[];
  readonly findings: readonly Finding[];
}

type Step = Pick<Extract<PhoneEvent, { event: 'dns' }>, 'name' | 'type' | 'result' | 'ttl' | 'source'>;

interface Finding {
  readonly server: ServerSetting;
  readonly rule: string;
  readonly targets: readonly string[];
  /** Why there are none; null = there are. */
  readonly trouble: string | null;
}

export interface ResolveSource {
  readonly lookUp: (asked: LookUp) => Promise<LookedUp>;
  readonly settings: Pick<Settings, 'read'>;
  readonly status: () => PhoneStatus;
}

type Env = { Bindings: HttpBindings };

const PATH = '/resolve.html';
const TITLE = 'Resolve Like the Phone';
/** Look-ups at once, of all visitors together: DNS is asked for people, not for a flood. */
const AT_ONCE_MAX = 2;
const TRANSPORTS: readonly (readonly [TransportChoice, string])[] = [
  [1, 'UDP'],
  [2, 'TCP'],
  [4, 'TLS'],
  [0, 'UDP and TCP'],
];

export function mountResolvePage(
  app: Hono<Env>,
  source: ResolveSource,
  enter: (c: Context<Env>, need: 'viewer' | 'admin') => Viewer | Response,
): void {
  let open = 0;
  app.get(PATH, async (c) => {
    const viewer = enter(c, 'viewer');
    if (viewer instanceof Response) return viewer;
    const read = await source.settings.read();
    const settings = read.ok ? read.value.settings : null;
    const form = typed(c.req.query(), settings);
    const show = (body: Markup, status: 200 | 400 | 429): Response | Promise<Response> =>
      c.html(
        page(TITLE, PATH, viewer, markup`${formView(form)}${body}${settings === null ? '' : configuredView(settings)}`),
        status,
      );
    if (c.req.query('name') === undefined) return show(markup``, 200);
    const asked = readForm(form);
    if (!asked.ok) return show(message('bad', asked.error), 400);
    if (open >= AT_ONCE_MAX) {
      c.header('Retry-After', '5');
      return show(message('bad', ['Others are looking names up just now: try again in a few seconds.']), 429);
    }
    open += 1;
    try {
      const found = await source.lookUp({ ...asked.value, dnsQueryType: settings?.dnsQueryType ?? 1 });
      return show(resultView(found, source.status().dns), 200);
    } finally {
      open -= 1;
    }
  });
}

/** As typed in, or as the phone is configured where nothing is. */
interface Form {
  readonly name: string;
  readonly port: string;
  readonly transport: string;
  readonly backup: string;
  readonly backupPort: string;
}

const typed = (query: Readonly<Record<string, string>>, settings: PhoneSettings | null): Form => ({
  name: (query['name'] ?? '').trim(),
  port: (query['port'] ?? '0').trim(),
  transport: query['transport'] ?? String(settings?.transport ?? 1),
  backup: (query['backup'] ?? '').trim(),
  backupPort: (query['backupPort'] ?? '0').trim(),
});

/** By the rules of configuration files; all that is wrong at once. */
function readForm(form: Form): Result<Omit<LookUp, 'dnsQueryType'>, readonly string[]> {
  const wrong: string[] = [];
  const value = (parameter: string, title: string, text: string): string => {
    const found = findParameter(parameter);
    const read = found === null ? fail('a value') : readParameter(found.parameter, text);
    if (!read.ok) wrong.push(`${title} "${text.slice(0, 60)}": expected ${read.error}`);
    return read.ok ? read.value : '';
  };
  const server = (title: string, name: string, port: string): ServerSetting => ({
    name: value('sip registrar ip', title, /^[\x20-\x7e]*$/.test(name) ? name : domainToASCII(name)),
    port: Number(value('sip registrar port', `${title} port`, port === '' ? '0' : port)),
  });
  const primary = server('Server', form.name, form.port);
  const backup = form.backup === '' ? [] : [server('Backup server', form.backup, form.backupPort)];
  const [transport] = TRANSPORTS.find(([choice]) => String(choice) === form.transport) ?? [];
  if (transport === undefined) wrong.push(`Transport "${form.transport.slice(0, 20)}": expected 0, 1, 2 or 4`);
  if (form.name === '') wrong.push('Server: a name or an address is needed');
  return wrong.length > 0 || transport === undefined ? fail(wrong) : ok({ servers: [primary, ...backup], transport });
}

function formView(form: Form): Markup {
  const field = (id: keyof Form, label: string, hint: string, numeric: boolean): Markup =>
    markup`<div class="field"><label for="${id}">${label}</label><input id="${id}" name="${id}" type="text" spellcheck="false" autocomplete="off" maxlength="${numeric ? 5 : 255}" value="${form[id]}"${numeric ? markup` inputmode="numeric"` : ''} aria-describedby="${id}-note">
<p id="${id}-note" class="note">${hint}</p></div>`;
  return markup`<form method="get" action="${PATH}">
<fieldset><legend>What to Look Up</legend>
${field('name', 'Server', 'A name or an address, as in "sip registrar ip".', false)}
${field('port', 'Port', '0 = looked up by SRV, or the usual one.', true)}
<div class="field"><label for="transport">Transport</label><select id="transport" name="transport">${TRANSPORTS.map(
    ([choice, title]) =>
      markup`<option value="${choice}"${String(choice) === form.transport ? markup` selected` : ''}>${title}</option>`,
  )}</select></div>
${field('backup', 'Backup Server', 'May stay empty.', false)}
${field('backupPort', 'Backup Port', '0 = looked up by SRV, or the usual one.', true)}
</fieldset>
<p class="buttons"><button class="main">Look up</button></p></form>`;
}

const ROLES: readonly (readonly [title: string, of: (line: LineSettings) => ServerPair])[] = [
  ['registrar', ({ registrar }) => registrar],
  ['proxy', ({ proxy }) => proxy],
  ['outbound proxy', ({ outboundProxy }) => outboundProxy],
];

/** One way to each pair of servers that the phone itself has. */
function configuredView({ lines, transport }: PhoneSettings): Markup {
  const users = new Map<string, { readonly servers: string; readonly names: readonly string[] }>();
  for (const line of lines)
    for (const [title, of] of ROLES) {
      const { primary, backup } = of(line);
      const first = primary ?? backup;
      if (first === null) continue;
      const second = primary === null ? null : backup;
      const query = new URLSearchParams({
        ...{ name: first.name, port: String(first.port), transport: String(transport) },
        ...(second === null ? {} : { backup: second.name, backupPort: String(second.port) }),
      }).toString();
      const servers = second === null ? first.name : `${first.name}, then ${second.name}`;
      users.set(query, { servers, names: [...(users.get(query)?.names ?? []), `line ${line.line} ${title}`] });
    }
  if (users.size === 0) return markup``;
  return markup`<section><h2>As Configured</h2><ul>
${[...users].map(([query, { servers, names }]) => markup`<li><a href="${PATH}?${query}">${servers}</a>: ${names.join(', ')}</li>`)}
</ul></section>`;
}

const TITLES = ['Primary', 'Backup'] as const;

const resultView = ({ steps, findings }: LookedUp, known: readonly DnsStatus[]): Markup => markup`
${findings.map(
  (
    { server, rule, targets, trouble },
    at,
  ) => markup`<section><h2>${TITLES[at] ?? ''}: ${server.name} port ${server.port}</h2>
<p>${rule}.</p>
${formsView(server)}
${trouble === null ? markup`<ol>${targets.map((target) => markup`<li><code>${target}</code></li>`)}</ol>` : markup`<p class="message bad" role="alert">${trouble}.</p>`}
</section>`,
)}
<section><h2>DNS Steps</h2>
${steps.length === 0 ? markup`<p>DNS was not asked.</p>` : stepsView(steps, known)}
<p class="note">Asked just now, as the phone asks: of its name servers, with its query type. Servers of equal priority are drawn by weight, here
anew; the phone has made its own draw once, and keeps it: <a href="/sysinfo.html">its lists</a>.</p></section>`;

/** The four forms of the page, the one that holds marked in words as well. */
function formsView({ name, port }: ServerSetting): Markup {
  const isAddress = isIpv4(name) || isIpv6(name);
  const rows: readonly (readonly [holds: boolean, form: string, rule: string])[] = [
    [!isAddress && port === 0, 'name, port 0', 'SRV: by priority, the first is primary, the others are secondary'],
    [!isAddress && port !== 0, 'name, port set', 'A lookup, the port as set'],
    [isAddress && port === 0, 'address, port 0', 'no DNS, the usual port'],
    [isAddress && port !== 0, 'address, port set', 'no DNS, the port as set'],
  ];
  return markup`<ul class="forms" aria-label="The four forms of page 4-46">${rows.map(([holds, form, rule]) =>
    holds
      ? markup`<li aria-current="true"><strong>${form}: ${rule}</strong> (this one)</li>`
      : markup`<li>${form}: ${rule}</li>`,
  )}</ul>`;
}

const stepsView = (steps: readonly Step[], known: readonly DnsStatus[]): Markup =>
  table(
    ['Question', 'Answer', 'TTL', 'Source', 'What the Phone Holds'],
    steps.map((step) => [
      `${step.type} ${step.name}`,
      answerView(step.result),
      typeof step.result === 'string' && step.ttl === 0 ? '' : `${step.ttl} s`,
      SOURCES[step.source],
      heldText(known, step),
    ]),
  );

const SOURCES: Readonly<Record<Step['source'], string>> = {
  live: 'asked now',
  cache: 'kept',
  stale: 'old answer',
  hosts: 'hosts file',
};

const FAILURES: Readonly<Record<Extract<Step['result'], string>, string>> = {
  nxdomain: 'no such name (NXDOMAIN)',
  nodata: 'no record of this type (NODATA)',
  servfail: 'the server failed (SERVFAIL)',
  timeout: 'no answer',
  truncated: 'cut short, and no whole answer over TCP',
};

const answerView = (result: Step['result']): Markup =>
  typeof result === 'string'
    ? markup`${FAILURES[result]}`
    : markup`${result.map((record) => markup`<div><code>${recordText(record)}</code></div>`)}`;

const recordText = ({ address, priority, weight, port, target }: DnsRecordView): string =>
  address ?? `priority ${priority} weight ${weight} port ${port} ${target}`;

function heldText(known: readonly DnsStatus[], { name, type }: Step): string {
  const held = known.find((one) => one.name === name && one.type === type);
  if (held === undefined) return 'nothing: it does not use this';
  const fresh = held.ttl >= 0 ? `fresh for ${Math.round(held.ttl)} s` : `stale for ${Math.round(-held.ttl)} s`;
  return `an answer ${Math.round(held.age)} s old, ${fresh}`;
}
