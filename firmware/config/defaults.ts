/** Owns every timing and policy number of the phone, each with its unit in the name and its source beside it. */

/** Hedge: the floor of H for a target with samples, ms (rules 4, row 1). */
export const HEDGE_FLOOR_MS = 700;
/** H while a target has fewer than `HEDGE_MIN_SAMPLES` answer times, ms (rules 4). */
export const HEDGE_UNKNOWN_MS = 1500;
export const HEDGE_MIN_SAMPLES = 8;
/** Answer times kept per target (rules 4). */
export const HEDGE_SAMPLES = 64;
/** H of a known-dead target is at least this, ms (rules 4, row 2). */
export const HEDGE_DEAD_FLOOR_MS = 100;
/** `sip transaction timer` where it is given in no layer: original-phone 1.2, ms. */
export const R2_TRANSACTION_MS = 4000;

/** RFC 3261 17, Table 4. */
export const T1_MS = 500;
export const T2_MS = 4000;
export const T4_MS = 5000;

/** RFC 5626 4.5: base and upper limit of the back-off, s, and the part of it that is taken at least. */
export const BACKOFF_BASE_S = 30;
export const BACKOFF_MAX_S = 1800;
export const BACKOFF_LOW_RATIO = 0.5;
/** original-phone 1.2: after a REGISTER that timed out, s; and its floor. */
export const REGISTRATION_TIMEOUT_RETRY_S = 120;
export const REGISTRATION_TIMEOUT_RETRY_MIN_S = 30;
/** original-phone 1.2: after a rejected REGISTER, s. */
export const REGISTRATION_RETRY_S = 1800;
/** original-phone 1.2: renewed this long before expiry, s. */
export const REGISTRATION_RENEWAL_S = 15;
/** Asked for where `sip registration period` is 0: original-phone 1.1, s. */
export const DEFAULT_REGISTRATION_PERIOD_S = 3600;
/** original-phone 1.2, `sip blacklist duration`, s. */
export const BLACKLIST_S = 300;
/** More targets than one configured server can have: a place in one list never outranks a place in an earlier one. */
export const RANKS_PER_LIST = 10_000;
/** A Retry-After of a 503 keeps requests from its target at most this long, s (rules 3.1 b). */
export const RETRY_AFTER_TARGET_MAX_S = 300;
/** A Retry-After of another answer delays its line at most this long, s (rules 3.1). */
export const RETRY_AFTER_LINE_MAX_S = 3600;
/** At most one REGISTER attempt a line in this time, ms (rules 6). */
export const MIN_ATTEMPT_GAP_MS = 1000;
/** A 408, 500, 502 or 504 of two lines within this time is learnt phone-wide, ms (rules 4, "health"). */
export const CODE_DEAD_WINDOW_MS = 60_000;
/** Sound in a packet: as usual (RFC 3551 4.2), with the basic codecs of the original, and what is taken (RFC 3550 leaves it open). */
export const PTIME_MS = 20;
export const PTIME_BASIC_MS = 30;
export const PTIME_MIN_MS = 10;
export const PTIME_MAX_MS = 60;
export const PTIME_STEP_MS = 10;
/** Branches of ended transactions are remembered this long, ms (rules 3.6); and how many. */
export const LATE_BRANCH_MEMORY_MS = 600_000;
export const LATE_BRANCHES_MAX = 512;
/** Random bits of a branch (conformance L2 asks for 64 at least). */
export const BRANCH_BITS = 128;
/** The far side of a call is missed when nothing more of it was counted for so long, ms; counts come every 5 s (conformance G24). */
export const SOUND_MISSED_MS = 10_000;
/** What rings is told again so often, ms (RFC 3261 13.3.1.1). */
export const RINGS_AGAIN_MS = 60_000;
/** The first number of provisional answers is below, and they may grow from there (RFC 3262 3). */
export const RSEQ_FIRST_MAX = 2 ** 31 - 1;
/** Places that ring at once whose numbers are kept, of all calls. */
export const EARLY_DIALOGS_MAX = 64;
/** B19: further addresses that a call may be sent to. */
export const REDIRECTS_MAX = 5;
/** K7: new nonces answered per target and attempt. */
export const MAX_CHALLENGES_PER_TARGET = 3;
/** Challenges kept per line and pair, each answered in every request: our choice, a proxy's and a registrar's with room to spare. */
export const CHALLENGES_HELD_MAX = 4;
/** Table X, 423: repeats with a longer interval per target and attempt; and the longest interval that is asked for, s. */
export const MAX_INTERVAL_RETRIES = 2;
export const MAX_MIN_EXPIRES_S = 2_147_483_647;
/** Of what a 423 made the phone ask for so long is believed, s: our choice. */
export const BELIEVED_MAX_S = 86_400;
/** Table X, "2xx but wrong": taken as bound this long, s. */
export const UNSAID_EXPIRES_S = 60;
/** RFC 3261 8.1.1.6. */
export const DEFAULT_MAX_FORWARDS = 70;

