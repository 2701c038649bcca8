/** Owns how header names are written: any case and the compact forms become one canonical name (RFC 3261 7.3.1, 20). */

const COMPACT: Readonly<Record<string, string>> = {
  a: 'Accept-Contact',
  b: 'Referred-By',
  c: 'Content-Type',
  d: 'Request-Disposition',
  e: 'Content-Encoding',
  f: 'From',
  i: 'Call-ID',
  j: 'Reject-Contact',
  k: 'Supported',
  l: 'Content-Length',
  m: 'Contact',
  o: 'Event',
  r: 'Refer-To',
  s: 'Subject',
  t: 'To',
  u: 'Allow-Events',
  v: 'Via',
  x: 'Session-Expires',
  y: 'Identity',
};

/** Names whose canonical form is not "each word capitalised". */
const SPECIAL: Readonly<Record<string, string>> = {
  'call-id': 'Call-ID',
  cseq: 'CSeq',
  'www-authenticate': 'WWW-Authenticate',
  'mime-version': 'MIME-Version',
  'sip-etag': 'SIP-ETag',
  'sip-if-match': 'SIP-If-Match',
  rseq: 'RSeq',
  rack: 'RAck',
};

const KNOWN = [
  'Accept', 'Accept-Encoding', 'Accept-Language', 'Alert-Info', 'Allow', 'Allow-Events', 'Authentication-Info', 'Authorization',
  'Call-Info', 'Contact', 'Content-Disposition', 'Content-Encoding', 'Content-Language', 'Content-Length', 'Content-Type', 'Date',
  'Error-Info', 'Event', 'Expires', 'From', 'In-Reply-To', 'Max-Forwards', 'Min-Expires', 'Organization', 'Path', 'Priority',
  'Proxy-Authenticate', 'Proxy-Authorization', 'Proxy-Require', 'Record-Route', 'Refer-To', 'Referred-By', 'Reply-To', 'Replaces',
  'Require', 'Retry-After', 'Route', 'Server', 'Service-Route', 'Session-Expires', 'Subject', 'Subscription-State', 'Supported',
  'Timestamp', 'To', 'Unsupported', 'User-Agent', 'Via', 'Warning',
];

const CANONICAL: ReadonlyMap<string, string> = new Map([
  ...KNOWN.map((name): [string, string] => [name.toLowerCase(), name]),
  ...Object.entries(SPECIAL),
  ...Object.entries(COMPACT),
]);

/** The canonical name; a name that is not known stays as written. */
export const canonicalName = (name: string): string => CANONICAL.get(name.toLowerCase()) ?? name;
