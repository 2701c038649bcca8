/** Action URIs: which happening asks which address, what its variables say, and that nothing breaks out of its place. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { ActionMemory, Surroundings } from '../../../../firmware/actions/actions.ts';
import { actionsOf, addressOf, hookAction, NO_MEMORY } from '../../../../firmware/actions/actions.ts';
import type { PhoneEvent } from '../../../../firmware/events.ts';
import { lineSettings } from '../../../support/settings.ts';

const around = (now = 0): Surroundings => ({
  now,
  lines: [
    lineSettings({
      ...{ userName: '2001', authName: 'auth', displayName: 'Ada' },
      proxy: { primary: { name: 'pbx.example', port: 0 }, backup: null },
    }),
  ],
  localIp: '192.0.2.7',
  activeProxy: () => 'backup.example',
});

/** Names of the actions of each event, one after the other. */
function run(...events: readonly (readonly [at: number, event: PhoneEvent])[]) {
  let memory: ActionMemory = NO_MEMORY;
  return events.map(([at, event]) => {
    const found = actionsOf(event, memory, around(at));
    memory = found.memory;
    return found.actions;
  });
}
const call = (
  state: 'dialing' | 'ringing' | 'connected' | 'held' | 'ended',
  direction: 'in' | 'out' = 'in',
): PhoneEvent => ({
  ...{ event: 'call', id: 'c', line: 1, state, direction, peer: 'sip:2002@pbx.example', name: 'Ben' },
});
const registration = (state: 'trying' | 'registered' | 'rejected' | 'waiting' | 'off', code?: number): PhoneEvent => ({
  ...{ event: 'registration', line: 1, state },
  ...(code === undefined ? {} : { code }),
});
const names = (all: ReturnType<typeof run>): readonly (readonly string[])[] =>
  all.map((actions) => actions.map(({ name }) => name));

describe('a happening', () => {
  it('of a call asks once each: ringing, connected, over; hold is none', () => {
    const all = run(
      [0, call('ringing')],
      [1000, call('connected')],
      [2000, call('held')],
      [3000, call('connected')],
      [9400, call('ended')],
    );
    assert.deepEqual(names(all), [['incoming'], ['connected'], [], [], ['disconnected']]);
    const { REMOTENUMBER, INCOMINGNAME, CALLDIRECTION, CALLDURATION, SIPUSERNAME, ACTIVEPROXY } =
      all[4]?.[0]?.variables ?? {};
    assert.deepEqual(
      [REMOTENUMBER, INCOMINGNAME, CALLDIRECTION, CALLDURATION, SIPUSERNAME, ACTIVEPROXY],
      ['2002', 'Ben', 'incoming', '8', '2001', 'backup.example'],
    );
    assert.deepEqual(names(run([0, call('dialing', 'out')], [1, call('ringing', 'out')])), [['outgoing'], []]);
  });

  it('has every variable of the original: of the call, of its line, of the phone', () => {
    const [, connected = [], over = []] = run(
      [0, call('dialing', 'out')],
      [0, call('connected', 'out')],
      [2600, call('ended', 'out')],
    );
    const line = {
      ...{ SIPUSERNAME: '2001', SIPAUTHNAME: 'auth', DISPLAYNAME: 'Ada', LOCALIP: '192.0.2.7' },
      ...{ PROXYURL: 'pbx.example', ACTIVEPROXY: 'backup.example' },
    };
    const far = { REMOTENUMBER: '2002', INCOMINGNAME: '', CALLDIRECTION: 'outgoing' };
    assert.deepEqual(connected[0]?.variables, { ...line, ...far, LINESTATE: 'CONNECTED', CALLDURATION: '0' });
    assert.deepEqual(over[0]?.variables, { ...line, ...far, LINESTATE: 'DISCONNECTED', CALLDURATION: '3' });
    assert.deepEqual(hookAction('off', around()).variables, { ...line, LINESTATE: 'IDLE' });
    const [told = []] = run([0, registration('waiting')]);
    assert.deepEqual(told[0]?.variables, {
      ...{ ...line, LINESTATE: 'IDLE' },
      ...{ REGISTRATIONSTATE: 'TIMEOUT', REGISTRATIONCODE: '408' },
    });
  });

  it('of a registration asks where it changes: a second timeout in a row is no news', () => {
    const all = run(
      ...[
        registration('trying'),
        registration('registered'),
        registration('registered'),
        registration('waiting'),
        registration('waiting'),
      ].map((event): [number, PhoneEvent] => [0, event]),
      [0, registration('rejected', 403)],
      [0, registration('registered')],
    );
    assert.deepEqual(names(all), [
      [],
      ['registration event', 'registered'],
      [],
      ['registration event'],
      [],
      ['registration event'],
      ['registration event', 'registered'],
    ]);
    const told = all.flat().filter(({ name }) => name === 'registration event');
    assert.deepEqual(
      told.map(({ variables }) => [variables['REGISTRATIONSTATE'], variables['REGISTRATIONCODE']]),
      [
        ['REGISTERED', '200'],
        ['TIMEOUT', '408'],
        ['REFUSED', '403'],
        ['REGISTERED', '200'],
      ],
    );
  });

  it('of the handset and of the start', () => {
    assert.deepEqual([hookAction('off', around()).name, hookAction('on', around()).name], ['offhook', 'onhook']);
    const ready = {
      event: 'ready',
      sip: [],
      http: null,
      https: null,
      profile: 'modern',
      model: '57i',
      lines: 1,
    } as const;
    assert.deepEqual(names(run([0, ready])), [['startup']]);
    assert.deepEqual(names(run([0, { event: 'stopped', code: 0 }])), [[]]);
  });
});

