/** Owns what a Kamailio needs to keep presence in memory (dialog, dialog;sla, message-summary), and what is told to it by PUBLISH (RFC 3903). */
import { execFileSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ADDRESSES, namespaceOf } from './network.ts';

type ServerNode = 'primary' | 'backup';

/** How a phone reaches a server. */
export type Transport = 'udp' | 'tcp' | 'tls';

/** Tables as files; nothing is kept in them, but the modules look at their versions. */
const TABLES = '/usr/share/kamailio/dbtext/kamailio';

/** Where what belongs to a subscription is sent to. */
const CONTACTS: Readonly<Record<Transport, (address: string) => string>> = {
  udp: (address) => `sip:${address}:5060`,
  tcp: (address) => `sip:${address}:5060;transport=tcp`,
  tls: (address) => `sip:${address}:5061;transport=tls`,
};

/** In the order in which they must be loaded. */
export const PRESENCE_MODULES = ['db_text', 'presence', 'presence_xml', 'presence_dialoginfo', 'presence_mwi'];

/** What it keeps dies with it. */
export function presenceParameters(
  node: ServerNode,
  folder: string,
  { expiresS, transport }: { readonly expiresS: number; readonly transport: Transport },
): readonly string[] {
  const tables = join(folder, `${node}-tables`);
  rmSync(tables, { recursive: true, force: true });
  cpSync(TABLES, tables, { recursive: true });
  return [
    `modparam("presence|presence_xml", "db_url", "text://${tables}")`,
    'modparam("presence", "subs_db_mode", 0)',
    'modparam("presence", "publ_cache", 0)',
    `modparam("presence", "server_address", "${CONTACTS[transport](ADDRESSES[node])}")`,
    `modparam("presence", "max_expires", ${expiresS})`,
    'modparam("presence_xml", "force_active", 1)',
    'modparam("presence_xml", "disable_bla", 0)',
  ];
}

/** Subscriptions are challenged as registrations are; what is published from the server's own host is believed. */
export const presenceRoutes = (node: ServerNode, password: string): readonly string[] => [
  '  if (is_method("PUBLISH")) {',
  `    if ($si != "${ADDRESSES[node]}") { sl_send_reply("403", "Forbidden"); exit; }`,
  '    if (t_newtran()) { handle_publish(); t_release(); }',
  '    exit;',
  '  }',
  '  if (is_method("SUBSCRIBE")) {',
  // A phone is told on the connection that it has made: it is no server of TLS.
  '    if (proto == TLS) { force_tcp_alias(5061); }',
  `    if (!pv_proxy_authenticate("${node}", "${password}", "0")) { auth_challenge("${node}", "0"); exit; }`,
  '    if (t_newtran()) { handle_subscribe(); t_release(); }',
  '    exit;',
  '  }',
];

/** What a number does; of a mailbox, how many new messages wait. */
export type Published = 'idle' | 'ringing' | 'busy' | { readonly waiting: number };

const STATES = { ringing: 'early', busy: 'confirmed' } as const;

function bodyOf(user: string, domain: string, what: Published): readonly [event: string, type: string, body: string] {
  if (typeof what === 'object') {
    const body = `Messages-Waiting: ${what.waiting > 0 ? 'yes' : 'no'}\r\nVoice-Message: ${what.waiting}/0\r\n`;
    return ['message-summary', 'application/simple-message-summary', body];
  }
  const body = [
    '<?xml version="1.0"?>',
    `<dialog-info xmlns="urn:ietf:params:xml:ns:dialog-info" version="0" state="full" entity="sip:${user}@${domain}">`,
    ...(what === 'idle'
      ? []
      : [`<dialog id="d-${user}" direction="recipient"><state>${STATES[what]}</state></dialog>`]),
    '</dialog-info>',
  ].join('\n');
  return ['dialog', 'application/dialog-info+xml', body];
}

/** What was told to one server so far: what is told anew takes the place of what was told before. */
export function publisher(node: ServerNode, domain: string): (user: string, what: Published) => void {
  const tags = new Map<string, string>();
  let sequence = 0;
  const publish = (user: string, what: Published): void => {
    const [event, type, body] = bodyOf(user, domain, what);
    const key = `${event} ${user}`;
    const tag = tags.get(key);
    sequence += 1;
    const answer = ask(node, [
      `PUBLISH sip:${user}@${domain} SIP/2.0`,
      `Via: SIP/2.0/UDP ${ADDRESSES[node]}:5099;rport;branch=z9hG4bK-${process.pid}-${sequence}`,
      `From: <sip:${user}@${domain}>;tag=${sequence}`,
      `To: <sip:${user}@${domain}>`,
      `Call-ID: ${process.pid}-${sequence}@${node}`,
      `CSeq: ${sequence} PUBLISH`,
      'Max-Forwards: 70',
      'Expires: 3600',
      `Event: ${event}`,
      ...(tag === undefined ? [] : [`SIP-If-Match: ${tag}`]),
      `Content-Type: ${type}`,
      `Content-Length: ${Buffer.byteLength(body)}`,
      '',
      body,
    ]);
    // A server that has forgotten what it was told is told afresh (RFC 3903 4.3).
    if (tag !== undefined && answer.startsWith('SIP/2.0 412')) {
      tags.delete(key);
      return publish(user, what);
    }
    const [, next] = /^SIP-ETag:\s*(\S+)/im.exec(answer) ?? [];
    if (next === undefined) throw new Error(`PUBLISH of ${key} at the ${node}: ${answer.split('\r\n')[0]}`);
    tags.set(key, next);
  };
  return publish;
}

/** Sends a datagram from the server's own host to the server, again while it does not listen yet, and waits for the one that comes back. */
const ask = (node: ServerNode, lines: readonly string[]): string =>
  execFileSync(
    'ip',
    [
      ...['netns', 'exec', namespaceOf(node), 'bash', '-c'],
      `asked=$(cat; printf .)
      exec 3<>/dev/udp/${ADDRESSES[node]}/5060
      for again in {1..60}; do
        printf %s "\${asked%.}" | dd bs=65535 iflag=fullblock status=none >&3 && timeout 1 dd bs=65535 count=1 status=none <&3 2>/dev/null && exit
        sleep 0.2
      done
      exit 1`,
    ],
    { input: lines.join('\r\n'), encoding: 'utf8', stdio: ['pipe', 'pipe', 'pipe'] },
  );
