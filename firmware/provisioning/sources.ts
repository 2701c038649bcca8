/** Owns where configuration files come from, in which order: the server that parameters name, then the one of DHCP (original-phone 1.10). */
import { isSafePath } from '../config/paths.ts';
import { NO_HOST, readValue } from '../config/values.ts';

export type Protocol = 'tftp' | 'ftp' | 'http' | 'https';

/** One server and a folder on it. */
export interface Source {
  readonly protocol: Protocol;
  /** A name or an address. */
  readonly host: string;
  readonly port: number;
  /** Folders separated by `/`, without one at either end. */
  readonly path: string;
  /** Empty = anonymous. */
  readonly user: string;
  readonly password: string;
  /** Who named it, for a person. */
  readonly namedBy: string;
}

/** Options of the DHCP lease by number, an octet a character. */
export type DhcpOptions = ReadonlyMap<number, string>;

export interface Sources {
  /** In the order in which they are asked. */
  readonly sources: readonly Source[];
  /** What was named and cannot be used, a sentence each. */
  readonly problems: readonly string[];
}

export const USUAL_PORTS: Readonly<Record<Protocol, number>> = { tftp: 69, ftp: 21, http: 80, https: 443 };
const PROTOCOLS: readonly Protocol[] = ['tftp', 'ftp', 'http', 'https'];
/** Which option counts before which: our choice, the vendor's own first, the general one last. */
const OPTION_ORDER = [43, 160, 159, 66] as const;
/** Sub-option of 43 that holds the configuration server [K]. */
const SERVER_SUB_OPTION = 2;

/** `value` gives a parameter in force. A source that names the same place twice is asked once. */
export function sourcesOf(value: (name: string) => string, dhcp: DhcpOptions): Sources {
  const problems: string[] = [];
  const configured = fromParameters(value, problems);
  const found = [...configured, ...fromDhcp(value('dhcp config option override'), dhcp, problems)];
  const places = found.map(sourceText);
  return { sources: found.filter((source, index) => places.indexOf(sourceText(source)) === index), problems };
}

/** As a person reads it, without user and password. */
export function sourceText({ protocol, host, port, path }: Source): string {
  const shown = host.includes(':') ? `[${host}]` : host;
  const at = port === USUAL_PORTS[protocol] ? '' : `:${port}`;
  return `${protocol}://${shown}${at}${path === '' ? '' : `/${path}`}`;
}

function fromParameters(value: (name: string) => string, problems: string[]): readonly Source[] {
  const protocol = PROTOCOLS.find((known) => known === value('download protocol')) ?? 'tftp';
  const alternate = protocol === 'tftp' && value('use alternate tftp server') === '1';
  const names = alternate ? ['alternate tftp server', 'tftp server'] : [`${protocol} server`];
  const port = protocol === 'http' || protocol === 'https' ? Number(value(`${protocol} port`)) : 0;
  const login = protocol === 'ftp' ? { user: value('ftp username'), password: value('ftp password') } : ANONYMOUS;
  return names.flatMap((name) => {
    const host = value(name);
    if (host === NO_HOST || host === '') return [];
    const folder = name.replace(/server$/, 'path');
    const path = trimmed(value(folder));
    if (!isSafePath(path)) {
      problems.push(`"${folder}": folders separated by "/", none of them ".."`);
      return [];
    }
    return [{ protocol, host, port: port === 0 ? USUAL_PORTS[protocol] : port, path, ...login, namedBy: `"${name}"` }];
  });
}

const ANONYMOUS = { user: '', password: '' } as const;

const trimmed = (path: string): string => path.replace(/^\/+|\/+$/g, '');

function fromDhcp(override: string, dhcp: DhcpOptions, problems: string[]): readonly Source[] {
  if (override === '-1') return [];
  const wanted =
    override === '0' || override === '' ? OPTION_ORDER : OPTION_ORDER.filter((n) => String(n) === override);
  for (const number of wanted) {
    const octets = dhcp.get(number);
    const text = octets === undefined ? null : number === 43 ? vendorText(octets) : plain(octets);
    if (text === null || text === '') continue;
    const source = readServer(text, `DHCP option ${number}`);
    if (source !== null) return [source];
    problems.push(
      `DHCP option ${number}: "${printable(withoutLogin(text)).slice(0, 80)}" is neither a server nor an address like http://server/folder`,
    );
  }
  return [];
}

/** Servers end a text with NUL, or do not. */
const plain = (octets: string): string => octets.replace(/\0+$/, '').trim();

const withoutLogin = (text: string): string => text.replace(/(^|:\/\/)[^/]*@/, '$1');

const printable = (text: string): string => text.replace(/[^ -~]/g, '?');

/** Option 43 holds sub-options (RFC 2132 8.4); some servers write the bare text. */
function vendorText(octets: string): string | null {
  if (/^[ -~]{4,}\0*$/.test(octets)) return plain(octets);
  for (let at = 0; at + 1 < octets.length; ) {
    const code = octets.charCodeAt(at);
    if (code === 0 || code === 255) {
      at += 1;
      continue;
    }
    const length = octets.charCodeAt(at + 1);
    if (code === SERVER_SUB_OPTION) return plain(octets.slice(at + 2, at + 2 + length));
    at += 2 + length;
  }
  return null;
}

/** `server`, `server/folder`, or an address with protocol, user, port and folder; null = none of them. */
export function readServer(text: string, namedBy: string): Source | null {
  const match =
    /^(?:(tftp|ftp|https?):\/\/)?(?:([^:@/\s]*)(?::([^@/\s]*))?@)?(\[[0-9a-f:.]+\]|[^:@/\s[\]]+)(?::(\d{1,5}))?(?:\/(.*))?$/i.exec(
      text,
    );
  if (match === null) return null;
  const [, scheme = 'tftp', user = '', password = '', name = '', given, folder = ''] = match;
  const protocol = PROTOCOLS.find((known) => known === scheme.toLowerCase()) ?? 'tftp';
  const host = readValue({ type: 'host' }, name);
  const port = Number(given ?? USUAL_PORTS[protocol]);
  const path = trimmed(folder);
  if (!host.ok || host.value === NO_HOST || port === 0 || port > 65_535 || !isSafePath(path)) return null;
  return { protocol, host: host.value, port, path, user, password, namedBy };
}
