/** The one table of parameters: what a name in a file means, which name was meant, and what is secret. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { looksSecret, nearestName } from '../../../../firmware/config/nearest.ts';
import { findParameter, isSecret, PARAMETERS, SET_MEMBERS, spelled } from '../../../../firmware/config/parameters.ts';

const found = (name: string): readonly [string, number | null] | null => {
  const named = findParameter(name);
  return named === null ? null : [named.parameter.name, named.line];
};

describe('a name in a file', () => {
  it('is global, or that of a line from 1 to 9', () => {
    assert.deepEqual(found('sip proxy ip'), ['sip proxy ip', null]);
    assert.deepEqual(found('sip line1 proxy ip'), ['sip proxy ip', 1]);
    assert.deepEqual(found('sip line9 backup outbound proxy port'), ['sip backup outbound proxy port', 9]);
    for (const name of ['sip line0 proxy ip', 'sip line10 proxy ip', 'sip line proxy ip', 'sip linex proxy ip'])
      assert.equal(found(name), null, name);
  });

  it('has a form for a line only where the original has one', () => {
    assert.equal(found('sip line1 transport protocol'), null);
    assert.equal(found('sip line1 failover profile'), null);
    assert.deepEqual(found('sip line2 call waiting'), ['call waiting', 2]);
  });

  it('is the one that spelled gives, for every parameter of every line', () => {
    for (const { name, scope } of PARAMETERS.filter((parameter) => parameter.scope !== 'family'))
      for (const line of scope === 'line' ? [null, 1, 9] : [null])
        assert.deepEqual(found(spelled(name, line)), [name, line]);
  });

  it('may belong to a family: N is a number of one or two digits', () => {
    assert.deepEqual(found('softkey20 type'), ['softkeyN type', null]);
    assert.deepEqual(found('expmod1 key60 value'), ['expmodN keyN value', null]);
    assert.deepEqual(found('line3 ring tone'), ['lineN ring tone', null]);
    for (const name of ['softkey type', 'softkey200 type', 'softkeyn type', 'expmod1 key type'])
      assert.equal(found(name), null, name);
  });
});

describe('the table', () => {
  it('has every name once', () => {
    assert.equal(new Set(PARAMETERS.map(({ name }) => name.toLowerCase())).size, PARAMETERS.length);
  });

  it('has the sets of the original', () => {
    const servers = [
      'proxy ip',
      'proxy port',
      'registrar ip',
      'registrar port',
      'outbound proxy',
      'outbound proxy port',
    ];
    assert.deepEqual(
      [...SET_MEMBERS.network].sort(),
      [...servers.flatMap((server) => [`sip ${server}`, `sip backup ${server}`]), 'sip registration period'].sort(),
    );
    assert.deepEqual(
      [...SET_MEMBERS.auth].sort(),
      ['auth name', 'bla number', 'display name', 'mode', 'password', 'screen name', 'screen name 2', 'user name']
        .map((name) => `sip ${name}`)
        .sort(),
    );
  });

  it('says of everything that the phone acts on what it does and who says so', () => {
    for (const { name, active, effect, source } of PARAMETERS) {
      assert.match(source, /^(original-phone [\d.]+|rules \d)$/, name);
      if (active) assert.notEqual(effect, '', name);
    }
  });
});

describe('did you mean', () => {
  it('the nearest name, for a line in its own spelling', () => {
    assert.equal(nearestName('sip registar ip'), 'sip registrar ip');
    assert.equal(nearestName('sip line3 registar ip'), 'sip line3 registrar ip');
    assert.equal(nearestName('failover profil'), 'failover profile');
  });

  it('nothing where every name is far, the word is short or very long', () => {
    for (const name of ['colour of the case', 'xx', 'i', `sip proxy ip${' x'.repeat(100)}`])
      assert.equal(nearestName(name), null, name);
  });
});

describe('secrets', () => {
  it('are those of every line, of every spelling, and of unknown names that sound like one', () => {
    for (const name of [
      'sip password',
      'sip line3 password',
      'api token',
      'admin password',
      'xmpp passwd',
      'some secret',
    ])
      assert.equal(isSecret(name), true, name);
    for (const name of ['sip user name', 'sip proxy ip', 'softkey1 value']) assert.equal(isSecret(name), false, name);
  });

  it('are hidden with a slip of the pen too', () => {
    for (const name of ['sip pasword', 'sip line1 pssword', 'sip password'])
      assert.equal(looksSecret(name), true, name);
    for (const name of ['sip registar ip', 'colour of the case']) assert.equal(looksSecret(name), false, name);
  });
});
