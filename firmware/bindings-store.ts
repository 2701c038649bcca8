/** Owns the form in which bindings are kept over a restart: what was registered where, so that it is re-used or removed (design 8.5). */
import type { LineSettings } from './config/settings.ts';
import type { Target, Transport } from './kernel/target.ts';
import type { RegistrationState } from './registration/state.ts';
import { pairKey, settingKey } from './servers/selection.ts';
import type { Bound } from './sip/vocabulary.ts';
import type { ServerName } from './status.ts';

interface StoredBinding {
  readonly line: number;
  readonly user: string;
  readonly server: ServerName;
  readonly setting: string;
  readonly via: ServerName | null;
  readonly transport: Transport;
  readonly address: string;
  readonly port: number;
  readonly contact: string;
}

export const writeBindings = (
  lines: readonly RegistrationState[],
): { readonly version: 1; readonly bindings: readonly StoredBinding[] } => ({
  version: 1,
  bindings: lines.flatMap(({ memory: { line, binding, leftover } }) => {
    const bound = binding?.bound ?? leftover;
    return bound === null ? [] : [stored(line, bound)];
  }),
});

const stored = (line: LineSettings, { candidate, contact }: Bound): StoredBinding => ({
  line: line.line,
  user: line.userName,
  server: candidate.server,
  setting: settingKey(candidate.setting),
  via: candidate.via,
  transport: candidate.target.transport,
  address: candidate.target.address,
  port: candidate.target.port,
  contact,
});

/** The bindings of the last run that belong to a line as configured now; anything else in the value is ignored. */
export function readBindings(value: unknown, lines: readonly LineSettings[]): ReadonlyMap<number, Bound> {
  const found = new Map<number, Bound>();
  const list = isRecord(value) && Array.isArray(value['bindings']) ? value['bindings'] : [];
  for (const entry of list) {
    const line = lines.find(
      (candidate) => isRecord(entry) && candidate.line === entry['line'] && candidate.userName === entry['user'],
    );
    const bound = line === undefined ? null : boundOf(entry, line);
    if (line !== undefined && bound !== null) found.set(line.line, bound);
  }
  return found;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

function boundOf(entry: unknown, line: LineSettings): Bound | null {
  if (!isRecord(entry)) return null;
  const { server, via, transport, address, port, contact } = entry as Readonly<Record<string, unknown>> &
    Partial<StoredBinding>;
  if (server !== 'primary' && server !== 'backup') return null;
  if (via !== null && via !== 'primary' && via !== 'backup') return null;
  if (transport !== 'udp' && transport !== 'tcp' && transport !== 'tls') return null;
  if (typeof address !== 'string' || typeof port !== 'number' || typeof contact !== 'string') return null;
  const setting = line.registrar[server];
  if (setting === null || settingKey(setting) !== entry['setting']) return null;
  const target: Target = { transport, address, port, tlsName: null };
  return {
    candidate: {
      server,
      setting,
      target,
      via,
      pair: pairKey(target, via, setting),
      rank: server === 'primary' ? 0 : 1,
    },
    contact,
  };
}
