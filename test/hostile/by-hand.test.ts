/** A real phone as a person starts it, without the flags of the service, is as small under a flood (docs/decisions/0008). */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { honest, startFalseServer } from './false-server.ts';
import { held, startAttacked } from './phone.ts';
import { flood, request } from './wrongs.ts';

const POUR_MS = 45_000;

it('a phone started by hand bears poured INVITEs from a cold start', async (context) => {
  const primary = await startFalseServer(honest);
  const phone = await startAttacked({ server: primary.port, lines: ['sip transport protocol: 2'], flags: [] });
  context.after(async () => {
    await phone.close();
    await primary.close();
  });
  const calm = (await phone.gauge()).rss;
  primary.become(flood(() => request('INVITE')));
  await pause(POUR_MS);
  assert.notEqual(primary.taken(), 0);
  context.diagnostic(held(await phone.gauge(), calm));
  assert.equal(await phone.state(), 'registered');
});
