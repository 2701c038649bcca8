/** Owns what a hundred watched numbers cost: messages and octets of an idle hour (virtual time), and the work of a burst of a hundred NOTIFYs. */
import { watchDesk, watchKey } from '../../test/sim/watch-desk.ts';
import type { Row } from './row.ts';

const KEYS = 100;
const HOUR_MS = 3_600_000;

export async function benchLamps(): Promise<readonly Row[]> {
  const keys = Array.from({ length: KEYS }, (_key, index) => watchKey(String(3000 + index), index + 1));
  const desk = watchDesk({ keys }, { panel: false });
  desk.world.run(60_000);
  const before = desk.world.wires.length;
  const answered = desk.world.replies.length;
  desk.world.run(HOUR_MS);
  const wires = desk.world.wires.slice(before);
  const replies = desk.world.replies.slice(answered);
  // Each reply of the phone answers one NOTIFY of the server, of about the length of the last.
  const octets = [...wires, ...replies].reduce((sum, { data }) => sum + data.length, 0);
  const start = process.cpuUsage();
  for (const { resource } of [...desk.primary.subscribers]) desk.primary.set(resource, 'ringing');
  desk.world.run(1000);
  const { user, system } = process.cpuUsage(start);
  const none = { against: null, beside: '' };
  return [
    { name: `${KEYS} keys, an idle hour: requests and responses`, value: wires.length, unit: 'messages', ...none },
    { name: 'and answers to NOTIFYs', value: replies.length, unit: 'messages', ...none },
    { name: 'octets of these', value: octets, unit: 'octets', ...none },
    { name: `a burst of ${KEYS} NOTIFYs, server included`, value: (user + system) / 1000, unit: 'ms CPU', ...none },
  ];
}