/** Rules 4, "probe": the interval is drawn from this part of the period up to the whole. */
export const PROBE_MIN_RATIO = 0.8;
/** The first probe of a pair follows within this time, ms: our choice, so that its silence may be judged from then on. */
export const PROBE_FIRST_MS = 1000;
/** What a machine without a network of its own goes by. */
export const NO_MAC = '00085D000001';

/** So many of a pair's first intervals share one draw, our choice: phones that started together are spread over a period after five. */
export const PROBE_DRIFT_INTERVALS = 5;
/** Rules 4, "the way home": good probes needed, and the time between them, ms. */
export const PROBE_GOOD_NEEDED = 2;
export const PROBE_CONFIRM_MS = 500;
/** Rules 4, "probe": a good REGISTER this soon after a verdict "dead" proves the target not probeable, ms. */
export const NOT_PROBEABLE_WINDOW_MS = 30_000;
/** Home is tried by REGISTER every so many periods where a target cannot be probed (rules 4). */
export const NOT_PROBEABLE_PERIODS = 4;
/** Answers that count as dead to a probe (rules 4). */
export const PROBE_BAD_CODES: readonly number[] = [408, 500, 502, 503, 504];

/** Rules 4, "Link down": jitter after link-up, ms. */
export const LINK_UP_JITTER_MS = 1000;
/** A send that met no network is repeated after 2, 4, 8 … 30 s: our choice, as for DNS (rules 2). */
export const NO_NETWORK_BASE_S = 2;
export const NO_NETWORK_MAX_S = 30;
/** interfaces 2: un-registering at the end takes at most this long, ms. */
export const SHUTDOWN_LIMIT_MS = 2000;
/** original-phone 1.6: characters of a dial plan (from Release 2.4), and the plans where none is given. */
export const DIAL_PLAN_MAX = 512;
export const DIAL_PLAN = 'X+#|XX+*';
export const EMERGENCY_DIAL_PLAN = '911|999|112|110';
/** `sip digit timeout` where it is given in no layer: original-phone 1.6, s. */
export const DIGIT_TIMEOUT_S = 4;
/** Keys of one number: our choice, twice the longest that any network has. */
export const DIALLED_KEYS_MAX = 64;
/** original-phone 6: entries of the lists. */
export const REDIAL_MAX = 100;
export const CALLERS_MAX = 200;
export const DIRECTORY_MAX = 200;
/** Characters of a name and of a number in a list: our choice, a long SIP URI fits. */
export const LIST_NAME_MAX = 64;
export const LIST_NUMBER_MAX = 256;
/** Characters of a key's label. */
export const KEY_LABEL_MAX = 64;
/** A softkey that is held so long is to be changed, ms: the original's guides say about three seconds [K]. */
export const KEY_HELD_MS = 3000;
/** Rings before an unanswered call is forwarded where nobody says (our choice), the most of them, and how long one lasts, ms. */
export const FORWARD_RINGS = 3;
export const FORWARD_RINGS_MAX = 20;
export const RING_CYCLE_MS = 6000;
/** The loudest step of the volume keys, and the one where none was chosen: our choice. */
export const VOLUME_MAX = 10;
export const VOLUME = 5;
/** original-phone 1.5: `sip blf subscription period`; a shorter one than the least counts as the usual one, s. */
export const BLF_PERIOD_S = 3600;
export const BLF_PERIOD_MIN_S = 120;
/** What the phone may be doing, as far as softkeys are shown by it (original-phone 1.8). */
export const KEY_STATES = ['idle', 'connected', 'incoming', 'outgoing', 'busy'] as const;
/** original-phone 1.8: programmable keys of each family. */
export const PROGRAMMABLE_KEYS = { topsoftkey: 10, softkey: 20, prgkey: 6 } as const;
/** Calls at once: our choice, twice the call appearances of the original. */
export const CALLS_MAX = 18;
/** An emergency call waits so long for a silent server, and for one that is known to be dead (rules 3.8), ms. */
export const EMERGENCY_HEDGE_MS = 700;
export const EMERGENCY_DEAD_HEDGE_MS = 100;

/** How long a key that was pressed in a call is heard, ms: at least 40, and most send 100 (RFC 4733 2.5.2.2 leaves it open). */
export const DTMF_MS = 100;

