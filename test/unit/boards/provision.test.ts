/** A whole phone and its configuration server: an empty card is enough; where a change takes a restart, it starts again. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { Composed, Panel } from '../../../boards/compose.ts';
import { compose } from '../../../boards/compose.ts';
import { createVirtualPanel } from '../../../boards/virtual/panel.ts';
import type { DhcpOptions } from '../../../firmware/provisioning/sources.ts';
import { parseRunArgs } from '../../../firmware/shell/args.ts';
import type { Leases } from '../../../firmware/shell/provisioning/leases.ts';
import type { KeyName } from '../../../hal/devices.ts';
import { folders } from '../../support/folder.ts';

const PATIENCE_MS = 60_000;
const folder = folders();
const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

async function served(text: string, more: Readonly<Record<string, string>> = {}): Promise<number> {
  const files: Readonly<Record<string, string>> = { '/cfg/aastra.cfg': text, ...more };
  const server = createServer((request, response) =>
    files[request.url ?? ''] === undefined ? response.writeHead(404).end() : response.end(files[request.url ?? '']),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanUps.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** `port` of the server that the card names; null = it names none. */
async function start(port: number | null, panel: Panel | null = null, leases?: Leases): Promise<Composed> {
  const place = await folder();
  const config = join(place, 'card.cfg');
  const named = `download protocol: http\nhttp server: 127.0.0.1\nhttp port: ${port}\nhttp path: cfg\n`;
  await writeFile(config, `${port === null ? '' : named}sip local port: 0\n`);
  const args = parseRunArgs(['--config', config, '--state', join(place, 'state'), '--bind', '127.0.0.1'], {});
  assert.ok(args.ok);
  const composed = await compose(args.value, {
    ...{ panel, logLevel: 'silent' },
    ...(leases === undefined ? {} : { leases }),
  });
  assert.ok(composed.ok);
  cleanUps.push(() => composed.value.phone.stop());
  return composed.value;
}

/** A network whose DHCP server says nothing at first. */
function lease(): Leases & { readonly becomes: (option: number, text: string) => void } {
  let now: DhcpOptions = new Map();
  let tell: Parameters<Leases['watch']>[0] = () => undefined;
  return {
    read: () => Promise.resolve(now),
    watch(changed) {
      tell = changed;
      return () => undefined;
    },
    becomes(option, text) {
      const before = now;
      now = new Map([[option, text]]);
      tell(now, before);
    },
  };
}

describe('a phone whose lease comes after it', () => {
  it('registers at the SIP servers that it names, without a restart', async () => {
    const leases = lease();
    const { phone } = await start(await served('sip user name: 2001\n'), null, leases);
    const registrar = (): string => JSON.stringify(phone.host.status().lines[0]?.registrar);
    for (const end = performance.now() + PATIENCE_MS; registrar() !== 'null'; await pause(10))
      assert.ok(performance.now() < end, registrar());
    leases.becomes(120, '\x01\x7f\0\0\x02');
    for (const end = performance.now() + PATIENCE_MS; !registrar().includes('127.0.0.2'); await pause(10))
      assert.ok(performance.now() < end, registrar());
  });
});

describe('a phone with nothing but a network that comes late', () => {
  it('has its lines from the server that DHCP names by option 66', async () => {
    const leases = lease();
    const { phone } = await start(null, null, leases);
    const rounds = (): readonly string[] =>
      phone.events.since(0).flatMap(({ event }) => (event.event === 'provisioning' ? [event.outcome] : []));
    const end = performance.now() + PATIENCE_MS;
    for (; rounds().length === 0; await pause(10)) assert.ok(performance.now() < end, 'no round');
    assert.deepEqual(rounds(), ['none']);
    const port = await served('sip registrar ip: 127.0.0.1\nsip registrar port: 9\nsip user name: 2002\n');
    leases.becomes(66, `http://127.0.0.1:${port}/cfg`);
    for (; phone.host.status().lines[0]?.userName !== '2002'; await pause(10))
      assert.ok(performance.now() < end, rounds().join());
  });
});

describe('a phone with an empty card', () => {
  it('has its lines from the server, without a restart', async () => {
    const { phone } = await start(
      await served('sip registrar ip: 127.0.0.1\nsip registrar port: 9\nsip user name: 2001\n'),
    );
    for (const end = performance.now() + PATIENCE_MS; phone.host.status().lines.length === 0; await pause(10))
      assert.ok(performance.now() < end, 'no line');
    assert.equal(phone.host.status().lines[0]?.userName, '2001');
  });

  it('ends in order to start again where its own port changes', async () => {
    const { phone, again } = await start(await served('sip user name: 2001\nsip local tls port: 5999\n'));
    assert.equal(await phone.ended, 0);
    assert.equal(again(), true);
  });

  it('has the names of the server in its directory', async () => {
    const port = await served('directory 1: all.csv\n', { '/cfg/all.csv': 'Ada, 200\n' });
    const panel = createVirtualPanel('57i');
    cleanUps.push(panel.stop);
    await start(port, panel);
    const shows = async (text: string): Promise<void> => {
      for (
        const end = performance.now() + PATIENCE_MS;
        !panel.rig.panel().lcd.join('\n').includes(text);
        await pause(10)
      )
        assert.ok(performance.now() < end, `${text}: ${panel.rig.panel().lcd.join('\n')}`);
    };
    await shows('Dir');
    const press = async (label: string): Promise<unknown> =>
      panel.rig.key(
        `softkey${Math.floor((panel.rig.panel().lcd.at(-1) ?? '').indexOf(label) / 10) + 1}` as KeyName,
        'press',
        80,
      );
    await press('Dir');
    await shows('> Ada');
    await press('Delete');
    await shows('The server gives these names');
  });
});
