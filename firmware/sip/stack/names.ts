/** Owns which names the settings make the phone look up, used or not, and how they are asked (rules 2). */
import type { LineSettings, PhoneSettings, ServerSetting } from '../../config/settings.ts';
import type { Endpoint } from '../../kernel/target.ts';
import type { DirectoryOptions } from '../../servers/directory.ts';
import { settingKey, settingsOf } from '../../servers/selection.ts';
import type { HostsTable } from '../../vocabulary.ts';
import { routeOf } from './attempt.ts';

/** Every configured name of every role and line. */
export function allSettings(lines: readonly LineSettings[]): readonly ServerSetting[] {
  const all = lines.flatMap((line) => [
    ...settingsOf(routeOf(line)),
    ...settingsOf({ servers: line.proxy, outbound: { primary: null, backup: null } }),
  ]);
  const unique = new Map(all.map((setting) => [settingKey(setting), setting]));
  return [...unique.values()];
}

export interface NamesOptions {
  readonly settings: PhoneSettings;
  readonly nameServers: readonly Endpoint[];
  readonly hosts: HostsTable;
  readonly families: readonly ('A' | 'AAAA')[];
  readonly storedDns: unknown;
}

export const directoryOptions = ({
  settings,
  nameServers,
  hosts,
  families,
  storedDns,
}: NamesOptions): DirectoryOptions => ({
  transport: settings.transport,
  dnsQueryType: settings.dnsQueryType,
  nameServers,
  hosts,
  families,
  stored: storedDns,
});
