/* stun/longterm: the long-term credential mechanism, the client's side (RFC 8489 §9.2).
 *
 *   C ── request without credentials ──▶ S
 *   C ◀── 401, REALM, NONCE (, PASSWORD-ALGORITHMS) ── S      challenge
 *   C ── the same with USERNAME or USERHASH, REALM, NONCE, … and a seal ──▶ S      put, seal
 *   C ◀── a response under the same key ── S      check
 *
 * The idea: what the server said last is kept as it came, and decides alone what the next
 * request carries. The first 13 characters of the nonce may say what the server can do; since
 * the nonce is under the seal, nobody on the way can bid that down.
 */
#ifndef RILL_STUN_LONGTERM_H
#define RILL_STUN_LONGTERM_H

#include "base/digest.h"
#include "stun/msg.h"

#define RILL_STUN_TEXT_MAX 763 /* RFC 8489 §14.9, §14.10: bytes of a REALM or NONCE */
#define RILL_STUN_ALGORITHMS_MAX 64

/* RFC 8489 §18.5 */
enum rill_stun_algorithm {
    RILL_STUN_ALGORITHM_NONE = 0,
    RILL_STUN_ALGORITHM_MD5 = 1,
    RILL_STUN_ALGORITHM_SHA256 = 2,
};
/* "MD5", "SHA-256"; NULL for another number. */
const char *rill_stun_algorithm_name(uint16_t algorithm);

/* RFC 8489 §18.1: "Bit 0 is the leftmost bit", yet the request of appendix B.1, made with
 * username anonymity, has "AAAC": bit 1 from the right. Either place tells the feature; bits 22
 * and 23 are unassigned. */
enum rill_stun_feature {
    RILL_STUN_FEATURE_PASSWORD_ALGORITHMS = 0x800001,
    RILL_STUN_FEATURE_USERNAME_ANONYMITY = 0x400002,
};
/* RFC 8489 §9.2: false when the nonce does not begin with the nonce cookie; else its 24 bits. */
bool rill_stun_nonce_features(struct rill_view nonce, uint32_t *features);

/* Walks a PASSWORD-ALGORITHMS (or -ALGORITHM) value; false at its end or where it is malformed. */
struct rill_stun_algorithm_item {
    uint16_t algorithm;
    struct rill_view parameters;
};
bool rill_stun_next_algorithm(struct rill_reader *value, struct rill_stun_algorithm_item *out);

/* The OpaqueString profile (RFC 8265 §4.2). ASCII is taken exactly as the profile has it: every
 * printable character stands for itself, control characters and the empty string are refused.
 * Beyond ASCII: the text must be UTF-8; spaces of other scripts become U+0020; characters are
 * not composed (rule 4, NFC), so decomposed text must be composed by whoever types it; C1
 * controls are refused, other unassigned or disallowed code points are not looked for.
 * Returns bytes in out (never more than in), or RILL_STUN_OPAQUE_STRING. */
int rill_stun_opaque_string(struct rill_view in, struct rill_span out, struct rill_err *why);

/* RFC 8489 §9.2.2, §18.5.1: bytes of the key in out: 16 for MD5, 32 for SHA-256. Quotes around
 * user and realm and NULs behind each are left out, as §9.2.2 says. The texts have been through
 * rill_stun_opaque_string(). */
size_t rill_stun_long_term_key(enum rill_stun_algorithm algorithm, struct rill_view username,
                               struct rill_view realm, struct rill_view password,
                               uint8_t out[RILL_DIGEST_MAX]);
/* RFC 8489 §14.4 */
void rill_stun_userhash(struct rill_view username, struct rill_view realm,
                        uint8_t out[RILL_SHA256_SIZE]);

/* username and password are borrowed; the rest is filled by challenges. n_key is 0 before. */
struct rill_stun_longterm {
    struct rill_view username, password;
    uint8_t realm[RILL_STUN_TEXT_MAX], nonce[RILL_STUN_TEXT_MAX];
    size_t n_realm, n_nonce;
    uint8_t algorithms[RILL_STUN_ALGORITHMS_MAX]; /* PASSWORD-ALGORITHMS as it came */
    size_t n_algorithms;
    uint16_t algorithm; /* the one chosen; NONE: the server named none, and it is MD5 */
    bool anonymous;     /* USERHASH in place of USERNAME */
    bool sha256;        /* the seal is MESSAGE-INTEGRITY-SHA256 */
    uint8_t key[RILL_DIGEST_MAX];
    size_t n_key;
};

/* Takes a 401 or 438: 0 when the request shall be sent again, as a new transaction. Errors:
 * RILL_STUN_NO_CHALLENGE, _CHALLENGE_TOO_LONG, _BID_DOWN, _NO_ALGORITHM; _CREDENTIALS_REFUSED
 * for a 401 that changes neither user, realm nor algorithm. On failure nothing has changed. */
int rill_stun_longterm_challenge(struct rill_stun_longterm *l, const struct rill_stun_msg *m,
                                 struct rill_err *why);
/* USERNAME or USERHASH, REALM, NONCE, PASSWORD-ALGORITHMS, PASSWORD-ALGORITHM; then the seal.
 * Nothing before the first challenge (RFC 8489 §9.2.3.1). */
void rill_stun_longterm_put(const struct rill_stun_longterm *l, struct rill_stun_writer *s);
void rill_stun_longterm_seal(const struct rill_stun_longterm *l, struct rill_stun_writer *s);
/* 0 when the response is sealed under our key. Errors: RILL_STUN_UNAUTHENTICATED,
 * RILL_STUN_BID_DOWN. 401 and 438 are for challenge() and need no seal. */
int rill_stun_longterm_check(const struct rill_stun_longterm *l, const struct rill_stun_msg *m,
                             struct rill_err *why);
/* Forgets what the server said, so that the next request is a first one. */
void rill_stun_longterm_reset(struct rill_stun_longterm *l);

#endif
