/** Owns `holdfast lint`: problems and traps of configuration files, and the values in force (interfaces 2). Secrets are never shown. */
import { parseArgs } from 'node:util';
import type { EffectiveSettings, Problem } from '../../config/layers.ts';
import { effectiveSettings } from '../../config/layers.ts';
import { lint } from '../../config/lint.ts';
import { looksSecret } from '../../config/nearest.ts';
import { readLayers } from '../config-files.ts';

const USAGE = 'holdfast lint FILE|DIR ... [--model 57i|53i] [--mac HEX] [--json]';

export async function runLint(args: readonly string[]): Promise<number> {
  const options = { json: { type: 'boolean' }, model: { type: 'string' }, mac: { type: 'string' } } as const;
  let files: readonly string[];
  let values: {
    readonly json?: boolean | undefined;
    readonly model?: string | undefined;
    readonly mac?: string | undefined;
  };
  try {
    ({ values, positionals: files } = parseArgs({ args: [...args], options, allowPositionals: true, strict: true }));
  } catch (error) {
    return usage((error as Error).message.split('\n', 1)[0] ?? 'bad arguments');
  }
  if (files.length === 0) return usage('a FILE is needed');
  const device = {
    model: values.model === '53i' ? '53i' : '57i',
    mac: (values.mac ?? '00085D000001').toUpperCase(),
  } as const;
  const read = await readLayers(files, { ...device, stateDir: null });
  if (!read.ok) return usage(read.error);
  const effective = effectiveSettings(read.value.layers, device);
  const problems = [...read.value.problems, ...lint(effective)];
  process.stdout.write(
    values.json === true
      ? `${JSON.stringify({ problems, effective: shown(effective) })}\n`
      : readable(problems, effective),
  );
  return problems.some(({ severity }) => severity === 'error') ? 1 : 0;
}

function usage(message: string): number {
  process.stderr.write(`holdfast lint: ${message}\n${USAGE}\n`);
  return 2;
}

/** Values in force; a secret is three stars. */
const shown = ({
  effective,
}: EffectiveSettings): Readonly<Record<string, { readonly value: string; readonly from: string }>> =>
  Object.fromEntries(
    [...effective].map(([name, { value, from }]) => [
      name,
      { value: looksSecret(name) && value !== '' ? '***' : value, from },
    ]),
  );

function readable(problems: readonly Problem[], { settings }: EffectiveSettings): string {
  const lines = problems.map(
    ({ file, line, severity, message, code }) => `${file}:${line}: ${severity}: ${message} [${code}]\n`,
  );
  const errors = problems.filter(({ severity }) => severity === 'error').length;
  const counts = `${errors} error${errors === 1 ? '' : 's'}, ${problems.length - errors} warning${problems.length - errors === 1 ? '' : 's'}`;
  return `${lines.join('')}${counts}; ${settings.lines.length} line${settings.lines.length === 1 ? '' : 's'}, profile ${settings.failover.profile}\n`;
}
