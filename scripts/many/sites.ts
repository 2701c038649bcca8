/** Owns the registrars of a real crowd: our lab, or two Kamailio processes with nonces and bindings of their own, and a voice mail behind each. */
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PhoneSettings, ServerPair } from '../../firmware/config/settings.ts';
import { voiceMail } from '../bench/peers/callee.ts';
import { startLab } from '../lab/lab.ts';
import { freePorts } from '../lab/ports.ts';
import type { Site } from './real.ts';

const ADDRESS = '127.0.0.1';

interface Account {
  readonly user: string;
  readonly auth: string;
  readonly password: string;
}

const placed = (settings: PhoneSettings, primary: number, backup: number, account: Account): PhoneSettings => ({
  ...settings,
  localPort: 0,
  lines: settings.lines.map((line) => ({
    ...line,
    userName: account.user,
    authName: account.auth,
    password: account.password,
    registrar: serversOf(primary, backup),
    proxy: line.proxy.primary === null ? line.proxy : serversOf(primary, backup),
  })),
});

const serversOf = (primary: number, backup: number): ServerPair => ({
  primary: { name: ADDRESS, port: primary },
  backup: { name: ADDRESS, port: backup },
});

export async function labSite(phones: number): Promise<Site> {
  const lab = await startLab({ accounts: phones });
  const { primary, backup, accounts } = lab.info();
  const portOf = (target: string): number => Number(target.split(':').at(-1));
  const order = async (kind: string): Promise<void> => {
    const { ok, error } = await lab.fault('primary', kind);
    if (!ok) throw new Error(error);
  };
  return {
    name: 'the lab',
    place: (settings, phone) =>
      placed(settings, portOf(primary.target), portOf(backup.target), accounts[phone] as Account),
    kill: () => order('kill'),
    revive: () => order('clear'),
    stop: () => lab.stop(),
  };
}

/** Passwords without a database: one for each user, made from its name. */
const configOf = (port: number, name: string, folder: string, voiceMailPort: number): string => `
debug=-1
log_stderror=yes
fork=yes
children=2
auto_aliases=no
listen=udp:${ADDRESS}:${port}
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "pv.so"
loadmodule "maxfwd.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "auth.so"
loadmodule "textops.so"
loadmodule "kex.so"
loadmodule "rr.so"
loadmodule "siputils.so"
modparam("usrloc", "db_mode", 0)
modparam("auth", "secret", "${name}-${port}-${folder}")
request_route {
  if (is_method("OPTIONS")) { sl_send_reply("200", "OK"); exit; }
  if (has_totag()) { if (loose_route()) { t_relay(); } exit; }
  if (is_method("SUBSCRIBE")) { record_route(); $du = "sip:${ADDRESS}:${voiceMailPort}"; t_relay(); exit; }
  if (!is_method("REGISTER")) { sl_send_reply("405", "Method Not Allowed"); exit; }
  if (!pv_www_authenticate("${name}", "secret-$au", "0")) { auth_challenge("${name}", "0"); exit; }
  if (!save("location")) { sl_reply_error(); }
  exit;
}
`;

export async function kamailioSite(): Promise<Site> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-many-'));
  const [primary = 0, backup = 0, firstVoiceMail = 0, secondVoiceMail = 0] = await freePorts(ADDRESS, 4);
  const start = async (name: string, port: number, voiceMailPort: number): Promise<ChildProcess> => {
    const config = join(folder, `${name}.cfg`);
    await writeFile(config, configOf(port, name, folder, voiceMailPort));
    const args = ['-f', config, '-DD', '-E', '-m', '64', '-M', '16', '-Y', folder, '-P', join(folder, `${name}.pid`)];
    const child = spawn('kamailio', args, { stdio: ['ignore', 'ignore', 'inherit'], detached: true });
    await once(child, 'spawn');
    return child;
  };
  // Kamailio is a group of processes: all of them go at once, as in a power cut.
  const kill = async (child: ChildProcess): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
    const gone = once(child, 'exit');
    process.kill(-child.pid, 'SIGKILL');
    await gone;
  };
  const answering = [firstVoiceMail, secondVoiceMail].map((port) =>
    spawn('sipp', voiceMail(join(folder, `voice-mail-${port}.xml`), ADDRESS, port), {
      stdio: 'ignore',
      detached: true,
    }),
  );
  let first = await start('primary', primary, firstVoiceMail);
  const second = await start('backup', backup, secondVoiceMail);
  return {
    name: 'two Kamailio',
    place: (settings, phone) => {
      const user = String(2000 + phone);
      return placed(settings, primary, backup, { user, auth: user, password: `secret-${user}` });
    },
    kill: () => kill(first),
    async revive() {
      first = await start('primary', primary, firstVoiceMail);
    },
    async stop() {
      await Promise.all([first, second, ...answering].map(kill));
      await rm(folder, { recursive: true, force: true });
    },
  };
}
