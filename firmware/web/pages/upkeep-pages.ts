/** Owns the pages of upkeep: a copy of the phone's own settings and back, restart, and the ways to begin anew (the original's Reset). */
import type { HttpBindings } from '@hono/node-server';
import type { Context, Hono } from 'hono';
import { backupOf, restoreChanges } from '../../config/backup.ts';
import type { Change } from '../../config/form-changes.ts';
import { fail, ok } from '../../kernel/result.ts';
import type { Markup, Viewer } from './markup.ts';
import { csrfField, markup, message, page } from './markup.ts';
import type { Settings } from './settings-pages.ts';
import { LOCAL_FILE, summary, WRONG_SHOWN } from './settings-pages.ts';

/** What only the program around the phone can do; each takes effect after the answer has gone. */
export interface Upkeep {
  /** Ends calls and registrations, and starts again. */
  restart(): void;
  /** As it came from the maker: settings, logins, lists, all that was kept; then as `restart`. */
  factoryReset(): Promise<void>;
}

type Env = { Bindings: HttpBindings };
type Enter = (c: Context<Env>, need: 'viewer' | 'admin') => Viewer | Response;

const BACKUP = '/backup.html';
const RESET = '/reset.html';
/** One word that nobody types by mistake. */
const SURE = 'reset';

export function mountUpkeepPages(app: Hono<Env>, settings: Settings, upkeep: Upkeep, enter: Enter): void {
  mountBackup(app, settings, enter);
  app.get(RESET, (c) => {
    const viewer = enter(c, 'admin');
    return viewer instanceof Response ? viewer : c.html(resetPage(viewer, markup``));
  });
  app.post(RESET, async (c) => {
    const viewer = enter(c, 'admin');
    if (viewer instanceof Response) return viewer;
    const { act, sure } = await c.req.parseBody();
    if (act === 'restart') {
      upkeep.restart();
      return c.html(resetPage(viewer, message('good', ['The phone starts again. Load this page in half a minute.'])));
    }
    if (act === 'local') {
      const changed = await settings.change(({ effective }) =>
        ok([...effective].filter(([, { from }]) => from === LOCAL_FILE).map(([name]) => ({ name, value: null }))),
      );
      const told = changed.ok
        ? message('good', ['The settings made on this phone are gone; those of its files are in force.'])
        : message('bad', [changed.error]);
      return c.html(resetPage(viewer, told), changed.ok ? 200 : 400);
    }
    if (act !== 'factory' || sure !== SURE)
      return c.html(resetPage(viewer, message('bad', [`Nothing was done: write "${SURE}" beside the button.`])), 400);
    await upkeep.factoryReset();
    return c.html(
      resetPage(viewer, message('good', ['The phone starts again as it came. Its screen shows a new password.'])),
    );
  });
}

function mountBackup(app: Hono<Env>, settings: Settings, enter: Enter): void {
  app.get(BACKUP, (c) => {
    const viewer = enter(c, 'admin');
    return viewer instanceof Response ? viewer : c.html(backupPage(viewer, markup``));
  });
  app.get('/backup.cfg', async (c) => {
    const viewer = enter(c, 'admin');
    if (viewer instanceof Response) return viewer;
    const read = await settings.read();
    if (!read.ok) return c.text(read.error, 500);
    c.header('Content-Disposition', 'attachment; filename="holdfast.cfg"');
    return c.text(backupOf(read.value.effective, LOCAL_FILE));
  });
  app.post(BACKUP, async (c) => {
    const viewer = enter(c, 'admin');
    if (viewer instanceof Response) return viewer;
    const { copy } = await c.req.parseBody();
    const text = copy instanceof File ? await copy.text() : typeof copy === 'string' ? copy : '';
    let stored: readonly Change[] = [];
    let refused: readonly string[] = [];
    const result =
      text.trim() === ''
        ? fail('Choose the file of a copy first.')
        : await settings.change(({ effective }) => {
            const restored = restoreChanges(effective, LOCAL_FILE, text);
            if (restored.wrong.length > 0) return fail(['Nothing was changed.', ...restored.wrong].join('\n'));
            ({ changes: stored, refused } = restored);
            return ok(stored);
          });
    const told = result.ok
      ? markup`${message('good', summary(stored))}${message('bad', refused)}`
      : message('bad', result.error.split('\n').slice(0, WRONG_SHOWN));
    return c.html(backupPage(viewer, told), result.ok ? 200 : 400);
  });
}

const backupPage = (viewer: Viewer, told: Markup): string =>
  page(
    'Backup and Restore',
    BACKUP,
    viewer,
    markup`${told}
<section><h2>Save a Copy</h2>
<p>The settings made on this phone, in the syntax of its configuration files. Passwords are not in it.</p>
<p class="buttons"><a class="button" href="/backup.cfg" download>Download the copy</a></p></section>
<section><h2>Restore a Copy</h2>
<form method="post" action="${BACKUP}" enctype="multipart/form-data">${csrfField(viewer.csrf)}
<div class="field"><label for="copy">File of the copy</label><input id="copy" name="copy" type="file" accept=".cfg,text/plain" required></div>
<p class="note">Afterwards the settings made here are those of the copy. The phone keeps the passwords that it has. A copy in which one line is wrong changes nothing.</p>
<p class="buttons"><button class="main">Restore</button></p>
</form></section>`,
  );

const resetPage = (viewer: Viewer, told: Markup): string =>
  page(
    'Reset',
    RESET,
    viewer,
    markup`${told}
<section><h2>Restart Phone</h2>
<form method="post" action="${RESET}">${csrfField(viewer.csrf)}
<p>Calls end, the lines are un-registered, and the phone starts again.</p>
<p class="buttons"><button class="main" name="act" value="restart">Restart</button></p></form></section>
<section><h2>Remove Local Configuration Settings</h2>
<form method="post" action="${RESET}">${csrfField(viewer.csrf)}
<p>What was set on this phone, by its keys or by these pages, is forgotten; what its files say holds. <a href="${BACKUP}">Save a copy first.</a></p>
<p class="buttons"><button name="act" value="local">Remove</button></p></form></section>
<section><h2>Restore to Factory Defaults</h2>
<form method="post" action="${RESET}">${csrfField(viewer.csrf)}
<p>Settings, passwords, lists and all that the phone has kept is forgotten; it starts again as it came.</p>
<div class="field"><label for="sure">To be sure, write "${SURE}"</label><input id="sure" name="sure" autocomplete="off"></div>
<p class="buttons"><button name="act" value="factory">Restore</button></p></form></section>`,
  );
