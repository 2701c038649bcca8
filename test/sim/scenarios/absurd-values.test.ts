/** Times that no server should name, in every header that names one: the phone neither hurries, nor waits for ever, nor loses its registration. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PhoneSettings } from '../../../firmware/config/settings.ts';
import type { SipResponse } from '../../../firmware/sip/message/message.ts';
import { lineSettings, phoneSettings } from '../../support/settings.ts';
import { CHECKERS } from '../checkers/all.ts';
import { attemptsEndOnce } from '../checkers/attempts.ts';
import { subscribesArePaced } from '../lamps/checkers.ts';
import type { PeerOptions, SipNode } from '../sip-peer.ts';
import { SipPeer } from '../sip-peer.ts';
import type { WatchDesk } from '../watch-desk.ts';
import { watchDesk } from '../watch-desk.ts';
import type { Checker } from '../world.ts';
import { World } from '../world.ts';

const DIGITS = '9'.repeat(40);
const HOUR = 3_600_000;

/** The peer's answers to this method come with that header alone of its name. */
function naming(peer: SipNode, method: string, name: string, value: string): void {
  const usual = peer.answer.bind(peer);
  peer.answer = (request, now) => {
    const response = usual(request, now);
    return response === null || request.method !== method ? response : { ...response, headers: changed(response) };
  };
  const changed = ({ headers }: SipResponse): SipResponse['headers'] => [
    ...headers.filter((header) => header.name !== name),
    { name, value },
  ];
}

interface Desk {
  readonly world: World;
  readonly primary: SipPeer;
}

/** A phone whose backup is dead: whatever it does, it does with the primary. */
function desk(
  settings = phoneSettings(),
  more: readonly Checker[] = [],
  rules: Pick<PeerOptions, 'minExpiresS' | 'maxExpiresS'> = {},
): Desk {
  const primary = new SipPeer({ address: '192.0.2.1', challenge: false, ...rules });
  const backup = new SipPeer({ address: '192.0.2.2', challenge: false });
  backup.fault = 'killed';
  return { world: new World({ settings, peers: [primary, backup], checkers: [...CHECKERS, ...more] }), primary };
}

/** A phone that asks to be bound so long, and probes nobody. */
const asking = (registrationPeriodS: number): PhoneSettings =>
  phoneSettings({ lines: [lineSettings({ registrationPeriodS })], failover: { probePeriodS: 0 } });

const gaps = (times: readonly number[]): readonly number[] =>
  times.slice(1).map((time, index) => time - (times[index] ?? 0));

/** No number of the status is none. */
const isSound = ({ world }: { readonly world: World }): boolean =>
  JSON.stringify(world.status(), (_key, value) =>
    typeof value === 'number' && !Number.isFinite(value) ? assert.fail(String(value)) : value,
  ) !== '';

describe('Flow-Timer of a 2xx to REGISTER', () => {
  for (const [value, atMost] of [
    ['0', 0],
    ['1', 750],
    ['999999', 0],
    ['1000000000', 0],
    ['-1', 0],
    ['soon', 0],
    [DIGITS, 0],
  ] as const)
    it(`${value.slice(0, 12)}: ${atMost} keep-alives in ten minutes at most, on one connection, and the line stays registered`, () => {
      const pings: number[] = [];
      const settings = phoneSettings({ transport: 2, streamKeepAliveS: 0, failover: { probePeriodS: 0 } });
      const { world, primary } = desk(settings, [
        ({ now }) => ({
          effect: (effect) => void (effect.kind === 'send' && effect.data === '\r\n\r\n' && pings.push(now)),
        }),
      ]);
      naming(primary, 'REGISTER', 'Flow-Timer', value);
      world.start().run(600_000);
      assert.ok(pings.length <= atMost && (atMost === 0 || pings.length >= atMost / 2), `${pings.length} keep-alives`);
      assert.deepEqual([primary.accepts, primary.registers().length], [1, 1]);
      assert.ok(world.registeredOn('primary') && isSound({ world }));
    });
});

