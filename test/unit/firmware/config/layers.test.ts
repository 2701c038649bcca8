/** Layers of files become values in force: order, locks, resets, bad and unknown parameters (original-phone 2). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseCfg } from '../../../../firmware/config/cfg-file.ts';
import type { EffectiveSettings, Layer } from '../../../../firmware/config/layers.ts';
import { effectiveSettings } from '../../../../firmware/config/layers.ts';
import { fromFiles } from '../../../support/files.ts';

const file = (from: string, text: string): Layer => ({ from, kind: 'server', entries: parseCfg(text).entries });
const local = (text: string): Layer => ({ from: 'local.cfg', kind: 'local', entries: parseCfg(text).entries });
const device = { model: '53i', mac: '00085D0000FF' } as const;
const inForce = (...layers: readonly Layer[]): EffectiveSettings => effectiveSettings(layers, device);
const at = ({ effective }: EffectiveSettings, name: string): readonly [string, string] | null => {
  const value = effective.get(name);
  return value === undefined ? null : [value.value, value.from];
};
const faults = ({ problems }: EffectiveSettings): readonly (readonly [string, number, string])[] =>
  problems.map(({ file: name, line, code }) => [name, line, code]);

describe('the order of layers', () => {
  it('is defaults, then server files as they come, then what was set at the phone', () => {
    const layers = [
      file('aastra.cfg', 'sip proxy port: 1\nsip registrar port: 1\nsip outbound proxy port: 1\n'),
      file('00085D0000FF.cfg', 'sip registrar port: 2\nsip outbound proxy port: 2\n'),
      local('sip outbound proxy port: 3\n'),
    ];
    const settings = inForce(...layers);
    assert.deepEqual(at(settings, 'sip backup proxy port'), ['0', 'default']);
    assert.deepEqual(at(settings, 'sip proxy port'), ['1', 'aastra.cfg']);
    assert.deepEqual(at(settings, 'sip registrar port'), ['2', '00085D0000FF.cfg']);
    assert.deepEqual(at(settings, 'sip outbound proxy port'), ['3', 'local.cfg']);
    assert.deepEqual(faults(settings), []);
    const [first, second, third] = layers as [Layer, Layer, Layer];
    assert.deepEqual(at(inForce(third, first, second), 'sip outbound proxy port'), ['3', 'local.cfg']);
  });

  it('takes the later of two values in one file', () => {
    assert.equal(
      inForce(file('a.cfg', 'sip proxy port: 1\nsip proxy port: 2\n')).effective.get('sip proxy port')?.value,
      '2',
    );
  });

  it('the phone itself is what the caller says', () => {
    const { settings } = inForce();
    assert.deepEqual([settings.model, settings.mac, settings.lines], ['53i', '00085D0000FF', []]);
  });
});

describe('a lock', () => {
  it('keeps out what was set at the phone, and says so', () => {
    const settings = inForce(file('a.cfg', '!sip proxy port: 7\n'), local('sip proxy port: 8\n'));
    assert.deepEqual(at(settings, 'sip proxy port'), ['7', 'a.cfg']);
    assert.deepEqual(faults(settings), [['local.cfg', 1, 'locked']]);
  });

  it('is lifted by an unlocked value in a later server file: the mark goes with the value', () => {
    const settings = inForce(
      file('57i.cfg', '!sip proxy ip: 192.0.2.1\n!sip proxy port: 7\n'),
      file('mac.cfg', 'sip proxy port: 8\n'),
      local('sip proxy port: 9\nsip proxy ip: 192.0.2.9\n'),
    );
    assert.deepEqual(at(settings, 'sip proxy port'), ['9', 'local.cfg']);
    assert.deepEqual(at(settings, 'sip proxy ip'), ['192.0.2.1', '57i.cfg']);
  });

  it('holds although its value is bad', () => {
    const settings = inForce(file('a.cfg', '!sip proxy port: many\n'), local('sip proxy port: 8\n'));
    assert.deepEqual(at(settings, 'sip proxy port'), ['0', 'default']);
    assert.deepEqual(faults(settings), [
      ['a.cfg', 1, 'bad-value'],
      ['local.cfg', 1, 'locked'],
    ]);
  });
});

describe('a reset', () => {
  it('takes back what was set at the phone, and says so', () => {
    const settings = inForce(file('a.cfg', '^sip proxy port: 7\n'), local('sip proxy port: 8\n'));
    assert.deepEqual(at(settings, 'sip proxy port'), ['7', 'a.cfg']);
    assert.deepEqual(faults(settings), [['local.cfg', 1, 'reset']]);
  });

  it('goes with its value too', () => {
    const settings = inForce(
      file('a.cfg', '^sip proxy port: 7\n'),
      file('b.cfg', 'sip proxy port: 6\n'),
      local('sip proxy port: 8\n'),
    );
    assert.deepEqual(at(settings, 'sip proxy port'), ['8', 'local.cfg']);
  });
});

describe('a bad value', () => {
  it('is named with file, line, what came and what is allowed; the default is used', () => {
    const settings = inForce(file('a.cfg', '\nsip transport protocol: 9\n'));
    assert.deepEqual(settings.problems, [
      {
        severity: 'error',
        file: 'a.cfg',
        line: 2,
        parameter: 'sip transport protocol',
        code: 'bad-value',
        message: '"9" is no value of "sip transport protocol": expected one of 0, 1, 2, 4; the default is used: 1',
      },
    ]);
    assert.equal(settings.settings.transport, 1);
    assert.deepEqual(at(settings, 'sip transport protocol'), ['1', 'default']);
  });

  it('is not replaced by what an earlier file said: the default is used', () => {
    const settings = inForce(file('a.cfg', 'failover probe period: 60\n'), file('b.cfg', 'failover probe period: 3\n'));
    assert.equal(settings.settings.failover.probePeriodS, 15);
  });

  it('is shown in part where it is long, and not at all where it is a secret', () => {
    const long = inForce(file('a.cfg', `sip proxy ip: ${'x '.repeat(100)}\n`)).problems[0]?.message ?? '';
    assert.equal(long.includes('x '.repeat(31)), false);
    const hidden = inForce(file('a.cfg', `sip line1 password: ${'s3cret'.repeat(30)}\n`)).problems[0]?.message ?? '';
    assert.doesNotMatch(hidden, /s3cret/);
    assert.match(hidden, /"sip line1 password".*at most 128.*nothing/);
  });

  it('of a timer leaves the timer unset: the rules of the profile hold', () => {
    const { timers } = inForce(
      file('a.cfg', 'sip transaction timer: 3999\nsip registration retry timer: 29\n'),
    ).settings;
    assert.deepEqual([timers.transactionMs, timers.registrationRetryS], [null, null]);
  });
});

describe('an unknown parameter', () => {
  const message = (text: string): string => inForce(file('a.cfg', text)).problems[0]?.message ?? '';

  it('is kept as it is and reported with the nearest known one', () => {
    const settings = inForce(file('a.cfg', 'sip registar ip: 192.0.2.9\n'));
    assert.deepEqual(at(settings, 'sip registar ip'), ['192.0.2.9', 'a.cfg']);
    assert.deepEqual(
      settings.problems.map(({ severity, code }) => [severity, code]),
      [['warning', 'unknown-parameter']],
    );
    assert.match(message('sip registar ip: 192.0.2.9\n'), /did you mean "sip registrar ip"\?/);
  });

  it('has no suggestion where none is near', () => {
    assert.equal(message('colour of the case: grey\n'), '"colour of the case" is not known, and kept as it is');
  });

  it('is one of thousands: each is told, the nearest known one of the first hundred alone', () => {
    const text = Array.from({ length: 1000 }, (_name, index) => `sip registar ip${index}: x\n`).join('');
    const { problems } = inForce(file('a.cfg', text));
    const hinted = problems.filter(({ message: said }) => said.includes('did you mean'));
    assert.deepEqual([problems.length, hinted.length], [1000, 100]);
  });

  it('tells what a line number has to do with it', () => {
    assert.match(message('sip line12 proxy ip: 192.0.2.1\n'), /lines are 1 to 9/);
    assert.match(message('sip line2 transaction timer: 4000\n'), /"sip transaction timer" holds for all lines/);
  });
});

describe('a parameter that this release does not act on', () => {
  it('says what is so without it where an administrator relies on it', () => {
    const said = (line: string) => inForce(file('a.cfg', `${line}\n`)).problems.map(({ message }) => message);
    assert.match(said('phone lock: 1')[0] ?? '', /: anybody at the desk dials any number$/);
    for (const line of ['phone lock: 0', 'preferred line: 2']) assert.match(said(line)[0] ?? '', /does not act on it$/);
  });

  it('is kept and named, but not where it was set at the phone', () => {
    const settings = inForce(
      file('a.cfg', 'expmod1 key1 type: blf\n'),
      local(`handset volume: 5\nfirmware md5: ${'0'.repeat(32)}\n`),
    );
    assert.deepEqual(faults(settings), [['a.cfg', 1, 'not-acted-on']]);
    assert.deepEqual(at(settings, 'expmod1 key1 type'), ['blf', 'a.cfg']);
    assert.deepEqual(at(settings, 'handset volume'), ['5', 'local.cfg']);
  });
});

describe('a name without a value', () => {
  it('has its default, without a word: generators write every name', () => {
    const settings = inForce(
      file('a.cfg', 'sip proxy port:\nsip transport protocol: ""\nsip proxy ip:\ntime format:\n'),
    );
    assert.deepEqual(faults(settings), []);
    assert.deepEqual(at(settings, 'sip proxy port'), ['0', 'a.cfg']);
    assert.deepEqual(at(settings, 'sip transport protocol'), ['1', 'a.cfg']);
    assert.deepEqual(at(settings, 'sip proxy ip'), ['0.0.0.0', 'a.cfg']);
  });
});

describe('typed settings', () => {
  it('are the defaults where nothing is given; timers of the profiles are unset', () => {
    const { settings } = inForce();
    assert.deepEqual(settings.timers, {
      t1Ms: 500,
      t2Ms: 4000,
      transactionMs: null,
      registrationRetryS: null,
      registrationTimeoutRetryS: null,
      registrationRenewalS: 15,
      blacklistS: 300,
    });
    assert.deepEqual(settings.failover, {
      profile: 'modern',
      probePeriodS: 15,
      hedgeLimitMs: 2000,
      codes: [408, 500, 502, 503, 504],
      jitterS: 1,
      startSpreadS: 0,
    });
    assert.deepEqual([settings.transport, settings.dnsQueryType, settings.localPort], [1, 1, 5060]);
    assert.deepEqual(
      [settings.sendMac, settings.sendLine, settings.clock24, settings.zone.zoneMinutesWest],
      [false, false, true, 0],
    );
  });

  it('are what is given', () => {
    const { settings, problems } = fromFiles(
      `sip t1 timer: 250\nsip t2 timer: 0\nsip transaction timer: 8000\nsip registration retry timer: 60
sip registration renewal timer: 5\nsip blacklist duration: 0\nfailover profile: R2.1\nfailover probe period: 0
failover hedge limit: 300\nfailover codes: 503,500\nfailover jitter: 60\nfailover start spread: 10
sip transport protocol: 4\nsip dns query type: 2\nsip local port: 0\nsip send mac: 1\nsip send line: 1
time format: 0\ntime zone minutes: -60\nsip registration timeout retry timer: 45\n`,
    );
    assert.deepEqual(problems, []);
    assert.deepEqual(settings.timers, {
      t1Ms: 250,
      t2Ms: 4000,
      transactionMs: 8000,
      registrationRetryS: 60,
      registrationTimeoutRetryS: 45,
      registrationRenewalS: 5,
      blacklistS: 0,
    });
    assert.deepEqual(settings.failover, {
      profile: 'r2.1',
      probePeriodS: 0,
      hedgeLimitMs: 300,
      codes: [503, 500],
      jitterS: 60,
      startSpreadS: 10,
    });
    assert.deepEqual([settings.transport, settings.dnsQueryType, settings.localPort], [4, 2, 0]);
    assert.deepEqual(
      [settings.sendMac, settings.sendLine, settings.clock24, settings.zone.zoneMinutesWest],
      [true, true, false, -60],
    );
  });

  it('a registration timeout retry below 30 s is raised to 30, and the person is told', () => {
    const { settings, problems } = fromFiles('sip registration timeout retry timer: 5\n');
    assert.equal(settings.timers.registrationTimeoutRetryS, 30);
    assert.deepEqual(
      problems.map(({ severity, code, line }) => [severity, code, line]),
      [['warning', 'raised', 1]],
    );
  });

  it('0 is the default of a retransmission timer, as the forms of the original mean it, and no word is said', () => {
    const { settings, problems } = fromFiles('sip t1 timer: 0\nsip t2 timer: 0\n');
    assert.deepEqual([settings.timers.t1Ms, settings.timers.t2Ms], [500, 4000]);
    assert.deepEqual(problems, []);
  });

  it('no code at all advances where the list is empty', () => {
    assert.deepEqual(fromFiles('failover codes:\n').settings.failover.codes, []);
  });
});
