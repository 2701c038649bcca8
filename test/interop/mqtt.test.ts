/** A whole phone and Debian's mosquitto: Home Assistant's discovery as a reader sees it, moves and calls, the will, passwords, a broker that dies. */
import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { Composed } from '../../boards/compose.ts';
import { compose } from '../../boards/compose.ts';
import { parseRunArgs } from '../../firmware/shell/args.ts';
import { createAuthority } from '../../scripts/lab/certificates.ts';
import type { Lab } from '../../scripts/lab/lab.ts';
import { startLab } from '../../scripts/lab/lab.ts';

const HERE = '127.0.0.1';
/** Hang guard, ms. */
const PATIENCE_MS = 60_000;
const MAC = '00085D0000AB';
const STATE = `holdfast/${MAC}/state`;
const STATUS = `holdfast/${MAC}/status`;

let folder = '';
let port = 0;
let securePort = 0;
let broker: ChildProcess | null = null;
let reader: ChildProcess | null = null;
let lab: Lab;
let phone: Composed;
/** The last word of each topic, as another program reads it. */
const heard = new Map<string, string>();

async function freePort(): Promise<number> {
  const server = createServer().listen(0, HERE);
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = performance.now() + PATIENCE_MS; !(await holds()); await pause(50))
    assert.ok(performance.now() < end, `${what}: not within ${PATIENCE_MS} ms`);
}

const answers = async (): Promise<boolean> => {
  const socket = connect(port, HERE);
  const open = await once(socket, 'connect').then(
    () => true,
    () => false,
  );
  socket.destroy();
  return open;
};

async function startBroker(): Promise<void> {
  broker = spawn('mosquitto', ['-c', join(folder, 'mosquitto.conf')], { stdio: 'ignore' });
  await until('the broker', answers);
}

function startReader(): void {
  const args = ['-h', HERE, '-p', String(port), '-u', 'reader', '-P', 'reads', '-t', '#', '-F', '%t %p'];
  reader = spawn('mosquitto_sub', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let rest = '';
  reader.stdout?.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString()).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const [topic = ''] = line.split(' ', 1);
      heard.set(topic, line.slice(topic.length + 1));
    }
  });
}

const stateOf = (): Record<string, Record<string, unknown>> =>
  JSON.parse(heard.get(STATE) ?? '{}') as Record<string, Record<string, unknown>>;

/** An empty word takes one back. */
const entityTopics = (): readonly string[] =>
  [...heard].flatMap(([topic, text]) => (topic.startsWith('homeassistant/') && text !== '' ? [topic] : []));

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-mqtt-'));
  chmodSync(folder, 0o755);
  port = await freePort();
  securePort = await freePort();
  const authority = createAuthority('House');
  const { certificate, key } = authority.issue({ addresses: [HERE] });
  for (const [name, text] of [
    ['house.pem', authority.certificate],
    ['other.pem', createAuthority('Other').certificate],
    ['broker.pem', certificate],
    ['broker.key', key],
  ] as const) {
    writeFileSync(join(folder, name), text);
    chmodSync(join(folder, name), 0o644);
  }
  const passwords = join(folder, 'passwords');
  for (const [index, [user, password]] of [
    ['reader', 'reads'],
    ['desk', 'publishes'],
  ].entries())
    spawnSync('mosquitto_passwd', [...(index === 0 ? ['-c'] : []), '-b', passwords, user ?? '', password ?? '']);
  chmodSync(passwords, 0o644);
  writeFileSync(
    join(folder, 'mosquitto.conf'),
    [
      `listener ${port} ${HERE}`,
      ...[
        `listener ${securePort} ${HERE}`,
        `certfile ${join(folder, 'broker.pem')}`,
        `keyfile ${join(folder, 'broker.key')}`,
      ],
      ...['allow_anonymous false', `password_file ${passwords}`, ''],
    ].join('\n'),
  );
  await startBroker();
  startReader();
  lab = await startLab({ accounts: 1, extraConfig: ['failover probe period: 5', 'failover jitter: 0'] });
  const config = join(folder, 'phone.cfg');
  const own = [`mqtt server: ${HERE}`, `mqtt port: ${port}`, 'mqtt username: desk', 'mqtt password: publishes'];
  await writeFile(config, [await readFile(lab.info().config, 'utf8'), ...own, ''].join('\n'));
  const args = parseRunArgs(
    ['--config', config, '--state', join(folder, 'state'), '--dns', lab.info().dns, '--bind', HERE, '--mac', MAC],
    {},
  );
  assert.ok(args.ok);
  const composed = await compose(args.value, { panel: null, logLevel: 'silent' });
  assert.ok(composed.ok);
  phone = composed.value;
});

