/** Owns how a form of settings looks: each field with its value in force, where that is from, and why it cannot be changed. */
import { TAKES_RESTART } from '../../config/at-next-start.ts';
import type { Shown } from '../../config/form-changes.ts';
import { shownValue } from '../../config/form-changes.ts';
import type { EffectiveSettings } from '../../config/layers.ts';
import type { Parameter } from '../../config/parameter.ts';
import { findParameter, spelled } from '../../config/parameters.ts';
import { allowed } from '../../config/values.ts';
import type { Field, FormPage, Section } from './form.ts';
import type { Markup, Viewer } from './markup.ts';
import { csrfField, markup } from './markup.ts';

/** Fields of a page whose parameter this page's line has. */
export const fieldsOf = ({ sections, line }: FormPage): readonly Field[] =>
  sections.flatMap(({ fields }) => fields).filter(({ parameter }) => findParameter(spelled(parameter, line)) !== null);

export function formView(form: FormPage, effective: EffectiveSettings['effective'], viewer: Viewer): Markup {
  const known = new Set(fieldsOf(form));
  const view = (section: Section): Markup => {
    const fields = section.fields.filter((field) => known.has(field));
    return markup`<fieldset><legend>${section.title}</legend>
${fields.map((field) => fieldView(field, form.line, effective, viewer))}
</fieldset>`;
  };
  return markup`<form method="post" action="${form.path}" autocomplete="off">
${csrfField(viewer.csrf)}
${form.sections.filter(({ fields }) => fields.some((field) => known.has(field))).map(view)}
${viewer.role === 'admin' ? buttons(form) : markup`<p>Only the administrator can change these.</p>`}
</form>`;
}

const buttons = ({ line }: FormPage): Markup => markup`<p class="buttons"><button class="main">Save Settings</button>
${line === null ? '' : markup`<button name="useGlobal" value="1">Forget what was set here for this line</button>`}</p>`;

function fieldView(
  field: Field,
  line: number | null,
  effective: EffectiveSettings['effective'],
  viewer: Viewer,
): Markup {
  const found = findParameter(spelled(field.parameter, line));
  if (found === null) return markup``;
  const shown = shownValue(effective, field.parameter, line);
  const off = shown.locked || viewer.role !== 'admin';
  return markup`<div class="field"><label for="${field.field}">${field.label}</label>
${control(field.field, found.parameter, shown, off ? markup` disabled` : markup``)}
<p id="${field.field}-note" class="note">${noteOf(found.parameter, shown)}</p></div>`;
}

function control(name: string, parameter: Parameter, { value }: Shown, off: Markup): Markup {
  const { kind } = parameter;
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
  return markup`<input ${common} type="text" spellcheck="false" value="${value}"${size}${keys}>`;
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

/** Source first: where a value is from is what a person looks for when it is not the one they set. */
function noteOf({ name, kind, unit, effect, active }: Parameter, { from, locked, inherited }: Shown): string {
  const source = from === 'default' ? 'default' : `from ${from}`;
  return [
    sentence(`${inherited ? `for all lines, ${source}` : source}${locked ? ', locked' : ''}`),
    sentence(effect === '' ? '' : `${effect}${unit === '' ? '' : ` (${unit})`}`),
    kind.type === 'integer' ? sentence(allowed(kind)) : '',
    TAKES_RESTART.has(name) ? 'Takes effect at the next start.' : '',
    active ? '' : 'Kept, without effect in this release.',
  ]
    .filter((part) => part !== '')
    .join(' ');
}
