/** One request over many servers as decisions: how the walk ends, and what is heard after its end (rules 3.1, 3.6, 3.9). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Millis } from '../../firmware/kernel/time.ts';
import { millis } from '../../firmware/kernel/time.ts';
import type { Candidate } from '../../firmware/servers/selection.ts';
import { pairKey } from '../../firmware/servers/selection.ts';
import { beginRequest, stepRequest } from '../../firmware/sip/request.ts';
import type { RequestContext, RequestInput, RequestOutput, RequestState } from '../../firmware/sip/request-state.ts';
import { server } from '../support/settings.ts';

function candidate(name: 'primary' | 'backup', address: string, rank: number): Candidate {
  const target = { transport: 'udp', address, port: 5060, tlsName: null } as const;
  const setting = server(`${name}.example.test`);
  return { server: name, setting, target, via: null, pair: pairKey(target, null, setting), rank };
}

const PRIMARY = candidate('primary', '192.0.2.1', 0);
const BACKUP = candidate('backup', '192.0.2.2', 1);

const context = (now: Millis): RequestContext => ({
  now,
  waitFor: () => ({ hedgeMs: 1500, known: 'live', connectMs: null }),
  lastWaitMs: 32_000,
  advances: (code) => code === 503,
  lateAnswers: 'acted-on',
});

interface Walk {
  readonly state: RequestState | null;
  readonly out: readonly RequestOutput[];
}

function walk(
  candidates: readonly Candidate[],
  inputs: readonly (readonly [number, RequestInput])[],
  contextAt = context,
): Walk {
  const begun = beginRequest('L1-1', candidates, false, contextAt(millis(0)));
  let { state } = begun;
  let out: readonly RequestOutput[] = begun.out;
  for (const [at, input] of inputs) {
    if (state === null) assert.fail(`the walk has ended before ${input.kind}`);
    const step = stepRequest(state, input, contextAt(millis(at)));
    state = step.state;
    out = step.out;
  }
  return { state, out };
}

function short(output: RequestOutput): string {
  switch (output.kind) {
    case 'open':
      return `open ${output.copy.candidate.server} (${output.reason})`;
    case 'quiet':
      return `quiet ${output.copy}`;
    case 'ended':
      return `ended ${output.outcome.result}, open at ${output.openServers.join(' and ')}`;
    case 'late':
      return `late ${output.action}`;
    case 'server-closed':
      return `closed ${output.server}`;
    case 'silent':
      return `silent ${output.candidate.server}`;
  }
}

/** The outputs of the last input, in short. */
const told = ({ out }: Walk): readonly string[] => out.map(short);

const HEDGE: RequestInput = { kind: 'timer', timer: 'hedge' };
const GIVE_UP: RequestInput = { kind: 'give-up', pair: 'another' };
const answer = (copy: string, code: number): RequestInput => {
  const verdict = code === 200 ? ({ meaning: 'ok' } as const) : ({ meaning: 'final' } as const);
  return { kind: 'answer', copy, verdict, code, retryAfterS: null };
};
const challenge = (copy: string): RequestInput => {
  return { kind: 'answer', copy, verdict: { meaning: 'challenge', answerable: true }, code: 401, retryAfterS: null };
};
const silence = (copy: string): Extract<RequestInput, { kind: 'failed' }> => ({
  kind: 'failed',
  copy,
  cause: 'no-answer',
});

