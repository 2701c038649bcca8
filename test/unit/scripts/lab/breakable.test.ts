/** What befalls the lab's callee behind servers that are well: gone, standing still, silent, refusing, slow. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { SipMessage } from 'sip';
import type { Breakable } from '../../../../scripts/lab/breakable.ts';
import { breakable } from '../../../../scripts/lab/breakable.ts';
import type { Callee, Said } from '../../../../scripts/lab/callee.ts';
import { plain } from '../../../../scripts/lab/callee.ts';
import { calleeMode } from '../../../../scripts/lab/faults.ts';
import { HALE } from '../../../../scripts/lab/protocol.ts';

const request = (method: string, call: string): SipMessage => ({
  ...{ method, uri: 'sip:echo@lab.test', status: 0, content: '' },
  headers: { to: { uri: 'sip:echo@lab.test', params: {} }, via: [], 'call-id': call, cseq: { method, seq: 1 } },
});

/** A callee that answers at once, and what it was asked. */
function quick(): { readonly callee: Breakable; readonly heard: string[]; readonly ears: boolean[] } {
  const heard: string[] = [];
  const ears: boolean[] = [];
  const callee: Callee = {
    take(_request, method, say) {
      heard.push(method);
      say(plain(200, 'OK'));
    },
    offer: () => '',
    adopt: () => undefined,
    forget: () => undefined,
    hear: (whole) => void ears.push(whole),
    die: () => void heard.push('die'),
  };
  return { callee: breakable(callee), heard, ears };
}

function ask(callee: Callee, method: string, call = 'a'): readonly Said[] {
  const said: Said[] = [];
  callee.take(request(method, call), method, (one) => said.push(one));
  return said;
}

const codes = (said: readonly Said[]): readonly number[] => said.map(({ status }) => status);

describe('the callee', () => {
  it('killed: nobody is registered there (480), no echo, no call is left; cleared, it answers', () => {
    const { callee, heard, ears } = quick();
    callee.behave(calleeMode(HALE, 'kill', 0));
    assert.deepEqual(codes(ask(callee, 'INVITE')), [480]);
    callee.behave(calleeMode(HALE, 'clear', 0));
    assert.deepEqual(codes(ask(callee, 'INVITE')), [200]);
    assert.deepEqual(
      [heard, ears],
      [
        ['die', 'INVITE'],
        [false, true],
      ],
    );
  });

  it('silent: its server tries, takes a CANCEL back, and nothing comes later', () => {
    const { callee, heard } = quick();
    callee.behave(calleeMode(HALE, 'silent', 0));
    const call = ask(callee, 'INVITE');
    const bye = ask(callee, 'BYE', 'other');
    assert.deepEqual([codes(call), codes(bye)], [[100], []]);
    assert.deepEqual(codes(ask(callee, 'CANCEL')), [200]);
    callee.behave(calleeMode(HALE, 'clear', 0));
    assert.deepEqual([codes(call), heard], [[100, 487], []]);
  });

  it('frozen: what came meanwhile is answered when it goes on, but for what was taken back', () => {
    const { callee, heard } = quick();
    callee.behave(calleeMode(HALE, 'freeze', 0));
    const [call, given, bye] = [ask(callee, 'INVITE'), ask(callee, 'INVITE', 'b'), ask(callee, 'BYE', 'c')];
    ask(callee, 'CANCEL', 'b');
    callee.behave(calleeMode(HALE, 'clear', 0));
    assert.deepEqual([codes(call), codes(given), codes(bye)], [[100, 200], [100, 487], [200]]);
    assert.deepEqual(heard, ['INVITE', 'BYE']);
  });

  it('500, 503, 503-retry: calls are refused so, what is within a call is not', () => {
    const { callee } = quick();
    for (const [kind, status] of [
      ['500', 500],
      ['503', 503],
      ['503-retry', 503],
    ] as const) {
      callee.behave(calleeMode(HALE, kind, 30));
      const [refused] = ask(callee, 'INVITE');
      assert.equal(refused?.status, status);
      assert.equal(refused?.headers['retry-after'], kind === '503-retry' ? '30' : undefined);
      assert.deepEqual(codes(ask(callee, 'BYE')), [200]);
    }
  });

  it('slow: every answer comes so much later, a refusal too', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const { callee } = quick();
    const slow = calleeMode(HALE, 'slow', 300);
    callee.behave(calleeMode(slow, '503', 0));
    const said = ask(callee, 'INVITE');
    t.mock.timers.tick(299);
    assert.deepEqual(codes(said), []);
    t.mock.timers.tick(1);
    assert.deepEqual(codes(said), [503]);
  });
});
