/** Owns the user agents that are measured side by side: how each is started with one account at one domain. Facts: their manuals. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ADDRESSES } from '../../../test/interop/support/network.ts';
import { DOMAIN, PASSWORD } from '../../../test/interop/support/servers.ts';
import { runtimeFlags } from '../../image/runtime-flags.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const USER = '2001';

export interface AgentOrder {
  /** Its files go here. */
  readonly folder: string;
  /** The registration that it asks for, s. */
  readonly expiresS: number;
  /** Whether it may look after its servers between two requests, where it can. */
  readonly probes: boolean;
  /** Where it registers. */
  readonly domain: string;
  /** Whether it subscribes to its voice mail. */
  readonly mwi: boolean;
}

export interface Agent {
  readonly name: string;
  /** The Debian package that it comes from; null = this project. */
  readonly package: string | null;
  /** The program whose version is told. */
  readonly command: string;
  /** What it sends: an agent that registers is measured on every row, one that only asks OPTIONS on its start. */
  readonly method: 'REGISTER' | 'OPTIONS';
  /** Writes the configuration; the arguments of the command. */
  prepare(order: AgentOrder): readonly string[];
  /** What it is told on its standard input to call somebody and to hang up; null = it makes no calls. */
  readonly calls: { dial(uri: string): string; readonly hangUp: string } | null;
}

const put = (folder: string, name: string, lines: readonly string[]): string => {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, name);
  writeFileSync(file, `${lines.join('\n')}\n`);
  return file;
};

const holdfast: Agent = {
  name: 'holdfast',
  package: null,
  command: process.execPath,
  method: 'REGISTER',
  prepare({ folder, expiresS, probes, domain, mwi }) {
    const file = put(folder, 'phone.cfg', [
      `sip user name: ${USER}`,
      `sip password: ${PASSWORD}`,
      `sip registrar ip: ${domain}`,
      'sip registrar port: 0',
      `sip proxy ip: ${domain}`,
      'sip proxy port: 0',
      // The name may be known by NAPTR alone.
      ...(domain === DOMAIN ? [] : ['sip dns query type: 2']),
      ...(mwi ? ['sip explicit mwi subscription: 1'] : []),
      `sip registration period: ${expiresS}`,
      ...(probes ? [] : ['failover probe period: 0']),
    ]);
    return [
      ...runtimeFlags(),
      join(ROOT, 'scripts', 'holdfast.mjs'),
      ...['run', '--config', file, '--board', 'headless', '--control', 'stdio', '--state', join(folder, 'state')],
      ...['--bind', ADDRESSES.phone, '--dns', ADDRESSES.dns],
    ];
  },
  calls: { dial: (uri) => `dial ${uri}\n`, hangUp: 'hangup\n' },
};

const baresip: Agent = {
  name: 'baresip',
  package: 'baresip-core',
  command: 'baresip',
  method: 'REGISTER',
  prepare({ folder, expiresS, domain, mwi }) {
    put(folder, 'config', [
      `sip_listen ${ADDRESSES.phone}:5060`,
      `dns_server ${ADDRESSES.dns}:53`,
      'module_path /usr/lib/baresip/modules',
      'module stdio.so',
      'module g711.so',
      'module aubridge.so',
      'audio_source aubridge,nil',
      'audio_player aubridge,nil',
      'module_app account.so',
      'module_app menu.so',
      ...(mwi ? ['module_app mwi.so'] : []),
    ]);
    put(folder, 'accounts', [
      `<sip:${USER}@${domain}>;auth_pass=${PASSWORD};regint=${expiresS}${mwi ? ';mwi=yes' : ''}`,
    ]);
    return ['-f', folder];
  },
  calls: { dial: (uri) => `/dial ${uri}\n`, hangUp: '/hangup\n' },
};

const linphone: Agent = {
  name: 'linphone',
  package: 'linphone-cli',
  command: 'linphonec',
  method: 'REGISTER',
  prepare({ folder, expiresS, domain, mwi }) {
    // It does not go on without a place for its database.
    mkdirSync(join(homedir(), '.local', 'share', 'linphone'), { recursive: true });
    const file = put(folder, 'linphonerc', [
      '[sip]',
      'sip_port=5060',
      'sip_tcp_port=0',
      'sip_tls_port=0',
      'default_proxy=0',
      '[net]',
      'enable_ipv6=0',
      '[proxy_0]',
      `reg_proxy=<sip:${domain}>`,
      `reg_identity=sip:${USER}@${domain}`,
      ...(mwi ? [`mwi_server_address=<sip:${USER}@${domain}>`] : []),
      `reg_expires=${expiresS}`,
      'reg_sendregister=1',
      '[auth_info_0]',
      `username=${USER}`,
      `passwd=${PASSWORD}`,
      `domain=${domain}`,
    ]);
    return ['-c', file];
  },
  calls: { dial: (uri) => `call ${uri}\n`, hangUp: 'terminate\n' },
};

/** The library's walk of servers, shown by its own tool: no packaged program registers with it. */
const sofia: Agent = {
  name: 'sofia',
  package: 'sofia-sip-bin',
  command: 'sip-options',
  method: 'OPTIONS',
  prepare: ({ domain }) => [`--bind=sip:${ADDRESSES.phone}:5060`, `sip:${domain}`],
  calls: null,
};

export const AGENTS: readonly Agent[] = [holdfast, baresip, linphone, sofia];
