/** Owns rig `virtual`: a phone on the virtual board within this process, asked over its own hardware-in-loop interface, at our lab. */
import { readFile } from 'node:fs/promises';
import { PassThrough } from 'node:stream';
import type { Composed } from '../../boards/compose.ts';
import { compose } from '../../boards/compose.ts';
import { controlPhone, mountPages } from '../../boards/run.ts';
import { createVirtualPanel } from '../../boards/virtual/panel.ts';
import { parseRunArgs } from '../../firmware/shell/args.ts';
import { hilClient } from '../scenario/hil-client.ts';
import type { PhoneEventSeen, PhonePlace, StartPhone, TestedPhone } from '../scenario/phone.ts';
import { labBench } from '../scenario/suite.ts';
import { PHONE_LINES } from './phone-lines.ts';
import type { Rig } from './rig.ts';

export const virtualRig: Rig = {
  open: (scenario, { model, person }) =>
    labBench(scenario, {
      ...{ person, start: startInProcess, phones: 'new', described: 'our own lab, rig virtual' },
      phoneArgs: ['--model', model],
      labOptions: { extraConfig: PHONE_LINES },
    }),
};

const startInProcess: StartPhone = async (place, now, tell) => {
  const composed = await composeHere(place);
  const { phone, panel, web, http } = composed;
  let offset = Number.POSITIVE_INFINITY;
  let over: string | null = null;
  const see = (json: string): void => {
    const fields = JSON.parse(json) as PhoneEventSeen['fields'] & { readonly t: number };
    offset = Math.min(offset, now() - fields.t);
    tell({ at: fields.t + offset, fields });
  };
  for (const { json } of phone.events.since(0)) see(json);
  phone.events.subscribe(({ json }) => see(json));
  const orders = new PassThrough();
  controlPhone(composed, orders);
  const gone = phone.ended.then(async (code) => {
    over = `exit ${code}`;
    panel?.stop();
    await web?.close();
    tell(null);
  });
  return {
    ...hilClient(() => (over === null && http !== null ? { http, token: null } : null)),
    startedAt: () => offset,
    ended: () => over,
    control: (line) => void orders.write(`${line}\n`),
    async stop(how) {
      // No process ends here: a phone that breaks off without un-registering or tidying is the nearest to a power cut.
      if (how === 'unclean') phone.crash(new Error('the scenario cuts the power'));
      else void phone.stop();
      await gone;
    },
    recording: () => readFile(place.record, 'utf8').catch(() => ''),
  } satisfies TestedPhone;
};

async function composeHere({ args, record }: PhonePlace): Promise<Composed> {
  const board = ['--board', 'virtual', '--hil', '--http', '127.0.0.1:0', '--record', record];
  const read = parseRunArgs([...args, ...board], {});
  if (!read.ok) throw new Error(read.error);
  const panel = createVirtualPanel(read.value.model);
  const composed = await compose(read.value, {
    panel,
    logLevel: 'silent',
    mount: (web, parts) => mountPages(web, { ...parts, panel, hil: true }),
  });
  if (composed.ok) return composed.value;
  panel.stop();
  throw new Error(composed.error);
}
