/** Owns what stands behind each registrar of the comparison: somebody who is called, and a voice mail that is subscribed to. Facts: the manuals of SIPp and Kamailio. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ADDRESSES } from '../../../test/interop/support/network.ts';
import type { Running } from '../../../test/interop/support/process.ts';
import { runIn } from '../../../test/interop/support/process.ts';

type Node = 'primary' | 'backup';

const CALLEE_PORT = 5070;
const VOICE_MAIL_PORT = 5071;

/** Modules and lines of a Kamailio that stays in the way of what it passes on (RFC 3261 16.6). */
export const relaying = (node: Node): { readonly modules: readonly string[]; readonly route: readonly string[] } => ({
  modules: ['rr', 'siputils'],
  route: [
    '  if (has_totag()) { if (loose_route()) { t_relay(); } exit; }',
    '  if (is_method("CANCEL")) { t_relay(); exit; }',
    `  if (is_method("INVITE")) { record_route(); $du = "sip:${ADDRESSES[node]}:${CALLEE_PORT}"; t_relay(); exit; }`,
    `  if (is_method("SUBSCRIBE")) { record_route(); $du = "sip:${ADDRESSES[node]}:${VOICE_MAIL_PORT}"; t_relay(); exit; }`,
  ],
});

const answer = (status: string, fields: readonly string[], body: readonly string[] = []): string =>
  message([
    `SIP/2.0 ${status}`,
    '[last_Via:]',
    '[last_Record-Route:]',
    '[last_From:]',
    '[last_To:];tag=[pid]t[call_number]',
    '[last_Call-ID:]',
    '[last_CSeq:]',
    'Contact: <sip:[local_ip]:[local_port]>',
    ...fields,
    'Content-Length: [len]',
    '',
    ...body,
  ]);

const message = (lines: readonly string[]): string => `<send><![CDATA[\n${lines.join('\n')}\n]]></send>`;

const SDP = [
  'v=0',
  'o=callee 1 1 IN IP4 [local_ip]',
  's=-',
  'c=IN IP4 [local_ip]',
  't=0 0',
  'm=audio 6000 RTP/AVP 0',
  'a=rtpmap:0 PCMU/8000',
];

const CALLEE = [
  '<recv request="INVITE"/>',
  answer('200 OK', ['Content-Type: application/sdp'], SDP),
  '<recv request="ACK"/>',
  '<recv request="BYE"/>',
  message([
    'SIP/2.0 200 OK',
    '[last_Via:]',
    '[last_From:]',
    '[last_To:]',
    '[last_Call-ID:]',
    '[last_CSeq:]',
    'Content-Length: 0',
    '',
  ]),
];

const kept = (header: string, name: string): string =>
  `<ereg regexp=".*" search_in="hdr" header="${header}" assign_to="${name}"/>`;

const notify = (cseq: number, state: string, rest: readonly string[]): string =>
  message([
    'NOTIFY [next_url] SIP/2.0',
    'Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]',
    '[routes]',
    'Max-Forwards: 70',
    'From:[$to];tag=[pid]t[call_number]',
    'To:[$from]',
    '[last_Call-ID:]',
    `CSeq: ${cseq} NOTIFY`,
    'Contact: <sip:[local_ip]:[local_port]>',
    'Event: message-summary',
    `Subscription-State: ${state}`,
    ...rest,
  ]);

const VOICE_MAIL = [
  `<recv request="SUBSCRIBE" rrs="true"><action>${kept('From:', 'from')}${kept('To:', 'to')}</action></recv>`,
  answer('200 OK', ['Expires: 3600']),
  notify(1, 'active;expires=3600', [
    'Content-Type: application/simple-message-summary',
    'Content-Length: [len]',
    '',
    'Messages-Waiting: yes',
    'Voice-Message: 1/0',
  ]),
  '<recv response="200"/>',
  // It is asked again when the subscriber goes home, and ends then.
  '<recv request="SUBSCRIBE" rrs="true"/>',
  message([
    'SIP/2.0 200 OK',
    '[last_Via:]',
    '[last_Record-Route:]',
    '[last_From:]',
    '[last_To:]',
    '[last_Call-ID:]',
    '[last_CSeq:]',
    'Contact: <sip:[local_ip]:[local_port]>',
    'Expires: 0',
    'Content-Length: 0',
    '',
  ]),
  notify(2, 'terminated;reason=timeout', ['Content-Length: 0', '']),
  '<recv response="200"/>',
];

/** The file of SIPp's voice mail; the arguments that start it there. */
export const voiceMail = (file: string, address: string, port: number): readonly string[] => {
  writeScenario(file, VOICE_MAIL);
  return ['-sf', file, '-i', address, '-p', String(port), '-nostdin'];
};

const writeScenario = (file: string, steps: readonly string[]): void =>
  writeFileSync(
    file,
    `<?xml version="1.0" encoding="us-ascii"?>\n<scenario name="callee">\n${steps.join('\n')}\n</scenario>\n`,
  );

/** Both, at the place of that registrar; its faults are not theirs. */
export function startCallees(node: Node, folder: string): readonly Running[] {
  const callee = join(folder, `${node}-callee.xml`);
  writeScenario(callee, CALLEE);
  const at = ADDRESSES[node];
  return [
    runIn(node, 'sipp', ['-sf', callee, '-i', at, '-p', String(CALLEE_PORT), '-nostdin']),
    runIn(node, 'sipp', voiceMail(join(folder, `${node}-voice-mail.xml`), at, VOICE_MAIL_PORT)),
  ];
}
