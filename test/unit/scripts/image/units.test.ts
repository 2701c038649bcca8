/** The image's units and accounts as data: what can be judged without building it. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parseCfg } from '../../../../firmware/config/cfg-file.ts';
import { findParameter } from '../../../../firmware/config/parameters.ts';
import { readValue } from '../../../../firmware/config/values.ts';
import { CARD_MIB, PARTITIONS } from '../../../../scripts/image/card.ts';

const image = (path: string): string => fileURLToPath(new URL(`../../../../scripts/image/${path}`, import.meta.url));
const UNITS = image('root/usr/lib/systemd/system');
const read = (path: string): string => readFileSync(image(path), 'utf8');

describe('units', () => {
  it('the phone is nobody: a user of its own, no capability, no new privilege', () => {
    const unit = read('root/usr/lib/systemd/system/holdfast.service');
    for (const line of ['User=holdfast', 'CapabilityBoundingSet=', 'AmbientCapabilities=', 'NoNewPrivileges=yes'])
      assert.match(unit, new RegExp(`^${line}$`, 'm'));
    // The manager waits longer than the phone takes to un-register (run.ts gives up after 2.5 s).
    assert.ok(Number(/^TimeoutStopSec=(\d+)$/m.exec(unit)?.[1]) > 5);
    assert.match(unit, /^Restart=always$/m);
    assert.match(unit, /^StartLimitIntervalSec=0$/m);
  });

  it('none runs a shell', () => {
    for (const name of readdirSync(UNITS).filter((file) => file.endsWith('.service')))
      for (const line of read(`root/usr/lib/systemd/system/${name}`).split('\n'))
        if (line.startsWith('Exec')) assert.doesNotMatch(line, /\/(?:ba|da)?sh\b|[;&|`]|\$\(/, `${name}: ${line}`);
  });
});

describe('the boot partition', () => {
  it('has a phone.cfg of comments alone: it says nothing, and each of its lines would be understood', () => {
    const text = read('boot/phone.cfg');
    assert.deepEqual(parseCfg(text), { entries: [], problems: [] });
    const { entries, problems } = parseCfg(text.replaceAll(/^#(?=[a-z])/gm, ''));
    assert.deepEqual(problems, []);
    assert.ok(entries.length > 20);
    for (const { name, value } of entries) {
      const found = findParameter(name);
      assert.ok(found?.parameter.active, name);
      assert.ok(readValue(found.parameter.kind, value).ok, `${name}: ${value}`);
    }
  });

  it('names a kernel and an initial RAM file system for the firmware', () => {
    assert.match(read('boot/config.txt'), /^kernel=vmlinuz\ninitramfs initrd\.img followkernel$/m);
    assert.match(read('boot/cmdline.txt'), /root=PARTUUID=@DISK@-02 ro /);
  });
});

describe('the card', () => {
  it('has a size that emulated cards take, and partitions that do not overlap', () => {
    assert.equal(Math.log2(CARD_MIB) % 1, 0);
    let end = 1;
    for (const { startMib, sizeMib } of PARTITIONS) {
      assert.ok(startMib >= end);
      end = startMib + sizeMib;
    }
    assert.ok(end <= CARD_MIB);
  });
});
