/** Owns the numbers of DNS: waits, caps and limits, each with its source. */

/** One name server is waited for this long before the next is asked, ms: our choice within conformance A22. */
export const QUERY_TIMEOUT_MS = 1500;
/** All queries of one question, ms: conformance table X, "within 5 s". */
export const QUESTION_LIMIT_MS = 5000;
/** A silent or useless name server comes last for this long, ms: our choice, a few times the longest retry. */
export const SERVER_ASIDE_MS = 60_000;
/** Rules 2: after a failure DNS is asked again after 2, 4, 8 … 30 s. */
export const RETRY_BASE_S = 2;
export const RETRY_MAX_S = 30;
/** A23: TTL caps at both ends, s. */
export const TTL_MIN_S = 5;
export const TTL_MAX_S = 86_400;
/** RFC 2181 8: a TTL with the top bit set counts as 0. */
export const TTL_SIGN = 2 ** 31;
/** A23: NXDOMAIN and NODATA are kept by the SOA minimum, at most 60 s; without SOA half of that. */
export const NEGATIVE_MAX_S = 60;
export const NEGATIVE_UNSAID_S = 30;
/** Asked again when this part of the TTL is over, drawn anew each time so that phones do not ask in step (B23). */
export const REFRESH_LOW_RATIO = 0.8;
export const REFRESH_HIGH_RATIO = 0.95;
/** A18: aliases followed. */
export const CNAME_MAX = 8;
/** L15: records read of an answer, and addresses of one name. */
export const RECORDS_MAX = 64;
export const ADDRESSES_MAX = 16;
/** Answers read back from the last run: nine lines with three roles and two servers each ask for fewer. */
export const STORED_MAX = 512;
/** RFC 1035 2.3.4: octets of a label, and characters of a name without its last dot. */
export const LABEL_MAX = 63;
export const NAME_MAX = 253;
/** RFC 8767 5: a fresh answer is waited for this long before an old one is used, ms. */
export const STALE_AFTER_MS = 1800;
