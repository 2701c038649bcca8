/** Owns the settings of a running phone: read from its layers, changed in local.cfg one change after the other. */
import type { Change } from '../config/form-changes.ts';
import type { EffectiveSettings } from '../config/layers.ts';
import { effectiveSettings } from '../config/layers.ts';
import type { LineSettings, PhoneModel } from '../config/settings.ts';
import type { Result } from '../kernel/result.ts';
import { ok } from '../kernel/result.ts';
import { namesServers, sipServerLayer } from '../provisioning/sip-servers.ts';
import type { DhcpOptions } from '../provisioning/sources.ts';
import type { ConfigText } from './config-files.ts';
import { readBefore, readLayers, rewriteLocal, undoLocal, writeLocal } from './config-files.ts';

export interface SettingsStore {
  read(): Promise<Result<EffectiveSettings, string>>;
  /** The files have changed under the phone: it acts on what is in force now. */
  reload(): Promise<Result<EffectiveSettings, string>>;
  /** The lines, as they were read last. */
  lines(): readonly LineSettings[];
  /** What a file says of this, as it was read last; null = nothing. */
  given(name: string): string | null;
  /** All of the changes or none; then the phone acts on what is in force now. `decide` sees what the change before left. */
  change(
    decide: (current: EffectiveSettings) => Result<readonly Change[], string>,
  ): Promise<Result<EffectiveSettings, string>>;
  /** The files as they are, and local.cfg as it was before its last change (null = it never was changed). */
  texts(): Promise<Result<{ readonly files: readonly ConfigText[]; readonly before: string | null }, string>>;
  /** What would be in force if local.cfg were this text; nothing is written. */
  imagine(local: string): Promise<Result<EffectiveSettings, string>>;
  /** local.cfg becomes what `decide` makes of its text; then the phone acts on it. */
  rewrite(decide: (local: string) => Result<string, string>): Promise<Result<EffectiveSettings, string>>;
  /** local.cfg becomes what it was before its last change; twice = as it was. */
  undo(): Promise<Result<EffectiveSettings, string>>;
}

export interface StorePlace {
  readonly config: readonly string[];
  readonly stateDir: string;
  readonly device: { readonly model: PhoneModel; readonly mac: string };
  /** What DHCP says now; absent = nothing. */
  readonly leases?: () => Promise<DhcpOptions>;
}

export function createSettingsStore(
  { config, stateDir, device, leases = () => Promise.resolve(new Map()) }: StorePlace,
  apply: (settings: EffectiveSettings) => void,
): SettingsStore {
  let last: Promise<unknown> = Promise.resolve();
  let lines: readonly LineSettings[] = [];
  let inForce: EffectiveSettings['effective'] = new Map();

  async function imagine(local: string | null): Promise<Result<EffectiveSettings, string>> {
    const layers = await readLayers(config, { ...device, stateDir }, local);
    if (!layers.ok) return layers;
    const named = effectiveSettings(layers.value.layers, device);
    const dhcp = namesServers(named) ? null : sipServerLayer(await leases());
    const effective = dhcp === null ? named : effectiveSettings([dhcp, ...layers.value.layers], device);
    return ok({ ...effective, problems: [...layers.value.problems, ...effective.problems] });
  }

  async function read(): Promise<Result<EffectiveSettings, string>> {
    const found = await imagine(null);
    if (!found.ok) return found;
    inForce = found.value.effective;
    lines = found.value.settings.lines;
    return found;
  }

  async function change(decide: Parameters<SettingsStore['change']>[0]): Promise<Result<EffectiveSettings, string>> {
    const before = await read();
    if (!before.ok) return before;
    const changes = decide(before.value);
    if (!changes.ok) return changes;
    if (changes.value.length === 0) return before;
    return written(writeLocal(stateDir, changes.value));
  }

  /** Writes first, then the phone acts on what is in force. */
  async function written(work: Promise<Result<null, string>>): Promise<Result<EffectiveSettings, string>> {
    const done = await work;
    return done.ok ? reload() : done;
  }

  async function reload(): Promise<Result<EffectiveSettings, string>> {
    const after = await read();
    if (after.ok) apply(after.value);
    return after;
  }

  /** One after the other: a change must not be overtaken by one that was asked for later. */
  function inTurn(work: () => Promise<Result<EffectiveSettings, string>>): Promise<Result<EffectiveSettings, string>> {
    const done = last.then(work);
    last = done.catch(() => undefined);
    return done;
  }

  return {
    read,
    lines: () => lines,
    reload: () => inTurn(reload),
    given(name) {
      const held = inForce.get(name);
      return held === undefined || held.from === 'default' || held.value === '' ? null : held.value;
    },
    change: (decide) => inTurn(() => change(decide)),
    async texts() {
      const layers = await readLayers(config, { ...device, stateDir });
      return layers.ok ? ok({ files: layers.value.texts, before: await readBefore(stateDir) }) : layers;
    },
    imagine,
    rewrite: (decide) => inTurn(() => written(rewriteLocal(stateDir, decide))),
    undo: () => inTurn(() => written(undoLocal(stateDir))),
  };
}
