/** Owns which parameters a running phone does not take over: its sockets and certificates stay those of its start. */

export const TAKES_RESTART: ReadonlySet<string> = new Set([
  'sip local port',
  'sip local tls port',
  'sips root and intermediate certificates',
  'sips trusted certificates',
  'sips local certificate',
  'sips private key',
]);
