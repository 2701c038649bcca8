/** Owns `npm start -- --check`: the demo driven by a script, each step seen from the servers' side as well as from the phone's. */

import type { KeyName } from '../../hal/devices.ts';
import type { Lab } from '../../scripts/lab/lab.ts';
import type { Presence } from '../../scripts/lab/protocol.ts';
import type { Composed } from '../compose.ts';

/** Hang guard of one step, ms: ten times what the slowest one should take. */
const PATIENCE_MS = 25_000;
const LOOK_MS = 20;
/** A tone that is found again among all else, and how loud it is at least, a sine at full scale being 0. */
const TONE_HZ = 1000;
const TONE_MS = 2000;
const HEARD_DBFS = -30;
const KEY_MS = 80;

/** What the demo's phone watches. */
const WATCHED = 'dialog 300, message-summary 2001';

interface Step {
  readonly title: string;
  readonly order?: () => Promise<unknown>;
  readonly holds: () => boolean | Promise<boolean>;
}

export async function checkDemo({ phone, panel, media }: Composed, lab: Lab): Promise<boolean> {
  const users = lab.info().accounts.map(({ user }) => user);
  const on = (server: 'primary' | 'backup'): boolean =>
    phone.host
      .status()
      .lines.every(({ registrar }) => registrar?.state === 'registered' && registrar.server === server);
  const bound = async (server: 'primary' | 'backup', count: number): Promise<boolean> => {
    const bindings = await lab.bindings(server);
    return users.every((user) => (bindings[user] ?? []).length === count);
  };
  const screen = (text: string): boolean => panel?.rig.panel().lcd.some((row) => row.includes(text)) ?? false;
  const lift = async (): Promise<void> => void panel?.rig.hook('off');
  /** As a person does it: lifts the handset, keys a number, and lays the handset down when the call has been heard of. */
  const dial = async (number: string): Promise<void> => {
    await lift();
    // What is keyed before is sent by the lifting.
    await within(() => screen('Key a number'));
    for (const key of `${number}#`) await panel?.rig.key(key as KeyName, 'press', KEY_MS);
  };
  const callEcho = (): Promise<void> => dial('200');
  const talks = (server: string): boolean => screen('Connected') && screen(`Through the ${server} server`);
  /** What is said comes back from the far side: a tone into the microphone is heard in the earpiece. */
  const speak = async (): Promise<void> => media.tone(TONE_HZ, TONE_MS);
  const hears = async (): Promise<boolean> => (await media.level(TONE_HZ)).dbfs > HEARD_DBFS;
  const hangUp = async (): Promise<void> => void panel?.rig.hook('on');
  const order = (target: string, kind: string) => async (): Promise<void> => {
    const { ok, error } = await lab.fault(target, kind);
    if (!ok) throw new Error(error);
  };
  const tell = async (number: Presence, mailbox: Presence): Promise<void> => {
    await lab.present('300', number);
    await lab.present('2001', mailbox);
  };
  const watching = (server: 'primary' | 'backup'): boolean =>
    phone.host.status().subscriptions.every((each) => each.state === 'active' && each.server === server);
  const watched = async (server: 'primary' | 'backup'): Promise<string> =>
    [...(await lab.watched(server))].sort().join(', ');
  const lit = (key: string, message: string): boolean => {
    const { lamps } = panel?.rig.panel() ?? { lamps: {} as Record<string, string> };
    return lamps['softkey1'] === key && lamps['message'] === message;
  };
  const steps: readonly Step[] = [
    {
      title: 'three lines registered on the main server',
      holds: async () => on('primary') && (await bound('primary', 1)),
    },
    { title: 'the screen says so', holds: () => screen('[P]') },
    {
      title: 'a number that is watched rings, and a message waits: both lamps, by the main server',
      order: () => tell('ringing', 'busy'),
      holds: async () => watching('primary') && lit('fast-flash', 'on') && (await watched('primary')) === WATCHED,
    },
    { title: 'it is idle again', order: () => tell('idle', 'idle'), holds: () => lit('off', 'off') },
    { title: 'a number keyed with the handset lifted is answered', order: callEcho, holds: () => talks('main') },
    { title: 'what is said into the handset comes back and is heard', order: speak, holds: hears },
    { title: 'the handset laid down ends the call', order: hangUp, holds: () => screen('DND') },
    { title: 'a number that is busy is told', order: () => dial('55'), holds: () => screen('Busy') },
    { title: 'and it calls back: who calls is on the screen', order: hangUp, holds: () => screen('Echo') },
    { title: 'lifting the handset answers it', order: lift, holds: () => screen('Connected') && screen('Echo') },
    { title: 'laying it down ends it', order: hangUp, holds: () => screen('DND') },
    {
      title: 'main server killed: all lines on the backup',
      order: order('primary', 'kill'),
      holds: async () => on('backup') && (await bound('backup', 1)),
    },
    {
      title: 'its lamps moved along: busy and a message, by the backup',
      order: () => tell('busy', 'busy'),
      holds: async () => watching('backup') && lit('on', 'on') && (await watched('backup')) === WATCHED,
    },
    { title: 'the screen says since when', holds: () => screen('Backup server since') },
    { title: 'a call finds the backup', order: callEcho, holds: () => talks('backup') },
    { title: 'and is heard through the backup as well', order: speak, holds: hears },
    { title: 'and ends there', order: hangUp, holds: () => screen('DND') },
    {
      title: 'main server back: all lines home, nothing left at the backup',
      order: order('primary', 'clear'),
      holds: async () => on('primary') && (await bound('primary', 1)) && (await bound('backup', 0)),
    },
    {
      title: 'and its lamps: held and no message, by the main server, nothing left at the backup',
      order: () => tell('held', 'idle'),
      holds: async () => watching('primary') && lit('slow-flash', 'off') && (await watched('backup')) === '',
    },
    {
      title: 'main server silent: all lines on the backup',
      order: order('primary', 'silent'),
      holds: async () => on('backup') && (await bound('backup', 1)),
    },
    { title: 'DNS dead: service goes on', order: order('dns', 'servfail'), holds: () => on('backup') },
    {
      title: 'main server and DNS back: all lines home',
      order: async () => Promise.all([order('dns', 'clear')(), order('primary', 'clear')()]),
      holds: async () => on('primary') && (await bound('backup', 0)),
    },
  ];
  const transport = lab.info().primary.target.split(':', 1)[0] ?? '';
  const all: readonly Step[] = [
    ...steps,
    {
      title: `every request of the phone came over ${transport.toUpperCase()}`,
      holds: () => lab.requests().length > 0 && lab.requests().every(({ from }) => from.startsWith(`${transport}:`)),
    },
  ];
  const started = performance.now();
  for (const { title, order: act, holds } of all) {
    const begun = performance.now();
    await act?.();
    const held = await within(holds);
    const line = `${held ? 'ok  ' : 'FAIL'} ${title} (${((performance.now() - begun) / 1000).toFixed(2)} s)`;
    process.stdout.write(`${line}\n`);
    if (!held) process.stdout.write(`${panel?.rig.panel().lcd.join('\n')}\n`);
    if (!held) return false;
  }
  process.stdout.write(`All ${all.length} steps in ${((performance.now() - started) / 1000).toFixed(1)} s.\n`);
  return true;
}

async function within(holds: () => boolean | Promise<boolean>): Promise<boolean> {
  const end = performance.now() + PATIENCE_MS;
  while (performance.now() < end) {
    if (await holds()) return true;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  return false;
}
