/** Owns the real servers: Kamailio as a registrar with nonces of its own, BIND with the zone that names them. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ADDRESSES } from './network.ts';
import type { Running } from './process.ts';
import { runIn } from './process.ts';

export const PASSWORD = 'interop-secret-1';
export const DOMAIN = 'pbx.test';

/** A registrar that challenges each user, keeps its bindings in memory, and knows nothing of the other one. */
export function startRegistrar(node: 'primary' | 'backup', folder: string): Running {
  const file = join(folder, `${node}.cfg`);
  const modules = ['tm', 'sl', 'pv', 'maxfwd', 'usrloc', 'registrar', 'auth', 'textops', 'kex'];
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
      ...modules.map((name) => `loadmodule "${name}.so"`),
      'modparam("usrloc", "db_mode", 0)',
      `modparam("auth", "secret", "${node}-${process.pid}")`,
      'request_route {',
      '  if (is_method("OPTIONS")) { sl_send_reply("200", "OK"); exit; }',
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

/** `srv` false: the SRV record of the domain is deleted; the address records stay. */
export function writeZone(folder: string, serial: number, srv: boolean): void {
  writeFileSync(
    join(folder, 'zone'),
    [
      '$TTL 5',
      `@ IN SOA ns.${DOMAIN}. admin.${DOMAIN}. ${serial} 60 60 60 5`,
      `@ IN NS ns.${DOMAIN}.`,
      `ns IN A ${ADDRESSES.dns}`,
      `primary IN A ${ADDRESSES.primary}`,
      `backup IN A ${ADDRESSES.backup}`,
      ...(srv
        ? [`_sip._udp IN SRV 10 0 5060 primary.${DOMAIN}.`, `_sip._tcp IN SRV 10 0 5060 primary.${DOMAIN}.`]
        : []),
      '',
    ].join('\n'),
  );
}

export function startBind(folder: string): Running {
  const file = join(folder, 'named.conf');
  writeFileSync(
    file,
    [
      `options { directory "${folder}"; listen-on { ${ADDRESSES.dns}; }; listen-on-v6 { none; };`,
      '  recursion no; dnssec-validation no; pid-file none; session-keyfile none; };',
      'controls { };',
      `zone "${DOMAIN}" { type master; file "zone"; };`,
      '',
    ].join('\n'),
  );
  return runIn('dns', 'named', ['-f', '-c', file]);
}
