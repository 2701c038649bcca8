/**
 * Owns what an address in an XML object may ask for. What would let a server listen to the room or sit at the keys is refused: RTP
 * streams, simulated keys, erasing the settings.
 */
import type { LampState } from '../../hal/devices.ts';
import type { SoftkeyAct, XmlUri } from './objects.ts';
import { XML_API_LIMITS } from './objects.ts';

const refused = (why: string): XmlUri => ({ kind: 'refused', why });

const COMMANDS: Readonly<Record<string, XmlUri>> = {
  reset: { kind: 'restart' },
  fastreboot: { kind: 'restart' },
  clearcallerslist: { kind: 'clear', list: 'callers' },
  clearrediallist: { kind: 'clear', list: 'redial' },
  cleardirectory: { kind: 'clear', list: 'directory' },
  noop: { kind: 'none' },
  '': { kind: 'none' },
};

const SOFTKEYS: Readonly<Record<string, SoftkeyAct>> = {
  ...{ exit: 'exit', submit: 'submit', select: 'select', dial: 'dial', dial2: 'dial2' },
  ...{ backspace: 'backspace', dot: 'dot', changecase: 'case', numericalpha: 'case' },
};

const LAMPS: Readonly<Record<string, LampState>> = {
  ...{ on: 'on', off: 'off', slowflash: 'slow-flash', fastflash: 'fast-flash' },
};

/** Never fails: what cannot be done says so when it is asked for. */
export function readUri(text: string): XmlUri {
  const uri = text.trim();
  if (uri === '') return { kind: 'none' };
  if (uri.length > XML_API_LIMITS.uri) return refused(`an address has at most ${XML_API_LIMITS.uri} characters`);
  const [, scheme = '', rest = ''] = /^([A-Za-z0-9.]+):\s*(.*)$/s.exec(uri) ?? [];
  switch (scheme.toLowerCase()) {
    case 'http':
    case 'https':
      return /[\s\\]/.test(uri) ? refused('an address with blanks') : { kind: 'get', uri };
    case 'dial':
      return dialled(rest, null);
    case 'dialline': {
      const [, line = '', number = ''] = /^([1-9]):\s*(.*)$/s.exec(rest) ?? [];
      return line === '' ? refused('DialLine wants a line from 1 to 9') : dialled(number, Number(line));
    }
    case 'led':
      return led(rest);
    case 'command':
      return COMMANDS[rest.trim().toLowerCase()] ?? refused(`Command "${rest.slice(0, 24)}" is not supported`);
    case 'softkey':
      return softkey(rest);
    default:
      return refused(scheme === '' ? 'an address without http' : `"${scheme.slice(0, 24)}" is not supported`);
  }
}

/** A number as a person could key it, or a SIP URI. */
export function dialled(text: string, line: number | null): XmlUri {
  const number = text.trim();
  const plain = number.replaceAll(/[\s().-]/g, '');
  if (/^\+?[\d*#]{1,64}$/.test(plain)) return { kind: 'dial', number: plain, line };
  return /^(?:sips?:)?[^\s<>"@]{1,128}(?:@[^\s<>"@]{1,253})?$/i.test(number)
    ? { kind: 'dial', number, line }
    : refused('what should be dialled is no number');
}

function led(rest: string): XmlUri {
  const [, key = '', word = ''] = /^\s*((?:top)?softkey\d{1,2}|prgkey\d)\s*=\s*([a-z]+)\s*$/i.exec(rest) ?? [];
  const state = LAMPS[word.toLowerCase()];
  return state === undefined
    ? refused('Led wants a key and its state')
    : { kind: 'led', key: key.toLowerCase(), state };
}

function softkey(rest: string): XmlUri {
  const act = SOFTKEYS[rest.trim().toLowerCase()];
  return act === undefined ? refused(`SoftKey "${rest.slice(0, 24)}" is not supported`) : { kind: 'softkey', act };
}

/** The address with parameters added, each value percent-encoded. */
export function withQuery(uri: string, parameters: readonly (readonly [name: string, value: string])[]): string {
  const [, head = '', fragment = ''] = /^([^#]*)(#.*)?$/s.exec(uri) ?? [];
  const query = parameters.map(([name, value]) => `${encoded(name)}=${encoded(value)}`).join('&');
  if (query === '') return uri;
  const joint = !head.includes('?') ? '?' : /[?&]$/.test(head) ? '' : '&';
  return `${head}${joint}${query}${fragment}`;
}

/** Half a surrogate pair cannot be encoded. */
const encoded = (text: string): string => encodeURIComponent(text.replace(/\p{Surrogate}/gu, '\uFFFD'));
