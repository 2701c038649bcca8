/** Owns how a form of settings looks: each field with its value in force, where that is from, and why it cannot be changed. */
import { withoutPassword } from '../../config/address-login.ts';
import { TAKES_RESTART } from '../../config/at-next-start.ts';
import type { Shown } from '../../config/form-changes.ts';
import { shownValue } from '../../config/form-changes.ts';
import type { EffectiveSettings } from '../../config/layers.ts';
import type { Parameter } from '../../config/parameter.ts';
import { findParameter, spelled } from '../../config/parameters.ts';
import { allowed } from '../../config/values.ts';
import { codecFields, codecOrigin } from './codec-fields.ts';
import type { Field, FormPage, Section } from './form.ts';
import { flip } from './form.ts';
import type { Markup, Viewer } from './markup.ts';
import { csrfField, markup } from './markup.ts';

/** Fields of a page whose parameter this page's line has. */
export const fieldsOf = ({ sections, line }: FormPage): readonly Field[] =>
  sections.flatMap(({ fields }) => fields).filter(({ parameter }) => findParameter(spelled(parameter, line)) !== null);

export function formView(form: FormPage, effective: EffectiveSettings['effective'], viewer: Viewer): Markup {
  const known = new Set(fieldsOf(form));
  const sections = form.sections
    .map(({ title, fields }) => ({ title, fields: fields.filter((field) => known.has(field)) }))
    .filter(({ fields }) => fields.length > 0);
  const view = ({ title, fields }: Section, at: number): Markup =>
    markup`<fieldset id="part${at + 1}"${form.look === 'rows' ? markup` class="row"` : ''}><legend>${title}</legend>
${fields.map((field) => fieldView(field, form, effective, viewer))}
</fieldset>`;
  return markup`${siblings(form)}${form.look === 'rows' ? meanings(sections[0]) : jumps(sections)}
<form method="post" action="${form.path}" autocomplete="off">
${csrfField(viewer.csrf)}
${sections.map(view)}
${form.codecs === true ? codecView(effective, viewer) : ''}
${viewer.role === 'admin' ? buttons(form) : markup`<p>Only the administrator can change these.</p>`}
</form>`;
}

function codecView(effective: EffectiveSettings['effective'], viewer: Viewer): Markup {
  const origin = codecOrigin(effective);
  return markup`<fieldset><legend>Codec Preference List</legend>
${codecFields(effective, origin.locked || viewer.role !== 'admin', originOf(origin))}
</fieldset>`;
}

const siblings = ({ path, siblings: pages }: FormPage): Markup =>
  pages === undefined
    ? markup``
    : markup`<p class="jumps">${pages.map(({ path: at, title }) => markup`<a href="${at}"${at === path ? markup` aria-current="page"` : ''}>${title}</a>`)}</p>`;

/** Fewer parts than that are seen at once. */
const JUMPS_FROM = 3;

const jumps = (sections: readonly Section[]): Markup =>
  sections.length < JUMPS_FROM
    ? markup``
    : markup`<p class="jumps">On this page: ${sections.map(({ title }, at) => markup`<a href="#part${at + 1}">${title}</a>`)}</p>`;

/** Of fields that every section has alike. */
const meanings = (section: Section | undefined): Markup =>
  markup`<dl>${(section?.fields ?? []).map(
    ({ parameter, label }) => markup`<dt>${label}</dt><dd>${meaningOf(findParameter(parameter)?.parameter)}</dd>`,
  )}</dl>`;

const buttons = ({
  line,
}: FormPage): Markup => markup`<p class="buttons save"><button class="main">Save Settings</button>
${line === null ? '' : markup`<button name="useGlobal" value="1">Forget what was set here for this line</button>`}</p>`;

function fieldView(
  field: Field,
  { line, look }: FormPage,
  effective: EffectiveSettings['effective'],
  viewer: Viewer,
): Markup {
  const found = findParameter(spelled(field.parameter, line));
  if (found === null) return markup``;
  const shown = shownValue(effective, field.parameter, line);
  const off = shown.locked || viewer.role !== 'admin';
  return markup`<div class="field"><label for="${field.field}">${field.label}</label>
${control(field, found.parameter, shown, off ? markup` disabled` : markup``)}
<p id="${field.field}-note" class="note">${look === 'rows' ? originOf(shown) : noteOf(field, found.parameter, shown)}</p></div>`;
}