after(async () => {
  await phone?.phone.stop();
  await lab?.stop();
  reader?.kill();
  broker?.kill();
  rmSync(folder, { recursive: true, force: true });
});

describe('Home Assistant by way of mosquitto', () => {
  it('finds the phone: its entities are retained, it is online, and its line is on the primary', async () => {
    await until('registered', () => stateOf()['line1']?.['server'] === 'primary');
    assert.equal(heard.get(STATUS), 'online');
    const entities = entityTopics();
    assert.equal(entities.length, 6);
    for (const topic of entities) {
      const config = JSON.parse(heard.get(topic) ?? '') as Record<string, string>;
      assert.equal(config['state_topic'], STATE);
      assert.equal(config['availability_topic'], STATUS);
    }
    for (const text of heard.values())
      for (const secret of ['publishes', lab.info().accounts[0]?.password ?? '?'])
        assert.ok(!text.includes(secret), 'a secret at the broker');
  });

  it('sees the move to the backup and a call', async () => {
    assert.equal((await lab.fault('primary', 'kill')).ok, true);
    await until(
      'on the backup',
      () => stateOf()['line1']?.['server'] === 'backup' && String(stateOf()['backup']) === 'ON',
    );
    phone.phone.input({
      kind: 'command',
      id: 'call',
      command: { verb: 'dial', target: lab.info().callee.uri, line: null },
    });
    await until('a call', () => stateOf()['line1']?.['call'] === 'connected');
  });

  it('a broker that dies costs the call nothing; when it is back, all is there again', async () => {
    broker?.kill('SIGKILL');
    await until('gone', async () => !(await answers()));
    await pause(500);
    assert.equal(phone.phone.host.status().lines[0]?.registrar?.state, 'registered');
    heard.clear();
    reader?.kill();
    await Promise.all([startBroker()]);
    startReader();
    await until('there again', () => heard.get(STATUS) === 'online' && stateOf()['line1']?.['call'] === 'connected');
    assert.equal(entityTopics().length, 6);
  });

  it('a wrong password is named as the trouble that it is, and told nowhere', async () => {
    assert.deepEqual(await phone.set('mqtt password', 'wrong-word'), { ok: true, value: null });
    const problems = (): readonly string[] =>
      phone.phone.events.since(0).flatMap(({ json }) => (json.includes('"mqtt:') ? [json] : []));
    await until('refused', () => problems().some((json) => /not allowed to connect|password is wrong/.test(json)));
    assert.ok(problems().every((json) => !json.includes('wrong-word')));
    await phone.set('mqtt password', 'publishes');
    await until('online again', () => heard.get(STATUS) === 'online');
  });

  it('over TLS: a broker that the house vouches for is told all, one that others vouch for is told nothing', async () => {
    const problems = (): number =>
      phone.phone.events.since(0).filter(({ json }) => /"mqtt: the broker.s certificate is not accepted/.test(json))
        .length;
    await phone.set('sips trusted certificates', 'other.pem');
    await phone.set('mqtt tls', '1');
    heard.delete(STATUS);
    await phone.set('mqtt port', String(securePort));
    await until('refused', () => problems() > 0);
    await phone.set('sips trusted certificates', 'house.pem');
    // Another pause would be waited out: whatever changes makes a connection at once.
    await phone.set('mqtt topic', 'house');
    await until('online over TLS', () => heard.get(`house/${MAC}/status`) === 'online');
    await phone.set('mqtt topic', 'holdfast');
    await until('online again', () => heard.get(STATUS) === 'online');
  });

  it('is told that the phone has gone, when it ends', async () => {
    await phone.phone.stop();
    await until('offline', () => heard.get(STATUS) === 'offline');
  });
});
