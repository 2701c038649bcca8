/** Owns how the configuration editor looks: files with marks at their lines, the editor itself, and the report of what a change does. */
import { HIDDEN } from '../../config/address-login.ts';
import type { DiffLine } from '../../config/cfg-text.ts';
import { shownLines } from '../../config/cfg-text.ts';
import type { ChangedOutlook, ChangedValue, ChangeReport } from '../../config/change-report.ts';
import type { EffectiveSettings, Layer, Problem } from '../../config/layers.ts';
import { lint } from '../../config/lint.ts';
import { outlook } from '../../config/outlook.ts';
import type { Markup, Viewer } from './markup.ts';
import { csrfField, markup, table } from './markup.ts';

/** Lines of a file that a page shows: a person reads no more. */
const LINES_SHOWN = 2000;

export interface ConfigTexts {
  /** In the order of the layers, local.cfg last. */
  readonly files: readonly { readonly from: string; readonly kind: Layer['kind']; readonly text: string }[];
  /** local.cfg before its last change; null = it was never changed. */
  readonly before: string | null;
}

export interface EditorParts {
  readonly path: string;
  readonly viewer: Viewer;
  readonly inForce: EffectiveSettings;
  readonly files: ConfigTexts['files'];
  /** What stands in the editor; null = it is too long for a form. */
  readonly draft: { readonly edited: string; readonly base: string } | null;
  /** What undoing would do; null = there is nothing to undo. */
  readonly undo: readonly DiffLine[] | null;
}

export const editorView = (parts: EditorParts): Markup => markup`
${parts.viewer.role === 'admin' ? editor(parts) : markup`<p>Only the administrator can change these.</p>`}
${parts.viewer.role === 'admin' && parts.undo !== null ? undoView(parts, parts.undo) : ''}
${outlookView(parts.inForce)}
${filesView(parts)}`;

const editor = ({
  path,
  viewer,
  draft,
}: EditorParts): Markup => markup`<form method="post" action="${path}" enctype="multipart/form-data">
${csrfField(viewer.csrf)}
<fieldset><legend>What was set at this phone: local.cfg</legend>
${
  draft === null
    ? markup`<p>It is too long to be edited here.</p>`
    : markup`<input type="hidden" name="base" value="${draft.base}">
<label for="text">One setting a line, as in the files of a server: <code>sip backup registrar ip: backup.example.com</code></label>
<textarea id="text" name="text" rows="12" spellcheck="false" autocapitalize="off" autocomplete="off" aria-describedby="text-note">
${draft.edited}</textarea>
<p id="text-note" class="note">It lies above all other files, but for what they lock. <code>${HIDDEN}</code> keeps the password that there is.</p>`
}
</fieldset>
${draft === null ? '' : markup`<p class="buttons"><button class="main" name="act" value="try">What would follow?</button><button name="act" value="apply">Apply</button></p>`}</form>`;

const undoView = (
  { path, viewer }: EditorParts,
  diff: readonly DiffLine[],
): Markup => markup`<section><h2>Undo the last change</h2>
<p>However it was made, here or by another page. Done twice, all is as it is now.</p>
${diffView(diff)}
<form method="post" action="${path}">${csrfField(viewer.csrf)}<p class="buttons"><button name="act" value="undo">Undo</button></p></form></section>`;

const outlookView = ({ settings }: EffectiveSettings): Markup => markup`<section><h2>What the phone does now</h2>
${outlook(settings).map(({ title, sentences }) => markup`<h3>${title}</h3><ul>${sentences.map((sentence) => markup`<li>${sentence}</li>`)}</ul>`)}</section>`;

function filesView({ files, inForce }: EditorParts): Markup {
  const problems = lint(inForce);
  const named = new Set(files.map(({ from }) => from));
  const elsewhere = problems.filter(({ file, line }) => !named.has(file) || line === 0);
  return markup`<section><h2>Files, the later above the earlier</h2>
${elsewhere.map(mark)}
${files.map(({ from, text }) =>
  fileView(
    from,
    text,
    problems.filter(({ file, line }) => file === from && line > 0),
  ),
)}</section>`;
}

function fileView(from: string, text: string, problems: readonly Problem[]): Markup {
  const lines = shownLines(text);
  const count = problems.length === 0 ? 'nothing amiss' : problems.length === 1 ? '1 mark' : `${problems.length} marks`;
  return markup`<details${problems.length > 0 ? markup` open` : ''}><summary><strong>${from}</strong>: ${lines.length} lines, ${count}</summary>
<ol class="cfg">${lines
    .slice(0, LINES_SHOWN)
    .map(
      (line, index) =>
        markup`<li><code>${line}</code>${problems.filter((problem) => problem.line === index + 1).map(mark)}</li>`,
    )}</ol>${lines.length > LINES_SHOWN ? markup`<p class="note">${lines.length - LINES_SHOWN} more lines.</p>` : ''}</details>`;
}

/** The word says what the colour says. */
const mark = ({ severity, message, code }: Problem): Markup =>
  markup`<p class="mark ${severity}"><strong>${severity}</strong>: ${message} <span class="code">[${code}]</span></p>`;

/** `would`: nothing has been done yet. */
export const reportView = (
  { values, costs, outlook: changed, problems }: ChangeReport,
  diff: readonly DiffLine[],
  tense: 'would' | 'does',
): Markup => markup`<section aria-label="What ${tense === 'would' ? 'would follow' : 'follows'}">
<h2>${tense === 'would' ? 'What would follow' : 'What follows'}</h2>
<ul>${costs.map((sentence) => markup`<li>${sentence}</li>`)}</ul>
${changed.map(changedView)}
${values.length === 0 ? '' : valuesView(values)}
${problems.gained.length === 0 ? '' : markup`<h3>New marks</h3>${problems.gained.map(mark)}`}
${problems.gone.length === 0 ? '' : markup`<h3>Marks that are gone</h3>${problems.gone.map(mark)}`}
<h3>local.cfg</h3>
${diffView(diff)}</section>`;

const changedView = ({ title, gone, come }: ChangedOutlook): Markup => markup`<h3>${title}</h3>
<ul class="diff">${gone.map((sentence) => markup`<li class="out"><del>${sentence}</del></li>`)}${come.map((sentence) => markup`<li class="in"><ins>${sentence}</ins></li>`)}</ul>`;

const valuesView = (values: readonly ChangedValue[]): Markup => markup`<h3>Values in force</h3>
${table(
  ['Parameter', 'Before', 'Then', 'From'],
  values.map(({ name, before, after, from, note }) => [
    markup`${name}${note === '' ? '' : markup` <span class="note">(${note})</span>`}`,
    before ?? 'nothing',
    after ?? 'nothing',
    from,
  ]),
)}`;

const SIGNS: Readonly<Record<DiffLine['kind'], string>> = { same: ' ', out: '−', in: '+' };

const diffView = (diff: readonly DiffLine[]): Markup =>
  diff.length === 0
    ? markup`<p>The text stays as it is.</p>`
    : markup`<pre class="diff" tabindex="0">${diff.map(({ kind, text }) => markup`<span class="${kind}">${SIGNS[kind]} ${text}</span>`)}</pre>`;
