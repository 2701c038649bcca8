/** Owns reading configuration layers from disk, and the one way in which a setting is changed at the phone: local.cfg, written whole. */
import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { domainToASCII } from 'node:url';
import type { CfgEntry } from '../config/cfg-file.ts';
import { parseCfg, withSetting } from '../config/cfg-file.ts';
import { CFG_FILE_MAX_OCTETS } from '../config/defaults.ts';
import type { Change } from '../config/form-changes.ts';
import type { Layer, Problem } from '../config/layers.ts';
import { findParameter } from '../config/parameters.ts';
import type { PhoneModel } from '../config/settings.ts';
import type { Result } from '../kernel/result.ts';
import { fail, ok } from '../kernel/result.ts';
import { unpacked } from '../provisioning/server-file.ts';
import { codeOf } from './errno.ts';
import { readWhole, writeWhole } from './files.ts';

export interface ReadLayers {
  readonly layers: readonly Layer[];
  /** What the files hold, as they were read; local.cfg comes last, and is there even where the file is not. */
  readonly texts: readonly ConfigText[];
  /** Lines that could not be read. */
  readonly problems: readonly Problem[];
}

export interface ConfigText {
  /** The file as it is shown. */
  readonly from: string;
  readonly kind: Layer['kind'];
  readonly text: string;
}

/** Three files and their heads. */
const SERVER_FILE_MAX_OCTETS = 4 * CFG_FILE_MAX_OCTETS;

interface Device {
  readonly model: PhoneModel;
  readonly mac: string;
}

export const LOCAL_FILE = 'local.cfg';
export const SERVER_FILE = 'server.cfg';
/** local.cfg as it was before its last change. */
const BEFORE_FILE = 'local.cfg.before';

/**
 * Files and folders in the order given, then of the state folder what a configuration server gave, then local.cfg; an unreadable file
 * is one clear line. With `local` that text is read in place of local.cfg: what would be.
 */
export async function readLayers(
  paths: readonly string[],
  device: Device & { readonly stateDir: string | null },
  local: string | null = null,
): Promise<Result<ReadLayers, string>> {
  const expanded = await expandAll(paths, device);
  if (!expanded.ok) return expanded;
  const files = expanded.value;
  const layers: Layer[] = [];
  const texts: ConfigText[] = [];
  const problems: Problem[] = [];
  const add = (text: string, from: string, kind: Layer['kind']): void => {
    const file = parseCfg(text);
    texts.push({ from, kind, text });
    layers.push({ from, kind, entries: file.entries.map(inAscii) });
    for (const { line, name, code, message } of file.problems)
      problems.push({
        ...{ file: from, line, parameter: name, code, message },
        severity: code === 'duplicate' ? 'warning' : 'error',
      });
  };
  const read = async (path: string, from: string, kind: Layer['kind']): Promise<string | null> => {
    const text = await readText(path);
    if (!text.ok) return text.error;
    add(text.value, from, kind);
    return null;
  };
  for (const path of files) {
    const error = await read(path, shownName(path, files), 'server');
    if (error !== null) return fail(error);
  }
  const given = device.stateDir === null ? null : await readServerFile(device.stateDir);
  // A phone starts without it: what it holds can be downloaded again.
  if (given?.ok === false) problems.push(unread(SERVER_FILE, given.error));
  else for (const { name, text } of given === null ? [] : unpacked(given.value)) add(text, name, 'server');
  const own = device.stateDir === null ? null : join(device.stateDir, LOCAL_FILE);
  if (local !== null) add(local, LOCAL_FILE, 'local');
  else if (own !== null && (await isThere(own))) {
    // A damaged card must not keep a phone from serving by what its server files say.
    const error = await read(own, LOCAL_FILE, 'local');
    if (error !== null) problems.push(unread(LOCAL_FILE, `${error}: what was set at this phone does not count`));
  } else if (own !== null) texts.push({ from: LOCAL_FILE, kind: 'local', text: '' });
  return ok({ layers, texts, problems });
}

const unread = (file: string, message: string): Problem => ({
  ...{ severity: 'error', file, line: 0, parameter: '', code: 'unreadable', message },
});

/** The file's name; its path where two files have the same name. */
const shownName = (path: string, all: readonly string[]): string =>
  all.filter((other) => basename(other) === basename(path)).length > 1 ? path : basename(path);

