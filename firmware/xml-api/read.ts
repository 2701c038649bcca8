/**
 * Owns reading an XML object into a screen, status lines or orders. Names and attributes are taken in any case, as the original's own
 * examples write them. What this phone cannot show is an error that says so; what it does not know inside an object is left out.
 */
import type { Result } from '../kernel/result.ts';
import { fail, ok } from '../kernel/result.ts';
import type { XmlElement } from '../kernel/xml.ts';
import { parseXml } from '../kernel/xml.ts';
import type {
  ExecuteObject,
  InputField,
  InputScreen,
  MenuItem,
  MenuScreen,
  Screen,
  ScreenShared,
  StatusObject,
  TextLine,
  TextScreen,
  XmlObject,
  XmlSoftkey,
  XmlUri,
} from './objects.ts';
import { ALERT_MS, FIELD_TYPES, SCREEN_TIMEOUT_MS, XML_API_LIMITS } from './objects.ts';
import { dialled, readUri } from './uri.ts';

type Read = (root: XmlElement) => Result<XmlObject, string>;

const READERS: Readonly<Record<string, Read>> = {
  aastraipphonetextscreen: (root) => ok(textScreen(root)),
  aastraipphoneformattedtextscreen: (root) => ok(formattedScreen(root)),
  aastraipphonetextmenu: (root) => menuScreen(root, 'menu'),
  aastraipphonedirectory: (root) => menuScreen(root, 'directory'),
  aastraipphoneinputscreen: inputScreen,
  aastraipphonestatus: statusObject,
  aastraipphoneexecute: executeObject,
};

const UNSUPPORTED: Readonly<Record<string, string>> = {
  aastraipphoneimagescreen: 'this display shows no images',
  aastraipphoneimagemenu: 'this display shows no images',
  aastraipphoneconfiguration: 'settings are not taken by XML',
};

/** One object; the error is a line for a person. */
export function readObject(document: string): Result<XmlObject, string> {
  if (document.length > XML_API_LIMITS.octets) return fail(`more than ${XML_API_LIMITS.octets} octets`);
  const xml = parseXml(document);
  if (!xml.ok) return fail(`no XML: ${xml.error}`);
  const name = xml.value.name.toLowerCase();
  const read = READERS[name];
  if (read !== undefined) return read(xml.value);
  return fail(UNSUPPORTED[name] ?? `<${xml.value.name.slice(0, 60)}> is no object of this phone`);
}

const childrenOf = ({ children }: XmlElement, name: string): readonly XmlElement[] =>
  children.filter((child) => child.name.toLowerCase() === name);

const textOf = (element: XmlElement, name: string): string => oneLine(childrenOf(element, name)[0]?.text ?? '');

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim().slice(0, XML_API_LIMITS.label);

function attribute({ attributes }: XmlElement, name: string): string {
  for (const [key, value] of attributes) if (key.toLowerCase() === name) return value.trim();
  return '';
}

const isYes = (element: XmlElement, name: string): boolean => attribute(element, name).toLowerCase() === 'yes';

const uriAt = (element: XmlElement, name: string): XmlUri | null => {
  const text = attribute(element, name);
  return text === '' ? null : readUri(text);
};

/** A whole number; null = there is none. */
const numberAt = (element: XmlElement, name: string): number | null => {
  const text = attribute(element, name);
  return /^\d{1,6}$/.test(text) ? Number(text) : null;
};

function shared(root: XmlElement): ScreenShared {
  const lockIn = isYes(root, 'lockin');
  const seconds = numberAt(root, 'timeout');
  const usual = lockIn ? null : SCREEN_TIMEOUT_MS;
  return {
    title: textOf(root, 'title') || textOf(root, 'toptitle'),
    destroyOnExit: isYes(root, 'destroyonexit'),
    lockIn,
    goodbye: uriAt(root, 'goodbyelockinuri'),
    beep: isYes(root, 'beep'),
    timeoutMs: seconds === null ? usual : seconds === 0 ? null : seconds * 1000,
    cancel: uriAt(root, 'cancelaction'),
    done: uriAt(root, 'doneaction'),
    softkeys: softkeysOf(root),
  };
}

/** Of two with one number the later counts. */
function softkeysOf(root: XmlElement): readonly (XmlSoftkey | null)[] {
  const given = childrenOf(root, 'softkey');
  if (given.length === 0) return [];
  const keys = new Array<XmlSoftkey | null>(XML_API_LIMITS.softkeys).fill(null);
  for (const key of given) {
    const place = numberAt(key, 'index') ?? 0;
    if (place < 1 || place > keys.length) continue;
    keys[place - 1] = { label: textOf(key, 'label'), uri: readUri(childrenOf(key, 'uri')[0]?.text ?? '') };
  }
  return keys;
}

function textScreen(root: XmlElement): TextScreen {
  const text = (childrenOf(root, 'text')[0]?.text ?? '').replaceAll(/[ \t\r]+/g, ' ');
  const scroll = text.split('\n').map((line): TextLine => ({ text: line.trim(), align: 'left' }));
  return { kind: 'text', ...shared(root), header: [], scroll, footer: [] };
}

/** Lines before, in and after the block that scrolls. Text has one size here. */
function formattedScreen(root: XmlElement): TextScreen {
  const at = root.children.findIndex(({ name }) => name.toLowerCase() === 'scroll');
  const before = at === -1 ? root.children : root.children.slice(0, at);
  const block = root.children[at];
  return {
    kind: 'text',
    ...shared(root),
    header: linesOf(before),
    scroll: block === undefined ? [] : linesOf(block.children),
    footer: at === -1 ? [] : linesOf(root.children.slice(at + 1)),
  };
}

