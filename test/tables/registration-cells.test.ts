/** The cells of a registration's table that hold more than one answer: which it is, and how long it waits (rules 3.6, 4; table X). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createRandom, seedFrom } from '../../firmware/kernel/random.ts';
import type { Millis } from '../../firmware/kernel/time.ts';
import { stepRegistration } from '../../firmware/registration/registration.ts';
import type { RegistrationInput, RegistrationState, RegistrationStep } from '../../firmware/registration/state.ts';
import {
  attempt,
  BACKUP,
  BINDING,
  INPUTS,
  in_,
  memory,
  NOW,
  okAt,
  POLICY,
  PRIMARY,
  stateOf,
  stepAt,
  told,
} from './registration-figure.ts';

/** The seconds that the first event tells, null = none. */
const toldS = ({ out }: RegistrationStep): number | null => {
  const [event] = out.flatMap((output) => (output.to === 'world' ? [output.event] : []));
  return event?.event === 'registration' ? (event.retryIn ?? null) : null;
};

const retryOf = ({ state }: RegistrationStep): Millis | undefined =>
  state?.name === 'waiting' ? state.timers.retry : undefined;
const renewOf = ({ state }: RegistrationStep): Millis | undefined =>
  state?.name === 'registered' ? state.timers.renew : undefined;

const endedWith = (outcome: object): RegistrationInput =>
  ({ ...INPUTS.find(({ kind }) => kind === 'attempt-ended'), outcome }) as RegistrationInput;

describe('a 2xx whose transaction has ended changes nothing in the profiles of the original (rules 3.6)', () => {
  for (const profile of ['r2.0', 'r2.1'] as const)
    for (const name of ['registered', 'waiting'] as const)
      it(`${profile}, ${name}`, () => {
        const step = stepAt(stateOf(name), { kind: 'stray-ok', line: 1 }, { profile });
        assert.deepEqual(step, { state: stateOf(name), out: [] });
      });
});

describe('a refusal is asked again at once only where the backup said it and the primary answers', () => {
  for (const by of ['primary', 'backup'] as const)
    for (const server of ['primary', 'backup'] as const)
      it(`refused by the ${by}, the ${server} answers`, () => {
        const { pair } = (server === 'primary' ? PRIMARY : BACKUP).candidate;
        const alive: RegistrationInput = { kind: 'pair-alive', pair, server, blockedUntil: null };
        const expected = by === 'backup' && server === 'primary' ? 'trying: register fresh' : '';
        assert.equal(told({ ...stateOf('rejected'), by }, alive), expected);
      });
});

describe('when the next REGISTER leaves', () => {
  const alive = (blockedUntil: Millis | null): RegistrationInput => ({
    kind: 'pair-alive',
    pair: PRIMARY.candidate.pair,
    server: 'primary',
    blockedUntil,
  });

  it('a start that waits tells for how long, in whole seconds', () => {
    const step = stepAt(stateOf('off'), { kind: 'begin', delayMs: 2400 });
    assert.deepEqual(step.state?.timers, { start: in_(2400) });
    assert.equal(toldS(step), 3);
  });

  it('a server that answers again is asked a probe period after the last time that one was asked for that reason', () => {
    const waiting = stateOf('waiting');
    const revivedAt = (ms: number): Extract<RegistrationState, { name: 'waiting' }> => ({
      ...waiting,
      memory: { ...waiting.memory, revivedAt: in_(ms) },
    });
    assert.equal(told(revivedAt(-15_000), alive(null)), 'trying: register fresh');
    assert.deepEqual(retryOf(stepAt(revivedAt(-14_999), alive(null))), in_(1));
    assert.deepEqual(retryOf(stepAt(revivedAt(-14_999), alive(in_(7000)))), in_(7000));
    assert.deepEqual(retryOf(stepAt(revivedAt(-14_999), alive(in_(70_000)))), in_(30_000));
  });

  it('a refusal waits for `sip registration retry timer`, for what its Retry-After says where that is longer, and for an hour at most', () => {
    for (const [retryAfterS, waitS] of [
      [null, 1800],
      [7, 1800],
      [2400, 2400],
      [9999, 3600],
    ] as const) {
      const outcome = {
        result: 'rejected',
        server: 'primary',
        target: '192.0.2.1:5060',
        code: 480,
        retryAfterS,
      } as const;
      const step = stepAt(stateOf('trying'), endedWith(outcome));
      assert.deepEqual(step.state?.timers, { retry: in_(waitS * 1000), expire: BINDING.expiresAt });
      assert.equal(toldS(step), waitS);
    }
  });

  it('the attempt of another time ends nothing', () => {
    const other = { ...INPUTS.find(({ kind }) => kind === 'attempt-ended'), attempt: 'L1-2' } as RegistrationInput;
    assert.equal(told(stateOf('trying'), other), '');
  });
});

