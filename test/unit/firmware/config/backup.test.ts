/** Owns the copy of a phone's own settings: what is in it, what is not, and what restoring one changes. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { backupOf, restoreChanges } from '../../../../firmware/config/backup.ts';
import { parseCfg } from '../../../../firmware/config/cfg-file.ts';
import type { EffectiveSettings } from '../../../../firmware/config/layers.ts';
import { effectiveSettings } from '../../../../firmware/config/layers.ts';

const LOCAL = 'local.cfg';
const phone = (local: string, server = ''): EffectiveSettings['effective'] =>
  effectiveSettings(
    [
      { from: 'aastra.cfg', kind: 'server', entries: parseCfg(server).entries },
      { from: LOCAL, kind: 'local', entries: parseCfg(local).entries },
    ],
    { model: '57i', mac: '00085D000001' },
  ).effective;

const OWN = 'sip proxy ip: "pbx.example.org"\nsip password: "top secret"\nsip screen name: "#1 desk"\n';

describe('a copy of the settings made on the phone', () => {
  it('is a configuration file of them alone, and tells no secret', () => {
    const copy = backupOf(phone(OWN, 'sip user name: 2001'), LOCAL);
    assert.match(copy, /^sip proxy ip: pbx\.example\.org$/m);
    assert.match(copy, /^sip screen name: "#1 desk"$/m);
    assert.match(copy, /^# sip password: set, and not told$/m);
    assert.doesNotMatch(copy, /top secret|2001/);
  });

  it('restored on the same phone it changes nothing', () => {
    assert.deepEqual(restoreChanges(phone(OWN), LOCAL, backupOf(phone(OWN), LOCAL)), {
      changes: [],
      refused: [],
      wrong: [],
    });
  });

  it('restored later it brings back what was, takes out what came, and leaves the password', () => {
    const copy = backupOf(phone(OWN), LOCAL);
    const now = phone('sip proxy ip: other.example.org\nsip password: newer\nsip backup proxy ip: b.example.org\n');
    assert.deepEqual(restoreChanges(now, LOCAL, copy).changes, [
      { name: 'sip backup proxy ip', value: null },
      { name: 'sip proxy ip', value: 'pbx.example.org' },
      { name: 'sip screen name', value: '#1 desk' },
    ]);
  });

  it('with one wrong line it changes nothing, and every wrong line is named', () => {
    const { changes, wrong } = restoreChanges(phone(OWN), LOCAL, 'sip proxy port: many\nno colon\nsip nonsense: 1\n');
    assert.deepEqual(changes, []);
    assert.deepEqual(
      wrong.map((line) => line.slice(0, 7)),
      ['line 2:', 'line 1:', 'line 3:'],
    );
  });

  it('what a file of the administrator locks stays as it is, and is named', () => {
    const locked = phone('', '!sip proxy ip: pbx.example.org');
    const { changes, refused } = restoreChanges(locked, LOCAL, 'sip proxy ip: mine.example.org\n');
    assert.deepEqual(changes, []);
    assert.deepEqual(refused, ['"sip proxy ip" is locked by aastra.cfg']);
  });
});