describe('a walk', () => {
  it('goes on to the next server when the first is silent, whose copy only listens from then on', () =>
    assert.deepEqual(told(walk([PRIMARY, BACKUP], [[1500, HEDGE]])), [
      'silent primary',
      'quiet L1-1.1',
      'open backup (walk)',
    ]));

  it('that has waited long enough for its last target ends at once when it is given up', () =>
    assert.deepEqual(
      told(
        walk(
          [PRIMARY, BACKUP],
          [
            [1500, HEDGE],
            [3000, GIVE_UP],
          ],
        ),
      ),
      ['silent backup', 'quiet L1-1.2', 'ended failed, open at primary and backup'],
    ));

  it('that is given up still waits for its last target as long as for one with others behind it', () => {
    const asked: [number, RequestInput][] = [
      [1500, HEDGE],
      [1600, GIVE_UP],
    ];
    const { state, out } = walk([PRIMARY, BACKUP], asked);
    assert.deepEqual(out, []);
    assert.equal(state?.timers.hedge, 3000);
    assert.deepEqual(told(walk([PRIMARY, BACKUP], [...asked, [1601, answer('L1-1.2', 200)]])), [
      'ended ok, open at primary',
    ]);
  });

  it('is given up when a probe of the very server that it asks is answered, which is silent no more: its copy came too early', () =>
    assert.deepEqual(told(walk([PRIMARY], [[5000, { kind: 'give-up', pair: PRIMARY.pair }]])), [
      'quiet L1-1.1',
      'ended failed, open at primary',
    ]));

  it('is not given up for the answer that it has just sent to the challenge of a server that is back', () => {
    const answered: [number, RequestInput][] = [
      [5000, challenge('L1-1.1')],
      [5000, { kind: 'give-up', pair: PRIMARY.pair }],
    ];
    const { state, out } = walk([PRIMARY], answered);
    assert.deepEqual(out, []);
    assert.equal(state?.timers.hedge, 37_000);
  });

  it('whose late challenge of a better server leads nowhere goes on waiting for the server that it was asking', () => {
    const third = candidate('backup', '192.0.2.3', 2);
    const asked: [number, RequestInput][] = [
      [1500, HEDGE],
      [2000, challenge('L1-1.1')],
    ];
    const refused = walk([PRIMARY, BACKUP, third], [...asked, [2010, { ...silence('L1-1.3'), cause: 'refused' }]]);
    assert.deepEqual(told(refused), []);
    assert.equal(refused.state?.timers.hedge, 3000);
    const late = walk([PRIMARY, BACKUP, third], [...asked, [3500, HEDGE]]);
    assert.deepEqual(told(late), ['silent primary', 'quiet L1-1.3']);
    assert.equal(late.state?.timers.hedge, 3500);
    const spoken = walk(
      [PRIMARY, BACKUP, third],
      [
        ...asked,
        [2005, { kind: 'answer', copy: 'L1-1.2', verdict: { meaning: 'provisional' }, code: 100, retryAfterS: null }],
        [2010, { ...silence('L1-1.3'), cause: 'refused' }],
      ],
    );
    assert.deepEqual([told(spoken), spoken.state?.timers], [[], {}]);
  });

  it('counts the silence of a server from when its connection can carry the request', () => {
    const connecting = (now: Millis): RequestContext => ({
      ...context(now),
      waitFor: () => ({ hedgeMs: 700, known: 'live', connectMs: 1500 }),
    });
    const begun = beginRequest('L1-1', [PRIMARY, BACKUP], false, connecting(millis(0)));
    assert.equal(begun.state?.timers.hedge, 1500);
    const carried: RequestInput = { kind: 'carried', copy: 'L1-1.1' };
    const step = stepRequest(begun.state ?? assert.fail(), carried, connecting(millis(1000)));
    assert.equal(step.state?.timers.hedge, 1700);
    assert.deepEqual(stepRequest(step.state ?? assert.fail(), carried, connecting(millis(1200))).state, step.state);
  });

  it('is not given up while a further server is still to be asked', () => {
    const { state, out } = walk([PRIMARY, BACKUP], [[500, GIVE_UP]]);
    assert.deepEqual(out, []);
    assert.equal(state?.name, 'walking');
  });
});

describe('after the end', () => {
  const accepted: readonly (readonly [number, RequestInput])[] = [
    [1500, HEDGE],
    [1600, answer('L1-1.2', 200)],
  ];

  it('the late 2xx of the better server is the return', () =>
    assert.deepEqual(told(walk([PRIMARY, BACKUP], [...accepted, [5000, answer('L1-1.1', 200)]])), [
      'late return',
      'closed primary',
    ]));

  it('of two late challenges of one server the first alone is answered: one number is in flight', () => {
    const second = candidate('primary', '192.0.2.3', 1);
    const failed: readonly (readonly [number, RequestInput])[] = [
      [1500, HEDGE],
      [3000, GIVE_UP],
    ];
    const first = walk([PRIMARY, second], [...failed, [5000, challenge('L1-1.1')]]);
    assert.deepEqual(told(first), ['open primary (challenge)']);
    const both = walk([PRIMARY, second], [...failed, [5000, challenge('L1-1.1')], [5001, challenge('L1-1.2')]]);
    assert.deepEqual(told(both), []);
  });

  it('a server is closed when no copy at it can be answered any more, and then nothing is left', () => {
    const closed = walk([PRIMARY, BACKUP], [...accepted, [32_000, silence('L1-1.1')]]);
    assert.deepEqual(told(closed), ['closed primary']);
    assert.equal(closed.state, null);
  });
});

