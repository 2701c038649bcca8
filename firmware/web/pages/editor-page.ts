/**
 * Owns the configuration editor: the files as they are, with their traps marked, and local.cfg to be edited: first tried, which says in
 * words what would follow, then applied, and undone. Works without scripts. Secrets are never shown; eight stars keep the one there is.
 */
import { createHash } from 'node:crypto';
import type { HttpBindings } from '@hono/node-server';
import type { Context, Hono } from 'hono';
import { diffOf, restored, shownLines } from '../../config/cfg-text.ts';
import { changeReport } from '../../config/change-report.ts';
import type { EffectiveSettings } from '../../config/layers.ts';
import { lint } from '../../config/lint.ts';
import type { Result } from '../../kernel/result.ts';
import { fail, ok } from '../../kernel/result.ts';
import type { ConfigTexts } from './editor-view.ts';
import { editorView, reportView } from './editor-view.ts';
import type { Markup, Viewer } from './markup.ts';
import { markup, message, page } from './markup.ts';
import type { Settings } from './settings-pages.ts';
import { LOCAL_FILE, SAVED, WRONG_SHOWN } from './settings-pages.ts';

/** Settings whose own file can be edited as a whole. */
export interface EditableSettings extends Settings {
  texts(): Promise<Result<ConfigTexts, string>>;
  /** What would be in force if local.cfg were this text. */
  imagine(local: string): Promise<Result<EffectiveSettings, string>>;
  rewrite(decide: (local: string) => Result<string, string>): Promise<Result<EffectiveSettings, string>>;
  undo(): Promise<Result<EffectiveSettings, string>>;
}

type Env = { Bindings: HttpBindings };
type Enter = (c: Context<Env>, need: 'viewer' | 'admin') => Viewer | Response;

const PATH = '/editor.html';
const TITLE = 'Configuration Editor';
/** A form that is posted holds no more, with all that travels beside (65,536 octets). */
const EDITED_MAX = 40_000;
const MEANWHILE = 'Nothing was changed: local.cfg has changed meanwhile. Look at it again, then apply.';

export function mountEditorPage(app: Hono<Env>, settings: EditableSettings, enter: Enter): void {
  app.get(PATH, async (c) => {
    const viewer = enter(c, 'viewer');
    return viewer instanceof Response ? viewer : answer(c, viewer, settings, { told: markup``, status: 200 });
  });
  app.post(PATH, async (c) => {
    const viewer = enter(c, 'admin');
    if (viewer instanceof Response) return viewer;
    const { act, text, base } = await c.req.parseBody();
    const draft = { edited: textOf(text).replace(/\r\n?/g, '\n'), base: textOf(base) };
    if (act === 'undo') return answer(c, viewer, settings, await undone(settings));
    if (act === 'apply') return answer(c, viewer, settings, await applied(settings, draft));
    return answer(c, viewer, settings, await tried(settings, draft));
  });
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

interface Draft {
  readonly edited: string;
  /** Mark of the local.cfg that it was made from. */
  readonly base: string;
}

interface Told {
  readonly told: Markup;
  readonly status: 200 | 400;
  /** What stands in the editor; none = local.cfg as it is. */
  readonly draft?: Draft;
}

const refused = (error: string, draft?: Draft): Told => ({
  told: message('bad', error.split('\n').slice(0, WRONG_SHOWN)),
  status: 400,
  ...(draft === undefined ? {} : { draft }),
});

/** What the edited text amounts to, beside what is in force. */
interface Judged {
  readonly local: string;
  readonly text: string;
  readonly before: EffectiveSettings;
  readonly after: EffectiveSettings;
  /** Why it cannot be applied; empty = it can. */
  readonly wrong: readonly string[];
}

async function judge(settings: EditableSettings, edited: string): Promise<Result<Judged, string>> {
  const [texts, before] = await Promise.all([settings.texts(), settings.read()]);
  if (!texts.ok) return texts;
  if (!before.ok) return before;
  const local = localOf(texts.value);
  const { text, wrong } = restored(edited, local);
  const after = await settings.imagine(text);
  if (!after.ok) return after;
  const errors = lint(after.value).filter(({ severity, file }) => severity === 'error' && file === LOCAL_FILE);
  return ok({
    ...{ local, text, before: before.value, after: after.value },
    wrong: [...wrong, ...errors.map(({ line, message: words }) => `line ${line}: ${words}`)],
  });
}

async function tried(settings: EditableSettings, draft: Draft): Promise<Told> {
  const judged = await judge(settings, draft.edited);
  if (!judged.ok) return refused(judged.error, draft);
  const { local, text, before, after, wrong } = judged.value;
  const words =
    wrong.length > 0
      ? message('bad', ['This cannot be applied. Nothing has been changed.', ...wrong.slice(0, WRONG_SHOWN)])
      : message('good', ['Nothing has been changed yet. This is what would follow:']);
  const told = markup`${words}${reportView(changeReport(before, after), diffOf(local, text), 'would')}`;
  return { told, status: 200, draft };
}

async function applied(settings: EditableSettings, draft: Draft): Promise<Told> {
  const judged = await judge(settings, draft.edited);
  if (!judged.ok) return refused(judged.error, draft);
  const { local, text, before, wrong } = judged.value;
  if (draft.base !== markOf(local)) return refused(MEANWHILE, draft);
  if (wrong.length > 0) return refused(['Nothing was changed.', ...wrong].join('\n'), draft);
  const done = await settings.rewrite((now) => (now === local ? ok(text) : fail(MEANWHILE)));
  if (!done.ok) return refused(done.error, draft);
  const report = reportView(changeReport(before, done.value), diffOf(local, text), 'does');
  return { told: markup`${message('good', [`${SAVED}.`])}${report}`, status: 200 };
}

async function undone(settings: EditableSettings): Promise<Told> {
  const [texts, before] = await Promise.all([settings.texts(), settings.read()]);
  const done = await settings.undo();
  if (!done.ok) return refused(done.error);
  if (!texts.ok || !before.ok) return { told: message('good', ['The last change is undone.']), status: 200 };
  const diff = diffOf(localOf(texts.value), texts.value.before ?? '');
  const report = reportView(changeReport(before.value, done.value), diff, 'does');
  return { told: markup`${message('good', ['The last change is undone.'])}${report}`, status: 200 };
}

const localOf = ({ files }: ConfigTexts): string => files.find(({ kind }) => kind === 'local')?.text ?? '';

/** Another text has another mark, and nobody who sees the mark knows the text. */
const markOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 32);

async function answer(
  c: Context<Env>,
  viewer: Viewer,
  settings: EditableSettings,
  { told, status, draft }: Told,
): Promise<Response> {
  const [texts, inForce] = await Promise.all([settings.texts(), settings.read()]);
  if (!texts.ok || !inForce.ok) {
    const error = texts.ok ? inForce : texts;
    return c.html(page(TITLE, PATH, viewer, markup`${told}${message('bad', [error.ok ? '' : error.error])}`), 500);
  }
  const local = localOf(texts.value);
  const shown = draft ?? { edited: shownLines(local).join('\n'), base: markOf(local) };
  const body = editorView({
    ...{ path: PATH, viewer, inForce: inForce.value },
    draft: shown.edited.length > EDITED_MAX ? null : shown,
    files: texts.value.files,
    undo: texts.value.before === null ? null : diffOf(local, texts.value.before),
  });
  return c.html(page(TITLE, PATH, viewer, markup`${told}${body}`), status);
}
