/** Owns the rows G1-G6 and G10-G13 of the guide's page 4-46 (rules 1), each set globally and per line, by configuration files and by the Web UI. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PhoneSettings } from '../../../firmware/config/settings.ts';
import { cseqOf, headerValue } from '../../../firmware/sip/message/headers.ts';
import { fromFiles, fromForm } from '../../support/files.ts';
import { SipPeer } from '../sip-peer.ts';
import { World } from '../world.ts';
import { Zone } from '../zone.ts';

const passwords = { '2001': 'secret-2001' };
const ACCOUNT = 'sip user name: 2001\nsip password: secret-2001\nfailover probe period: 0\n';

/** The four ways to configure (G10). */
const WAYS = (['files', 'the Web UI'] as const).flatMap((by) =>
  (['global', 'per line'] as const).map((scope) => ({ by, scope })),
);
type Way = (typeof WAYS)[number];

/** With servers set in one of the four ways: `sip line1 …` in a file or on the page of line 1, `sip …` or on the page for all lines. */
function settingsOf({ by, scope }: Way, base: string, values: Readonly<Record<string, string>>): PhoneSettings {
  const spelled = (name: string): string => (scope === 'global' ? name : name.replace(/^sip /, 'sip line1 '));
  const { settings, problems } =
    by === 'files'
      ? fromFiles(
          `${base}${Object.entries(values)
            .map(([name, value]) => `${spelled(name)}: ${value}\n`)
            .join('')}`,
        )
      : fromForm(base, scope === 'global' ? null : 1, values);
  assert.deepEqual(problems, []);
  return settings;
}

const SERVERS = {
  ...{ 'sip registrar ip': '192.0.2.1', 'sip backup registrar ip': '192.0.2.2' },
  ...{ 'sip proxy ip': '192.0.2.1', 'sip backup proxy ip': '192.0.2.2' },
} as const;

function duo(way: Way): { readonly world: World; readonly primary: SipPeer; readonly backup: SipPeer } {
  const primary = new SipPeer({ address: '192.0.2.1', passwords, maxExpiresS: 600 });
  const backup = new SipPeer({ address: '192.0.2.2', passwords, maxExpiresS: 600 });
  return {
    world: new World({ settings: settingsOf(way, ACCOUNT, SERVERS), peers: [primary, backup] }),
    primary,
    backup,
  };
}

for (const way of WAYS)
  describe(`page 4-46, backup servers set ${way.scope} by ${way.by}`, () => {
    it('G1 G10: a backup proxy and a backup registrar are accepted, shown and used', () => {
      const { world, primary } = duo(way);
      primary.fault = 'killed';
      world.start().run(1000);
      const { registrar, proxy } = world.status().lines[0] ?? assert.fail('no line');
      assert.deepEqual(registrar?.lists, { primary: ['udp:192.0.2.1:5060'], backup: ['udp:192.0.2.2:5060'] });
      assert.deepEqual(proxy?.lists, { primary: ['udp:192.0.2.1:5060'], backup: ['udp:192.0.2.2:5060'] });
      assert.equal(registrar?.server, 'backup');
    });

    it('G2: when the primary dies the phone moves by itself and stays in service', () => {
      const { world, primary, backup } = duo(way);
      world.start().run(1000);
      assert.equal(world.registeredOn('primary'), true);
      primary.fault = 'silent';
      world.run(600_000);
      assert.equal(world.registeredOn('backup'), true);
      assert.equal(backup.location.bindings('2001', world.now).length, 1);
    });

    it('G3: every registration goes to the primary registrar first', () => {
      const { world, primary } = duo(way);
      primary.fault = 'silent';
      world.start().run(3600_000);
      const first = new Map(
        world
          .eventsOf('attempt')
          .toReversed()
          .map(({ attempt, server }) => [attempt, server]),
      );
      assert.ok(first.size >= 6, `${first.size} attempts`);
      assert.deepEqual([...new Set(first.values())], ['primary']);
    });

    it('G4: with the primary unavailable a new registration request goes to the backup', () => {
      const { world, primary, backup } = duo(way);
      primary.status = 503;
      world.start().run(1000);
      const [old] = primary.registers();
      const [fresh] = backup.registers();
      assert.ok(old !== undefined && fresh !== undefined);
      assert.notEqual(headerValue(old.request, 'Call-ID'), headerValue(fresh.request, 'Call-ID'));
      assert.equal(fresh.request.uri, 'sip:192.0.2.2');
      const cseq = cseqOf(fresh.request);
      assert.equal(cseq.ok && cseq.value.number, 1);
    });

    it('G5: renewals too try the primary first, and the primary that is back is registered there', () => {
      const { world, primary } = duo(way);
      primary.fault = 'silent';
      world.start().run(10_000);
      assert.equal(world.registeredOn('backup'), true);
      world.run(700_000);
      const renewals = world.eventsOf('attempt').filter(({ reason }) => reason === 'renewal');
      assert.ok(renewals.length >= 1 && renewals.every(({ server }) => server === 'primary'));
      primary.fault = 'none';
      world.run(700_000);
      assert.equal(world.registeredOn('primary'), true);
    });

    it('G6: an outgoing call tries the primary proxy first, then the backup', () => {
      const { world, primary } = duo(way);
      world.start().run(1000);
      primary.fault = 'silent';
      for (const target of ['200', '201']) {
        const before = world.sent('INVITE').length;
        world.input({ kind: 'command', id: target, command: { verb: 'dial', target, line: null } });
        world.run(3000);
        const asked = world.sent('INVITE').slice(before);
        assert.deepEqual([...new Set(asked.map(({ flow }) => flow))], ['udp:192.0.2.1:5060', 'udp:192.0.2.2:5060']);
      }
    });
  });

