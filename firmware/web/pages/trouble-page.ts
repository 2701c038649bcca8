/**
 * Owns what stands below the forms of Troubleshooting, Configuration Server and Firmware: the phone's files to be fetched (as the original,
 * but without secrets), its error messages, what came of asking the configuration server, and asking it now.
 */
import type { HttpBindings } from '@hono/node-server';
import type { Context, Hono } from 'hono';
import { shownLines } from '../../config/cfg-text.ts';
import type { ApiItem } from '../api.ts';
import type { EditableSettings } from './editor-page.ts';
import type { Markup, Viewer } from './markup.ts';
import { csrfField, markup, message, page } from './markup.ts';

/** What came of asking the configuration server last. */
export interface LastRound {
  /** Unix ms; null = the clock was not set. */
  readonly atMs: number | null;
  readonly outcome: 'none' | 'same' | 'changed' | 'failed';
  readonly from: string | null;
  readonly said: readonly string[];
}

export interface Rounds {
  /** Null = there was none yet. */
  last(): LastRound | null;
  /** Asks soon, as a check-sync would have it. */
  ask(): void;
}

export interface TroubleSource {
  readonly settings: Pick<EditableSettings, 'texts'>;
  readonly rounds: Rounds;
  readonly since: (id: number) => readonly ApiItem[];
  readonly version: () => string;
}

type Env = { Bindings: HttpBindings };
type Enter = (c: Context<Env>, need: 'viewer' | 'admin') => Viewer | Response;

const RESYNC = '/resync';
const UPGRADE = '/upgrade.html';
const MESSAGES_SHOWN = 50;

export function mountTroublePages(app: Hono<Env>, source: TroubleSource, enter: Enter): void {
  for (const kind of ['local', 'server'] as const)
    app.get(`/${kind}.cfg`, async (c) => {
      const viewer = enter(c, 'admin');
      if (viewer instanceof Response) return viewer;
      const texts = await source.settings.texts();
      if (!texts.ok) return c.text(texts.error, 500);
      const files = texts.value.files.filter((file) => file.kind === kind);
      const text = files.flatMap(({ from, text: all }) => [
        ...(kind === 'server' ? [`# ${from}`] : []),
        ...shownLines(all),
      ]);
      c.header('Content-Disposition', `attachment; filename="${kind}.cfg"`);
      return c.text(text.map((line) => `${line}\n`).join(''));
    });
  app.post(RESYNC, (c) => {
    const viewer = enter(c, 'admin');
    if (viewer instanceof Response) return viewer;
    source.rounds.ask();
    return c.redirect('/configurationServer.html', 303);
  });
  app.get(UPGRADE, (c) => {
    const viewer = enter(c, 'viewer');
    return viewer instanceof Response ? viewer : c.html(upgradePage(viewer, source.version(), markup``));
  });
  app.post(UPGRADE, (c) => {
    const viewer = enter(c, 'admin');
    if (viewer instanceof Response) return viewer;
    const why =
      'Nothing was loaded: this phone takes no firmware over the network, and none of the original runs on it.';
    return c.html(upgradePage(viewer, source.version(), message('bad', [why])), 501);
  });
}

const upgradePage = (viewer: Viewer, version: string, told: Markup): string =>
  page(
    'Firmware Update',
    UPGRADE,
    viewer,
    markup`${told}<section><h2>Version ${version}</h2>
<p>A new version is a new image of the card, or a new folder of the program: the state folder, with all settings, stays. <code>docs/flashing.md</code> says how.</p>
<p>The forms of the original that load a firmware file by TFTP, FTP or HTTP are refused here: whoever answers for that server would own the phone.</p></section>`,
  );

/** What stands below the form of that address. */
export function belowForm(path: string, source: TroubleSource, viewer: Viewer): Markup {
  if (path === '/troubleshooting.html') return troubleView(source, viewer);
  return path === '/configurationServer.html' ? roundView(source.rounds.last(), viewer) : markup``;
}

const OUTCOMES: Readonly<Record<LastRound['outcome'], string>> = {
  none: 'No configuration server is named, by a setting or by DHCP.',
  same: 'The files are those that the phone has.',
  changed: 'New files came; they are in force.',
  failed: 'No server gave a whole set of files: the last one stays in force.',
};

const roundView = (last: LastRound | null, viewer: Viewer): Markup => markup`<section><h2>Asked Last</h2>
${
  last === null
    ? markup`<p>Not yet since the phone started.</p>`
    : markup`<dl><dt>When</dt><dd>${last.atMs === null ? 'the clock was not set' : new Date(last.atMs).toISOString().replace('T', ' ').slice(0, 19)} UTC</dd>
<dt>Outcome</dt><dd>${OUTCOMES[last.outcome]}</dd>${last.from === null ? '' : markup`<dt>From</dt><dd>${last.from}</dd>`}</dl>
${last.said.length === 0 ? '' : markup`<ul>${last.said.map((sentence) => markup`<li>${sentence}</li>`)}</ul>`}`
}
${viewer.role === 'admin' ? markup`<form method="post" action="${RESYNC}">${csrfField(viewer.csrf)}<p class="buttons"><button>Ask now</button></p></form>` : ''}
<p class="note">Not sooner than 30 s after the last time. What comes acts when nobody is on the phone.</p></section>`;

function troubleView({ since }: TroubleSource, viewer: Viewer): Markup {
  const problems = since(0)
    .flatMap(({ json }) =>
      json.includes('"event":"problem"') ? [JSON.parse(json) as Readonly<Record<string, unknown>>] : [],
    )
    .slice(-MESSAGES_SHOWN)
    .reverse();
  const files = markup`<li><a href="/local.cfg" download>Get local.cfg</a>: what was set at this phone</li>
<li><a href="/server.cfg" download>Get server.cfg</a>: what its other files say</li>`;
  return markup`<section><h2>Get Files</h2>
<ul>${viewer.role === 'admin' ? files : ''}
<li><a href="/api/capture.pcapng" download>Get the capture</a> of SIP for Wireshark</li>
<li><a href="/api/status">Status</a>, <a href="/api/timeline">events</a>, <a href="/metrics">metrics</a></li></ul>
<p class="note">Passwords are stars in all of them. <a href="/editor.html">The editor</a> shows the same files with their marks.</p></section>
<section><h2>Error Messages</h2>
${problems.length === 0 ? markup`<p>None since the phone started.</p>` : markup`<ol reversed>${problems.map((problem) => markup`<li>${problemText(problem)}</li>`)}</ol>`}</section>`;
}

function problemText({ file, line, message: words }: Readonly<Record<string, unknown>>): string {
  const place =
    typeof file === 'string' && file !== '' ? `${file}${Number(line) > 0 ? ` line ${String(line)}` : ''}: ` : '';
  return `${place}${String(words)}`;
}
