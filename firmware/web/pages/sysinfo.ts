/** Owns the status page: each line's account, its state or the number that failed, and whether the backup serves it (web-forms). */
import { CAUSE_WORDS, servedText } from '../../decisions.ts';
import type {
  LineStatus,
  PhoneStatus,
  RoleStatus,
  ServerName,
  SubscriptionStatus,
  TargetStatus,
} from '../../status.ts';
import type { Markup, Part } from './markup.ts';
import { markup, table } from './markup.ts';

/** Of the phone itself, as text. */
interface Addresses {
  readonly mac: string;
  readonly sip: string;
}

/** In its first table the words are the original's: tools read them. */
export const sysinfoView = (
  { mac, sip }: Addresses,
  { model, version, profile, link, uptime, lines, targets, dns, subscriptions }: PhoneStatus,
): Markup => markup`
<section><h2>SIP Status</h2>
${table(['Line', 'SIP Account', 'Status', 'Backup Registrar Used?', 'Why'], lines.map(accountRow))}
${lines.length === 0 ? markup`<p>No line is configured: give one a phone number under <a href="/globalSIPsettings.html">Global SIP</a>.</p>` : ''}
</section>
<section><h2>Servers</h2>
${
  targets.length === 0
    ? markup`<p>No server is configured, or none has an address yet.</p>`
    : table(
        ['Address', 'Name', 'Server', 'Health', 'Silence Waited For'],
        targets.map((one) => [one.target, one.name, SERVERS[one.server], healthOf(one), `${Math.round(one.hMs)} ms`]),
      )
}</section>
${subscriptions.length === 0 ? '' : watchedView(subscriptions)}
<section><h2>Names</h2>
${
  dns.length === 0
    ? markup`<p>No name has been looked up.</p>`
    : table(
        ['Name', 'Type', 'Age', 'Source'],
        dns.map(({ name, type, age, source }) => [name, type, spanOf(age), source]),
      )
}</section>
<section><h2>Phone</h2>
<dl><dt>Model</dt><dd>${model}</dd><dt>Version</dt><dd>${version}</dd><dt>Failover profile</dt><dd>${profile}</dd>
<dt>MAC address</dt><dd>${mac}</dd><dt>SIP address</dt><dd>${sip}</dd>
<dt>Link</dt><dd>${link}</dd><dt>Up for</dt><dd>${spanOf(uptime)}</dd></dl></section>`;

/** What the phone is told of, and by whom: where its lamps have moved. */
const watchedView = (subscriptions: PhoneStatus['subscriptions']): Markup => markup`
<section><h2>Lamps</h2><p>${servedText(subscriptions)}</p>
${table(['Line', 'Watched', 'What', 'Server', 'State'], subscriptions.map(watchedRow))}</section>`;

const WATCHES: Readonly<Record<SubscriptionStatus['kind'], string>> = {
  ...{ blf: 'a number', list: 'a list', bla: 'a shared line', sca: 'a shared line', mwi: 'messages' },
};

const watchedRow = ({ line, resource, kind, server, state, code }: SubscriptionStatus): readonly Part[] => [
  ...[String(line), resource, WATCHES[kind], server === null ? 'none' : SERVERS[server]],
  state === 'active' || code === null ? state : `${state} (${code})`,
];

const SERVERS: Readonly<Record<ServerName, string>> = { primary: 'main', backup: 'backup' };

/** In the words of the front panel. */
function healthOf({ health, cause, code }: TargetStatus): string {
  if (health === 'live') return 'answers';
  if (health === 'unknown') return 'not asked yet';
  return code === null ? CAUSE_WORDS[cause ?? 'no-answer'] : `answers ${code}`;
}

/** The two greatest units of a time in seconds. */
function spanOf(seconds: number): string {
  const s = Math.round(seconds);
  const units = [
    [Math.floor(s / 86_400), 'd'],
    [Math.floor(s / 3600) % 24, 'h'],
    [Math.floor(s / 60) % 60, 'min'],
    [s % 60, 's'],
  ] as const;
  const from = units.findIndex(([count]) => count > 0);
  return (from < 0 ? units.slice(-1) : units.slice(from, from + 2))
    .map(([count, unit]) => `${count} ${unit}`)
    .join(' ');
}

const accountRow = ({ line, aor, registrar }: LineStatus): readonly Part[] => [
  markup`<a href="/SIPsettingsLine${line}.html">${line}</a>`,
  accountOf(aor, registrar),
  stateOf(registrar),
  registrar?.state === 'registered' && registrar.server === 'backup' ? 'Yes' : 'No',
  registrar?.reason ?? '',
];

/** `user@host:port`: the port of the main server, whose name the account bears, though the backup serve it now. */
function accountOf(aor: string, registrar: RoleStatus | null): string {
  const account = aor.replace(/^sips?:/, '');
  const port = /:(\d+)$/.exec(registrar?.lists.primary[0] ?? registrar?.target ?? '')?.[1];
  return port === undefined || /:\d+$/.test(account) ? account : `${account}:${port}`;
}

/** A failing number as the original shows it; 408 stands for silence, as a server would have said it. */
function stateOf(registrar: RoleStatus | null): string {
  if (registrar === null || registrar.state === 'off') return 'Not configured';
  if (registrar.state === 'registered') return 'Registered';
  if (registrar.state === 'trying') return 'Registering';
  return String(registrar.code ?? 408);
}