async function expandAll(paths: readonly string[], device: Device): Promise<Result<readonly string[], string>> {
  const files: string[] = [];
  for (const path of paths) {
    const expanded = await expand(path, device);
    if (!expanded.ok) return expanded;
    files.push(...expanded.value);
  }
  return ok(files);
}

/** A folder is read as aastra.cfg, `<model>.cfg`, `<MAC>.cfg`; those that are missing are left out. */
async function expand(path: string, { model, mac }: Device): Promise<Result<readonly string[], string>> {
  try {
    if (!(await stat(path)).isDirectory()) return ok([path]);
  } catch (error) {
    return fail(unreadable(path, error));
  }
  const found: string[] = [];
  for (const name of ['aastra.cfg', `${model}.cfg`, `${mac}.cfg`])
    if (await isThere(join(path, name))) found.push(join(path, name));
  return found.length === 0 ? fail(`${path}: holds none of aastra.cfg, ${model}.cfg, ${mac}.cfg`) : ok(found);
}

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/** What a configuration server gave at last; empty = nothing yet. */
export async function readServerFile(stateDir: string): Promise<Result<string, string>> {
  const path = join(stateDir, SERVER_FILE);
  return (await isThere(path)) ? readText(path, SERVER_FILE_MAX_OCTETS) : ok('');
}

async function readText(path: string, max = CFG_FILE_MAX_OCTETS): Promise<Result<string, string>> {
  try {
    const octets = await readWhole(path, max);
    return octets === null ? fail(`${path}: a configuration file has at most ${max} octets`) : ok(cfgText(octets));
  } catch (error) {
    return fail(unreadable(path, error));
  }
}

/** UTF-8, or what older editors wrote: UTF-16 where its mark says so, Latin-1 where the octets are no UTF-8. */
export function cfgText(octets: Buffer): string {
  const [first, second] = octets;
  try {
    if (first === 0xff && second === 0xfe) return new TextDecoder('utf-16le', { fatal: true }).decode(octets);
    return new TextDecoder('utf-8', { fatal: true }).decode(octets);
  } catch {
    return octets.toString('latin1');
  }
}

function unreadable(path: string, error: unknown): string {
  const code = codeOf(error);
  return code === 'ENOENT' ? `${path}: no such file or folder` : `${path}: cannot be read (${code})`;
}

/** International names are asked of DNS in their ASCII form (conformance A33); what has none is left for the reader to refuse. */
function inAscii(entry: CfgEntry): CfgEntry {
  if (!isInternational(entry.value) || findParameter(entry.name)?.parameter.kind.type !== 'host') return entry;
  const ascii = domainToASCII(entry.value);
  return ascii === '' ? entry : { ...entry, value: ascii };
}

const isInternational = (value: string): boolean => [...value].some((letter) => letter > '\u007e');

/** Changes local.cfg; every other line stays as it is. Either all of it is written or nothing. */
export const writeLocal = (stateDir: string, changes: readonly Change[]): Promise<Result<null, string>> =>
  rewriteLocal(stateDir, (text) =>
    ok(changes.reduce((before, { name, value }) => withSetting(before, name, value), text)),
  );

/** local.cfg becomes what `decide` makes of its text; what it was is kept for `undoLocal`. Each file is written whole or not at all. */
export async function rewriteLocal(
  stateDir: string,
  decide: (text: string) => Result<string, string>,
): Promise<Result<null, string>> {
  const path = join(stateDir, LOCAL_FILE);
  const text = (await isThere(path)) ? await readText(path) : ok('');
  if (!text.ok) return text;
  const next = decide(text.value);
  if (!next.ok) return next;
  try {
    if (next.value !== text.value) await writeWhole(join(stateDir, BEFORE_FILE), text.value);
    await writeWhole(path, next.value);
    return ok(null);
  } catch (error) {
    return fail(`${path}: cannot be written (${codeOf(error)})`);
  }
}

/** local.cfg becomes what it was before its last change; done twice, all is as it was. */
export async function undoLocal(stateDir: string): Promise<Result<null, string>> {
  const before = await readBefore(stateDir);
  return before === null
    ? fail('Nothing has been changed yet that could be undone.')
    : rewriteLocal(stateDir, () => ok(before));
}

/** Null = nothing has been changed since this phone began as new. */
export async function readBefore(stateDir: string): Promise<string | null> {
  const path = join(stateDir, BEFORE_FILE);
  const text = (await isThere(path)) ? await readText(path) : null;
  return text?.ok === true ? text.value : null;
}
