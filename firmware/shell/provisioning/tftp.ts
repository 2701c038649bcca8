/** Owns fetching a file by TFTP (RFC 1350, with the options of RFC 2347 to 2349). Small enough to be our own: docs/decisions/0004. */
import type { RemoteInfo, Socket } from 'node:dgram';
import { createSocket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { Fetched, Wanted } from './fetched.ts';
import { FILE_MAX_OCTETS, pathOf, timedOut, tooLong } from './fetched.ts';

const RRQ = 1;
const DATA = 3;
const ACK = 4;
const ERROR = 5;
const OACK = 6;
const UNKNOWN_TID = 5;
const NOT_FOUND = 1;

/** What a datagram holds on Ethernet; RFC 1350 2 where the server knows no options. */
const BLOCK_WANTED = 1428;
const BLOCK_USUAL = 512;
/** Asked again after this; so often. */
const AGAIN_MS = 1000;
const SENDS_MAX = 6;

interface Transfer {
  /** The port that the server answers from; null = nobody has answered. */
  port: number | null;
  blockSize: number;
  /** The last block that came in order. */
  block: number;
  readonly parts: Buffer[];
  octets: number;
}

export function fetchTftp(wanted: Wanted): Promise<Fetched> {
  const { address, source, signal } = wanted;
  return new Promise((resolve) => {
    const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
    const transfer: Transfer = { port: null, blockSize: BLOCK_USUAL, block: 0, parts: [], octets: 0 };
    let last: Buffer = request(pathOf(wanted));
    let sends = 0;
    let timer: NodeJS.Timeout | null = null;
    let over = false;

    function end(result: Fetched): void {
      if (over) return;
      over = true;
      if (timer !== null) clearTimeout(timer);
      signal.removeEventListener('abort', late);
      socket.close();
      resolve(result);
    }
    const late = (): void => end(timedOut());

    function send(datagram: Buffer): void {
      last = datagram;
      sends = 0;
      again();
    }

    function again(): void {
      if (over) return;
      sends += 1;
      if (sends > SENDS_MAX) return end({ kind: 'failed', error: 'no answer' });
      socket.send(last, transfer.port ?? source.port, address);
      if (timer !== null) clearTimeout(timer);
      timer = setTimeout(again, AGAIN_MS);
    }

    socket.on('error', (error) => end({ kind: 'failed', error: error.message }));
    socket.on('message', (datagram, from) => {
      const answer = isOurs(socket, from, address, transfer) ? answerTo(datagram, transfer) : null;
      if (answer === null) return;
      if ('kind' in answer) {
        // The server waits for the word that the last block has come.
        if (answer.kind === 'found')
          socket.send(acknowledgement(transfer.block), from.port, address, () => end(answer));
        else end(answer);
      } else send(answer);
    });
    signal.addEventListener('abort', late);
    if (signal.aborted) late();
    else again();
  });
}

/** The first answer's port is the transfer's; whoever else answers is told so (RFC 1350 4). */
function isOurs(socket: Socket, from: RemoteInfo, address: string, transfer: Transfer): boolean {
  if (from.address.replace(/^::ffff:/, '') !== address) return false;
  transfer.port ??= from.port;
  if (transfer.port === from.port) return true;
  socket.send(packet(ERROR, UNKNOWN_TID, 'unknown transfer'), from.port, from.address);
  return false;
}

/** What to send now, what came of it all, or nothing: an old block is not answered twice, the timer does that. */
function answerTo(datagram: Buffer, transfer: Transfer): Buffer | Fetched | null {
  if (datagram.length < 4) return null;
  const code = datagram.readUInt16BE(0);
  const number = datagram.readUInt16BE(2);
  if (code === ERROR) return errorOf(number, datagram);
  if (code === OACK && transfer.block === 0) return accepted(datagram, transfer);
  if (code !== DATA || number !== ((transfer.block + 1) & 0xffff)) return null;
  const data = datagram.subarray(4);
  if (data.length > transfer.blockSize) return { kind: 'failed', error: 'a block longer than agreed' };
  transfer.block = number;
  transfer.parts.push(data);
  transfer.octets += data.length;
  if (transfer.octets > FILE_MAX_OCTETS) return tooLong();
  return data.length < transfer.blockSize
    ? { kind: 'found', octets: Buffer.concat(transfer.parts) }
    : acknowledgement(number);
}

function errorOf(number: number, datagram: Buffer): Fetched {
  if (number === NOT_FOUND) return { kind: 'missing' };
  const text = datagram
    .subarray(4, 104)
    .toString('latin1')
    .replace(/\0.*$/s, '')
    .replace(/[^ -~]/g, '?');
  return { kind: 'failed', error: `TFTP error ${number}${text === '' ? '' : `: ${text}`}` };
}

/** Options that the server took (RFC 2347): the size of blocks, and how long the file is. */
function accepted(datagram: Buffer, transfer: Transfer): Buffer | Fetched {
  const words = datagram.subarray(2).toString('latin1').split('\0');
  for (let at = 0; at + 1 < words.length; at += 2) {
    const value = Number(words[at + 1]);
    const name = (words[at] ?? '').toLowerCase();
    if (name === 'tsize' && value > FILE_MAX_OCTETS) return tooLong();
    if (name !== 'blksize') continue;
    if (!(value >= 8 && value <= BLOCK_WANTED)) return { kind: 'failed', error: 'a block size that was not asked for' };
    transfer.blockSize = value;
  }
  return acknowledgement(0);
}

const acknowledgement = (block: number): Buffer => packet(ACK, block, null);

function packet(code: number, number: number, text: string | null): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16BE(code, 0);
  head.writeUInt16BE(number, 2);
  return text === null ? head : Buffer.concat([head, Buffer.from(`${text}\0`, 'latin1')]);
}

function request(path: string): Buffer {
  const words = [path, 'octet', 'blksize', String(BLOCK_WANTED), 'tsize', '0'].map((word) => `${word}\0`).join('');
  return Buffer.concat([Buffer.from([0, RRQ]), Buffer.from(words, 'latin1')]);
}
