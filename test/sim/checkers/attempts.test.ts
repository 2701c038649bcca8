/** The checkers of attempts object to what they must, and let pass what they must. */
import { describe, it } from 'node:test';
import { attemptRates, attemptsEndOnce, primaryIsFirst, probeRates } from './attempts.ts';
import { attempt, BACKUP, connecting, ended, objects, PRIMARY, received, request, Stage, sent } from './stage.ts';

describe('attempts', () => {
  it('end, once, and do not go on afterwards', () => {
    const stage = new Stage();
    const eye = stage.look(attemptsEndOnce);
    eye.event?.(attempt('L1-1'));
    eye.event?.(ended('L1-1'));
    eye.event?.(attempt('L1-1', { reason: 'challenge' }));
    objects(() => eye.event?.(ended('L1-1')), /ends twice/);
    objects(() => eye.event?.(attempt('L1-1', { reason: 'hedge' })), /goes on after its end/);
    eye.event?.(attempt('L1-2'));
    eye.settled?.();
    stage.now = 3_600_000;
    objects(() => eye.settled?.(), /L1-2 has not ended/);
  });

  it('heed a Retry-After that comes on an older connection, though a newer one could not be made meanwhile', () => {
    for (const transport of ['udp', 'tcp']) {
      const stage = new Stage();
      const over = (target: string): string => target.replace('udp', transport);
      stage.role = { ...stage.role, lists: { primary: [over(PRIMARY)], backup: [over(BACKUP)] } };
      const eye = stage.look(primaryIsFirst);
      eye.sent?.(sent(request('b1'), over(PRIMARY)));
      stage.now = 5000;
      eye.event?.({ event: 'target-failed', target: over(PRIMARY), cause: 'unreachable', took: 30 });
      eye.received?.({ ...received('b1', 503, { name: 'Retry-After', value: '60' }), flow: over(PRIMARY) });
      const begin = (): void => eye.event?.(attempt('L1-1', { server: 'backup', target: over(BACKUP) }));
      if (transport === 'tcp') begin();
      else objects(begin, /head of the walk/);
    }
  });

  it('may send after their end what was connecting before it, and nothing else', () => {
    const eye = new Stage().look(attemptsEndOnce);
    eye.event?.(connecting('L1-1'));
    eye.event?.(attempt('L1-1', { server: 'backup', target: BACKUP, reason: 'hedge' }));
    eye.event?.(ended('L1-1'));
    eye.event?.(attempt('L1-1', { reason: 'renewal' }));
    objects(() => eye.event?.(attempt('L1-1', { target: 'udp:192.0.2.3:5060', reason: 'hedge' })), /after its end/);
  });

  it('begin at the primary, unless its Retry-After runs', () => {
    const stage = new Stage();
    const eye = stage.look(primaryIsFirst);
    objects(() => eye.event?.(attempt('L1-1', { server: 'backup', target: BACKUP })), /head of the walk/);
    eye.sent?.(sent(request('b2')));
    eye.received?.(received('b2', 503, { name: 'Retry-After', value: '60' }));
    eye.event?.(attempt('L1-2', { server: 'backup', target: BACKUP }));
    objects(() => eye.event?.(attempt('L1-3')), /head of the walk/);
    stage.now = 60_000;
    eye.event?.(attempt('L1-4'));
  });

  it('heed a Retry-After that comes to a call of somebody elsewhere, and none that comes in a call', () => {
    for (const isBye of [false, true]) {
      const eye = new Stage().look(primaryIsFirst);
      const to = { name: 'To', value: `<sip:206@x>${isBye ? ';tag=far' : ''}` };
      const asks = request('b1', { method: isBye ? 'BYE' : 'INVITE' });
      if (!isBye) eye.event?.(attempt('C1', { branch: 'b1' }));
      eye.sent?.(sent({ ...asks, uri: 'sip:206@192.0.2.9', headers: [...asks.headers, to] }));
      eye.received?.(received('b1', 503, { name: 'Retry-After', value: '60' }));
      const begin = (): void => eye.event?.(attempt('C2', { server: 'backup', target: BACKUP }));
      if (isBye) objects(begin, /head of the walk/);
      else begin();
    }
  });

  it('heed a Retry-After that comes to whom the user has hung up on', () => {
    const stage = new Stage();
    const eye = stage.look(primaryIsFirst);
    eye.event?.(attempt('C1', { branch: 'b1' }));
    eye.sent?.(sent(request('b1')));
    eye.event?.(ended('C1', 'cancelled'));
    eye.received?.(received('b1', 503, { name: 'Retry-After', value: '60' }));
    objects(() => eye.event?.(attempt('C2')), /head of the walk/);
    eye.event?.(attempt('C3', { server: 'backup', target: BACKUP }));
  });

  it('over a connection begin where it is opened, however long it takes: what became known meanwhile excuses nothing', () => {
    const stage = new Stage();
    const eye = stage.look(primaryIsFirst);
    objects(() => eye.event?.(connecting('L1-1', { server: 'backup', target: BACKUP })), /head of the walk/);
    eye.event?.(connecting('L1-2'));
    stage.now = 4000;
    eye.event?.(attempt('L1-2', { server: 'backup', target: BACKUP, reason: 'hedge' }));
  });

  it('begin at the backup while the blacklist of r2.1 holds the primary, and only there', () => {
    for (const profile of ['r2.1', 'modern', 'r2.0'] as const) {
      const eye = new Stage(profile).look(primaryIsFirst);
      eye.event?.({ event: 'target-failed', target: PRIMARY, cause: 'no-answer', took: 4000 });
      const begin = (): void => eye.event?.(attempt('L1-1', { server: 'backup', target: BACKUP }));
      if (profile === 'r2.1') begin();
      else objects(begin, /head of the walk/);
    }
  });

  it('under r2.1 begin at a primary that answers on a new connection what broke with the old one', () => {
    for (const isRepeated of [false, true]) {
      const stage = new Stage('r2.1');
      const over = (target: string): string => target.replace('udp', 'tcp');
      stage.role = { ...stage.role, lists: { primary: [over(PRIMARY)], backup: [over(BACKUP)] } };
      const eye = stage.look(primaryIsFirst);
      eye.event?.(attempt('L1-1', { branch: 'b1', target: over(PRIMARY) }));
      eye.sent?.(sent(request('b1'), over(PRIMARY)));
      stage.now = 300;
      eye.event?.({ event: 'target-failed', target: over(PRIMARY), cause: 'reset', took: 300 });
      if (isRepeated) eye.sent?.(sent(request('b1'), over(PRIMARY), 400));
      stage.now = 500;
      eye.received?.({ ...received('b1', 200), flow: over(PRIMARY) });
      const begin = (): void => eye.event?.(attempt('L1-2', { target: over(PRIMARY) }));
      if (isRepeated) begin();
      else objects(begin, /head of the walk/);
    }
  });

  it('under r2.1 begin at a primary that refuses at last what rang there for minutes', () => {
    for (const rang of [false, true]) {
      const stage = new Stage('r2.1');
      const eye = stage.look(primaryIsFirst);
      eye.event?.(attempt('C1', { branch: 'b1' }));
      eye.sent?.(sent(request('b1', { method: 'INVITE' })));
      if (rang) eye.received?.(received('b1', 180));
      stage.now = 100_000;
      eye.event?.({ event: 'target-failed', target: PRIMARY, cause: 'no-answer', took: 4000 });
      stage.now = 180_000;
      eye.received?.(received('b1', 487));
      const begin = (): void => eye.event?.(attempt('C2'));
      if (rang) begin();
      else objects(begin, /head of the walk/);
    }
  });

  it('under r2.1 begin past a listed primary whose late answer was to a request that a lost link ended', () => {
    for (const lost of [false, true]) {
      const stage = new Stage('r2.1');
      const eye = stage.look(primaryIsFirst);
      eye.sent?.(sent(request('b1')));
      stage.now = 4000;
      eye.event?.({ event: 'target-failed', target: PRIMARY, cause: 'no-answer', took: 4000 });
      if (lost) stage.net.link = 'down';
      eye.settled?.();
      stage.net.link = 'up';
      stage.now = 6000;
      eye.received?.(received('b1', 200));
      const begin = (): void => eye.event?.(attempt('L1-2', { server: 'backup', target: BACKUP }));
      if (lost) begin();
      else objects(begin, /head of the walk/);
    }
  });

  it('under r2.1 begin past a listed primary whose late answer was to an attempt that was cancelled for want of a network', () => {
    for (const usable of [false, true]) {
      const stage = new Stage('r2.1');
      const eye = stage.look(primaryIsFirst);
      eye.event?.(attempt('L1-1', { branch: 'b1' }));
      eye.sent?.(sent(request('b1')));
      stage.now = 4000;
      eye.event?.({ event: 'target-failed', target: PRIMARY, cause: 'no-answer', took: 4000 });
      stage.net.usable = usable;
      eye.event?.(ended('L1-1', 'cancelled'));
      stage.net.usable = true;
      stage.now = 6000;
      eye.received?.(received('b1', 200));
      const begin = (): void => eye.event?.(attempt('L1-2', { server: 'backup', target: BACKUP }));
      if (usable) objects(begin, /head of the walk/);
      else begin();
    }
  });

  it('of a line are a second apart, counted from when their connection was asked for', () => {
    const stage = new Stage();
    const eye = stage.look(attemptRates);
    eye.event?.(connecting('L1-1'));
    stage.now = 1000;
    eye.event?.(attempt('L1-1'));
    eye.event?.(connecting('L1-2'));
    objects(() => eye.event?.(connecting('L1-3')), /two attempts within 0 ms/);
  });

  it('of a line are a second apart, and of at most targets + 4 requests', () => {
    const stage = new Stage();
    const eye = stage.look(attemptRates);
    eye.event?.(attempt('L1-1'));
    objects(() => eye.event?.(attempt('L1-2')), /two attempts within 0 ms/);
    stage.now = 1000;
    for (let copy = 1; copy <= 6; copy += 1) eye.event?.(attempt('L1-3', { branch: `c${copy}` }));
    objects(() => eye.event?.(attempt('L1-3', { branch: 'c7' })), /makes 7 requests/);
  });

  it('by probe keep to their period: a repeat of a silent one and a confirmation pass, more does not', () => {
    const stage = new Stage();
    const eye = stage.look(probeRates);
    const probe = (branch: string): void => eye.sent?.(sent(request(branch, { method: 'OPTIONS' })));
    probe('p1');
    stage.now = 1500;
    probe('p2');
    objects(() => probe('p2'), /retransmitted/);
    stage.now = 3000;
    objects(() => probe('p3'), /probed again after 3000 ms/);
    eye.received?.(received('p2', 200));
    stage.now = 3500;
    probe('p4');
    stage.now = 15_600;
    probe('p5');
    objects(
      () => new Stage('r2.0').look(probeRates).sent?.(sent(request('p', { method: 'OPTIONS' }))),
      /probes are off/,
    );
  });
});
