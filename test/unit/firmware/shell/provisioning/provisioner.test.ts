/** Provisioning end to end on the disk: files come, are kept as one, act when nobody is on the phone; nothing that fails loses them. */
import assert from 'node:assert/strict';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { createSettingsStore } from '../../../../../firmware/shell/settings-store.ts';
import type { Files } from './rig.ts';
import { DEVICE, folder, HERE, kept, problems, rig, server, until } from './rig.ts';

describe('files', () => {
  it('come in order, act, and are kept as one that others cannot read', async () => {
    const { port, asked } = await server({
      'aastra.cfg': 'sip registrar ip: r.example\nsip user name: all\n',
      '00085D000001.cfg': 'sip user name: mine\n',
    });
    const at = await rig(port);
    assert.equal(await at.round(), 'changed');
    await until('in force', () => at.applied.length === 1);
    assert.deepEqual(asked, ['aastra.cfg', '57i.cfg', '00085D000001.cfg']);
    assert.equal(at.applied[0]?.lines[0]?.userName, 'mine');
    assert.equal((await stat(join(at.state, 'server.cfg'))).mode & 0o777, 0o600);
    assert.equal(await at.checkSync(), 'same');
    assert.equal(at.applied.length, 1);
  });

  it('act at once when a server says so, and after the call where there is one', async () => {
    const files: Files = { 'aastra.cfg': 'sip user name: 1\n' };
    const { port } = await server(files);
    const at = await rig(port);
    await at.round();
    files['aastra.cfg'] = 'sip user name: 2\n';
    const call = { event: 'call', id: 'c', line: 1, direction: 'in', peer: 'x' } as const;
    at.provisioner.event({ ...call, state: 'ringing' });
    assert.equal(await at.checkSync(), 'changed');
    await pause(50);
    assert.equal(at.applied.length, 1);
    at.provisioner.event({ ...call, state: 'ended' });
    await until('in force', () => at.applied.length === 2);
    assert.equal(at.applied[1]?.lines[0]?.userName, '2');
    assert.equal(at.restarts(), 0);
  });

  it('restart the phone where a change takes it, or where the server wants it', async () => {
    const files: Files = { 'aastra.cfg': 'sip user name: 1\n' };
    const { port } = await server(files);
    const at = await rig(port);
    await at.round();
    files['aastra.cfg'] = 'sip user name: 1\nsip local port: 5080\n';
    await at.checkSync();
    await until('a restart', () => at.restarts() === 1);
    await at.checkSync(true);
    await until('another', () => at.restarts() === 2);
    assert.equal(at.applied.length, 1);
  });

  it('lie under what was set at the phone, but for what is locked or reset', async () => {
    const { port } = await server({
      'aastra.cfg': '!sip user name: 1\nsip screen name: server\n^sip display name: reset\n',
    });
    const place = await folder();
    await writeFile(join(place, 'local.cfg'), 'sip user name: 9\nsip screen name: desk\nsip display name: desk\n');
    const at = await rig(port, { state: place });
    await at.round();
    await until('in force', () => at.applied.length === 1);
    const line = at.applied[0]?.lines[0];
    assert.deepEqual([line?.userName, line?.screenName, line?.displayName], ['1', 'desk', 'reset']);
    assert.equal(
      await readFile(join(place, 'local.cfg'), 'utf8'),
      'sip user name: 9\nsip screen name: desk\nsip display name: desk\n',
    );
  });
});

