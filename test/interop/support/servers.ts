/** Owns the real servers: Kamailio as a registrar with nonces of its own, BIND with the zone that names them. */
import { execFileSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ADDRESSES } from './network.ts';
import type { Transport } from './presence.ts';
import { PRESENCE_MODULES, presenceParameters, presenceRoutes } from './presence.ts';
import type { Running } from './process.ts';
import { runIn } from './process.ts';

export const PASSWORD = 'interop-secret-1';
export const DOMAIN = 'pbx.test';

export interface RegistrarOptions {
  /** No binding lasts longer, s. */
  readonly expiresS?: number;
  /** It is the proxy too, as far as subscriptions go; over this transport. */
  readonly presence?: Transport;
  /** Certificate and key as PEM files: TLS on 5061 as well. */
  readonly tls?: { readonly certificate: string; readonly key: string };
  /** Calls go through it, and it stays in their way; a request of a call is challenged too. */
  readonly carriesCalls?: boolean;
  /** What it does besides: lines before its modules, modules, and lines of its route before it refuses what is no REGISTER. */
  readonly besides?: {
    readonly head?: readonly string[];
    readonly modules?: readonly string[];
    readonly route?: readonly string[];
  };
}

/** What a proxy of calls does besides (RFC 3261 16): dialogs by their route, the rest to whoever is registered here. */
const callRoutes = (realm: string): readonly string[] => [
  '  if (!mf_process_maxfwd_header("10")) { sl_send_reply("483", "Too Many Hops"); exit; }',
  '  if (has_totag()) {',
  '    if (loose_route()) { t_relay(); exit; }',
  '    if (is_method("ACK")) { if (t_check_trans()) { t_relay(); } exit; }',
  '    sl_send_reply("404", "Not Here"); exit;',
  '  }',
  '  if (is_method("CANCEL")) { if (t_check_trans()) { t_relay(); } exit; }',
  '  if (is_method("ACK")) { t_check_trans(); exit; }',
  '  if (!is_method("REGISTER|OPTIONS")) {',
  `    if (!pv_proxy_authenticate("${realm}", "${PASSWORD}", "0")) { auth_challenge("${realm}", "0"); exit; }`,
  '    consume_credentials();',
  '    record_route();',
  '    if (!lookup("location")) { sl_send_reply("404", "Not Found"); exit; }',
  '    t_relay(); exit;',
  '  }',
];

/** A registrar that challenges each user, keeps its bindings in memory, and knows nothing of the other one. */
export function startRegistrar(node: 'primary' | 'backup', folder: string, options: RegistrarOptions = {}): Running {
  const { tls, besides, expiresS = 3600, carriesCalls = false, presence } = options;
  const file = join(folder, `${node}.cfg`);
  const modules = ['tm', 'sl', 'pv', 'maxfwd', 'usrloc', 'registrar', 'auth', 'textops', 'kex', 'ctl'];
  rmSync(controlOf(node, folder), { force: true });
  if (carriesCalls) modules.push('rr', 'siputils');
  modules.push(...(besides?.modules ?? []));
  if (tls !== undefined) modules.push('tls');
  if (presence !== undefined) modules.push(...PRESENCE_MODULES);
  writeFileSync(
    file,
    [
      'debug=-1',
      'log_stderror=yes',
      'fork=yes',
      'children=2',
      'auto_aliases=no',
      `listen=udp:${ADDRESSES[node]}:5060`,
      `listen=tcp:${ADDRESSES[node]}:5060`,
      ...(tls === undefined ? [] : ['enable_tls=yes', `listen=tls:${ADDRESSES[node]}:5061`]),
      ...(besides?.head ?? []),
      ...modules.map((name) => `loadmodule "${name}.so"`),
      ...(tls === undefined
        ? []
        : [
            `modparam("tls", "certificate", "${tls.certificate}")`,
            `modparam("tls", "private_key", "${tls.key}")`,
            'modparam("tls", "tls_method", "TLSv1.2+")',
          ]),
      `modparam("ctl", "binrpc", "unix:${controlOf(node, folder)}")`,
      ...(presence === undefined ? [] : presenceParameters(node, folder, { expiresS, transport: presence })),
      'modparam("pv", "shvset", "status=i:0")',
      'modparam("usrloc", "db_mode", 0)',
      'modparam("registrar", "min_expires", 1)',
      `modparam("registrar", "max_expires", ${expiresS})`,
      `modparam("auth", "secret", "${node}-${process.pid}")`,
      'request_route {',
      '  if ($shv(status) != 0) { sl_send_reply("$shv(status)", "Out of order"); exit; }',
      // Before calls: what belongs to a subscription has a tag too, and is no call's.
      ...(presence === undefined ? [] : presenceRoutes(node, PASSWORD)),
      ...(carriesCalls ? callRoutes(node) : []),
      '  if (is_method("OPTIONS")) { sl_send_reply("200", "OK"); exit; }',
      ...(besides?.route ?? []),
      '  if (!is_method("REGISTER")) { sl_send_reply("405", "Method Not Allowed"); exit; }',
      `  if (!pv_www_authenticate("${node}", "${PASSWORD}", "0")) { auth_challenge("${node}", "0"); exit; }`,
      '  if (!save("location")) { sl_reply_error(); }',
      '  exit;',
      '}',
      '',
    ].join('\n'),
  );
  return runIn(node, 'kamailio', ['-DD', '-E', '-f', file, '-Y', folder, '-P', join(folder, `${node}.pid`)]);
}

