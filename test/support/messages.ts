/** Owns SIP messages as text for tests: a good one, changed where the test needs it. */

export const REGISTER = [
  'REGISTER sip:example.test SIP/2.0',
  'Via: SIP/2.0/UDP 192.0.2.100:5060;rport;branch=z9hG4bK1',
  'Max-Forwards: 70',
  'From: <sip:2001@example.test>;tag=a',
  'To: <sip:2001@example.test>',
  'Call-ID: 1@192.0.2.100',
  'CSeq: 1 REGISTER',
  'Contact: <sip:2001@192.0.2.100:5060>',
  'Content-Length: 0',
];

/** The message with lines replaced by name, added, or (`null`) left out. */
export function message(
  lines: readonly string[],
  changes: Readonly<Record<string, string | null>> = {},
  body = '',
): string {
  const changed = lines.flatMap((line) => {
    const name = line.split(':', 1)[0] ?? '';
    const change = changes[name];
    if (change === undefined) return [line];
    return change === null ? [] : [`${name}: ${change}`];
  });
  const added = Object.entries(changes).flatMap(([name, value]) =>
    value === null || lines.some((line) => line.startsWith(`${name}:`)) ? [] : [`${name}: ${value}`],
  );
  return `${[...changed, ...added].join('\r\n')}\r\n\r\n${body}`;
}

export const OK = (contact: string): string =>
  message([
    'SIP/2.0 200 OK',
    'Via: SIP/2.0/UDP 192.0.2.100:5060;branch=z9hG4bK1',
    'From: <sip:2001@example.test>;tag=a',
    'To: <sip:2001@example.test>;tag=b',
    'Call-ID: 1@192.0.2.100',
    'CSeq: 1 REGISTER',
    `Contact: ${contact}`,
  ]);
