/** Owns what local.cfg keeps of a key that a person makes a speed dial of (original-phone 1.8, 2, 6). */
import type { Result } from '../kernel/result.ts';
import { fail, ok } from '../kernel/result.ts';
import type { Change } from './form-changes.ts';
import { formChanges } from './form-changes.ts';
import type { KeySetting } from './key-settings.ts';
import type { EffectiveSettings } from './layers.ts';

/** Without a value the key is free again. All of it or nothing: files may have locked the key, or given it another use, since it was asked for. */
export function speedDialChanges(
  current: EffectiveSettings,
  { name, label, value, line }: Pick<KeySetting, 'name' | 'label' | 'value' | 'line'>,
): Result<readonly Change[], string> {
  if (!current.settings.settableKeys.includes(name)) return fail(`${name} is locked, or has another use`);
  const isFree = value === '';
  const wanted = new Map([
    [`${name} type`, isFree ? 'none' : 'speeddial'],
    [`${name} label`, isFree ? '' : label],
    [`${name} value`, value],
    [`${name} line`, isFree ? '1' : String(line)],
  ]);
  const { changes, refused, wrong } = formChanges(current, null, wanted);
  const [why] = [...wrong, ...refused];
  return why === undefined ? ok(changes) : fail(why);
}
