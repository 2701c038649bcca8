/**
 * Owns what a notifier says of a whole list of numbers (RFC 4662 4, 5): rlmi+xml with a dialog-info for each, lists within lists laid out
 * flat, full and partial, folded over what was known. Pure and total.
 */
import type { Result } from '../kernel/result.ts';
import { fail, ok } from '../kernel/result.ts';
import type { XmlElement } from '../kernel/xml.ts';
import { childOf, childrenOf, parseXml } from '../kernel/xml.ts';
import { decodeUtf8 } from '../sip/message/utf8.ts';
import type { DialogInfo, Watched, WatchedDialog } from './dialog-info.ts';
import { foldDialogs, readDialogInfo } from './dialog-info.ts';
import type { Part } from './multipart.ts';
import { isMultipart, readMultipart, typeParam } from './multipart.ts';

/** One notifier's view of a number (RFC 4662 5.5). */
interface Instance {
  readonly id: string;
  readonly state: 'active' | 'pending' | 'terminated';
  /** Null = nothing new is said. */
  readonly info: DialogInfo | null;
}

interface Resource {
  readonly uri: string;
  /** Empty = none is told. */
  readonly name: string;
  readonly instances: readonly Instance[];
}

export interface ResourceList {
  readonly version: number | null;
  /** All are named; else those that have changed. */
  readonly full: boolean;
  readonly resources: readonly Resource[];
}

/** More than a phone has keys; lists in lists deeper than this are no person's. */
export const LIST_LIMITS = { resources: 256, depth: 3 } as const;

/** A notifier that knows no lists answers for the one number (RFC 4662 4.2): it is a list of one. */
export function readResourceList(type: string, body: string): Result<ResourceList, string> {
  if (isMultipart(type)) return readParts(type, body, 1);
  const info = readDialogInfo(body);
  if (!info.ok) return info;
  const { entity: uri, version } = info.value;
  const instances: readonly Instance[] = [{ id: '', state: 'active', info: info.value }];
  return ok({ version, full: true, resources: [{ uri, name: '', instances }] });
}

function readParts(type: string, body: string, depth: number): Result<ResourceList, string> {
  const parts = readMultipart(type, body);
  if (!parts.ok) return parts;
  const start = typeParam(type, 'start')?.replace(/^<([^<>]*)>$/, '$1');
  const root = parts.value.find(({ id }) => id !== '' && id === start) ?? parts.value[0];
  if (root === undefined || !/^application\/rlmi\+xml\b/i.test(root.type)) return fail('no rlmi+xml begins the list');
  const parsed = parseXml(root.body);
  if (!parsed.ok) return fail(`rlmi: ${parsed.error}`);
  const list = parsed.value;
  if (list.name !== 'list') return fail(`<${list.name.slice(0, 40)}> is no list`);
  const byId = new Map(parts.value.map((part) => [part.id, part]));
  const resources = childrenOf(list, 'resource').flatMap((element) => resourcesOf(element, byId, depth));
  const version = list.attributes.get('version') ?? '';
  return ok({
    version: /^\d{1,10}$/.test(version) ? Number(version) : null,
    full: /^(?:true|1)$/i.test(list.attributes.get('fullState') ?? 'true'),
    resources: resources.slice(0, LIST_LIMITS.resources),
  });
}

/** A list in the list stands for what is in it; what cannot be read says nothing. */
function resourcesOf(element: XmlElement, parts: ReadonlyMap<string, Part>, depth: number): readonly Resource[] {
  const uri = element.attributes.get('uri') ?? '';
  const said = childrenOf(element, 'instance').slice(0, INSTANCES_MAX);
  const nested = said.flatMap(({ attributes }) => parts.get(attributes.get('cid') ?? '') ?? []);
  const inner = nested.find((part) => isMultipart(part.type));
  if (inner !== undefined) {
    const list = depth >= LIST_LIMITS.depth ? null : readParts(inner.type, inner.body, depth + 1);
    return list?.ok === true ? list.value.resources : [];
  }
  const instances = said.map(({ attributes }): Instance => {
    const state = attributes.get('state')?.toLowerCase();
    const part = parts.get(attributes.get('cid') ?? '');
    const info = part === undefined ? null : readDialogInfo(part.body);
    return {
      id: attributes.get('id') ?? '',
      state: state === 'pending' || state === 'terminated' ? state : 'active',
      info: info?.ok === true ? info.value : null,
    };
  });
  return uri === '' ? [] : [{ uri, name: decodeUtf8(childOf(element, 'name')?.text ?? ''), instances }];
}

/** A number forks to no more phones than this. */
const INSTANCES_MAX = 8;

/** What is known of one number of a list. */
export interface ListEntry {
  readonly uri: string;
  readonly name: string;
  /** By instance. */
  readonly watched: ReadonlyMap<string, Watched>;
}

export interface WatchedList {
  readonly version: number | null;
  readonly entries: readonly ListEntry[];
}

/** Null = not known. */
export const dialogsOf = ({ watched }: ListEntry): readonly WatchedDialog[] | null =>
  watched.size === 0 ? null : [...watched.values()].flatMap(({ dialogs }) => dialogs);

/** `gap`: something was missed, the whole must be asked for. `old`: it tells of an earlier time (RFC 4662 5.2). */
export function foldList(before: WatchedList | null, list: ResourceList): WatchedList | 'gap' | 'old' {
  const last = before?.version ?? null;
  const { version } = list;
  const restarts = version === 0 && list.full;
  if (version !== null && last !== null && version <= last && !restarts) return 'old';
  if (!list.full && (before === null || (version !== null && last !== null && version > last + 1))) return 'gap';
  const known = new Map((before?.entries ?? []).map((entry) => [entry.uri, entry]));
  const told: ListEntry[] = [];
  for (const resource of list.resources) {
    const entry = foldEntry(known.get(resource.uri), resource);
    if (entry === 'gap') return 'gap';
    told.push(entry);
  }
  if (list.full) return { version, entries: told };
  const changed = new Map(told.map((entry) => [entry.uri, entry]));
  const kept = [...known.values()].map((entry) => changed.get(entry.uri) ?? entry);
  const added = told.filter(({ uri }) => !known.has(uri));
  return { version: version ?? last, entries: [...kept, ...added].slice(0, LIST_LIMITS.resources) };
}

function foldEntry(before: ListEntry | undefined, { uri, name, instances }: Resource): ListEntry | 'gap' {
  const watched = new Map<string, Watched>();
  for (const { id, state, info } of instances) {
    const known = before?.watched.get(id) ?? null;
    if (state !== 'active') continue;
    const folded = info === null ? known : foldDialogs(known, info);
    if (folded === 'gap') return 'gap';
    const stays = folded === 'old' ? known : folded;
    if (stays !== null) watched.set(id, stays);
  }
  return { uri, name: name === '' ? (before?.name ?? '') : name, watched };
}
