/** Owns making settings from configuration text, as the shell does from files. */
import { parseCfg } from '../../firmware/config/cfg-file.ts';
import type { EffectiveSettings } from '../../firmware/config/layers.ts';
import { effectiveSettings } from '../../firmware/config/layers.ts';

/** Settings in force for files given as text; the first is the lowest layer. */
export const fromFiles = (...texts: readonly string[]): EffectiveSettings =>
  effectiveSettings(
    texts.map((text, index) => ({
      from: `file${index + 1}.cfg`,
      kind: 'server' as const,
      entries: parseCfg(text).entries,
    })),
    { model: '57i', mac: '00085D000001' },
  );
