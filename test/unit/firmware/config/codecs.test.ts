/** `sip customized codec` and `sip use basic codecs`: what is offered, and what lint says of the rest (original-phone 1.6). */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { parseCfg } from '../../../../firmware/config/cfg-file.ts';
import { effectiveSettings } from '../../../../firmware/config/layers.ts';
import { lint } from '../../../../firmware/config/lint.ts';

const read = (text: string) =>
  effectiveSettings([{ from: 'aastra.cfg', kind: 'server', entries: parseCfg(text).entries }], {
    model: '57i',
    mac: '00085D000001',
  });

const offered = (text: string): string => {
  const { codecs, ptimeMs } = read(text).settings.calls;
  return `${codecs.join(' ')} ${ptimeMs}`;
};

const traps = (text: string): readonly string[] =>
  lint(read(text)).flatMap(({ parameter, code, message }) =>
    parameter === 'sip customized codec' ? [`${code}: ${message}`] : [],
  );

it('without any word all codecs are offered, the best first, 20 ms in a packet', () =>
  assert.equal(offered(''), 'G722 PCMU PCMA 20'));

it('a list says which, in which order, and how much is in a packet', () => {
  assert.equal(offered('sip customized codec: "payload=8;ptime=30;silsupp=off,payload=0;ptime=20"'), 'PCMA PCMU 30');
  assert.equal(offered('sip customized codec: payload=9'), 'G722 20');
  assert.equal(offered('sip customized codec: payload=0, payload=8;ptime=10, payload=0'), 'PCMU PCMA 10');
});

it('what is not spoken here is left out; lint names a ptime that is not taken', () => {
  const text = 'sip customized codec: payload=18;ptime=20,payload=8;ptime=5';
  assert.equal(offered(text), 'PCMA 20');
  assert.deepEqual(traps(text), ['ptime-not-taken: ptime 5 is not taken: 10, 20 … 60 ms are']);
  assert.deepEqual(traps('sip customized codec: payload=18;ptime=20,payload=8;ptime=20'), []);
});

it('a list without any codec of this phone is not used: nobody is left without a voice', () => {
  assert.equal(offered('sip customized codec: payload=18'), 'G722 PCMU PCMA 20');
  assert.deepEqual(traps('sip customized codec: payload=18'), [
    'codec-not-spoken: payload 18 is not spoken here: the list is not used',
  ]);
});

it('basic codecs are G.711 with 30 ms, and a list goes before them', () => {
  assert.equal(offered('sip use basic codecs: 1'), 'PCMA PCMU 30');
  assert.equal(offered('sip use basic codecs: 1\nsip customized codec: payload=9'), 'G722 20');
  assert.deepEqual(traps('sip use basic codecs: 1'), []);
});
