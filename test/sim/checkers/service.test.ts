/** The checkers of service object to what they must, and let pass what they must. */
import { describe, it } from 'node:test';
import type { PhoneEvent } from '../../../firmware/events.ts';
import { oneBindingRefreshed, reachableWhereServed, servedInTime } from './service.ts';
import { BACKUP, objects, PRIMARY, received, request, Stage, sent } from './stage.ts';

describe('service', () => {
  it('must come within the bound once a server would take the line', () => {
    const stage = new Stage();
    const eye = stage.look(servedInTime);
    eye.settled?.();
    stage.now = 20_000;
    eye.settled?.();
    stage.now = 60_000;
    objects(() => eye.settled?.(), /line 1 is not served 60000 ms after/);
  });

  it('need not come where no server would take the line, a rejection waits, or the network is bad', () => {
    const quiet = (spoil: (stage: Stage) => void): void => {
      const stage = new Stage();
      spoil(stage);
      const eye = stage.look(servedInTime);
      for (const now of [0, 60_000, 120_000]) {
        stage.now = now;
        eye.settled?.();
      }
    };
    quiet(({ peers }) => {
      for (const peer of peers) peer.fault = 'silent';
    });
    quiet((stage) => {
      stage.role = { ...stage.role, state: 'rejected' };
    });
    quiet(({ net }) => {
      net.calm = false;
    });
  });

  it('need not come sooner because a rejection came at once and nothing happened while it waited', () => {
    const stage = new Stage();
    const eye = stage.look(servedInTime);
    eye.settled?.();
    stage.now = 2;
    stage.role = { ...stage.role, state: 'rejected' };
    eye.event?.({ event: 'registration', line: 1, state: 'rejected' } as PhoneEvent);
    eye.settled?.();
    stage.now = 60_000;
    stage.role = { ...stage.role, state: 'trying' };
    eye.event?.({ event: 'registration', line: 1, state: 'trying' } as PhoneEvent);
    eye.settled?.();
  });

  it('after a failure by code comes with the next planned attempt; by probe only from when that mark has ended', () => {
    const stage = new Stage();
    const eye = stage.look(servedInTime);
    const register = (branch: string): void =>
      eye.sent?.(sent({ ...request(branch), headers: [...request(branch).headers, contact] }));
    const contact = { name: 'Contact', value: '<sip:2001@192.0.2.100;line=1>' };
    for (const peer of stage.peers) if (peer.address === '192.0.2.2') peer.fault = 'silent';
    register('c1');
    eye.received?.(received('c1', 408));
    eye.settled?.();
    stage.now = 600_000;
    eye.settled?.();
    register('c2');
    eye.received?.(received('c2', 401));
    stage.now = 601_000;
    eye.settled?.();
    stage.now = 660_000;
    objects(() => eye.settled?.(), /line 1 is not served 60000 ms after primary/);
  });

  it('need not come while the Retry-After of one server lengthens the wait of the line (`r2.0`), and must when that is over', () => {
    for (const [profile, status] of [
      ['r2.0', 503],
      ['r2.1', 503],
      ['modern', 503],
      ['modern', 500],
    ] as const) {
      const stage = new Stage(profile);
      const eye = stage.look(servedInTime);
      const contact = { name: 'Contact', value: '<sip:2001@192.0.2.100;line=1>' };
      eye.sent?.(sent({ ...request('h1'), headers: [...request('h1').headers, contact] }, BACKUP));
      eye.received?.({ ...received('h1', status, { name: 'Retry-After', value: '3000' }), flow: BACKUP });
      eye.settled?.();
      const isHeld = profile === 'r2.0';
      stage.now = 2_900_000;
      if (isHeld) eye.settled?.();
      else objects(() => eye.settled?.(), /line 1 is not served/);
      stage.now = 3_000_001;
      if (isHeld) eye.settled?.();
      // The attempt that was waited for begins: it is not late, for the wait counts to here.
      stage.now = 3_000_002;
      eye.event?.({ event: 'registration', line: 1, state: 'trying' } as PhoneEvent);
      if (isHeld) eye.settled?.();
      stage.now = 6_000_000;
      objects(() => eye.settled?.(), /line 1 is not served/);
    }
  });

  it('at a server that has fallen silent is none, if it once answered a probe', () => {
    const stage = new Stage();
    const eye = stage.look(servedInTime);
    stage.role = { ...stage.role, state: 'registered', server: 'backup', target: BACKUP };
    eye.sent?.(sent(request('p1', { method: 'OPTIONS' }), BACKUP));
    eye.received?.({ ...received('p1', 200), flow: BACKUP });
    eye.settled?.();
    stage.now = 60_000;
    eye.settled?.();
    for (const peer of stage.peers) if (peer.address === '192.0.2.2') peer.fault = 'killed';
    stage.now = 61_000;
    eye.settled?.();
    stage.now = 120_000;
    objects(() => eye.settled?.(), /line 1 is not served/);
  });

  it('that is claimed must be real: the location service knows the Contact', () => {
    const stage = new Stage();
    const eye = stage.look(reachableWhereServed);
    eye.event?.({
      event: 'registration',
      line: 1,
      state: 'registered',
      server: 'primary',
      target: PRIMARY,
      expires: 60,
    });
    stage.role = { ...stage.role, state: 'registered', server: 'primary', target: PRIMARY };
    objects(() => eye.settled?.(), /says registered at/);
    const contact = 'sip:2001@192.0.2.100:5060;line=1;hf=p';
    const row = { callId: 'series', cseq: 1, expiresAt: 60_000, contact };
    stage.peers[0]?.location.rows.set('2001', new Map([[contact, row]]));
    stage.now = 1000;
    eye.settled?.();
    stage.now = 61_000;
    objects(() => eye.settled?.(), /says registered at/);
  });

  it('in calm weather is refreshed at the primary alone', () => {
    const stage = new Stage();
    const eye = stage.look(oneBindingRefreshed(() => 1000));
    const registered: PhoneEvent = {
      event: 'registration',
      line: 1,
      state: 'registered',
      server: 'backup',
      target: BACKUP,
    };
    eye.event?.(registered);
    stage.now = 1000;
    eye.event?.({ ...registered, server: 'primary', target: PRIMARY });
    objects(() => eye.event?.(registered), /refreshed at the backup/);
  });
});
