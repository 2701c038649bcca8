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
    readonly name?: string;
    readonly uri: string;
    params: Record<string, string | null>;
  }
  export interface SipMessage {
    method: string;
    uri: string;
    status: number;
    reason: string;
    headers: Record<string, unknown>;
    content: string;
  }
  export interface Remote {
    readonly address: string;
    readonly port: number;
    readonly protocol: string;
  }
  export interface Stack {
    send(message: SipMessage, callback?: (response: SipMessage) => void): void;
    destroy(): void;
  }
  const sip: {
    create(options: Readonly<Record<string, unknown>>, callback: (request: SipMessage, remote: Remote) => void): Stack;
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