describe('a server that fails', () => {
  const GOOD: Files = { 'aastra.cfg': 'sip user name: 1\n', '00085D000001.cfg': 'sip screen name: one\n' };

  it('in any way loses nothing: the last whole set stays, and the reason is told once', async () => {
    for (const [bad, why] of [
      [{ '00085D000001.cfg': 500 }, /00085D000001\.cfg: HTTP 500/],
      [{ '00085D000001.cfg': '<html>Log in' }, /web page/],
      [{ '00085D000001.cfg': 'a: 1\n'.repeat(10_001) }, /00085D000001\.cfg has 10001 lines, at most 10000 are read/],
      [{ '00085D000001.cfg': 'a\0\x01\x02' }, /encrypted/],
      [{ 'aastra.cfg': 404, '00085D000001.cfg': 404 }, /holds none of aastra\.cfg, 57i\.cfg, 00085D000001\.cfg/],
      [
        { 'aastra.cfg': 404, '00085D000001.cfg': 404, 'aastra.tuz': 'xx' },
        /aastra\.tuz is encrypted by the vendor's tool/,
      ],
    ] as const) {
      const files: Files = { ...GOOD };
      const { port } = await server(files);
      const at = await rig(port);
      await at.round();
      const before = await kept(at);
      Object.assign(files, bad);
      assert.equal(await at.checkSync(), 'failed');
      assert.equal(await at.checkSync(), 'failed');
      assert.equal(await kept(at), before);
      assert.equal(problems(at).length, 1);
      assert.match(problems(at)[0] ?? '', why);
      assert.equal(at.applied.length, 1);
    }
  });

  it('by being gone leaves the next start what was kept', async () => {
    const { port, close } = await server(GOOD);
    const first = await rig(port);
    await first.round();
    close();
    const again = await rig(port, { state: first.state });
    assert.equal(await again.round(), 'failed');
    assert.match(problems(again)[0] ?? '', /connection refused/);
    const effective = await createSettingsStore(
      { config: [], stateDir: first.state, device: DEVICE },
      () => undefined,
    ).read();
    assert.ok(effective.ok);
    assert.deepEqual(
      [effective.value.settings.lines[0]?.userName, effective.value.effective.get('sip screen name')?.from],
      ['1', '00085D000001.cfg'],
    );
  });

  it('is followed by its next address, and a half set of one is not mixed with another', async () => {
    const half = await server({ 'aastra.cfg': 'sip user name: half\n', '00085D000001.cfg': 503 });
    const whole = await server({ 'aastra.cfg': 'sip user name: whole\n' });
    const at = await rig(half.port, {
      card: 'http server: cfg.example\n',
      leases: () => Promise.resolve(new Map([[66, `http://${HERE}:${whole.port}`]])),
      lookup: (host) => Promise.resolve(host === 'cfg.example' ? [HERE, HERE] : [host]),
    });
    assert.equal(await at.round(), 'changed');
    assert.doesNotMatch(await kept(at), /half/);
    assert.equal(half.asked.filter((name) => name === 'aastra.cfg').length, 2);
    assert.equal(at.provisioner.last()?.from, `http://${HERE}:${whole.port}`);
  });

  it('is no failure where none is named', async () => {
    const at = await rig(1, { card: 'http server: 0.0.0.0\n' });
    assert.equal(await at.round(), 'none');
    assert.deepEqual(problems(at), []);
  });

  it('that DHCP names later on is asked then, as at the start: what takes a restart is restarted for', async () => {
    const { port } = await server({ 'aastra.cfg': 'sip user name: 1\nsip local tls port: 5999\n' });
    let lease = new Map<number, string>();
    const at = await rig(1, { card: 'http server: 0.0.0.0\n', leases: () => Promise.resolve(lease) });
    assert.equal(await at.round(), 'none');
    lease = new Map([[66, `http://${HERE}:${port}`]]);
    assert.equal(await at.leaseChanged(), 'changed');
    await until('a restart', () => at.restarts() === 1);
  });
});

describe('a disk that cannot be written', () => {
  it('keeps the old set and says so', async () => {
    const { port } = await server({ 'aastra.cfg': 'sip user name: 1\n' });
    const at = await rig(port, { stateDir: '/dev/null/state' });
    assert.equal(await at.round(), 'failed');
    assert.match(problems(at)[0] ?? '', /server\.cfg cannot be written \(ENOTDIR\): the last one stays/);
    assert.deepEqual(at.applied, []);
  });
});
