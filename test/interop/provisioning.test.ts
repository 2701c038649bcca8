/** Files from Debian's own servers over loopback: tftpd-hpa, vsftpd, nginx by HTTP and HTTPS; what each says where a file is missing. */
import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Protocol, Source } from '../../firmware/provisioning/sources.ts';
import { download } from '../../firmware/shell/provisioning/download.ts';
import { createAuthority } from '../../scripts/lab/certificates.ts';

const HERE = '127.0.0.1';
/** Hang guard, ms. */
const START_MS = 30_000;
const NAMES = ['aastra.cfg', '57i.cfg', '00085D000001.cfg'];
const FTP_PORT_MIN = 42_000;
/** Longer than a block of TFTP and a window of TCP. */
/** Half a MiB, in fewer lines than a file may have. */
const LONG = Array.from(
  { length: 9_000 },
  (_line, at) => `directory ${at % 100}: ${'folder/'.repeat(4)}list-${at}.csv\n`,
).join('');

let folder = '';
const running: ChildProcess[] = [];
const ports: Record<Protocol, number> = { tftp: 0, ftp: 0, http: 0, https: 0 };
const authority = createAuthority('Authority of the test');

async function freePort(): Promise<number> {
  const server = createServer().listen(0, HERE);
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function start(command: string, args: readonly string[]): void {
  running.push(spawn(command, args, { stdio: 'inherit' }));
}

async function listens(port: number): Promise<void> {
  for (const end = performance.now() + START_MS; ; ) {
    const socket = connect(port, HERE);
    const open = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (open) return;
    assert.ok(performance.now() < end, `nothing listens on ${port}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function startTftp(): void {
  start('in.tftpd', [
    '--foreground',
    '--address',
    `${HERE}:${ports.tftp}`,
    '--user',
    'nobody',
    '--secure',
    join(folder, 'files'),
  ]);
}

function startFtp(): void {
  mkdirSync(join(folder, 'empty'));
  const config = join(folder, 'vsftpd.conf');
  const lines = {
    ...{ listen: 'YES', listen_address: HERE, listen_port: ports.ftp, background: 'NO', anonymous_enable: 'YES' },
    ...{ anon_root: join(folder, 'files'), secure_chroot_dir: join(folder, 'empty'), no_anon_password: 'YES' },
    ...{ pasv_min_port: FTP_PORT_MIN, pasv_max_port: FTP_PORT_MIN + 99, seccomp_sandbox: 'NO' },
  };
  writeFileSync(
    config,
    Object.entries(lines)
      .map(([name, value]) => `${name}=${value}\n`)
      .join(''),
  );
  start('vsftpd', [config]);
}

function startNginx(): void {
  const { certificate, key } = authority.issue({ commonName: 'server', dns: ['cfg.example'] });
  writeFileSync(join(folder, 'cert.pem'), certificate);
  writeFileSync(join(folder, 'key.pem'), key);
  const serve = (listen: string): string => `server { listen ${HERE}:${listen}; root ${join(folder, 'files')}; }`;
  writeFileSync(
    join(folder, 'nginx.conf'),
    `daemon off; master_process off; pid ${folder}/pid; error_log ${folder}/error.log;
events {}
http { access_log off; client_body_temp_path ${folder}/t1; proxy_temp_path ${folder}/t2; fastcgi_temp_path ${folder}/t3;
uwsgi_temp_path ${folder}/t4; scgi_temp_path ${folder}/t5;
${serve(String(ports.http))}
${serve(`${ports.https} ssl`).replace('root', `ssl_certificate ${folder}/cert.pem; ssl_certificate_key ${folder}/key.pem; root`)} }
`,
  );
  start('nginx', ['-c', join(folder, 'nginx.conf'), '-e', join(folder, 'error.log')]);
}

const source = (protocol: Protocol, path = ''): Source => ({
  ...{ protocol, path, port: ports[protocol], host: 'cfg.example' },
  ...{ user: '', password: '', namedBy: 'test' },
});

const fetchFrom = (one: Source) =>
  download({
    ...{ sources: [one], names: NAMES, userAgent: 'Aastra57i', authorities: [authority.certificate] },
    ...{ certificates: 'checked', signal: new AbortController().signal },
    lookup: () => Promise.resolve([HERE]),
  });

describe('configuration files from', () => {
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'holdfast-files-'));
    chmodSync(folder, 0o755);
    for (const path of ['files', 'files/sub', 'files/none']) mkdirSync(join(folder, path), { mode: 0o755 });
    for (const path of ['files', 'files/sub']) {
      writeFileSync(join(folder, path, 'aastra.cfg'), `sip proxy ip: ${path.replace('/', '.')}\n`);
      writeFileSync(join(folder, path, '00085D000001.cfg'), LONG);
    }
    for (const protocol of ['tftp', 'ftp', 'http', 'https'] as const) ports[protocol] = await freePort();
    startTftp();
    startFtp();
    startNginx();
    for (const protocol of ['ftp', 'http', 'https'] as const) await listens(ports[protocol]);
  });
  after(async () => {
    for (const child of running) {
      const gone = child.exitCode === null ? once(child, 'exit') : null;
      child.kill('SIGKILL');
      await gone;
    }
    rmSync(folder, { recursive: true, force: true });
  });

  for (const [protocol, server] of [
    ['tftp', 'tftpd-hpa'],
    ['ftp', 'vsftpd'],
    ['http', 'nginx'],
    ['https', 'nginx by TLS'],
  ] as const) {
    it(`${server}: whole, long and short, from the root and a folder; one that is missing is left out`, async () => {
      for (const [path, name] of [
        ['', 'files'],
        ['sub', 'files.sub'],
      ] as const) {
        const came = await fetchFrom(source(protocol, path));
        assert.ok(came.ok, JSON.stringify(came));
        assert.deepEqual(came.value.files, [
          { name: 'aastra.cfg', text: `sip proxy ip: ${name}\n` },
          { name: '00085D000001.cfg', text: LONG },
        ]);
      }
    });

    it(`${server}: a folder without any is a wrong one`, async () => {
      const came = await fetchFrom(source(protocol, 'none'));
      assert.ok(!came.ok);
      assert.match(came.error.join(), /holds none of aastra\.cfg/);
    });
  }
});
