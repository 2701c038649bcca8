/** Owns reading XML strictly enough to refuse what is not well-formed: elements with their parents, attributes, and text. */

export interface XmlElement {
  readonly name: string;
  /** Empty for the root. */
  readonly parent: string;
  readonly attributes: ReadonlyMap<string, string>;
  text: string;
}

const TAG = /<(\/?)([a-z][a-z-]*)((?:\s+[a-z]+="[^"<]*")*)\s*(\/?)>/y;
const TEXT = /[^<]+/y;

export function parseXml(source: string): readonly XmlElement[] {
  const xml = source.replace(/^<\?xml version="1\.0" encoding="UTF-8"\?>\n/, '');
  const elements: XmlElement[] = [];
  const open: XmlElement[] = [];
  for (let at = 0; at < xml.length; ) {
    at += takeText(xml, at, open.at(-1));
    if (at < xml.length) at += takeTag(xml, at, elements, open);
  }
  if (open.length > 0) throw new Error(`<${open.at(-1)?.name}> stays open`);
  return elements;
}

function takeText(xml: string, at: number, inner: XmlElement | undefined): number {
  TEXT.lastIndex = at;
  const [words = ''] = TEXT.exec(xml) ?? [];
  if (inner !== undefined) inner.text += unescaped(words);
  else if (words.trim() !== '') throw new Error(`text outside of the root: ${words}`);
  return words.length;
}

function takeTag(xml: string, at: number, elements: XmlElement[], open: XmlElement[]): number {
  TAG.lastIndex = at;
  const tag = TAG.exec(xml);
  if (tag === null) throw new Error(`no tag: ${xml.slice(at, at + 60)}`);
  const [whole, closes, name = '', attributes = '', empty] = tag;
  if (closes === '/') {
    if (open.pop()?.name !== name) throw new Error(`</${name}> closes another element`);
    return whole.length;
  }
  if (open.length === 0 && elements.length > 0) throw new Error('a second root');
  const element = { name, parent: open.at(-1)?.name ?? '', attributes: attributesOf(attributes), text: '' };
  elements.push(element);
  if (empty === '') open.push(element);
  return whole.length;
}

const attributesOf = (text: string): ReadonlyMap<string, string> => {
  const all = [...text.matchAll(/([a-z]+)="([^"]*)"/g)].map(
    ([, name = '', value = '']) => [name, unescaped(value)] as const,
  );
  if (new Set(all.map(([name]) => name)).size !== all.length) throw new Error(`an attribute twice: ${text}`);
  return new Map(all);
};

const unescaped = (text: string): string =>
  text.replace(/&(?:#(\d+);)?/g, (all, code?: string) => {
    if (code === undefined) throw new Error(`a bare ampersand: ${all}`);
    return String.fromCodePoint(Number(code));
  });
