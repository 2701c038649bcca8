/** Files in the shapes that FusionPBX, Wazo and FreePBX generate: which values are in force, every trap found, no false alarm. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { EffectiveSettings } from '../../../../firmware/config/layers.ts';
import { effectiveSettings } from '../../../../firmware/config/layers.ts';
import { lint } from '../../../../firmware/config/lint.ts';
import { readLayers } from '../../../../firmware/shell/config-files.ts';

const DEVICE = { model: '57i', mac: '00085D000001' } as const;

async function read(
  folder: string,
): Promise<{ readonly effective: EffectiveSettings; readonly traps: readonly string[] }> {
  const path = fileURLToPath(new URL(`../../../fixtures/config/${folder}`, import.meta.url));
  const layers = await readLayers([path], { ...DEVICE, stateDir: null });
  assert.ok(layers.ok);
  const effective = effectiveSettings(layers.value.layers, DEVICE);
  const problems = [...layers.value.problems, ...lint(effective)];
  // What a release does not act on changes from one to the next.
  const traps = problems.filter(({ code }) => code !== 'not-acted-on' && code !== 'key-not-acted-on');
  return { effective, traps: traps.map(({ code, file, line, parameter }) => `${code} ${file}:${line} ${parameter}`) };
}

const value = ({ effective }: EffectiveSettings, name: string): string | undefined => effective.get(name)?.value;

describe('files in the shape of', () => {
  it('FusionPBX: two lines with servers of their own; the port that hides SRV is found where there is a name, and nothing else', async () => {
    const { effective, traps } = await read('fusionpbx');
    assert.deepEqual(traps, [
      'port-hides-srv 00085D000001.cfg:27 sip line1 registrar port',
      'port-hides-srv 00085D000001.cfg:29 sip line1 proxy port',
    ]);
    const [one, two] = effective.settings.lines;
    assert.deepEqual(
      [one?.userName, one?.screenName, one?.password, one?.registrationPeriodS],
      ['2001', 'Reception', 'fixture-2001', 120],
    );
    assert.deepEqual(one?.registrar, { primary: { name: 'pbx.example.net', port: 5060 }, backup: null });
    assert.deepEqual(two?.proxy, { primary: { name: '192.0.2.20', port: 5060 }, backup: null });
    assert.deepEqual(
      [value(effective, 'download protocol'), value(effective, 'http server'), value(effective, 'time server2')],
      ['http', 'pbx.example.net', '0.0.0.0'],
    );
    assert.deepEqual(
      effective.settings.keys.map(({ name, type }) => [name, type]),
      [
        ['topsoftkey1', 'speeddial'],
        ['softkey1', 'dnd'],
      ],
    );
  });

  it('Wazo: a backup for one line, an empty one for the other; no alarm', async () => {
    const { effective, traps } = await read('wazo');
    assert.deepEqual(traps, []);
    const [one, two] = effective.settings.lines;
    const [primary, backup] = [
      { name: '192.0.2.1', port: 5060 },
      { name: '192.0.2.2', port: 5060 },
    ];
    assert.deepEqual(
      [one?.registrar, one?.proxy],
      [
        { primary, backup },
        { primary, backup },
      ],
    );
    assert.deepEqual(
      [two?.registrar, two?.proxy],
      [
        { primary, backup: null },
        { primary, backup: null },
      ],
    );
    assert.deepEqual([one?.userName, one?.screenName2, two?.displayName], ['a1b2c3', '3001', 'Ben']);
    assert.deepEqual(
      [
        effective.settings.zone.zoneMinutesWest,
        effective.settings.signallingDscp,
        value(effective, 'sip digit timeout'),
      ],
      [-60, 46, '3'],
    );
  });

  it('FreePBX: servers for all lines by SRV, identity for one; no alarm', async () => {
    const { effective, traps } = await read('freepbx');
    assert.deepEqual(traps, []);
    const [line, ...more] = effective.settings.lines;
    assert.deepEqual(more, []);
    assert.deepEqual([line?.userName, line?.screenName, line?.registrationPeriodS], ['4001', '4001 Office', 3600]);
    assert.deepEqual(line?.registrar, { primary: { name: 'pbx.example.net', port: 0 }, backup: null });
    assert.deepEqual(line?.proxy, line?.registrar);
    assert.deepEqual(
      [effective.settings.dialling.plan, effective.settings.dialling.digitTimeoutMs],
      ['x+#|xx+*', 6000],
    );
    assert.deepEqual(
      [value(effective, 'http path'), value(effective, 'tone set'), effective.settings.desk.predial],
      ['/provisioning', 'us', 'off'],
    );
  });
});
