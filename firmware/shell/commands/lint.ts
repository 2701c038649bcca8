/** Owns `holdfast lint`: problems and traps of configuration files, and the values in force (interfaces 2). Secrets are never shown. */
import { parseArgs } from 'node:util';
import { withoutPassword } from '../../config/address-login.ts';
import type { EffectiveSettings, Problem } from '../../config/layers.ts';
import { effectiveSettings } from '../../config/layers.ts';
import { lint } from '../../config/lint.ts';
import { looksSecret } from '../../config/nearest.ts';
import type { PhoneModel } from '../../config/settings.ts';
import type { Result } from '../../kernel/result.ts';
import { fail, ok } from '../../kernel/result.ts';
import { readLayers } from '../config-files.ts';

const USAGE = 'holdfast lint FILE|DIR ... [--model 57i|53i] [--mac HEX] [--json]';

/** Where the report goes, and what is wrong with the command itself. */
export interface LintOutput {
  readonly report: (text: string) => unknown;
  readonly complain: (text: string) => unknown;
}

export const STREAMS: LintOutput = {
  report: (text) => process.stdout.write(text),
  complain: (text) => process.stderr.write(text),
};

/** Exit code 0, 1 where a file holds an error, 2 where the command or a file cannot be read. */
export async function runLint(args: readonly string[], output: LintOutput = STREAMS): Promise<number> {
  const parsed = parse(args);
  if (!parsed.ok) return refuse(`${parsed.error}\n${USAGE}`, output);
  const { paths, json, device } = parsed.value;
  const read = await readLayers(paths, { ...device, stateDir: null });
  if (!read.ok) return refuse(read.error, output);
  const effective = effectiveSettings(read.value.layers, device);
  const files = read.value.layers.map(({ from }) => from);
  const problems = inOrder([...read.value.problems, ...lint(effective)], files);
  output.report(
    // A file gives the terminal that shows it no orders.
    json
      ? `${JSON.stringify({ problems, effective: shown(effective) })}\n`
      : readable(problems, effective).replace(/[^\P{Cc}\n]/gu, '?'),
  );
  return problems.some(({ severity }) => severity === 'error') ? 1 : 0;
}

interface LintArgs {
  readonly paths: readonly string[];
  readonly json: boolean;
  readonly device: { readonly model: PhoneModel; readonly mac: string };
}

function parse(args: readonly string[]): Result<LintArgs, string> {
  const options = { json: { type: 'boolean' }, model: { type: 'string' }, mac: { type: 'string' } } as const;
  try {
    const { values, positionals: paths } = parseArgs({
      args: [...args],
      options,
      allowPositionals: true,
      strict: true,
    });
    const { json = false, model = '57i', mac = '00085D000001' } = values;
    const plain = mac.replace(/[:-]/g, '').toUpperCase();
    if (model !== '57i' && model !== '53i') return fail(`--model ${model}: 57i or 53i`);
    if (!/^[0-9A-F]{12}$/.test(plain)) return fail(`--mac ${mac}: 12 hexadecimal digits`);
    return paths.length === 0 ? fail('a FILE is needed') : ok({ paths, json, device: { model, mac: plain } });
  } catch (error) {
    return fail((error as Error).message.split('\n', 1)[0] ?? 'bad arguments');
  }
}

function refuse(message: string, { complain }: LintOutput): number {
  complain(`holdfast lint: ${message}\n`);
  return 2;
}

/** As a person reads them: by file and line; what belongs to no file comes last. */
function inOrder(problems: readonly Problem[], files: readonly string[]): readonly Problem[] {
  const placeOf = ({ file }: Problem): number => (files.includes(file) ? files.indexOf(file) : files.length);
  return problems.toSorted((a, b) => placeOf(a) - placeOf(b) || a.line - b.line);
}

/** Values in force; a secret is three stars. */
const shown = ({
  effective,
}: EffectiveSettings): Readonly<Record<string, { readonly value: string; readonly from: string }>> =>
  Object.fromEntries(
    [...effective].map(([name, { value, from }]) => [
      name,
      { value: looksSecret(name) && value !== '' ? '***' : withoutPassword(value), from },
    ]),
  );

function readable(problems: readonly Problem[], { settings }: EffectiveSettings): string {
  const lines = problems.map(
    ({ file, line, severity, message, code }) => `${file}:${line}: ${severity}: ${message} [${code}]\n`,
  );
  const errors = problems.filter(({ severity }) => severity === 'error').length;
  const counts = `${counted(errors, 'error')}, ${counted(problems.length - errors, 'warning')}`;
  return `${lines.join('')}${counts}; ${counted(settings.lines.length, 'line')}, profile ${settings.failover.profile}\n`;
}

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;
