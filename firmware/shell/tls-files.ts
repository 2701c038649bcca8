/** Owns reading the certificates that the configuration names: whom the phone trusts over TLS, and what it shows of itself. */
import { stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join } from 'node:path';
import type { TlsSettings } from '../config/settings.ts';
import { codeOf } from './errno.ts';
import { readWholeText } from './files.ts';
import type { TlsFiles } from './streams.ts';

const PEM_MAX_OCTETS = 1_048_576;

export interface ReadTls {
  readonly files: TlsFiles;
  /** One clear line for each file that could not be used. */
  readonly problems: readonly string[];
}

/**
 * Names without a folder are looked for beside the configuration files, then in the state folder. A list of authorities that cannot
 * be read trusts nobody: the public ones were not asked for.
 */
export async function readTlsFiles(
  { authorities, certificate, key }: TlsSettings,
  configPaths: readonly string[],
  stateDir: string,
): Promise<ReadTls> {
  const { pem, problems } = await pemReader(configPaths, stateDir);
  // One after the other: what is wrong is told in the order of the configuration.
  const trusted: (string | null)[] = [];
  for (const name of authorities) trusted.push(await pem(name));
  const files: TlsFiles = {
    authorities: authorities.length === 0 ? null : trusted.filter((text) => text !== null),
    certificate: await pem(certificate),
    key: await pem(key),
  };
  return { files, problems };
}

interface PemReader {
  /** Null = none is named, or it cannot be used: then a problem says why. */
  readonly pem: (name: string) => Promise<string | null>;
  readonly problems: readonly string[];
}

/** Reads files by the names that a configuration gives, from the folders where such files are looked for. */
export async function pemReader(configPaths: readonly string[], stateDir: string): Promise<PemReader> {
  const problems: string[] = [];
  const folders = [...(await Promise.all(configPaths.map(folderOf))), stateDir];
  const pem = async (name: string): Promise<string | null> => {
    if (name === '') return null;
    const read = await readFirst(isAbsolute(name) ? [name] : folders.map((folder) => join(folder, basename(name))));
    if (read.text?.includes('-----BEGIN ') === true) return read.text;
    problems.push(`${name}: ${read.text === null ? `cannot be read (${read.code})` : 'is no PEM file'}`);
    return null;
  };
  return { pem, problems };
}

const folderOf = async (path: string): Promise<string> =>
  (await stat(path).catch(() => null))?.isDirectory() === true ? path : dirname(path);

async function readFirst(paths: readonly string[]): Promise<{ readonly text: string | null; readonly code: string }> {
  let code = 'ENOENT';
  for (const path of paths) {
    try {
      return { text: await readWholeText(path, PEM_MAX_OCTETS), code: '' };
    } catch (error) {
      // What stands there and cannot be read says more than that there is nothing elsewhere.
      if (code === 'ENOENT') code = codeOf(error);
    }
  }
  return { text: null, code };
}
