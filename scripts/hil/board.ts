/**
 * Owns rig `board`: a phone that runs somewhere else, asked over its own interface by HTTP, and optionally a second Pi whose
 * contacts and eyes are soldered to it (docs/hil.md).
 */

import type { IncomingMessage } from 'node:http';
import { request } from 'node:http';
import { createInterface } from 'node:readline';
import { orderCall, orderFault, orderPresence, readAddress } from '../lab/control.ts';
import type { HilPanel, HilPlace } from '../scenario/hil-client.ts';
import { askJson, hilClient } from '../scenario/hil-client.ts';
import type { PhoneEventSeen, StartPhone, TestedPhone } from '../scenario/phone.ts';
import type { Servers } from '../scenario/servers.ts';
import { commandServers, personServers, reasonIn, runShell } from '../scenario/servers.ts';
import type { Rig, RigOptions } from './rig.ts';

/** After the power came a Pi boots this long at most, ms. */
const BOOT_PATIENCE_MS = 300_000;
const ASK_AGAIN_MS = 1000;

export const boardRig: Rig = {
  async open(_scenario, options) {
    const { address, token, wires, person } = options;
    if (address === null) throw new Error('rig board: --address HOST:PORT of the phone is needed');
    const place: HilPlace = { http: address, token };
    return {
      bench: {
        servers: serversOf(options),
        person,
        phones: 'there',
        phoneArgs: [],
        described: `the phone at ${address}${wires === null ? '' : `, touched at ${wires}`}`,
        start: startThere(place, wires === null ? null : { http: wires, token }, powerOf(options)),
      },
      close: () => Promise.resolve(),
    };
  },
};

function serversOf({ lab, faultCommand, person }: RigOptions): Servers {
  if (faultCommand !== null) return commandServers(faultCommand);
  if (lab === null) return personServers(person);
  const at = readAddress(lab);
  if (at === null) throw new Error(`--lab ${lab}: HOST:PORT on the loopback is expected`);
  return {
    from: 'order',
    order: async (target, kind, arg) =>
      reasonIn(await orderFault(at, { target, kind, ...(arg === null ? {} : { arg }) })),
    present: async (resource, presence) => reasonIn(await orderPresence(at, resource, presence)),
    call: async (user, through, header) => reasonIn(await orderCall(at, through, user, header ?? undefined)),
  };
}

type Power = (state: 'on' | 'off') => Promise<string | undefined>;

const powerOf =
  ({ powerCommand, person }: RigOptions): Power =>
  (state) =>
    powerCommand === null ? person.ask(`switch the phone ${state}`) : runShell(powerCommand, [state]);

/** A phone that was switched off by the scenario is switched on again; otherwise it is met as it is. */
function startThere(place: HilPlace, wires: HilPlace | null, power: Power): StartPhone {
  let off = false;
  return async ({ parameters }, now, tell) => {
    const [named] = Object.keys(parameters);
    if (named !== undefined)
      throw new Error(`the phone has its own configuration: "${named}" belongs there (docs/hil.md)`);
    if (off) await ordered(power('on'));
    off = false;
    const stream = await follow(place, now, tell);
    const panel =
      wires === null
        ? hilClient(() => place)
        : touched(
            hilClient(() => wires),
            hilClient(() => place),
          );
    return {
      ...panel,
      startedAt: stream.startedAt,
      ended: () => null,
      control: (line) => {
        throw new Error(`a phone on the desk takes no control line: ${line}`);
      },
      async stop(how) {
        stream.close();
        if (how === 'leave') return putDown(panel);
        await ordered(power('off'));
        off = true;
      },
      recording: () => Promise.resolve(''),
    } satisfies TestedPhone;
  };
}

async function ordered(done: Promise<string | undefined>): Promise<void> {
  const error = await done;
  if (error !== undefined) throw new Error(error);
}

/** As the next scenario expects to find it: handset down, idle screen. */
async function putDown(panel: HilPanel): Promise<void> {
  await panel.hook('on');
  await panel.key('goodbye', 'press', 80);
}

/** Fingers and eyes of the second Pi; the screen is read at the phone. */
const touched = (hands: HilPanel, phone: HilPanel): HilPanel => ({
  ...phone,
  key: hands.key,
  hook: hands.hook,
  async panel() {
    const [felt, shown] = await Promise.all([hands.panel(), phone.panel()]);
    return { ...shown, lamps: felt.lamps };
  },
});

interface Followed {
  startedAt(): number;
  close(): void;
}

/** What the phone kept is told first, then what comes. */
async function follow(
  place: HilPlace,
  now: () => number,
  tell: (event: PhoneEventSeen | null) => void,
): Promise<Followed> {
  const kept = (await reached(place)) as readonly (PhoneEventSeen['fields'] & { readonly id: number })[];
  const { uptime } = (await askJson(place, 'GET', '/api/status')) as { readonly uptime: number };
  const offset = now() - uptime * 1000;
  const see = ({ id: _id, ...fields }: PhoneEventSeen['fields']): void =>
    tell({ at: Number(fields['t']) + offset, fields: { ...fields, event: fields.event } });
  for (const item of kept) see(item);
  const response = await open(place, kept.at(-1)?.id ?? 0);
  createInterface({ input: response }).on('line', (line) => {
    if (line.startsWith('data: ')) see(JSON.parse(line.slice('data: '.length)) as PhoneEventSeen['fields']);
  });
  return { startedAt: () => offset, close: () => response.destroy() };
}

/** A phone that boots refuses for a while; one that refuses the token does for ever. */
async function reached(place: HilPlace): Promise<unknown> {
  const end = performance.now() + BOOT_PATIENCE_MS;
  for (;;) {
    try {
      return await askJson(place, 'GET', '/api/timeline');
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code === undefined || performance.now() > end) throw new Error(`no phone at ${place.http}: ${message}`);
    }
    await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
  }
}

const open = ({ http, token }: HilPlace, since: number): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    request(`http://${http}/api/events?since=${since}`, {
      headers: token === null ? {} : { Authorization: `Bearer ${token}` },
    })
      .on('response', (response) => {
        if (response.statusCode === 200) return resolve(response);
        response.destroy();
        reject(new Error(`${http}/api/events: ${response.statusCode}`));
      })
      .on('error', reject)
      .end();
  });
