/** Owns the far side of a call to an attacked phone: it calls by way of the registrar's socket, and counts the sound that comes. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { AttackedPhone } from './phone.ts';

const HERE = '127.0.0.1';

export interface FarSide {
  /** Of sound, that have come so far. */
  packets(): number;
  /** Left out of the row of their numbers. */
  lost(): number;
  /** The phone has hung up. */
  ended(): boolean;
  close(): void;
}

/** Rings, is answered over the control channel, and sound is on its way. */
export async function callIn(phone: AttackedPhone): Promise<FarSide> {
  const sound = createSocket('udp4').bind(0, HERE);
  await once(sound, 'listening');
  let packets = 0;
  let first = -1;
  let newest = 0;
  let ended = false;
  sound.on('message', (octets) => {
    const sequence = octets.readUInt16BE(2);
    if (first < 0) first = sequence;
    newest = Math.max(newest, (sequence - first) & 0xffff);
    packets += 1;
  });
  const { port } = phone.registrar.address();
  const session = [
    ...['v=0', `o=far 1 1 IN IP4 ${HERE}`, 's=-', `c=IN IP4 ${HERE}`, 't=0 0'],
    ...[`m=audio ${sound.address().port} RTP/AVP 0`, 'a=rtpmap:0 PCMU/8000', ''],
  ].join('\r\n');
  const send = (method: 'INVITE' | 'ACK', to: string, body: string): void => {
    const lines = [
      `${method} sip:2001@${HERE}:${phone.port} SIP/2.0`,
      `Via: SIP/2.0/UDP ${HERE}:${port};branch=z9hG4bK-far-${method}`,
      ...['Max-Forwards: 70', `From: <sip:far@${HERE}>;tag=far`, `To: ${to}`, 'Call-ID: far-side', `CSeq: 1 ${method}`],
      ...[`Contact: <sip:far@${HERE}:${port}>`, ...(body === '' ? [] : ['Content-Type: application/sdp'])],
      ...[`Content-Length: ${body.length}`, '', body],
    ];
    phone.registrar.send(lines.join('\r\n'), phone.port, HERE);
  };
  const answered = new Promise<void>((resolve) => {
    phone.registrar.on('message', (octets) => {
      const text = octets.toString('latin1');
      if (text.startsWith('BYE ')) ended = true;
      if (/^SIP\/2\.0 180 /.test(text)) phone.command('answer');
      if (!/^SIP\/2\.0 200 /.test(text) || !text.includes('CSeq: 1 INVITE')) return;
      send('ACK', /^To: (.*)$/m.exec(text)?.[1]?.trim() ?? '', '');
      resolve();
    });
  });
  send('INVITE', `<sip:2001@${HERE}>`, session);
  await answered;
  return {
    packets: () => packets,
    lost: () => newest + 1 - packets,
    ended: () => ended,
    close: () => sound.close(),
  };
}
