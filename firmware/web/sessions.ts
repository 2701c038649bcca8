/** Owns the sessions of browsers: a cookie that says nothing, and a word that only our own forms know (CSRF). They end with the process. */
import { randomBytes } from 'node:crypto';

export interface Session {
  readonly role: 'admin' | 'viewer';
  readonly id: string;
  /** Every form of this session carries it. */
  readonly csrf: string;
  readonly until: number;
  /** It was opened over TLS, and is none in the clear: there anybody on the way may have read its cookie. */
  readonly encrypted: boolean;
}

interface Way {
  readonly encrypted: boolean;
}

export interface Sessions {
  open(role: Session['role'], way: Way): Session;
  /** By the Cookie header. */
  find(cookies: string, way: Way): Session | null;
  close(session: Session): void;
  /** A changed password ends them all. */
  closeAll(): void;
}

const LASTS_MS = 8 * 3_600_000;
const SESSIONS_MAX = 32;
const ID_OCTETS = 32;
const COOKIE = 'holdfast';

/** Lax would send it with a link from elsewhere; no script of ours needs to read it. */
export const cookieOf = ({ id, encrypted }: Session): string =>
  `${COOKIE}=${id}; Path=/; HttpOnly; SameSite=Strict${encrypted ? '; Secure' : ''}`;
export const NO_COOKIE = `${COOKIE}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0`;

export function createSessions(now: () => number): Sessions {
  const sessions = new Map<string, Session>();
  const word = (): string => randomBytes(ID_OCTETS).toString('hex');
  return {
    open(role, { encrypted }) {
      const [oldest] = sessions.keys();
      if (sessions.size >= SESSIONS_MAX && oldest !== undefined) sessions.delete(oldest);
      const session: Session = { role, id: word(), csrf: word(), until: now() + LASTS_MS, encrypted };
      sessions.set(session.id, session);
      return session;
    },
    find(cookies, { encrypted }) {
      for (const [, id = ''] of cookies.matchAll(new RegExp(`(?:^|;\\s*)${COOKIE}=([0-9a-f]{64})(?=;|$)`, 'g'))) {
        const session = sessions.get(id);
        if (session !== undefined && session.until > now() && (encrypted || !session.encrypted)) return session;
      }
      return null;
    },
    close: ({ id }) => void sessions.delete(id),
    closeAll: () => sessions.clear(),
  };
}
