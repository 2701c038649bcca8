/** Owns the pages of settings over HTTP: the original's addresses, read by GET and saved by POST (web-forms). */

import type { HttpBindings } from '@hono/node-server';
import type { Context, Hono } from 'hono';
import { TAKES_RESTART } from '../../config/at-next-start.ts';
import type { Change } from '../../config/form-changes.ts';
import { formChanges, withoutLocal } from '../../config/form-changes.ts';
import type { EffectiveSettings } from '../../config/layers.ts';
import type { Result } from '../../kernel/result.ts';
import { fail, ok } from '../../kernel/result.ts';
import { codecsPosted } from './codec-fields.ts';
import type { FormPage } from './form.ts';
import { flip } from './form.ts';
import { fieldsOf, formView } from './form-view.ts';
import { FORM_PAGES } from './forms.ts';
import type { Markup, Viewer } from './markup.ts';
import { markup, message, page } from './markup.ts';

/** The settings of the running phone; the shell keeps them. */
export interface Settings {
  read(): Promise<Result<EffectiveSettings, string>>;
  change(
    decide: (current: EffectiveSettings) => Result<readonly Change[], string>,
  ): Promise<Result<EffectiveSettings, string>>;
}

type Env = { Bindings: HttpBindings };

export const LOCAL_FILE = 'local.cfg';
export const WRONG_SHOWN = 20;
/** Tools in the field look for these very words. */
export const SAVED = 'Provisioning complete';

export interface SettingsPagesOptions {
  readonly settings: Settings;
  /** Who looks, or the answer to one who must log in first. */
  readonly enter: (c: Context<Env>, need: 'viewer' | 'admin') => Viewer | Response;
  /** What stands below the form of that address. */
  readonly below: (path: string, viewer: Viewer) => Markup;
}

export function mountSettingsPages(app: Hono<Env>, options: SettingsPagesOptions): void {
  const { settings, enter } = options;
  for (const form of FORM_PAGES) {
    app.get(form.path, async (c) => {
      const viewer = enter(c, 'viewer');
      if (viewer instanceof Response) return viewer;
      return answer(c, { form, viewer, result: await settings.read(), told: markup``, below: options.below });
    });
    app.post(form.path, async (c) => {
      const viewer = enter(c, 'admin');
      if (viewer instanceof Response) return viewer;
      const posted = textFields(await c.req.parseBody());
      const { result, told } = await save(form, posted, settings);
      return answer(c, { form, viewer, result, told, below: options.below });
    });
  }
}

interface Answer extends Saved, Pick<SettingsPagesOptions, 'below'> {
  readonly form: FormPage;
  readonly viewer: Viewer;
}

function answer(c: Context<Env>, { form, viewer, result, told, below }: Answer): Response | Promise<Response> {
  const body = result.ok
    ? markup`${told}${formView(form, result.value.effective, viewer)}${below(form.path, viewer)}`
    : markup`${message('bad', result.error.split('\n').slice(0, WRONG_SHOWN))}<p><a href="${form.path}">Back to the form</a></p>`;
  return c.html(page(form.title, form.path, viewer, body), result.ok ? 200 : 400);
}

const textFields = (body: Readonly<Record<string, unknown>>): ReadonlyMap<string, string> =>
  new Map(Object.entries(body).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value] as const] : [])));

interface Saved {
  readonly result: Result<EffectiveSettings, string>;
  readonly told: Markup;
}

async function save(form: FormPage, posted: ReadonlyMap<string, string>, settings: Settings): Promise<Saved> {
  const byParameter = new Map(
    fieldsOf(form).flatMap(({ field, parameter, flipped }) => {
      // A plus sign that is not encoded arrives as a blank.
      const value = posted.get(field) ?? posted.get(field.replaceAll('+', ' '));
      return value === undefined ? [] : [[parameter, flipped ? flip(value.trim()) : value] as const];
    }),
  );
  let stored: readonly Change[] = [];
  let refused: readonly string[] = [];
  const result = await settings.change((current) => {
    const { effective } = current;
    if (form.line !== null && posted.has('useGlobal')) {
      stored = withoutLocal(effective, form.line, LOCAL_FILE);
      return ok(stored);
    }
    const codecs = form.codecs === true ? codecsPosted(effective, posted) : null;
    const decided = formChanges(current, form.line, new Map([...byParameter, ...(codecs?.values ?? [])]));
    const wrong = [...decided.wrong, ...(codecs?.wrong ?? [])];
    if (wrong.length > 0) return fail(['Nothing was saved.', ...wrong].join('\n'));
    stored = decided.changes;
    refused = [...decided.refused, ...(codecs?.refused ?? [])];
    return ok(stored);
  });
  return {
    result,
    told: markup`${message('good', [...summary(stored), ...unheard(form, posted)])}${message('bad', refused)}`,
  };
}

/** Said only where somebody has chosen: a script posts every field. */
function unheard({ unheard: fields = {} }: FormPage, posted: ReadonlyMap<string, string>): readonly string[] {
  const chosen = Object.entries(fields).filter(([field, usual]) => (posted.get(field) ?? usual) !== usual);
  return chosen.length === 0 ? [] : [`Without effect in this release: ${chosen.map(([field]) => field).join(', ')}.`];
}

/** What came of a change, for the person who made it. */
export function summary(stored: readonly Change[]): readonly string[] {
  const later = stored.filter(({ name }) => TAKES_RESTART.has(name)).map(({ name }) => `"${name}"`);
  return [
    `${SAVED}.`,
    stored.length === 0
      ? 'Nothing was changed.'
      : `${stored.length === 1 ? '1 setting' : `${stored.length} settings`} changed; the phone acts on it now.`,
    ...(later.length === 0 ? [] : [`At the next start: ${later.join(', ')}.`]),
  ];
}
