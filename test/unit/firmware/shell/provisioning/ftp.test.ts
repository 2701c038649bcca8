/** FTP against servers that are slow, endless, cut short, or that lie: about their machine, about the end, about what they speak. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo, Server, Socket } from 'node:net';
import { createServer } from 'node:net';
import { afterEach, describe, it } from 'node:test';
import type { Fetched } from '../../../../../firmware/shell/provisioning/fetched.ts';
import { fetchFtp } from '../../../../../firmware/shell/provisioning/ftp.ts';

const HERE = '127.0.0.1';
const cleanUps: (() => unknown)[] = [];
afterEach(() => {
  for (const cleanUp of cleanUps.splice(0)) cleanUp();
});

async function listening(serve: (socket: Socket) => unknown, at = HERE): Promise<number> {
  const sockets: Socket[] = [];
  const server: Server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    serve(socket);
  }).listen(0, at);
  cleanUps.push(
    () => sockets.map((socket) => socket.destroy()),
    () => server.close(),
  );
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

interface Lies {
  /** Answers by command, instead of an honest server's; null = silence. */
  readonly says?: Readonly<Record<string, string | null>>;
  /** What goes over the data connection. */
  readonly data?: (socket: Socket) => unknown;
  /** Over the control connection, when the data is through. */
  readonly end?: string | null;
}

/** As much of a server as one download needs; `asked` = the commands that came. */
async function ftpServer({
  says = {},
  data = (socket) => socket.end('time format: 1\n'),
  end = '226 done',
}: Lies): Promise<{
  readonly port: number;
  readonly asked: string[];
}> {
  const asked: string[] = [];
  let told: (line: string) => void = () => undefined;
  const dataPort = await listening((socket) => {
    told('150 here it comes');
    data(socket);
    socket.on('close', () => {
      if (end !== null) told(end);
    });
  });
  const pasv = `227 Entering Passive Mode (127,0,0,1,${dataPort >> 8},${dataPort & 0xff})`;
  const honest: Readonly<Record<string, string>> = {
    ...{
      USER: '331 password',
      PASS: '230 in',
      FEAT: '211 none',
      TYPE: '200 ok',
      STRU: '200 ok',
      OPTS: '200 ok',
      SIZE: '213 15',
    },
    ...{ EPSV: `229 Entering Extended Passive Mode (|||${dataPort}|)`, PASV: pasv, QUIT: '221 bye' },
  };
  const port = await listening((socket) => {
    told = (line) => void socket.write(`${line}\r\n`);
    told('220 welcome');
    socket.on('data', (octets: Buffer) => {
      for (const line of octets
        .toString()
        .split('\r\n')
        .filter((text) => text !== '')) {
        const [command = ''] = line.split(' ', 1);
        asked.push(line);
        const answer = command in says ? says[command] : honest[command];
        if (answer !== undefined && answer !== null) told(answer);
      }
    });
  });
  return { port, asked };
}

const fetch = (port: number, timeout = 20_000): Promise<Fetched> =>
  fetchFtp({
    source: { protocol: 'ftp', host: 'cfg.example', port, path: 'phones', user: '', password: '', namedBy: 'test' },
    ...{ address: HERE, name: 'aastra.cfg', signal: AbortSignal.timeout(timeout) },
  });
const textOf = (came: Fetched): string => (came.kind === 'found' ? came.octets.toString() : JSON.stringify(came));

describe('an FTP server', () => {
  it('gives a file, asked for by its folder, anonymously', async () => {
    const { port, asked } = await ftpServer({});
    assert.equal(textOf(await fetch(port)), 'time format: 1\n');
    assert.deepEqual(
      asked.filter((line) => /^(?:USER|RETR)/.test(line)),
      ['USER anonymous', 'RETR phones/aastra.cfg'],
    );
  });

  it('without end is left at the bound', async () => {
    const { port } = await ftpServer({
      data: (socket) => {
        const more = (): void => {
          while (!socket.destroyed && socket.write(Buffer.alloc(65_536, 'a')));
        };
        socket.on('drain', more);
        more();
      },
    });
    assert.match(textOf(await fetch(port)), /more than \d+ octets/);
  });

  it('that is silent, drips, or never says that it is done ends with its time', async () => {
    const silent = await listening(() => undefined);
    const mute = await ftpServer({ says: { PASS: null } });
    const drips = await ftpServer({
      data: (socket) => {
        const timer = setInterval(() => socket.write('a'), 20);
        socket.on('close', () => clearInterval(timer));
      },
    });
    const unending = await ftpServer({ end: null });
    for (const port of [silent, mute.port, drips.port, unending.port])
      assert.match(textOf(await fetch(port, 400)), /no whole answer/);
  });

  it('that names another machine for its data is not followed there', async () => {
    const elsewhere: string[] = [];
    const other = await listening((socket) => {
      elsewhere.push(socket.localAddress ?? '');
      socket.end('sip proxy ip: evil.example\n');
    }, '127.0.0.2');
    const says = { EPSV: '500 no', PASV: `227 Entering Passive Mode (127,0,0,2,${other >> 8},${other & 0xff})` };
    const { port } = await ftpServer({ says });
    const came = await fetch(port, 3000);
    assert.notEqual(came.kind, 'found');
    assert.deepEqual(elsewhere, []);
  });

  it('that breaks off in the middle, or refuses at the end, gives no half file', async () => {
    const broken = await ftpServer({
      data: (socket) => socket.write('sip proxy', () => socket.destroy()),
      end: '426 broken',
    });
    assert.equal((await fetch(broken.port, 3000)).kind, 'failed');
    const refused = await ftpServer({ says: { PASS: '530 no' } });
    assert.match(textOf(await fetch(refused.port)), /530 no/);
    const none = await ftpServer({ says: { RETR: '550 no such file' } });
    assert.notEqual((await fetch(none.port, 3000)).kind, 'found');
  });

  it('that is none, or floods its answers, costs bounded memory and time, and shows no signs that are no text', async () => {
    const web = await listening((socket) => socket.end('HTTP/1.1 400 Bad\r\n\r\n\u001b[2J'));
    assert.match(textOf(await fetch(web, 2000)), /"kind":"failed"/);
    let sent = 0;
    const flood = await listening((socket) => {
      const more = (): void => {
        while (!socket.destroyed && socket.write(Buffer.alloc(65_536, 'a'))) sent += 65_536;
      };
      socket.on('drain', more);
      more();
    });
    const before = process.memoryUsage().rss;
    const came = await fetch(flood, 5000);
    assert.equal(came.kind, 'failed');
    const grown = (process.memoryUsage().rss - before) / 2 ** 20;
    assert.ok(grown < 64, `${Math.round(grown)} MiB more, after ${Math.round(sent / 2 ** 20)} MiB were sent`);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the signs that must not be shown.
    assert.doesNotMatch(textOf(came), /[\u0000-\u001f]/);
  });
});