const linesOf = (elements: readonly XmlElement[]): readonly TextLine[] =>
  elements
    .filter(({ name }) => name.toLowerCase() === 'line')
    .map((line) => ({ text: line.text.replaceAll(/\s+/g, ' ').trim(), align: alignOf(attribute(line, 'align')) }));

function alignOf(word: string): TextLine['align'] {
  const lower = word.toLowerCase();
  return lower === 'center' || lower === 'right' ? lower : 'left';
}

function menuScreen(root: XmlElement, of: MenuScreen['of']): Result<Screen, string> {
  const given = childrenOf(root, 'menuitem');
  if (given.length === 0) return fail('a menu without an item');
  if (given.length > XML_API_LIMITS.items) return fail(`more than ${XML_API_LIMITS.items} items`);
  const style = attribute(root, 'style').toLowerCase();
  return ok({
    kind: 'menu',
    ...shared(root),
    of,
    style: style === 'none' || style === 'radio' ? style : 'numbered',
    first: Math.min(Math.max(1, numberAt(root, 'defaultindex') ?? 1), given.length) - 1,
    numberLaunch: isYes(root, 'numberlaunch'),
    items: itemsOf(given, of),
    previous: uriAt(root, 'previous'),
    next: uriAt(root, 'next'),
  });
}

/** A base address stands before those of its item and of all that follow, until the next one. */
function itemsOf(given: readonly XmlElement[], of: MenuScreen['of']): readonly MenuItem[] {
  let base = '';
  return given.map((item) => {
    base = [...item.attributes].some(([name]) => name.toLowerCase() === 'base') ? attribute(item, 'base') : base;
    const uri = childrenOf(item, 'uri')[0]?.text ?? '';
    const dial = childrenOf(item, 'dial')[0];
    const line = dial === undefined ? null : numberAt(dial, 'line');
    const number = dialled(of === 'directory' ? uri : (dial?.text ?? ''), line);
    return {
      prompt: textOf(item, 'prompt'),
      uri: of === 'directory' ? number : readUri(`${base}${uri}`),
      dial: number.kind === 'dial' && (of === 'directory' || dial !== undefined) ? number : null,
      selection: textOf(item, 'selection'),
    };
  });
}

function inputScreen(root: XmlElement): Result<Screen, string> {
  const several = childrenOf(root, 'inputfield');
  if (several.length > XML_API_LIMITS.fields) return fail(`more than ${XML_API_LIMITS.fields} fields`);
  const url = readUri(childrenOf(root, 'url')[0]?.text ?? '');
  if (url.kind !== 'get') return fail('an input screen without an address that its value goes to');
  const fields = (several.length === 0 ? [root] : several).map((field) => fieldOf(field, root));
  const unnamed = fields.some(({ parameter, editable }) => parameter === '' && editable);
  if (unnamed) return fail('an input field without a parameter');
  const screen: InputScreen = {
    kind: 'input',
    ...shared(root),
    url,
    fields,
    first: Math.min(Math.max(1, numberAt(root, 'defaultindex') ?? 1), fields.length) - 1,
  };
  return ok(screen);
}

/** What a field leaves out is that of the screen. */
function fieldOf(field: XmlElement, root: XmlElement): InputField {
  const said = (name: string): string => attribute(field, name) || attribute(root, name);
  const type = said('type').toLowerCase();
  return {
    type: FIELD_TYPES.find((known) => known === type) ?? 'string',
    prompt: textOf(field, 'prompt'),
    parameter: textOf(field, 'parameter'),
    value: textOf(field, 'default').slice(0, XML_API_LIMITS.field),
    masked: said('password').toLowerCase() === 'yes',
    editable: said('editable').toLowerCase() !== 'no' && type !== 'empty',
  };
}

function statusObject(root: XmlElement): Result<StatusObject, string> {
  const given = childrenOf(root, 'message');
  if (given.length > XML_API_LIMITS.messages) return fail(`more than ${XML_API_LIMITS.messages} messages`);
  const messages = given.flatMap((message) => {
    const index = numberAt(message, 'index');
    // The phone has no row of icons.
    if (index === null || attribute(message, 'type').toLowerCase() === 'icon') return [];
    const seconds = numberAt(message, 'timeout');
    const alert = attribute(message, 'type').toLowerCase() === 'alert';
    return [
      { index, text: oneLine(message.text), alertMs: alert ? (seconds === null ? ALERT_MS : seconds * 1000) : null },
    ];
  });
  return ok({ kind: 'status', session: textOf(root, 'session') || '0', messages, ...order(root) });
}

function executeObject(root: XmlElement): Result<ExecuteObject, string> {
  const given = childrenOf(root, 'executeitem');
  if (given.length > XML_API_LIMITS.orders) return fail(`more than ${XML_API_LIMITS.orders} orders`);
  const items = given.map((item) => ({
    uri: readUri(attribute(item, 'uri')),
    interruptsCall: attribute(item, 'interruptcall').toLowerCase() !== 'no',
  }));
  return ok({ kind: 'execute', items, ...order(root) });
}

const order = (root: XmlElement): { readonly beep: boolean; readonly exits: boolean } => ({
  beep: isYes(root, 'beep'),
  exits: isYes(root, 'triggerdestroyonexit'),
});

/** `Refresh: seconds; url=address` of an answer; null = none. At least a second lies between two. */
export function readRefresh(header: string): { readonly afterMs: number; readonly uri: string } | null {
  const [, seconds = '', address = ''] = /^\s*(\d{1,6})\s*;\s*url\s*=\s*["']?([^"'\s]+)["']?\s*$/i.exec(header) ?? [];
  const uri = readUri(address);
  return uri.kind === 'get' ? { afterMs: Math.max(1, Number(seconds)) * 1000, uri: uri.uri } : null;
}