describe('an attempt that all servers failed', () => {
  for (const code of [null, 503])
    it(`tells ${code === null ? 'no code where nobody answered' : `the code ${code} where one was heard`}`, () => {
      const outcome = { result: 'failed', code, retryAfterS: null } as const;
      const { out } = stepAt(stateOf('trying'), endedWith(outcome));
      const [event] = out.flatMap((output) => (output.to === 'world' ? [output.event] : []));
      assert.deepEqual(event?.event === 'registration' && [event.state, event.code ?? null], ['waiting', code]);
      assert.equal(event?.event === 'registration' && 'code' in event, code !== null);
    });

  it('is not given up for a server that answers while a Retry-After of it runs', () => {
    const { pair } = PRIMARY.candidate;
    const blocked = { kind: 'pair-alive', pair, server: 'primary', blockedUntil: in_(9000) } as const;
    assert.equal(told(stateOf('trying'), blocked), '');
  });
});

describe('a registration that ends', () => {
  it('tells that it is gone only where the server took it away', () => {
    const gone = { kind: 'unregistered', attempt: 'L1-4u', line: 1, bound: BACKUP, ok: false, contacts: [] } as const;
    assert.equal(told(stateOf('leaving'), gone), 'ended: binding-changed, left');
    assert.equal(told(stateOf('leaving'), { ...gone, attempt: 'L1-9u' }), '');
  });

  it('waits for the answer as long as a stop may take', () =>
    assert.deepEqual(stepAt(stateOf('registered'), { kind: 'leave' }).state?.timers, { limit: in_(2000) }));

  it('has nothing to say where it was never registered', () =>
    assert.equal(told({ name: 'waiting', memory, cause: null, timers: {} }, { kind: 'leave' }), 'ended: left'));
});

describe('a server found dead by a probe', () => {
  const dead: RegistrationInput = { kind: 'pair-dead', pair: BACKUP.candidate.pair };

  it('concerns only the line that is registered there', () =>
    assert.equal(told(stateOf('registered'), { ...dead, pair: PRIMARY.candidate.pair }), ''));

  it('is left within `failover jitter` where that is longer than the probe period, and at once where it is not', () => {
    assert.equal(told(stateOf('registered'), dead, { jitterMs: 15_000 }), 'trying: register renewal');
    const jittered = stepAt(stateOf('registered'), dead, { jitterMs: 20_000 });
    assert.deepEqual([renewOf(jittered), jittered.out], [NOW, []]);
    // Due within that time anyway: no turn brings it forward.
    const due = stepAt(stateOf('registered'), dead, { jitterMs: 30_000 });
    assert.deepEqual([renewOf(due), due.out], [in_(30_000), []]);
  });

  it('is gone back to when a better one is well, once', () => {
    const home = { kind: 'pair-home', pair: PRIMARY.candidate.pair, by: 'probe', better: true } as const;
    assert.equal(told(stateOf('registered'), { ...home, better: false }), '');
    const planned = { ...stateOf('registered'), timers: { return: in_(400) } };
    assert.deepEqual(stepAt(planned, home), { state: planned, out: [] });
  });
});

describe('where both servers share a location service, cleaning up at the backup', () => {
  const { binding } = stateOf('registered').memory;
  const own = binding?.bound.contact ?? assert.fail();
  const cleaned = (
    contacts: readonly string[],
    over: { readonly ok?: boolean; readonly shared?: boolean } = {},
  ): string => {
    const registered = stateOf('registered');
    const input = {
      kind: 'unregistered',
      attempt: 'L1-4u',
      line: 1,
      bound: BACKUP,
      ok: over.ok ?? true,
      contacts,
    } as const;
    return told({ ...registered, memory: { ...registered.memory, shared: over.shared ?? true } }, input);
  };

  it('has taken the own binding too: it is made anew at once', () =>
    assert.equal(cleaned([]), 'trying: unregistered, register renewal'));

  it('has left it: nothing more is asked', () => assert.equal(cleaned([own]), 'unregistered'));

  it('says nothing of it where the services are two, or where it was refused', () => {
    assert.equal(cleaned([], { shared: false }), 'unregistered');
    assert.doesNotMatch(cleaned([], { ok: false }), /register renewal/);
  });
});

describe('a registration on the backup, with a call on its line', () => {
  const registered = stateOf('registered');
  const context = { now: NOW, random: createRandom(seedFrom(1)), turn: () => 0, inCall: true, policy: POLICY };
  const home = { kind: 'pair-home', pair: PRIMARY.candidate.pair, by: 'probe', better: true } as const;

  it('is not led home, and gives up a return that was planned', () => {
    assert.deepEqual(stepRegistration(registered, home, context).state, registered);
    const planned = { ...registered, timers: { ...registered.timers, return: NOW } };
    const step = stepRegistration(planned, { kind: 'timer', timer: 'return' }, context);
    assert.deepEqual([step.state, step.out], [registered, []]);
  });
});

