/** Owns reading configuration layers from disk, and the one way in which a setting is changed at the phone: local.cfg, written whole. */
import { readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { CfgEntry } from '../config/cfg-file.ts';
import { cfgLine, parseCfg } from '../config/cfg-file.ts';
import type { Layer, Problem } from '../config/layers.ts';
import type { PhoneModel } from '../config/settings.ts';
import type { Result } from '../kernel/result.ts';
import { fail, ok } from '../kernel/result.ts';
import { codeOf } from './errno.ts';
import { writeWhole } from './files.ts';

export interface ReadLayers {
  readonly layers: readonly Layer[];
  /** Lines that could not be read. */
  readonly problems: readonly Problem[];
}

interface Device {
  readonly model: PhoneModel;
  readonly mac: string;
}

/** Files and folders in the order given, then local.cfg of the state folder; an unreadable file is one clear line. */
export async function readLayers(
  paths: readonly string[],
  device: Device & { readonly stateDir: string | null },
): Promise<Result<ReadLayers, string>> {
  const layers: Layer[] = [];
  const problems: Problem[] = [];
  for (const path of paths) {
    const files = await expand(path, device);
    if (!files.ok) return files;
    for (const file of files.value) {
      const read = await readLayer(file, 'server');
      if (!read.ok) return read;
      layers.push(read.value.layer);
      problems.push(...read.value.problems);
    }
  }
  const local = device.stateDir === null ? null : join(device.stateDir, 'local.cfg');
  if (local !== null && (await exists(local))) {
    const read = await readLayer(local, 'local');
    if (!read.ok) return read;
    layers.push(read.value.layer);
    problems.push(...read.value.problems);
  }
  return ok({ layers: withoutReset(layers), problems });
}

/** `^name` in a server file undoes what was set at the phone (original-phone 2). */
function withoutReset(layers: readonly Layer[]): readonly Layer[] {
  const reset = new Set(
    layers
      .filter(({ kind }) => kind === 'server')
      .flatMap(({ entries }) => entries.filter((entry) => entry.reset).map(({ name }) => name)),
  );
  return layers.map((layer) =>
    layer.kind === 'local' ? { ...layer, entries: layer.entries.filter(({ name }) => !reset.has(name)) } : layer,
  );
}

/** A folder is read as aastra.cfg, `<model>.cfg`, `<MAC>.cfg`; those that are missing are left out. */
async function expand(path: string, { model, mac }: Device): Promise<Result<readonly string[], string>> {
  try {
    if (!(await stat(path)).isDirectory()) return ok([path]);
  } catch (error) {
    return fail(
      `${path}: ${codeOf(error) === 'ENOENT' ? 'no such file or folder' : `cannot be read (${codeOf(error)})`}`,
    );
  }
  const found: string[] = [];
  for (const name of ['aastra.cfg', `${model}.cfg`, `${mac}.cfg`])
    if (await exists(join(path, name))) found.push(join(path, name));
  return found.length === 0 ? fail(`${path}: holds none of aastra.cfg, ${model}.cfg, ${mac}.cfg`) : ok(found);
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

async function readLayer(
  path: string,
  kind: Layer['kind'],
): Promise<Result<{ readonly layer: Layer; readonly problems: readonly Problem[] }, string>> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => codeOf(error));
  if (/^E[A-Z]+$/.test(text) && !(await exists(path))) return fail(`${path}: cannot be read (${text})`);
  const from = basename(path);
  const { entries, problems } = parseCfg(text);
  return ok({
    layer: { from, kind, entries },
    problems: problems.map(({ line, code, message }) => ({
      severity: code === 'duplicate' ? 'warning' : 'error',
      file: from,
      line,
      parameter: '',
      code,
      message,
    })),
  });
}

/** Sets one parameter in local.cfg, or takes it out (`null`); everything else in the file stays. */
export async function writeLocal(stateDir: string, name: string, value: string | null): Promise<void> {
  const path = join(stateDir, 'local.cfg');
  const text = (await exists(path)) ? await readFile(path, 'utf8') : '';
  const kept: readonly CfgEntry[] = parseCfg(text).entries.filter((entry) => entry.name !== name);
  const lines = [
    ...kept.map((entry) => cfgLine(entry.name, entry.value)),
    ...(value === null ? [] : [cfgLine(name, value)]),
  ];
  await writeWhole(path, `${lines.join('\n')}\n`);
}
