/** Owns the numbers of DNS: waits, caps and limits, each with its source. */

/** One query to one name server, ms: our choice within conformance A22's "about 2-5 s" for all of them. */
export const QUERY_TIMEOUT_MS = 1500;
/** All queries of one question, ms: table X, "within 5 s". */
export const QUESTION_LIMIT_MS = 5000;
/** Rules 2: after a failure DNS is asked again after 2, 4, 8 … 30 s. */
export const RETRY_BASE_S = 2;
export const RETRY_MAX_S = 30;
/** A23: TTL caps at both ends, s. */
export const TTL_MIN_S = 5;
export const TTL_MAX_S = 86_400;
/** A23: NXDOMAIN and NODATA are kept by the SOA minimum, at most 60 s; without SOA half of that. */
export const NEGATIVE_MAX_S = 60;
export const NEGATIVE_UNSAID_S = 30;
/** Asked again when this part of the TTL is over, so that the answer never runs out under a request. */
export const REFRESH_RATIO = 0.9;
/** A18: aliases followed. */
export const CNAME_MAX = 8;
/** L15: records read of an answer, and addresses of one name. */
export const RECORDS_MAX = 64;
export const ADDRESSES_MAX = 16;
/** RFC 8767 5: how long a fresh answer is waited for before an old one is used, ms. */
export const STALE_AFTER_MS = 1800;