const controlOf = (node: string, folder: string): string => join(folder, `${node}.ctl`);

/** Its control socket is there; SIPp, which has none, is not waited for. */
export const hasStarted = (node: 'primary' | 'backup', folder: string): boolean => existsSync(controlOf(node, folder));

/** That registrar answers everything with this code, 0 = serves again; it forgets nothing. */
export function setStatus(node: 'primary' | 'backup', folder: string, status: number): void {
  const order = ['-s', `unix:${controlOf(node, folder)}`, 'pv.shvSet', 'status', 'int', String(status)];
  execFileSync('kamcmd', order, { stdio: ['ignore', 'ignore', 'pipe'] });
}

/** The addresses of both servers; the SRV records of the domain name the primary alone. */
export const usualZone = (): readonly string[] => [
  ...addressZone(),
  `_sip._udp IN SRV 10 0 5060 primary.${DOMAIN}.`,
  `_sip._tcp IN SRV 10 0 5060 primary.${DOMAIN}.`,
];

export const addressZone = (): readonly string[] => [
  `primary IN A ${ADDRESSES.primary}`,
  `backup IN A ${ADDRESSES.backup}`,
];

/** Writes the zone of the domain with these records besides those that every zone has. */
export function writeZone(folder: string, serial: number, records: readonly string[]): void {
  writeFileSync(
    join(folder, 'zone'),
    [
      '$TTL 5',
      `@ IN SOA ns.${DOMAIN}. admin.${DOMAIN}. ${serial} 60 60 60 5`,
      `@ IN NS ns.${DOMAIN}.`,
      `ns IN A ${ADDRESSES.dns}`,
      ...records,
      '',
    ].join('\n'),
  );
}

/** `udpMax`: the longest answer in a datagram, octets; what is longer is truncated, and asked for again over TCP. */
export function startBind(folder: string, { udpMax = 1232 }: { readonly udpMax?: number } = {}): Running {
  const file = join(folder, 'named.conf');
  writeFileSync(
    file,
    [
      `options { directory "${folder}"; listen-on { ${ADDRESSES.dns}; }; listen-on-v6 { none; };`,
      '  recursion no; dnssec-validation no; pid-file none; session-keyfile none;',
      `  max-udp-size ${udpMax}; };`,
      'controls { };',
      `zone "${DOMAIN}" { type master; file "zone"; };`,
      '',
    ].join('\n'),
  );
  return runIn('dns', 'named', ['-f', '-c', file]);
}

/** SIPp as a server that does with each request of the method what the steps of its scenario say. */
export function startSipp(folder: string, steps: readonly string[], method = 'REGISTER'): Running {
  const file = join(folder, 'sipp.xml');
  writeFileSync(
    file,
    `<?xml version="1.0" encoding="us-ascii"?>\n<scenario name="registrar">\n<recv request="${method}"/>\n${steps.join('\n')}\n</scenario>\n`,
  );
  return runIn('primary', 'sipp', ['-sf', file, '-i', ADDRESSES.primary, '-p', '5060', '-nostdin']);
}

/** A step of a scenario: an answer to the REGISTER with these further header fields. */
export const sippAnswer = (status: string, fields: readonly string[] = []): string =>
  [
    '<send><![CDATA[',
    `SIP/2.0 ${status}`,
    '[last_Via:]',
    '[last_From:]',
    '[last_To:];tag=[pid]s[call_number]',
    '[last_Call-ID:]',
    '[last_CSeq:]',
    ...fields,
    'Content-Length: 0',
    '',
    ']]></send>',
  ].join('\n');

export const sippPause = (ms: number): string => `<pause milliseconds="${ms}"/>`;
