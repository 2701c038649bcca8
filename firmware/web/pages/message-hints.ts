/** Owns what a SIP message means, in a few words for a person who reads a ladder: codes, holds, transfers, and the sound that is offered. */
import type { TracedMessage } from '../../status.ts';

/** Empty = the name of the message says it all. */
export function hintOf({ label, text }: TracedMessage): string {
  const [, code = '', answered = ''] = /^(\d{3}) \((\w+)/.exec(label) ?? [];
  const said = code === '' ? askedFor(label.split(' ', 1)[0] ?? '', text) : answerTo(answered, code, text);
  return [said, soundIn(text)].filter((part) => part !== '').join('; ');
}

const CODES: Readonly<Record<string, string>> = {
  ...{ '180': 'it rings', '183': 'sound before the answer', '202': 'taken up' },
  ...{ '401': 'who are you? The password is asked for', '407': 'who are you? The password is asked for' },
  ...{ '403': 'refused: a wrong name or password, or not allowed', '404': 'nobody has this number there' },
  ...{ '408': 'nobody answered in time', '423': 'for too short a time', '480': 'cannot be reached now' },
  ...{ '481': 'the far side knows nothing of it any more', '482': 'reached twice', '486': 'busy', '487': 'given up' },
  ...{ '488': 'no codec in common', '500': 'a fault of the server', '501': 'the server cannot do this' },
  ...{ '503': 'the server has too much to do, or is being mended', '600': 'busy everywhere', '603': 'declined' },
};

function answerTo(method: string, code: string, text: string): string {
  if (code !== '200') return CODES[code] ?? '';
  if (method === 'INVITE') return 'agreed';
  if (method !== 'REGISTER') return '';
  const granted = headerOf(text, 'Expires') || /;\s*expires\s*=\s*(\d+)/i.exec(headerOf(text, 'Contact'))?.[1];
  return granted === undefined ? '' : `registered for ${granted} s`;
}

function askedFor(method: string, text: string): string {
  switch (method) {
    case 'INVITE':
      return /;\s*tag\s*=/i.test(headerOf(text, 'To')) ? withinCall(text) : '';
    case 'REGISTER':
      return headerOf(text, 'Expires') === '0' ? 'gives the binding up' : '';
    case 'OPTIONS':
      return 'are you there?';
    case 'BYE':
      return 'hangs up';
    case 'CANCEL':
      return 'gives up before the answer';
    case 'REFER':
      return `hands the call over to ${/\bsips?:([^@;>?\s]{1,64})/i.exec(headerOf(text, 'Refer-To'))?.[1] ?? 'somebody'}`;
    case 'NOTIFY':
      return transferNews(text);
    default:
      return '';
  }
}

const HELD: Readonly<Record<string, string>> = {
  ...{ sendonly: 'holds the call', inactive: 'holds the call, in silence', recvonly: 'stays held' },
};

const withinCall = (text: string): string => {
  const direction = directionIn(text);
  return HELD[direction] ?? 'goes on with the call, or changes it';
};

/** What became of a call that was handed over (RFC 3515 2.4.5). */
function transferNews(text: string): string {
  const [, code] = /\r?\n\r?\nSIP\/2\.0 (\d{3})/.exec(text) ?? [];
  if (code === undefined) return '';
  return code < '200'
    ? 'the new call is being made'
    : code < '300'
      ? 'the new call was answered'
      : `the new call failed: ${code}`;
}

/** Static payload types (RFC 3551 6); the others are named by the body. */
const PAYLOADS: Readonly<Record<string, string>> = { '0': 'PCMU', '8': 'PCMA', '9': 'G722', '18': 'G729' };
const DIRECTIONS: Readonly<Record<string, string>> = {
  ...{ sendonly: ', one way: it sends', recvonly: ', one way: it listens', inactive: ', neither way' },
};

/** The audio of a session description, in one sentence. */
function soundIn(text: string): string {
  const [, port, secure, types] = /^m=audio (\d{1,5}) RTP\/(S?)AVPF? ([\d ]{1,80})/m.exec(text) ?? [];
  if (port === undefined || types === undefined) return '';
  if (port === '0') return 'no sound';
  const [, address = ''] = /^c=IN IP[46] ([\w.:]{2,45})/m.exec(text) ?? [];
  const named = new Map(
    [...text.matchAll(/^a=rtpmap:(\d{1,3}) ([\w.-]{1,32})\//gm)].map(([, type = '', name = '']) => [type, name]),
  );
  const codecs = types
    .trim()
    .split(/ +/)
    .map((type) => named.get(type) ?? PAYLOADS[type] ?? `payload ${type}`);
  return `sound at ${address}:${port}, ${codecs.join(' ')}${secure === '' ? '' : ', encrypted'}${DIRECTIONS[directionIn(text)] ?? ''}`;
}

const directionIn = (text: string): string => /^a=(sendonly|recvonly|inactive)\s*$/m.exec(text)?.[1] ?? '';

const COMPACT: Readonly<Record<string, string>> = { To: 't', Contact: 'm', 'Refer-To': 'r' };

/** The first of that name, before the body. */
function headerOf(text: string, name: string): string {
  const short = COMPACT[name];
  const pattern = new RegExp(`^(?:${name}${short === undefined ? '' : `|${short}`})[ \\t]*:[ \\t]*(.*)$`, 'im');
  return pattern.exec(text.split(/\r?\n\r?\n/, 1)[0] ?? '')?.[1]?.trim() ?? '';
}
