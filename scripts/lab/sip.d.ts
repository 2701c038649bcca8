/** The part of npm `sip` 0.0.6 that the lab uses. */
declare module 'sip' {
  export interface SipUri {
    readonly schema: string;
    readonly user?: string;
    readonly host: string;
    readonly port?: number;
    readonly params: Readonly<Record<string, string | null>>;
    readonly headers: Readonly<Record<string, string>>;
  }
  export interface AddressHeader {
    readonly name?: string | undefined;
    readonly uri: string;
    readonly params: Readonly<Record<string, string | null>>;
  }
  export interface ViaHeader {
    readonly params: Readonly<Record<string, string | number | null>>;
  }
  /** A message that passed the stack's own check: the headers named here are there. */
  export interface SipMessage {
    /** Of a request alone. */
    readonly method?: string;
    readonly uri: string;
    readonly status: number;
    /** The body. */
    content?: string;
    readonly headers: {
      to: AddressHeader;
      readonly via: readonly ViaHeader[];
      readonly 'call-id': string;
      readonly cseq: { readonly method: string; readonly seq: number };
      [name: string]: unknown;
    };
  }
  export interface Remote {
    readonly address: string;
    readonly port: number;
    readonly protocol: string;
  }
  export interface Connection {
    send(message: SipMessage): void;
    release(): void;
    readonly protocol: string;
  }
  export interface Transport {
    open(remote: Remote, onError?: (error: Error) => void): Connection;
    /** The connection that a request came by; none where it is closed. */
    get(remote: Remote): Connection | undefined;
    destroy(): void;
  }
  export interface ServerTransaction {
    send(response: SipMessage): void;
    message(request: SipMessage, remote: Remote): void;
  }
  export interface ClientTransaction {
    message(response: SipMessage, remote: Remote): void;
  }
  export interface Transactions {
    createServerTransaction(request: SipMessage, connection: Pick<Connection, 'send' | 'release'>): ServerTransaction;
    getServer(message: SipMessage): ServerTransaction | undefined;
    createClientTransaction(
      connection: Connection,
      request: SipMessage,
      answer: (response: SipMessage) => void,
    ): ClientTransaction;
    getClient(message: SipMessage): ClientTransaction | undefined;
  }
  const sip: {
    makeTransport(
      options: Readonly<Record<string, unknown>>,
      /** `stream`: the socket that a message came by over TCP or TLS. */
      callback: (message: SipMessage, remote: Remote, stream: unknown) => void,
    ): Transport;
    makeTransactionLayer(options: Readonly<Record<string, unknown>>, open: Transport['open']): Transactions;
    makeResponse(request: SipMessage, status: number, reason?: string): SipMessage;
    parseUri(text: string): SipUri | undefined;
    parse(data: string): SipMessage | undefined;
    stringify(message: SipMessage): string;
  };
  export default sip;
}

declare module 'sip/digest.js' {
  const digest: {
    calculateUserRealmPasswordHash(user: string, realm: string, password: string): string;
    calculateDigest(context: Readonly<Record<string, string | undefined>>): string;
  };
  export default digest;
}
