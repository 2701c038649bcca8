/** Page 4-46 of the guide, rows G7 to G9: BLF, BLA and explicit MWI subscriptions can use the backup proxy; set globally and for a line (G10). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseCfg } from '../../../firmware/config/cfg-file.ts';
import { effectiveSettings } from '../../../firmware/config/layers.ts';
import type { PhoneSettings } from '../../../firmware/config/settings.ts';
import type { WatchDesk } from '../watch-desk.ts';
import { watchDesk } from '../watch-desk.ts';

const SERVERS = ['proxy', 'registrar'].flatMap((role) => [
  [`sip ${role} ip`, '192.0.2.1'],
  [`sip ${role} port`, '5060'],
  [`sip backup ${role} ip`, '192.0.2.2'],
  [`sip backup ${role} port`, '5060'],
]);
const ACCOUNT = [
  ['sip user name', '2001'],
  ['sip password', 'secret-2001'],
  ['sip mode', '3'],
  ['sip bla number', '2900'],
];
const MWI = [['sip explicit mwi subscription', '1']];
const KEY = 'topsoftkey1 type: blf\ntopsoftkey1 value: 2002\n';

function settingsFor(where: 'global' | 'per line'): PhoneSettings {
  const spelled = (name = ''): string => (where === 'global' ? name : name.replace(/^sip /, 'sip line1 '));
  const text = [...SERVERS, ...ACCOUNT, ...MWI].map(([name, value]) => `${spelled(name)}: ${value}\n`).join('') + KEY;
  const layer = { from: 'aastra.cfg', kind: 'server', entries: parseCfg(text).entries } as const;
  return effectiveSettings([layer], { model: '57i', mac: '00085D000001' }).settings;
}

/** Where the fresh SUBSCRIBEs of a package went, in their order. */
const order = ({ world }: WatchDesk, event: string): readonly string[] =>
  world.sent('SUBSCRIBE').flatMap(({ message, flow }) => {
    const value = (name: string): string => message.headers.find((header) => header.name === name)?.value ?? '';
    return value('Event') === event && !/;tag=/.test(value('To'))
      ? [flow.includes('192.0.2.1:') ? 'primary' : 'backup']
      : [];
  });

const ROWS = [
  ['G7', 'BLF', 'dialog', '2002', 'softkey1', 'fast-flash'],
  ['G8', 'BLA', 'dialog;sla', '2900', 'line1', 'fast-flash'],
  ['G9', 'explicit MWI', 'message-summary', '2001', 'message', 'on'],
] as const;

for (const where of ['global', 'per line'] as const)
  describe(`page 4-46, subscriptions, set ${where}`, () => {
    for (const [row, what, event, resource, lamp, lit] of ROWS)
      it(`${row}: ${what} subscriptions use the backup proxy when the primary fails, and their lamp lives`, () => {
        const { lines, keys, subscriptions } = settingsFor(where);
        const desk = watchDesk({ lines, keys, subscriptions });
        desk.world.run(5000);
        assert.deepEqual(order(desk, event), ['primary']);
        assert.equal(desk.on(resource), 'active primary');
        desk.world.kill(desk.primary);
        desk.world.until(() => desk.on(resource) === 'active backup', 60_000);
        assert.deepEqual(order(desk, event), ['primary', 'primary', 'backup']);
        desk.backup.set(resource, 'ringing');
        desk.world.run(100);
        assert.equal(desk.lamp(lamp), lit);
        desk.primary.fault = 'none';
        desk.world.until(() => desk.on(resource) === 'active primary', 60_000);
        desk.world.run(1000);
        assert.equal(desk.lamp(lamp), lit);
      });
  });
