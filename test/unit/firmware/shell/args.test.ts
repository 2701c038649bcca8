/** Owns the command line of `run`: each mistake is one clear line. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RunArgs } from '../../../../firmware/shell/args.ts';
import { parseRunArgs } from '../../../../firmware/shell/args.ts';

const read = (...args: readonly string[]): RunArgs | string => {
  const parsed = parseRunArgs(args, { STATE_DIRECTORY: '/var/lib/holdfast' });
  return parsed.ok ? parsed.value : parsed.error;
};

describe('arguments of run', () => {
  it('say all that can be said', () => {
    const all = `--config a --config b --board virtual --bind 0:0:0:0:0:0:0:1 --dns 192.0.2.53 --dns [2001:DB8::53]:5353
      --http localhost:8080 --https 192.0.2.9:443 --state s --control stdio --hil --model 53i --mac 00:08:5d:12:34:aF --seed 7 --record r
      --api-token-file t`;
    assert.deepEqual(read(...all.split(/\s+/)), {
      config: ['a', 'b'],
      board: 'virtual',
      bind: '::1',
      dns: [
        { address: '192.0.2.53', port: 53 },
        { address: '2001:db8::53', port: 5353 },
      ],
      http: { address: '127.0.0.1', port: 8080 },
      https: { address: '192.0.2.9', port: 443 },
      state: 's',
      control: 'stdio',
      hil: true,
      model: '53i',
      mac: '00085D1234AF',
      seed: 7,
      record: 'r',
      apiTokenFile: 't',
      tui: false,
    });
  });

  it('need no more than a configuration', () => {
    const args = read('--config', 'x');
    if (typeof args === 'string') throw new Error(args);
    const { board, bind, dns, http, state, control, model, seed, record } = args;
    assert.deepEqual(
      [board, bind, dns, http, state, control, model, seed, record],
      ['headless', '0.0.0.0', [], null, '/var/lib/holdfast', null, '57i', null, null],
    );
    const alone = parseRunArgs(['--config', 'x'], {});
    assert.equal(alone.ok && alone.value.state, './state');
  });

  it('the hardware address may be that of the machine, where it has one', () => {
    const macOf = (ownMac: string | null): string => {
      const parsed = parseRunArgs(['--config', 'x', '--mac', 'own'], { ownMac });
      return parsed.ok ? parsed.value.mac : parsed.error;
    };
    assert.deepEqual([macOf('B827EB123456'), macOf(null)], ['B827EB123456', '00085D000001']);
  });

  for (const [args, said] of [
    ['', '--config FILE|DIR is needed'],
    ['--config', "Option '--config <value>' argument missing"],
    ['--config x --board toaster', '--board toaster: one of headless, virtual, desk-v1, qemu'],
    ['--config x --dns pbx', '--dns pbx: an IP address with or without a port'],
    ['--config x --dns 192.0.2.1:99999', '--dns 192.0.2.1:99999: an IP address with or without a port'],
    ['--config x --http x', '--http x: an IP address and a port'],
    ['--config x --https x', '--https x: an IP address and a port'],
    ['--config x --mac 12', '--mac 12: 12 hexadecimal digits, or own'],
    ['--config x --seed -1', "Option '--seed' argument is ambiguous"],
    ['--config x --seed x', '--seed x: a whole number'],
    ['--config x --bind localhost', '--bind localhost: an IP address'],
    ['--config x --model 99i', '--model 99i: 57i or 53i'],
    ['--config x --control tcp', '--control tcp: only stdio'],
    ['--config x --tui', '--tui: a headless phone has no panel to show'],
    ['--config x --board virtual --tui --control stdio', '--tui and --control stdio: both want the terminal'],
    ['--config x --what', "Unknown option '--what'"],
    ['--config x y', "Unexpected argument 'y'"],
  ] as const)
    it(`"${args}" is told: ${said}`, () => {
      assert.equal(read(...args.split(' ').filter((arg) => arg !== '')), said);
    });
});