describe('a 2xx that comes late and is one binding too many (rules 3.6)', () => {
  const late = (bound: typeof BACKUP): RegistrationInput => ({
    ...{ kind: 'late-ok', attempt: 'L1-2', line: 1, action: 'unregister' },
    ...{ outcome: okAt(bound), listWaitMs: 0 },
  });
  const keptAt = <State extends RegistrationState>(state: State, bound: typeof BACKUP): State => ({
    ...state,
    memory: { ...state.memory, binding: { ...BINDING, bound } },
  });
  const atPrimary = keptAt(stateOf('registered'), PRIMARY);

  it('is removed at the server that is not the one in force', () =>
    assert.equal(told(atPrimary, late(BACKUP)), 'unregister'));

  it('is left where it is the very binding in force', () => {
    assert.deepEqual(stepAt(atPrimary, late(PRIMARY)), { state: atPrimary, out: [] });
    assert.equal(told(atPrimary, late({ ...PRIMARY, contact: 'sip:2001@192.0.2.99;hf=p' })), 'unregister');
  });

  it('is removed at the end of an attempt that is under way, which may be making it anew', () => {
    const trying = keptAt(stateOf('trying'), PRIMARY);
    const { state, out } = stepAt(trying, late(BACKUP));
    assert.deepEqual(out, []);
    assert.deepEqual(state?.memory.cleanup, [...trying.memory.cleanup, BACKUP]);
  });
});

describe('a new binding at the server that has the old one', () => {
  const renewed = (contact: string): RegistrationStep =>
    stepAt(
      { ...stateOf('trying'), memory: { ...stateOf('trying').memory, cleanup: [] } },
      endedWith(okAt({ ...BACKUP, contact })),
    );

  it('with another Contact, for the address has changed, leaves the old one to be removed', () =>
    assert.deepEqual(
      renewed('sip:2001@192.0.2.101;hf=b').out.flatMap((output) =>
        output.to === 'stack' && output.command.kind === 'unregister' ? [output.command.bound.contact] : [],
      ),
      [BACKUP.contact],
    ));

  it('with the same Contact is the same binding', () =>
    assert.equal(
      renewed(BACKUP.contact).out.some(({ to }) => to === 'stack'),
      false,
    ));
});

describe('what waits to be removed at a server', () => {
  const old = { ...PRIMARY, contact: 'sip:2001@192.0.2.99;hf=p' };
  const waiting = stateOf('registered');
  const both = { ...waiting, memory: { ...waiting.memory, cleanup: [...waiting.memory.cleanup, old] } };
  const closed = { kind: 'server-closed', ...attempt, server: 'backup' } as const;

  it('is removed once, when no copy there can be answered any more; what is at the other one waits on', () => {
    const { state, out } = stepAt(both, closed);
    assert.equal(told(both, closed), 'unregister');
    assert.deepEqual(state?.memory.cleanup, [old]);
    assert.equal(out.length, 1);
    assert.deepEqual(stepAt(state ?? both, closed), { state, out: [] });
  });
});

describe('a binding that the last run left (rules 4, "binding left at the backup")', () => {
  const elsewhere = (bound: typeof BACKUP) => ({ ...bound, contact: bound.contact.replace('.100', '.99') });
  /** What is removed, and what is kept in mind for later, once this run has a binding. */
  const startedWith = (leftover: typeof BACKUP, now: typeof BACKUP): readonly (readonly (string | undefined)[])[] => {
    const { memory: fresh } = stateOf('off');
    const trying = { ...stateOf('trying'), memory: { ...fresh, cleanup: [], leftover } };
    const { state, out } = stepAt(trying, endedWith(okAt(now)));
    const removed = out.flatMap((output) =>
      output.to === 'stack' && output.command.kind === 'unregister' ? [output.command.bound.contact] : [],
    );
    return [removed, [state?.memory.leftover?.contact]];
  };

  it('at the same server is the binding in force where nothing has moved, and is removed where the address has', () => {
    for (const here of [PRIMARY, BACKUP]) {
      assert.deepEqual(startedWith(here, here), [[], [undefined]]);
      assert.deepEqual(startedWith(elsewhere(here), here), [[elsewhere(here).contact], [undefined]]);
    }
  });

  it('at the backup is removed from the primary', () =>
    assert.deepEqual(startedWith(BACKUP, PRIMARY), [[BACKUP.contact], [undefined]]));

  it('at a primary that cannot be reached waits for the return', () =>
    assert.deepEqual(startedWith(PRIMARY, BACKUP), [[], [PRIMARY.contact]]));
});
