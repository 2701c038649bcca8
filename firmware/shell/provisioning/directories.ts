/** Owns the lists of names of a configuration server on the disk: fetched whole, kept for when the server is silent, read into one. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DIRECTORY_LISTS, directoryPath, keptName, readDirectory } from '../../provisioning/directory-file.ts';
import { unusable } from '../../provisioning/server-file.ts';
import type { DirectoryName } from '../../vocabulary.ts';
import { cfgText } from '../config-files.ts';
import { codeOf } from '../errno.ts';
import { writeWhole } from '../files.ts';
import type { Fetched } from './fetched.ts';

type Value = (name: string) => string;

/** Fetches the lists that are named, and keeps what differs; what failed, a sentence each: the last list stays. */
export async function fetchDirectories(
  stateDir: string,
  value: Value,
  fetch: (name: string) => Promise<Fetched>,
): Promise<readonly string[]> {
  const said: string[] = [];
  for (const list of DIRECTORY_LISTS) {
    const name = directoryPath(value(`directory ${list}`));
    if (name === '') continue;
    const why = name === null ? 'a file in the folder of the server is expected' : await fetchOne(name, list);
    if (why !== null) said.push(`directory ${list}: ${name === null ? '' : `${name} `}${why}`);
  }
  return said;

  async function fetchOne(name: string, list: number): Promise<string | null> {
    const came = await fetch(name);
    if (came.kind === 'missing') return 'is not on the server: the last list stays';
    if (came.kind === 'failed') return `${came.error}: the last list stays`;
    const text = cfgText(came.octets);
    const why = unusable(text);
    if (why !== null) return `${why}: the last list stays`;
    const path = join(stateDir, keptName(list));
    try {
      if (text !== (await kept(path))) await writeWhole(path, text);
      return null;
    } catch (error) {
      return `cannot be kept (${codeOf(error)}): the last list stays`;
    }
  }
}

/** Null = nothing is kept. */
const kept = (path: string): Promise<string | null> => readFile(path, 'utf8').catch(() => null);

/** The names of the lists that are named now, the first before the second; what of them could not be used, a sentence each. */
export async function keptDirectories(
  stateDir: string,
  value: Value,
): Promise<{ readonly names: readonly DirectoryName[]; readonly problems: readonly string[] }> {
  const names: DirectoryName[] = [];
  const problems: string[] = [];
  for (const list of DIRECTORY_LISTS) {
    const named = value(`directory ${list}`);
    const text = (directoryPath(named) ?? '') === '' ? null : await kept(join(stateDir, keptName(list)));
    if (text === null) continue;
    const read = readDirectory(text);
    names.push(...read.names);
    if (read.problem !== null) problems.push(`directory ${list}: ${named}, ${read.problem}`);
  }
  return { names, problems };
}
