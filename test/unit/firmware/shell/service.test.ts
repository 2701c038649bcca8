/** What the service manager is told, and when. That it arrives is seen in test/slow. */
import assert from 'node:assert/strict';
import { after, describe, it, mock } from 'node:test';
import { openService } from '../../../../firmware/shell/service.ts';

const ENV = { NOTIFY_SOCKET: '/run/x', WATCHDOG_USEC: '30000000' };

describe('the service manager', () => {
  after(() => mock.timers.reset());

  it('is told that the phone serves, then that it lives, three times in what it allows', () => {
    mock.timers.enable({ apis: ['setInterval'] });
    const sent: string[] = [];
    const service = openService(ENV, (args) => sent.push(args.join(' ')));
    mock.timers.tick(60_000);
    assert.deepEqual(sent, [], 'nothing before the phone serves');
    service?.ready();
    assert.deepEqual(sent, ['--ready']);
    mock.timers.tick(30_000);
    assert.deepEqual(sent.slice(1), ['WATCHDOG=1', 'WATCHDOG=1', 'WATCHDOG=1']);
    service?.stopping();
    mock.timers.tick(10_000);
    assert.deepEqual(sent.slice(4), ['--stopping', 'WATCHDOG=1'], 'while lines un-register the phone still lives');
    mock.timers.reset();
  });

  it('is told of no life where it does not watch, or watches another process', () => {
    for (const env of [{ NOTIFY_SOCKET: '/run/x' }, { ...ENV, WATCHDOG_PID: '1' }, { ...ENV, WATCHDOG_USEC: 'x' }]) {
      mock.timers.enable({ apis: ['setInterval'] });
      const sent: string[] = [];
      openService(env, (args) => sent.push(args.join(' ')))?.ready();
      mock.timers.tick(120_000);
      assert.deepEqual(sent, ['--ready']);
      mock.timers.reset();
    }
  });

  it('there is none on a developer’s machine', () => {
    assert.equal(openService({}), null);
  });
});
