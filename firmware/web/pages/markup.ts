/** Owns the frame of every page of the Web UI: escaping, the side bar of the original, messages. Complete without scripts. */
import { LINE_NUMBERS } from '../../config/typed.ts';

/** Text that is markup already; everything else is escaped where it enters one. */
export interface Markup {
  readonly html: string;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escaped = (text: string): string => text.replace(/[&<>"']/g, (sign) => ENTITIES[sign] ?? sign);

export type Part = Markup | string | number | readonly Markup[];

function textOf(part: Part): string {
  if (typeof part === 'string' || typeof part === 'number') return escaped(String(part));
  return 'html' in part ? part.html : part.map(({ html }) => html).join('\n');
}

/** A template whose parts are text unless they are markup. */
export const markup = (strings: TemplateStringsArray, ...parts: readonly Part[]): Markup => ({
  html: strings.map((string, index) => `${string}${textOf(parts[index] ?? '')}`).join(''),
});

/** A table that a telephone shows row by row: each cell carries its column's name. */
export const table = (heads: readonly string[], rows: readonly (readonly Part[])[]): Markup =>
  markup`<div class="wide"><table class="stacks"><thead><tr>${heads.map((head) => markup`<th>${head}</th>`)}</tr></thead>
<tbody>${rows.map((cells) => markup`<tr>${{ html: cells.map((cell, at) => markup`<td data-head="${heads[at] ?? ''}">${cell}</td>`.html).join('') }}</tr>`)}</tbody></table></div>`;

/** Who looks at a page; null = nobody has logged in. */
export interface Viewer {
  readonly role: 'admin' | 'viewer' | null;
  /** Empty where there is no session: scripts need none. */
  readonly csrf: string;
  /** The phone has a front panel. */
  readonly panel: boolean;
}

export const NOBODY: Viewer = { role: null, csrf: '', panel: false };

/** Of a phone with a panel alone. */
const PANEL = '/panel';
const HARDWARE = '/selftest.html';
/** Of the administrator alone. */
const UPKEEP: readonly string[] = ['/backup.html', '/reset.html'];
/** Stands for the nine pages of the lines, in one row. */
const LINES = '/SIPsettingsLine';

type Pages = readonly (readonly [path: string, title: string])[];

const MENU: readonly (readonly [group: string, pages: Pages])[] = [
  [
    'Status',
    [
      ['/sysinfo.html', 'System Information'],
      [PANEL, 'Front Panel'],
      ['/timeline.html', 'Timeline'],
      ['/trace.html', 'SIP Ladder'],
      ['/resolve.html', 'Resolve'],
    ],
  ],
  [
    'Operation',
    [
      ['/topsoftkey.html', 'Top Softkeys'],
      ['/softkey.html', 'Softkeys'],
      ['/prgkey.html', 'Programmable Keys'],
      ['/expmodule1page1.html', 'Expansion Module'],
      [HARDWARE, 'Hardware Test'],
      ['/editor.html', 'Configuration Editor'],
      ['/backup.html', 'Backup and Restore'],
      ['/reset.html', 'Reset'],
    ],
  ],
  [
    'Basic Settings',
    [
      ['/preferences.html', 'Preferences'],
      ['/callforward.html', 'Account Configuration'],
    ],
  ],
  [
    'Advanced Settings',
    [
      ['/provis.html', 'Network'],
      ['/globalSIPsettings.html', 'Global SIP'],
      [LINES, 'Line'],
      ['/actionURI.html', 'Action URI'],
      ['/telling.html', 'Webhook and MQTT'],
      ['/configurationServer.html', 'Configuration Server'],
      ['/upgrade.html', 'Firmware Update'],
      ['/troubleshooting.html', 'Troubleshooting'],
    ],
  ],
];

export const page = (title: string, path: string, viewer: Viewer, body: Markup): string =>
  markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} - Holdfast</title>
<link rel="icon" href="/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/pages.css">
</head>
<body>
<a class="skip" href="#main">Skip to the page</a>
<header>${viewer.role === null ? markup`<span class="brand">Holdfast</span>` : markup`<a class="brand" href="/sysinfo.html">Holdfast</a><a class="to-menu" href="#menu">All pages</a>${account(viewer)}`}</header>
${viewer.role === null ? '' : menu(path, viewer)}
<main id="main" tabindex="-1"${viewer.role === null ? markup` class="alone"` : ''}>
<h1>${title}</h1>
${body}
</main>
</body>
</html>
`.html;

const account = ({ role, csrf }: Viewer): Markup => markup`<form method="post" action="/logout">
<span>${role === 'admin' ? 'Administrator' : 'Viewer'}</span>
${role === 'admin' ? markup`<a href="/password.html">Password</a>` : ''}
${csrfField(csrf)}<button>Log out</button></form>`;

/** What a viewer would only be turned away from is not offered. */
const isOffered = (at: string, { panel, role }: Viewer): boolean =>
  (panel || (at !== PANEL && at !== HARDWARE)) && (role === 'admin' || !UPKEEP.includes(at));

const menu = (path: string, viewer: Viewer): Markup => markup`<nav id="menu" aria-label="Pages">
${MENU.map(([group, pages]) => markup`<details open><summary>${group}</summary><ul>${pages.filter(([at]) => isOffered(at, viewer)).map((entry) => menuItem(entry, path))}</ul></details>`)}
</nav>`;

const menuItem = ([at, title]: Pages[number], path: string): Markup =>
  at === LINES
    ? markup`<li class="lines"><span>${title}</span> ${LINE_NUMBERS.map((line) => link(`/SIPsettingsLine${line}.html`, path, markup`<span class="hidden">Line </span>${line}`))}</li>`
    : markup`<li>${link(at, path, markup`${title}`)}</li>`;

const link = (to: string, here: string, words: Markup): Markup =>
  markup`<a href="${to}"${to === here ? markup` aria-current="page"` : ''}>${words}</a>`;

/** What a person sees who went where nothing is, or may not go. */
export const failurePage = (title: string, error: string): string =>
  page(title, '', NOBODY, markup`${message('bad', [error])}<p><a href="/sysinfo.html">To the first page</a></p>`);

export const csrfField = (csrf: string): Markup =>
  csrf === '' ? markup`` : markup`<input type="hidden" name="csrf" value="${csrf}">`;

/** What came of a request, above the page; read out at once by a screen reader. */
export const message = (kind: 'good' | 'bad', lines: readonly string[]): Markup =>
  lines.length === 0
    ? markup``
    : markup`<div class="message ${kind}" role="${kind === 'bad' ? 'alert' : 'status'}">${lines.map((line) => markup`<p>${line}</p>`)}</div>`;