type Role = 'registrar' | 'proxy' | 'outbound proxy';
const PARAMETERS: Readonly<Record<Role, readonly [string, string, string, string]>> = {
  registrar: ['sip registrar ip', 'sip registrar port', 'sip backup registrar ip', 'sip backup registrar port'],
  proxy: ['sip proxy ip', 'sip proxy port', 'sip backup proxy ip', 'sip backup proxy port'],
  'outbound proxy': [
    'sip outbound proxy',
    'sip outbound proxy port',
    'sip backup outbound proxy',
    'sip backup outbound proxy port',
  ],
};

const FORMS = [
  {
    form: 'a name with port 0',
    primary: ['pbx.example.test', '0'],
    backup: ['alt.example.test', '0'],
    asked: ['SRV _sip._udp.pbx.example.test', 'SRV _sip._udp.alt.example.test'],
    first: ['udp:192.0.2.11:5071', 'udp:192.0.2.12:5072', 'udp:192.0.2.13:5073'],
  },
  {
    form: 'a name with a port',
    primary: ['pbx.example.test', '5080'],
    backup: ['alt.example.test', '5081'],
    asked: ['A pbx.example.test', 'A alt.example.test'],
    first: ['udp:192.0.2.21:5080', 'udp:192.0.2.22:5081'],
  },
  {
    form: 'an address with port 0',
    primary: ['192.0.2.31', '0'],
    backup: ['192.0.2.32', '0'],
    asked: [],
    first: ['udp:192.0.2.31:5060', 'udp:192.0.2.32:5060'],
  },
  {
    form: 'an address with a port',
    primary: ['192.0.2.31', '5090'],
    backup: ['192.0.2.32', '5091'],
    asked: [],
    first: ['udp:192.0.2.31:5090', 'udp:192.0.2.32:5091'],
  },
] as const;

const zone = (): Zone =>
  new Zone()
    .srv('_sip._udp.pbx.example.test', 's2.example.test', 5072, 20)
    .srv('_sip._udp.pbx.example.test', 's1.example.test', 5071, 10)
    .srv('_sip._udp.alt.example.test', 's3.example.test', 5073, 10)
    .a('s1.example.test', '192.0.2.11')
    .a('s2.example.test', '192.0.2.12')
    .a('s3.example.test', '192.0.2.13')
    .a('pbx.example.test', '192.0.2.21')
    .a('alt.example.test', '192.0.2.22');

for (const way of WAYS)
  for (const role of ['registrar', 'proxy', 'outbound proxy'] as const)
    describe(`page 4-46, the ${role} set ${way.scope} by ${way.by}`, () => {
      for (const { form, primary, backup, asked, first } of FORMS)
        it(`G11 G12 G13: ${form}: what is asked of DNS, and where packets go`, () => {
          const [name, port, backupName, backupPort] = PARAMETERS[role];
          const settings = settingsOf(way, ACCOUNT, {
            ...(role === 'registrar' ? {} : { 'sip registrar ip': '192.0.2.99' }),
            ...{ [name]: primary[0], [port]: primary[1], [backupName]: backup[0], [backupPort]: backup[1] },
          });
          const names = zone();
          const world = new World({ settings, peers: [], zone: names }).start().run(40_000);
          const questions = [...new Set(names.asked)];
          // The proxies are looked up though nothing is sent to them yet: every configured name is (rules 2).
          assert.deepEqual(
            questions.filter((question) => asked.some((wanted) => wanted === question)).sort(),
            [...asked].sort(),
          );
          assert.equal(
            questions.some((question) => question.startsWith('SRV')),
            form === 'a name with port 0',
          );
          assert.deepEqual(sentTo(world), role === 'proxy' ? ['udp:192.0.2.99:5060'] : [...first]);
          if (role !== 'outbound proxy') {
            const lists = world.status().lines[0]?.[role]?.lists;
            assert.deepEqual([...(lists?.primary ?? []), ...(lists?.backup ?? [])], [...first]);
          }
        });
    });

/** Targets in the order of the first packet to each. */
const sentTo = (world: World): readonly string[] => [...new Set(world.sent('REGISTER').map(({ flow }) => flow ?? ''))];
