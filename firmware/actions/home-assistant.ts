/**
 * Owns what a broker is told for Home Assistant: the entities of a phone (MQTT discovery) and its state. No secret, no address and no
 * number of a far side is in it: a broker has many readers.
 */
import type { PhoneEvent } from '../events.ts';
import type { PhoneStatus } from '../status.ts';

export interface Identity {
  readonly mac: string;
  readonly model: string;
  readonly version: string;
  /** `mqtt topic`, `mqtt discovery prefix`. */
  readonly topic: string;
  readonly discovery: string;
}

export interface Publication {
  readonly topic: string;
  /** Empty = what was retained there is forgotten. */
  readonly payload: string;
}

type CallWord = 'idle' | 'dialing' | 'ringing' | 'connected' | 'held';

/** Live calls by id, oldest first. */
export type Calls = ReadonlyMap<string, { readonly line: number; readonly word: CallWord }>;

export const ONLINE = 'online';
export const OFFLINE = 'offline';
/** A phone has no more; what was told of a line that is gone is taken back. */
const LINES = [1, 2, 3, 4, 5, 6, 7, 8, 9] as const;

const base = ({ topic, mac }: Identity): string => `${topic}/${mac}`;
export const statusTopic = (who: Identity): string => `${base(who)}/status`;
const stateTopic = (who: Identity): string => `${base(who)}/state`;

export function callsAfter(calls: Calls, event: PhoneEvent): Calls {
  if (event.event !== 'call') return calls;
  const next = new Map(calls);
  if (event.state === 'ended') next.delete(event.id);
  else next.set(event.id, { line: event.line, word: event.state === 'early' ? 'dialing' : event.state });
  return next;
}

/** Without times: it is the same as long as nothing has happened. */
export function state(who: Identity, status: PhoneStatus, calls: Calls): Publication {
  const lines = status.lines.map(({ line, registrar, messages }) => {
    const registered = registrar?.state === 'registered';
    return [
      `line${line}`,
      {
        registered: registered ? 'ON' : 'OFF',
        server: registered ? (registrar.server ?? 'none') : 'none',
        call: callWord(calls, line),
        messages: messages?.new ?? (messages?.waiting === true ? 1 : 0),
      },
    ] as const;
  });
  const onBackup = lines.some(([, { server }]) => server === 'backup');
  const payload = {
    link: status.link === 'up' ? 'ON' : 'OFF',
    backup: onBackup ? 'ON' : 'OFF',
    ...Object.fromEntries(lines),
  };
  return { topic: stateTopic(who), payload: JSON.stringify(payload) };
}

/** What is loudest at the desk comes first. */
function callWord(calls: Calls, line: number): CallWord {
  const words = [...calls.values()].filter((call) => call.line === line).map(({ word }) => word);
  return (['ringing', 'connected', 'dialing', 'held'] as const).find((word) => words.includes(word)) ?? 'idle';
}

interface Entity {
  readonly component: 'binary_sensor' | 'sensor';
  readonly id: string;
  readonly name: string;
  /** Where its value stands in the state. */
  readonly path: string;
  readonly more: Readonly<Record<string, unknown>>;
}

const OF_PHONE: readonly Entity[] = [
  ...[{ id: 'backup', name: 'On a backup server', path: 'backup', more: { device_class: 'problem' } }].map(binary),
  ...[{ id: 'link', name: 'Network', path: 'link', more: { device_class: 'connectivity' } }].map(binary),
];

const ofLine = (line: number): readonly Entity[] => [
  binary({
    ...{ id: `line${line}_registered`, name: `Line ${line} registered`, path: `line${line}.registered` },
    more: { device_class: 'connectivity' },
  }),
  {
    ...{ component: 'sensor', id: `line${line}_server`, name: `Line ${line} server`, path: `line${line}.server` },
    more: { device_class: 'enum', options: ['none', 'primary', 'backup'] },
  },
  {
    ...{ component: 'sensor', id: `line${line}_call`, name: `Line ${line} call`, path: `line${line}.call` },
    more: { device_class: 'enum', options: ['idle', 'dialing', 'ringing', 'connected', 'held'] },
  },
  {
    ...{
      component: 'sensor',
      id: `line${line}_messages`,
      name: `Line ${line} new messages`,
      path: `line${line}.messages`,
    },
    more: { state_class: 'measurement', icon: 'mdi:voicemail' },
  },
];

function binary(of: Omit<Entity, 'component'>): Entity {
  return { component: 'binary_sensor', ...of };
}

/** The entities of the lines that there are; those of other lines are taken back. */
export function discovery(who: Identity, status: PhoneStatus): readonly Publication[] {
  const own = new Set(status.lines.map(({ line }) => line));
  const of = (entity: Entity): Publication => ({
    topic: configTopic(who, entity),
    payload: JSON.stringify(config(who, entity)),
  });
  const gone = (entity: Entity): Publication => ({ topic: configTopic(who, entity), payload: '' });
  return [...OF_PHONE.map(of), ...LINES.flatMap((line) => ofLine(line).map(own.has(line) ? of : gone))];
}

const nodeId = ({ mac }: Identity): string => `holdfast_${mac}`;
const configTopic = (who: Identity, { component, id }: Entity): string =>
  `${who.discovery}/${component}/${nodeId(who)}/${id}/config`;

const config = (who: Identity, { id, name, path, more }: Entity): object => ({
  ...{ name, unique_id: `${nodeId(who)}_${id}`, object_id: `${nodeId(who)}_${id}` },
  ...{ state_topic: stateTopic(who), value_template: `{{ value_json.${path} }}`, availability_topic: statusTopic(who) },
  device: {
    identifiers: [nodeId(who)],
    ...{ name: `Phone ${who.mac.slice(-6)}`, manufacturer: 'Holdfast', model: who.model, sw_version: who.version },
  },
  ...more,
});
