/** Owns the flags of Node that the service gives a phone, read from its unit: what is attacked and measured is what runs. */
import { readFileSync } from 'node:fs';

const UNIT = new URL('./root/usr/lib/systemd/system/holdfast.service', import.meta.url);

export function runtimeFlags(): readonly string[] {
  const [, flags] =
    /^ExecStart=\/usr\/bin\/node ((?:--\S+ )+)\S+\/holdfast\.mjs run /m.exec(readFileSync(UNIT, 'utf8')) ?? [];
  if (flags === undefined) throw new Error(`${UNIT.pathname} starts no phone with flags of Node`);
  return flags.trim().split(' ');
}