describe('Min-Expires of a 423 to REGISTER', () => {
  for (const [value, times] of [
    ['0', 1],
    ['1', 1],
    // It is taken at its word; what it asks for then is no longer than what it was asked.
    ['1000000000', 2],
    [DIGITS, 1],
    ['-1', 1],
    ['long', 1],
  ] as const)
    it(`${value.slice(0, 12)}: asked ${times === 1 ? 'once' : 'twice'}, then a refusal, asked again after the retry timer alone`, () => {
      const { world, primary } = desk();
      primary.status = 423;
      primary.statusFor = 'REGISTER';
      naming(primary, 'REGISTER', 'Min-Expires', value);
      world.start().run(1_700_000);
      assert.equal(world.registrar().state, 'rejected');
      assert.equal(primary.registers().length, times);
      world.run(200_000);
      assert.equal(primary.registers().length, 2 * times);
      assert.ok(isSound({ world }));
    });
});

describe('Retry-After of an answer to REGISTER', () => {
  const VALUES = ['0', '1000000000', DIGITS, '-5', '18 (I am tired; ask again)', '18;duration=3600', 'never'];
  /** Seconds within which it is asked again, by the rules: 503 five minutes, others an hour, beside the phone's own wait. */
  for (const [status, mostS] of [
    [503, 1800],
    [500, 3600],
    [480, 3600],
    [404, 3600],
  ] as const)
    for (const value of VALUES)
      it(`${status} with ${value.slice(0, 12)}: asked again within the rules' bound, never in a hurry, and registered as soon as it answers well`, () => {
        const { world, primary } = desk();
        primary.status = status;
        primary.statusFor = 'REGISTER';
        naming(primary, 'REGISTER', 'Retry-After', value);
        world.start().run(6 * HOUR);
        const between = gaps(primary.registers().map(({ at }) => at));
        assert.ok(between.length >= 4, `${between.length} more`);
        assert.ok(Math.min(...between) >= 10_000 && Math.max(...between) <= mostS * 1000 + 5000, between.join(' '));
        assert.ok(isSound({ world }));
        primary.status = null;
        assert.ok(world.until(() => world.registeredOn('primary'), mostS * 1000 + 5000) >= 0);
      });
});

describe('expiry of our Contact in a 200 to REGISTER', () => {
  const CONTACT = '<sip:2001@192.0.2.100:5060;line=1;hf=p>';
  for (const value of ['0', '-1', 'soon', DIGITS, '1000000000'])
    for (const place of ['parameter', 'header'])
      it(`${value.slice(0, 12)} as ${place}: registered all the time, renewed twice a minute at most`, () => {
        const { world, primary } = desk();
        naming(primary, 'REGISTER', 'Contact', place === 'parameter' ? `${CONTACT};expires=${value}` : CONTACT);
        if (place === 'header') naming(primary, 'REGISTER', 'Expires', value);
        world.start().run(HOUR);
        assert.ok(Math.min(...gaps(primary.registers().map(({ at }) => at))) >= 30_000);
        assert.deepEqual(
          new Set(world.eventsOf('registration').map(({ state }) => state)),
          new Set(['trying', 'registered']),
        );
        assert.ok(isSound({ world }));
      });

  for (const value of ['3601', '86400', '1000000000', '4294967295'])
    it(`${value}: no longer than the hour that was asked for is believed, so a registrar that lost its memory is found out`, () => {
      const { world, primary } = desk(asking(3600));
      naming(primary, 'REGISTER', 'Contact', `${CONTACT};expires=${value}`);
      world.start().run(3 * HOUR);
      const between = gaps(primary.registers().map(({ at }) => at));
      assert.equal(between.length, 3);
      assert.ok(Math.min(...between) > HOUR / 2 && Math.max(...between) <= HOUR, between.join(' '));
      assert.equal(world.eventsOf('registration').at(-1)?.expires, 3600);
    });

  for (const [periodS, days] of [
    [3600, 1],
    // Whoever wants more than a day has it.
    [172_800, 2],
  ] as const)
    it(`the thousand million that a 423 had the phone ask for, where it wanted ${periodS}: renewed after ${days === 1 ? 'a day' : 'two days'}`, () => {
      const rules = { minExpiresS: 1_000_000_000, maxExpiresS: 1_000_000_000 };
      const { world, primary } = desk(asking(periodS), [], rules);
      world.start().run(2.5 * days * 24 * HOUR);
      const accepted = primary.registers().filter((_, at) => at % 2 === 1);
      assert.equal(accepted.length, 3);
      assert.ok(Math.max(...gaps(accepted.map(({ at }) => at))) <= days * 24 * HOUR);
    });

  it('1: renewed once a second, which is as often as a line may ask, and bound again with each', () => {
    const { world, primary } = desk();
    naming(primary, 'REGISTER', 'Contact', `${CONTACT};expires=1`);
    world.start().run(600_000);
    const between = gaps(primary.registers().map(({ at }) => at));
    assert.ok(Math.min(...between) >= 999 && Math.max(...between) <= 1100);
    assert.ok(world.until(() => world.registeredOn('primary'), 1100) >= 0);
  });
});