describe('an address', () => {
  it('has its variables filled in, and those that mean nothing here empty', () => {
    assert.equal(
      addressOf('http://h/x?n=$$REMOTENUMBER$$&d=$$CALLDURATION$$&p=$$NOSUCH$$', {
        REMOTENUMBER: '+49 30',
        CALLDURATION: '8',
      }),
      'http://h/x?n=%2B49%2030&d=8&p=',
    );
  });

  it('is nothing but HTTP, without a user', () => {
    for (const uri of [
      '',
      'file:///etc/passwd',
      'javascript:alert(1)',
      'http://',
      'http://u:p@h/',
      'http://h\\x',
      'http://h /',
      'http://$$REMOTENUMBER$$',
    ])
      assert.equal(addressOf(uri, {}), null, uri);
  });

  it('a caller called ".." leads nowhere else on the server', () => {
    for (const REMOTENUMBER of ['.', '..', '%2e%2E'])
      assert.equal(
        addressOf('http://h/calls/$$REMOTENUMBER$$/log?n=$$REMOTENUMBER$$', { REMOTENUMBER }),
        REMOTENUMBER.startsWith('%') ? 'http://h/calls/%252e%252E/log?n=%252e%252E' : null,
      );
    assert.equal(addressOf('http://h/.$$REMOTENUMBER$$', { REMOTENUMBER: '.' }), null);
    assert.equal(addressOf('http://h/a?n=/$$REMOTENUMBER$$/', { REMOTENUMBER: '..' }), 'http://h/a?n=/../');
    assert.equal(addressOf('http://h/...x/$$REMOTENUMBER$$', { REMOTENUMBER: '1.2' }), 'http://h/...x/1.2');
  });

  it('has its host from our own settings alone: no caller chooses whom the phone asks', () => {
    const variables = { REMOTENUMBER: 'evil.example', ACTIVEPROXY: 'backup.example' };
    assert.equal(
      addressOf('http://$$ACTIVEPROXY$$:8080/$$REMOTENUMBER$$', variables),
      'http://backup.example:8080/evil.example',
    );
    assert.equal(addressOf('http://$$REMOTENUMBER$$/', variables), null);
    assert.equal(addressOf('http://h.$$REMOTENUMBER$$/', variables), 'http://h./');
  });

  it('cannot be left by what a caller is called: no line, no header, no further parameter, no other host', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        const address =
          addressOf('http://h.example/a?n=$$INCOMINGNAME$$&end=1', { INCOMINGNAME: text }) ?? assert.fail();
        const url = new URL(address);
        assert.deepEqual(
          [url.host, url.pathname, url.hash, [...url.searchParams.keys()]],
          ['h.example', '/a', '', ['n', 'end']],
        );
        assert.equal(url.searchParams.get('n'), text.replace(/\p{Surrogate}/gu, '\uFFFD'));
        assert.match(address, /^[!-~]+$/);
      }),
    );
  });
});
