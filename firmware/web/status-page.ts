/** Owns the small page that a phone without a panel shows: each line, where it is registered, and why. */
import type { LineStatus, PhoneStatus } from '../status.ts';

const REFRESH_S = 5;
const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

const plain = (text: string): string => text.replace(/[&<>"]/g, (sign) => ENTITIES[sign] ?? sign);

/** Complete without scripts and styles, so that the strictest browser shows it. */
export const statusPage = ({ profile, model, version, link, lines }: PhoneStatus): string => `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta http-equiv="refresh" content="${REFRESH_S}"><title>Holdfast ${plain(model)}</title></head>
<body>
<h1>Holdfast ${plain(model)}</h1>
<p>Version ${plain(version)}, profile ${plain(profile)}, link ${link}.</p>
<table>
<tr><th>Line</th><th>Address</th><th>State</th><th>Server</th><th></th></tr>
${lines.map(row).join('\n')}
</table>
<p><a href="/api/status">Everything</a> · <a href="/api/timeline">What happened</a> · <a href="/metrics">Metrics</a></p>
</body>
</html>
`;

function row({ line, aor, registrar }: LineStatus): string {
  const cells = [line, aor, registrar?.state ?? 'off', registrar?.server ?? '', registrar?.reason ?? ''];
  return `<tr>${cells.map((cell) => `<td>${plain(String(cell))}</td>`).join('')}</tr>`;
}