const watched = (): WatchDesk => watchDesk({}, { checkers: [attemptsEndOnce, subscribesArePaced] });

/**
 * How often a number is asked for in ten minutes that lasts so many seconds: twice in its second (rules 4, "renewal"); what has
 * no time at all by the back-off alone, with the refresh that its end overtakes.
 */
const ASKED: readonly (readonly [string, number])[] = [
  ['0', 81],
  ['1', 1201],
  ['1000000000', 1],
  [DIGITS, 1],
  ['-1', 1],
  ['soon', 1],
];

function askedAtMost(times: number, place: WatchDesk): void {
  place.world.run(600_000);
  assert.ok(place.asked().length <= times, `${place.asked().length} in ten minutes`);
  assert.ok(isSound(place));
  assert.ok(place.world.until(() => place.on() === 'active primary', 31_000) >= 0);
}

describe('Expires in a 200 to SUBSCRIBE', () => {
  for (const [value, times] of ASKED)
    it(`${value.slice(0, 12)}: the number is watched, and asked for ${times} times in ten minutes at most`, () => {
      const place = watched();
      naming(place.primary, 'SUBSCRIBE', 'Expires', value);
      place.primary.firstState = 'active';
      askedAtMost(times, place);
    });
});

it('the thousand million that a 423 to SUBSCRIBE had the phone ask for: asked for again after a day', () => {
  const place = watched();
  Object.assign(place.primary, { leastS: 1_000_000_000, grantsS: 1_000_000_000 });
  place.world.run(2.5 * 24 * HOUR);
  assert.ok(place.on() === 'active primary');
  const accepted = place.asked().filter((_, at) => at % 2 === 1);
  assert.equal(accepted.length, 3);
});

describe('Subscription-State of a NOTIFY', () => {
  for (const [value, times] of ASKED)
    it(`active;expires=${value.slice(0, 12)}: the number is watched, and asked for ${times} times in ten minutes at most`, () => {
      const place = watched();
      const usual = place.primary.notify.bind(place.primary);
      place.primary.notify = (whom, said) => usual(whom, { ...said, state: said.state ?? `active;expires=${value}` });
      askedAtMost(times, place);
    });

  for (const reason of ['probation', 'giveup', 'deactivated', 'strange'])
    for (const value of ['0', '1', '1000000000', DIGITS, '-1', 'soon'])
      it(`terminated;reason=${reason};retry-after=${value.slice(0, 12)} at each: not chased, and watched within an hour once it is well`, () => {
        const place = watched();
        place.primary.firstState = `terminated;reason=${reason};retry-after=${value}`;
        place.world.run(600_000);
        // Whoever says a second means it.
        const times = value === '1' ? 600 : 40;
        assert.ok(place.asked().length <= times, `${place.asked().length} in ten minutes`);
        place.primary.firstState = null;
        assert.ok(place.world.until(() => place.on() === 'active primary', HOUR + 5000) >= 0);
      });
});
