/**
 * Owns `holdfast dscp`: prints the rules by which the kernel marks the phone's packets, for a machine that is no image of ours:
 * `holdfast dscp phone.cfg | nft -f -` before the phone starts.
 */
import { effectiveSettings } from '../../config/layers.ts';
import { markingRules } from '../../network/marking.ts';
import { readLayers } from '../config-files.ts';
import type { LintOutput } from './lint.ts';
import { STREAMS } from './lint.ts';

const USAGE = 'holdfast dscp FILE|DIR ...';
const DEVICE = { model: '57i', mac: '00085D000001' } as const;

/** Exit code 0, 2 where a file cannot be read or names no port that could be marked. */
export async function runDscp(paths: readonly string[], output: LintOutput = STREAMS): Promise<number> {
  const refuse = (message: string): number => {
    output.complain(`holdfast dscp: ${message}\n`);
    return 2;
  };
  if (paths.length === 0 || paths.some((path) => path.startsWith('-'))) return refuse(`a FILE is needed\n${USAGE}`);
  const read = await readLayers(paths, { ...DEVICE, stateDir: null });
  if (!read.ok) return refuse(read.error);
  const { settings } = effectiveSettings(read.value.layers, DEVICE);
  const rules = markingRules(settings);
  if (rules === null) return refuse('sip local port: 0 is another port at each start; name one');
  output.report(rules);
  return 0;
}
