/** Owns the status page: each line's account, its state or the number that failed, and whether the backup serves it (web-forms). */
import type { LineStatus, PhoneStatus, RoleStatus } from '../../status.ts';
import type { Markup } from './markup.ts';
import { markup } from './markup.ts';

/** In its first table the words are the original's: tools read them. */
export const sysinfoView = ({
  model,
  version,
  profile,
  link,
  uptime,
  lines,
  targets,
  dns,
}: PhoneStatus): Markup => markup`
<section><h2>SIP Status</h2>
<div class="wide"><table>
<thead><tr><th>Line</th><th>SIP Account</th><th>Status</th><th>Backup Registrar Used?</th><th>Why</th></tr></thead>
<tbody>
${lines.map(accountRow)}
</tbody></table></div>
${lines.length === 0 ? markup`<p>No line is configured: give one a phone number under <a href="/globalSIPsettings.html">Global SIP</a>.</p>` : ''}
</section>
<section><h2>Servers</h2>
<div class="wide"><table>
<thead><tr><th>Address</th><th>Name</th><th>Server</th><th>Health</th><th>Waited for</th></tr></thead>
<tbody>
${targets.map(
  ({ target, name, server, health, hMs }) =>
    markup`<tr><td>${target}</td><td>${name}</td><td>${server}</td><td>${health}</td><td>${Math.round(hMs)} ms</td></tr>`,
)}
</tbody></table></div></section>
<section><h2>Names</h2>
<div class="wide"><table>
<thead><tr><th>Name</th><th>Type</th><th>Age</th><th>Source</th></tr></thead>
<tbody>
${dns.map(({ name, type, age, source }) => markup`<tr><td>${name}</td><td>${type}</td><td>${Math.round(age)} s</td><td>${source}</td></tr>`)}
</tbody></table></div></section>
<section><h2>Phone</h2>
<dl><dt>Model</dt><dd>${model}</dd><dt>Version</dt><dd>${version}</dd><dt>Failover profile</dt><dd>${profile}</dd>
<dt>Link</dt><dd>${link}</dd><dt>Up for</dt><dd>${Math.round(uptime)} s</dd></dl></section>`;

const accountRow = ({ line, aor, registrar }: LineStatus): Markup =>
  markup`<tr><td>${line}</td><td>${accountOf(aor, registrar)}</td><td>${stateOf(registrar)}</td><td>${registrar?.state === 'registered' && registrar.server === 'backup' ? 'Yes' : 'No'}</td><td>${registrar?.reason ?? ''}</td></tr>`;

/** `user@host:port`: the port of the server in use, where one is known. */
function accountOf(aor: string, registrar: RoleStatus | null): string {
  const account = aor.replace(/^sips?:/, '');
  const port = /:(\d+)$/.exec(registrar?.target ?? registrar?.lists.primary[0] ?? '')?.[1];
  return port === undefined || /:\d+$/.test(account) ? account : `${account}:${port}`;
}

/** A failing number as the original shows it; 408 stands for silence, as a server would have said it. */
function stateOf(registrar: RoleStatus | null): string {
  if (registrar === null || registrar.state === 'off') return 'Not configured';
  if (registrar.state === 'registered') return 'Registered';
  if (registrar.state === 'trying') return 'Registering';
  return String(registrar.code ?? 408);
}
