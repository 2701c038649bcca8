/**
 * Owns reading the XML of notifications and of screens, and no more of XML than they need: elements, attributes, text. What bites is refused (conformance
 * L9): document types, entities of its own, processing instructions, depth and size. Pure and total, one pass over the octets.
 */
import type { Result } from './result.ts';
import { fail, ok } from './result.ts';

export interface XmlElement {
  /** Local name: prefixes are left out, for notifiers disagree on namespaces. */
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  /** Its own text, without that of its children. */
  readonly text: string;
}

/** Our choice: a list of 100 resources takes a third of it. */
export const XML_LIMITS = { octets: 65_535, depth: 16, elements: 4096, attributes: 24 } as const;

interface Open {
  readonly name: string;
  readonly local: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: XmlElement[];
  text: string;
}

const TAG = /<(\/?)([A-Za-z_][\w.:-]{0,127})((?:\s+[A-Za-z_][\w.:-]{0,127}\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>/y;
const ATTRIBUTE = /([A-Za-z_][\w.:-]*)\s*=\s*(["'])((?:(?!\2)[^<])*)\2/g;
const DECLARATION = /^\uFEFF?\s*<\?xml\s[^<>]{0,200}\?>/;

export function parseXml(source: string): Result<XmlElement, string> {
  if (source.length > XML_LIMITS.octets) return fail(`more than ${XML_LIMITS.octets} octets`);
  const reader: Reader = { source, at: DECLARATION.exec(source)?.[0].length ?? 0, stack: [], tags: 0 };
  for (;;) {
    const end = step(reader);
    if (end !== null) return end;
  }
}

interface Reader {
  readonly source: string;
  at: number;
  readonly stack: Open[];
  tags: number;
}

/** Takes the text up to the next tag, and that tag or comment; what came of it all, null = there is more. */
function step(reader: Reader): Result<XmlElement, string> | null {
  const { source, stack, at } = reader;
  const open = source.indexOf('<', at);
  const wrong = takeText(stack, source.slice(at, open === -1 ? undefined : open));
  if (wrong !== null) return fail(`${wrong}, near octet ${at}`);
  if (open === -1) return fail(stack.length === 0 ? 'no element' : `<${stack.at(-1)?.name}> is not closed`);
  const comment = commentEnd(source, open);
  if (comment === -1) return fail('a comment without end');
  reader.at = comment ?? open;
  return comment === null ? takeTag(reader) : null;
}

function takeTag(reader: Reader): Result<XmlElement, string> | null {
  const { source, stack, at } = reader;
  TAG.lastIndex = at;
  const tag = TAG.exec(source);
  if (tag === null) return fail(refusal(source, at));
  reader.at = TAG.lastIndex;
  reader.tags += 1;
  if (reader.tags > 2 * XML_LIMITS.elements) return fail(`more than ${XML_LIMITS.elements} elements`);
  const taken = nested(stack, tag);
  if (!taken.ok) return taken;
  return taken.value === null ? null : rest(source, reader.at, taken.value);
}

/** What is wrong with it, null = nothing. */
function takeText(stack: readonly Open[], raw: string): string | null {
  const text = unescaped(raw);
  if (text === null) return 'an entity that is none of the five';
  const top = stack.at(-1);
  if (top !== undefined) top.text += text;
  return top !== undefined || text.replace(BYTE_ORDER_MARK, '').trim() === '' ? null : 'text outside of the document';
}

/** As a character, and as octets that nobody has decoded. */
const BYTE_ORDER_MARK = /^(?:\uFEFF|\u00ef\u00bb\u00bf)/;

/** Opens or closes an element; the document, where this was its last tag. */
function nested(
  stack: Open[],
  [, closing, name = '', attributes = '', empty]: RegExpExecArray,
): Result<XmlElement | null, string> {
  if (closing === '/') {
    const done = stack.pop();
    if (done === undefined || done.name !== name || attributes !== '') return fail(`</${name}> closes nothing`);
    return ok(placed(stack, closed(done)));
  }
  if (stack.length >= XML_LIMITS.depth) return fail(`deeper than ${XML_LIMITS.depth}`);
  const read = readAttributes(attributes);
  if (read === null) return fail(`the attributes of <${name}>`);
  const begun: Open = { name, local: localName(name), attributes: read, children: [], text: '' };
  if (empty === '/') return ok(placed(stack, closed(begun)));
  stack.push(begun);
  return ok(null);
}

/** Into its parent; what has none is the document. */
function placed(stack: readonly Open[], element: XmlElement): XmlElement | null {
  const parent = stack.at(-1);
  parent?.children.push(element);
  return parent === undefined ? element : null;
}

/** Nothing but blanks and comments may follow the document. */
function rest(source: string, from: number, element: XmlElement): Result<XmlElement, string> {
  const left = source.slice(from).replaceAll(/<!--(?:[^-]|-(?!-))*-->/g, '');
  return left.trim() === '' ? ok(element) : fail('something follows the document');
}

const closed = ({ local, attributes, children, text }: Open): XmlElement => ({
  ...{ name: local, attributes, children, text: text.trim() },
});

const localName = (name: string): string => name.slice(name.indexOf(':') + 1);

/** Where a comment that begins here has ended; null = none begins here, -1 = it has no end. */
function commentEnd(source: string, at: number): number | null {
  if (!source.startsWith('<!--', at)) return null;
  const end = source.indexOf('-->', at + 4);
  return end === -1 ? -1 : end + 3;
}

function refusal(source: string, at: number): string {
  if (/^<!(?:DOCTYPE|ENTITY)/i.test(source.slice(at, at + 10))) return 'a document type is refused';
  if (source.startsWith('<?', at)) return 'a processing instruction is refused';
  return `no tag at octet ${at}`;
}

function readAttributes(text: string): ReadonlyMap<string, string> | null {
  const attributes = new Map<string, string>();
  for (const [, name = '', , written = ''] of text.matchAll(ATTRIBUTE)) {
    const value = unescaped(written);
    if (value === null || attributes.size >= XML_LIMITS.attributes) return null;
    attributes.set(localName(name), value);
  }
  return attributes;
}

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/** Null where something stands for what the document would have to define. */
function unescaped(text: string): string | null {
  if (!text.includes('&')) return text;
  let sound = true;
  const plain = text.replaceAll(/&(?:#(\d{1,7})|#x([0-9a-fA-F]{1,6})|([a-z]{2,4}));|&/g, (_all, dec, hex, name) => {
    const code = dec === undefined ? (hex === undefined ? null : Number.parseInt(hex, 16)) : Number(dec);
    const value = code === null ? ENTITIES[name ?? ''] : character(code);
    if (value === undefined) sound = false;
    return value ?? '';
  });
  return sound ? plain : null;
}

const character = (code: number): string | undefined =>
  code === 9 || code === 10 || code === 13 || (code >= 32 && code < 0xd800) || (code > 0xdfff && code <= 0x10ffff)
    ? String.fromCodePoint(code)
    : undefined;

export const childrenOf = (element: XmlElement, name: string): readonly XmlElement[] =>
  element.children.filter((child) => child.name === name);

export const childOf = (element: XmlElement | undefined, name: string): XmlElement | undefined =>
  element?.children.find((child) => child.name === name);
