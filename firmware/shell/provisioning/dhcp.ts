/**
 * Owns asking the DHCP servers of a network for what they say to this phone, beside the system's client that holds the lease: the request
 * leaves by the interface of that address, the answer is a broadcast, which the client's socket, bound to the address, does not take.
 */
import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:dgram';
import { createSocket } from 'node:dgram';
import type { Asker } from '../../provisioning/dhcp-request.ts';
import { answerOf, requestOf } from '../../provisioning/dhcp-request.ts';
import type { DhcpOptions } from '../../provisioning/sources.ts';

const SERVER_PORT = 67;
const CLIENT_PORT = 68;
const EVERYBODY = '255.255.255.255';
/** Asked again after 3 to 5 s (RFC 2131 4.1); given up as long after that. */
const AGAIN_MS = 4000;
const SPREAD_MS = 1000;
const SENDS_MAX = 2;

/** Null: nobody answers, or the port is not the phone's to use, as on a system that keeps those below 1024 for root. */
export function askServers(asker: Omit<Asker, 'transaction'>, signal: AbortSignal): Promise<DhcpOptions | null> {
  return new Promise((resolve) => {
    const asked: Asker = { ...asker, transaction: randomBytes(4).toString('latin1') };
    const request = Buffer.from(requestOf(asked), 'latin1');
    // Shared with the system's client. What is sent to everybody leaves by the interface whose address the socket has.
    const [speaker, listener] = [newSocket(), newSocket()];
    let timer: NodeJS.Timeout | undefined;
    let sends = 0;
    let over = false;

    function end(result: DhcpOptions | null): void {
      if (over) return;
      over = true;
      clearTimeout(timer);
      signal.removeEventListener('abort', giveUp);
      speaker.close();
      listener.close();
      resolve(result);
    }
    const giveUp = (): void => end(null);

    function send(): void {
      if (sends === SENDS_MAX) return giveUp();
      sends += 1;
      speaker.send(request, SERVER_PORT, EVERYBODY);
      timer = setTimeout(send, AGAIN_MS + SPREAD_MS * (2 * Math.random() - 1));
    }

    speaker.on('error', giveUp);
    listener.on('error', giveUp);
    listener.on('message', (octets) => {
      const answer = answerOf(octets.toString('latin1'), asked);
      if (answer !== null) end(answer);
    });
    signal.addEventListener('abort', giveUp);
    if (signal.aborted) return giveUp();
    listener.bind(CLIENT_PORT, () => {
      if (!over)
        speaker.bind(CLIENT_PORT, dottedOf(asked.address), () => {
          speaker.setBroadcast(true);
          send();
        });
    });
  });
}

const newSocket = (): Socket => createSocket({ type: 'udp4', reuseAddr: true });

const dottedOf = (octets: string): string => [...octets].map((octet) => octet.charCodeAt(0)).join('.');
