/** Owns making settings from configuration text, as the shell does from files. */
import { parseCfg } from '../../firmware/config/cfg-file.ts';
import { formChanges } from '../../firmware/config/form-changes.ts';
import type { EffectiveSettings, Layer } from '../../firmware/config/layers.ts';
import { effectiveSettings } from '../../firmware/config/layers.ts';

const DEVICE = { model: '57i', mac: '00085D000001' } as const;

const layerOf = (from: string, kind: Layer['kind'], text: string): Layer => ({
  ...{ from, kind, entries: parseCfg(text).entries },
});

const server = (text: string, index: number): Layer => layerOf(`file${index + 1}.cfg`, 'server', text);

/** Settings in force for files given as text; the first is the lowest layer. */
export const fromFiles = (...texts: readonly string[]): EffectiveSettings =>
  effectiveSettings(texts.map(server), DEVICE);

/** The same after a form of the Web UI was saved: of a line, or (null) for all; `posted` by the parameters behind its fields. */
export function fromForm(
  text: string,
  line: number | null,
  posted: Readonly<Record<string, string>>,
): EffectiveSettings {
  const { changes, wrong, refused } = formChanges(fromFiles(text), line, new Map(Object.entries(posted)));
  if (wrong.length + refused.length > 0) throw new Error([...wrong, ...refused].join('; '));
  const local = changes.map(({ name, value }) => `${name}: ${value ?? ''}\n`).join('');
  return effectiveSettings([server(text, 0), layerOf('local.cfg', 'local', local)], DEVICE);
}