describe('a server that is never content', () => {
  /** Each new copy gets that answer too, until no further one is opened there. */
  const asked = (reply: (copy: string) => RequestInput): readonly string[] => {
    const inputs: (readonly [number, RequestInput])[] = [];
    const told: string[] = [];
    for (let copy = 1; copy < 20; copy += 1) {
      inputs.push([copy, reply(`L1-1.${copy}`)]);
      const { state, out } = walk([PRIMARY], inputs);
      told.push(...out.map(short));
      if (state === null || out.every(({ kind }) => kind !== 'open')) break;
    }
    return told;
  };

  it('with new challenges: three are answered, the fourth is its refusal (K7)', () => {
    const repeat = 'open primary (challenge)';
    assert.deepEqual(asked(challenge), [repeat, repeat, repeat, 'ended rejected, open at ']);
  });

  it('with longer intervals: two are asked for, the third is its refusal (table X, 423)', () => {
    const repeat = 'open primary (interval)';
    const amended = (copy: string): RequestInput => ({
      ...{ kind: 'answer', copy, verdict: { meaning: 'amended' }, code: 423, retryAfterS: null },
    });
    assert.deepEqual(asked(amended), [repeat, repeat, 'ended rejected, open at ']);
  });
});

describe('a copy that was passed over while its connection was made', () => {
  const slow = (now: Millis): RequestContext => ({
    ...context(now),
    waitFor: () => ({ hedgeMs: 700, known: 'dead', connectMs: 100 }),
  });
  const carried = (copy: string): RequestInput => ({ kind: 'carried', copy });
  const went = (inputs: readonly (readonly [number, RequestInput])[], candidates = [PRIMARY, BACKUP]): Walk =>
    walk(candidates, inputs, slow);

  it('is not given up: the next server is asked too', () =>
    assert.deepEqual(told(went([[100, HEDGE]])), ['silent primary', 'open backup (walk)']));

  it('still leaves when its connection is there, and then only listens', () => {
    const { state, out } = went([
      [100, HEDGE],
      [150, carried('L1-1.1')],
    ]);
    assert.deepEqual(out.map(short), ['quiet L1-1.1']);
    assert.equal(state?.timers.hedge, 32_100);
  });

  it('leaves after the end too, and its 2xx is the return', () => {
    const accepted = [
      [100, HEDGE],
      [110, carried('L1-1.2')],
      [120, answer('L1-1.2', 200)],
    ] as const;
    assert.deepEqual(told(went(accepted)), ['ended ok, open at primary']);
    const left = [...accepted, [150, carried('L1-1.1')]] as const;
    assert.deepEqual(told(went(left)), ['quiet L1-1.1']);
    assert.deepEqual(told(went([...left, [160, answer('L1-1.1', 200)]])), ['late return', 'closed primary']);
  });

  it('never leaves once a server that stands before it has accepted', () => {
    const inputs = [
      [10, carried('L1-1.1')],
      [710, HEDGE],
      [810, HEDGE],
      [820, answer('L1-1.1', 200)],
    ] as const;
    const third = candidate('backup', '192.0.2.3', 2);
    assert.deepEqual(told(went(inputs, [PRIMARY, BACKUP, third])), [
      'quiet L1-1.2',
      'quiet L1-1.3',
      'ended ok, open at backup',
    ]);
  });

  it('never leaves once a challenge of its own server is answered: one number is in flight', () => {
    const second = candidate('primary', '192.0.2.3', 1);
    const inputs = [
      [100, HEDGE],
      [110, carried('L1-1.2')],
      [120, challenge('L1-1.2')],
    ] as const;
    assert.deepEqual(told(went(inputs, [PRIMARY, second])), ['quiet L1-1.1', 'open primary (challenge)']);
  });
});