/** `sip rtp port` of the original: the first of the ports that media come in on. */
export const RTP_PORT_BASE = 3000;
/** A call that nobody answers ends after this, ms from its first provisional answer (rules 3.7). */
export const RING_LIMIT_MS = 180_000;
/** ms that the far side of a call has to hang up, once whom it had us call has answered (RFC 5589 6.1). */
export const REFERRER_GONE_MS = 2000;
/** ms that who was asked to call somebody may say nothing of it: as long as a phone rings, and a little more. */
export const REFER_TOLD_MS = RING_LIMIT_MS + 20_000;
/** A TCP or TLS connection: the next target starts after this, ms; it is given up after that (rules 4, row "TCP/TLS connect"). */
export const CONNECT_WAIT_MS = 1500;
export const CONNECT_LIMIT_MS = 5000;
/** RFC 3261 18.1.1: a longer request goes over TCP where the path MTU is unknown, octets. */
export const UDP_REQUEST_MAX_OCTETS = 1300;
/** RFC 5626 4.4.1: the answer to a keep-alive comes within this time, ms. */
export const PONG_LIMIT_MS = 10_000;
/** So many keep-alives of one connection are answered within so many ms: they come seconds apart (RFC 5626 4.4; conformance L13). */
export const PONGS_MAX = 8;
export const PONG_WINDOW_MS = 1000;
/** A connection that brings more empty lines than these within that time is closed: our choice, six times what is answered (conformance L13). */
export const EMPTY_LINES_MAX = 100;
/** So many octets of one connection are read within a second, and of all together that others opened: our choice, four of the longest messages. */
export const STREAM_OCTETS_A_SECOND = 262_144;
/** A message that has begun on a stream must end within this time, ms: 64·T1, as long as anybody would wait for it. */
export const STREAM_MESSAGE_LIMIT_MS = 32_000;
/** Connections that others opened: in all, from one address, and how long one may say nothing, ms (conformance L13). */
export const ACCEPTED_MAX = 32;
export const ACCEPTED_PER_ADDRESS_MAX = 8;
export const ACCEPTED_IDLE_MS = 600_000;
/** Streams that the phone opened and keeps (conformance E10). */
export const STREAMS_KEPT_MAX = 32;
/**
 * A connection on which nothing has come for so long after a request, ms, carries no new one: our choice, the wait for an unknown
 * target. What TCP itself would take for a break takes a quarter of an hour.
 */
export const STREAM_DOUBT_MS = 1500;
/**
 * Lines whose connection is lost register anew at once; where it is lost again soon, not before so many ms, twice as many each time
 * up to the most: our choice, for servers that close every connection.
 */
export const STREAM_LOST_GAP_MS = 2000;
export const STREAM_LOST_GAP_MAX_MS = 60_000;
/** Server transactions under way at most; beyond, 503 (conformance D17): 100 keys that move and come home within Timer J draw 400 NOTIFYs. */
export const SERVER_TRANSACTIONS_MAX = 1024;
/** Lines kept of what was decided and why. */
export const DECISIONS_KEPT = 200;

/** Defaults of our own parameters (rules 5). */
export const PROBE_PERIOD_S = 15;
export const HEDGE_LIMIT_MS = 2000;
export const FAILOVER_CODES: readonly number[] = [408, 500, 502, 503, 504];
export const FAILOVER_JITTER_S = 1;
export const START_SPREAD_S = 0;

/** Limits of a SIP message: a UDP datagram's octets, header lines, octets of one header line (conformance C13). */
export const MESSAGE_MAX_OCTETS = 65_535;
export const HEADERS_MAX = 256;
export const HEADER_LINE_MAX = 8192;

/** An empty datagram towards a NAT goes so often where no probe does: RFC 5626 4.4, as over connections; a NAT may forget after 30 s. */
export const UDP_KEEP_ALIVE_MIN_MS = 24_000;
export const UDP_KEEP_ALIVE_MAX_MS = 29_000;

/** More hops than these before a server's own users are no route but a mistake. Our choice. */
export const SERVICE_ROUTES_MAX = 8;

/**
 * Limits of a configuration file: octets, lines, and characters of one line. Our choice: real files hold a few kilobytes in some hundred
 * lines, and a phone that reads a line costs its calls no packet.
 */
export const CFG_FILE_MAX_OCTETS = 1_048_576;
export const CFG_LINES_MAX = 10_000;
export const CFG_LINE_MAX = 4096;
/** The first problems, of which it is searched what may have been meant: a file that has more is of another phone. Our choice. */
export const HINTS_MAX = 100;
/**
 * Stands on the screen where the first password of the Web UI belongs, a character each: the board puts it in on its way to the
 * glass, so that the core, its events and its recordings never hold it.
 */
export const FIRST_PASSWORD_PLACE = '*'.repeat(12);
/** Of the administrator's password of the Web UI, characters. */
export const PASSWORD_MIN = 8;
export const PASSWORD_MAX = 64;
/** A DNS name and one label of it, characters (conformance A33; RFC 1035 2.3.4). */
export const HOST_NAME_MAX = 253;
export const HOST_LABEL_MAX = 63;
/** original-phone 1: `sip line1` to `sip line9`. */
export const LINES_MAX = 9;
/** RFC 3261 19.1.2: ports of an address that is written without one. */
export const DEFAULT_SIP_PORT = 5060;
export const DEFAULT_SIPS_PORT = 5061;
/** original-phone 1.3: local SIP port. */
export const LOCAL_PORT = 5060;
export const LOCAL_TLS_PORT = 5061;