function control({ field: name, flipped }: Field, parameter: Parameter, { value: held }: Shown, off: Markup): Markup {
  const { kind } = parameter;
  const value = flipped ? flip(held) : held;
  const common = markup`id="${name}" name="${name}" aria-describedby="${name}-note"${off}`;
  if (kind.type === 'choice')
    return markup`<select ${common}>${kind.values.map(
      (choice) =>
        markup`<option value="${choice}"${choice === value ? markup` selected` : ''}>${choiceText(parameter, choice)}</option>`,
    )}</select>`;
  if (kind.type === 'secret')
    return markup`<input ${common} type="password" autocomplete="new-password" maxlength="${kind.max}" placeholder="${value === '' ? 'not set' : 'set; write here to change it'}">`;
  const size = kind.type === 'text' ? markup` maxlength="${kind.max}"` : markup``;
  const keys = kind.type === 'integer' ? markup` inputmode="numeric"` : markup``;
  return markup`<input ${common} type="text" spellcheck="false" value="${withoutPassword(value)}"${size}${keys}>`;
}

const YES_NO: Readonly<Record<string, string>> = { '0': 'no', '1': 'yes' };
const KEY_MODES: Readonly<Record<string, string>> = { '0': 'account', '1': 'phone', '2': 'custom' };
/** What the numbers of the original mean. */
const CHOICES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'sip transport protocol': { '0': 'UDP and TCP', '1': 'UDP', '2': 'TCP', '4': 'TLS' },
  'sip dns query type': { '0': 'A', '1': 'SRV, then A', '2': 'NAPTR, SRV, A' },
  'sip mode': { '0': 'generic', '1': 'BroadSoft SCA', '2': 'reserved', '3': 'BLA' },
  'sip dtmf method': { '0': 'RTP', '1': 'SIP INFO', '2': 'both' },
  'sip srtp mode': { '0': 'off', '1': 'preferred', '2': 'only' },
  'auto resync mode': { '0': 'off', '1': 'files', '2': 'firmware', '3': 'both' },
  'time format': { '0': '12 hours', '1': '24 hours' },
  'dnd key mode': KEY_MODES,
  'call forward key mode': KEY_MODES,
};

/** The value itself stands first: files and tools name it so. */
function choiceText({ name, kind }: Parameter, choice: string): string {
  const isFlag = kind.type === 'choice' && kind.values.join(' ') === '0 1';
  const words = (CHOICES[name] ?? (isFlag ? YES_NO : {}))[choice];
  return words === undefined ? choice : `${choice}: ${words}`;
}

const sentence = (text: string): string => (text === '' ? '' : `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`);

const originOf = ({ from, locked, inherited }: Shown): string => {
  const source = from === 'default' ? 'default' : `from ${from}`;
  return sentence(`${inherited ? `for all lines, ${source}` : source}${locked ? ', locked' : ''}`);
};

/** Source first: where a value is from is what a person looks for when it is not the one they set. */
const noteOf = ({ flipped }: Field, parameter: Parameter, shown: Shown): Markup =>
  markup`${originOf(shown)} ${flipped ? markup`In files it is <code>${parameter.name}</code>, the other way round: ` : ''}${meaningOf(parameter)}`;

/** What acts on nothing but the machine of the card is marked so in the tables. */
const IMAGE = / \(image\)$/;

function meaningOf(parameter: Parameter | undefined): Markup {
  if (parameter === undefined) return markup``;
  const { name, kind, unit, active } = parameter;
  const effect = parameter.effect.replace(IMAGE, '');
  const words = [
    sentence(effect === '' ? '' : `${effect}${unit === '' ? '' : ` (${unit})`}`),
    kind.type === 'integer' ? sentence(allowed(kind)) : '',
    effect === parameter.effect ? '' : 'On the card image only.',
    TAKES_RESTART.has(name) ? 'Takes effect at the next start.' : '',
    active ? '' : 'Kept, without effect in this release.',
  ]
    .filter((part) => part !== '')
    .join(' ');
  // What stands between backticks in the tables is a name.
  const parts = words.split('`').map((part, at) => (at % 2 === 1 ? markup`<code>${part}</code>` : markup`${part}`));
  return { html: parts.map(({ html }) => html).join('') };
}
