/** Owns plain DNS queries over UDP and TCP. */
import { once } from 'node:events';
import { connect } from 'node:net';
import type { RecordType } from 'dns-packet';
import { decode, encode } from 'dns-packet';
import { openPeer, within } from './wire.ts';

export interface DnsAnswer {
  readonly rcode: string | undefined;
  readonly truncated: boolean;
  readonly records: readonly { readonly ttl: number | undefined; readonly data: unknown }[];
}

const query = (name: string, type: RecordType): Buffer =>
  encode({ type: 'query', id: 1, questions: [{ name, type, class: 'IN' }] });

function readAnswer(octets: Buffer): DnsAnswer {
  const packet = decode(octets);
  return {
    rcode: (packet as { readonly rcode?: string }).rcode,
    truncated: packet.flag_tc,
    records: (packet.answers ?? []).map((record) => ({
      ttl: 'ttl' in record ? record.ttl : undefined,
      data: 'data' in record ? record.data : undefined,
    })),
  };
}

export async function askDns(server: string, name: string, type: RecordType): Promise<DnsAnswer> {
  const peer = await openPeer(server);
  try {
    peer.send(query(name, type));
    return readAnswer(await peer.next());
  } finally {
    peer.close();
  }
}

export interface DnsStream {
  framed(name: string, type: RecordType): Buffer;
  write(octets: Buffer): void;
  next(): Promise<DnsAnswer>;
  close(): void;
}

export async function openDnsStream(server: string): Promise<DnsStream> {
  const [host, port] = server.split(':');
  const socket = connect({ port: Number(port), host: host ?? '', noDelay: true });
  await once(socket, 'connect');
  let rest = Buffer.alloc(0);
  const take = (): Buffer | null => {
    if (rest.length < 2 || rest.length < 2 + rest.readUInt16BE(0)) return null;
    const end = 2 + rest.readUInt16BE(0);
    const message = rest.subarray(2, end);
    rest = rest.subarray(end);
    return message;
  };
  return {
    framed(name, type) {
      const octets = query(name, type);
      const length = Buffer.alloc(2);
      length.writeUInt16BE(octets.length);
      return Buffer.concat([length, octets]);
    },
    write: (octets) => void socket.write(octets),
    async next() {
      for (;;) {
        const message = take();
        if (message !== null) return readAnswer(message);
        const [chunk] = (await within(once(socket, 'data'), 'answer over TCP')) as [Buffer];
        rest = Buffer.concat([rest, chunk]);
      }
    },
    close: () => socket.destroy(),
  };
}
