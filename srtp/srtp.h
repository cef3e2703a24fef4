/* srtp: protects and unprotects RTP and RTCP in place (RFC 3711, keys by RFC 5764).
 *
 * The idea: one session a direction pair over one engine (libsrtp2), with a bound on
 * streams, a replay window as long as the send history, and an error row for each way a
 * packet is dropped.
 */
#ifndef RILL_SRTP_SRTP_H
#define RILL_SRTP_SRTP_H

#include "base/bytes.h"
#include "srtp/errors.h"

struct rill_srtp;

/* RFC 5764 §4.1.2, RFC 7714 §14.2. */
enum rill_srtp_profile {
    RILL_SRTP_AES128_CM_HMAC_SHA1_80 = 0x0001,
    RILL_SRTP_AES128_CM_HMAC_SHA1_32 = 0x0002,
    RILL_SRTP_AEAD_AES_128_GCM = 0x0007,
    RILL_SRTP_AEAD_AES_256_GCM = 0x0008,
};

/* Room behind a packet that protect may fill: tag, and for RTCP the index. */
#define RILL_SRTP_TAIL 20

struct rill_srtp_config {
    uint16_t profile;
    struct rill_view local_key, local_salt;   /* empty: this session only receives */
    struct rill_view remote_key, remote_salt; /* empty: this session only sends */
    size_t streams;        /* SSRCs of ours that are kept [16, at most RILL_SRTP_STREAMS_MAX] */
    size_t remote_streams; /* of the other side's [as many as `streams`, at most the same] */
    size_t window;         /* replay window, packets [1024, 64 … 32767] */
};

/* libsrtp2's own start-up is process-wide; an app calls these two once. */
int rill_srtp_global_init(void);
void rill_srtp_global_free(void);

size_t rill_srtp_size(const struct rill_srtp_config *config);
/* Errors: RILL_SRTP_PROFILE, RILL_SRTP_SETUP (keys that do not fit the profile, a cap out of its
 * range, or the engine refused). Keys are copied by the engine. */
int rill_srtp_init(void *block, const struct rill_srtp_config *config, struct rill_srtp **out);
void rill_srtp_free(struct rill_srtp *x);

/* In place. buf.n is the capacity and must leave RILL_SRTP_TAIL behind the n bytes; returns
 * the new length. The packet starts at a multiple of 4 bytes: the engine reads words. The same
 * RTP packet may be protected again (a retransmission) as long as it is the same bytes; other
 * bytes under one SSRC and index would be a two-time pad and are refused. Errors:
 * RILL_SRTP_NO_KEYS, RILL_SRTP_NO_ROOM, RILL_SRTP_TOO_MANY_STREAMS, RILL_SRTP_REUSED,
 * RILL_SRTP_PROTECT. */
int rill_srtp_protect_rtp(struct rill_srtp *x, struct rill_span buf, size_t n);
int rill_srtp_protect_rtcp(struct rill_srtp *x, struct rill_span buf, size_t n);

/* An SSRC of ours that will not be used again gives its place to another one. */
void rill_srtp_forget(struct rill_srtp *x, uint32_t ssrc);

/* In place; returns the new length. The packet starts at a multiple of 4 bytes. An SSRC takes
 * one of the `remote_streams` only when its first packet proved genuine; nothing is forgotten, or
 * an old packet could be replayed. Errors: RILL_SRTP_NO_KEYS, RILL_SRTP_AUTH_FAILED,
 * RILL_SRTP_REPLAYED, RILL_SRTP_TOO_MANY_STREAMS, RILL_SRTP_MALFORMED; the last four are
 * counted. On failure the bytes of the packet are undefined. */
int rill_srtp_unprotect_rtp(struct rill_srtp *x, struct rill_span packet);
int rill_srtp_unprotect_rtcp(struct rill_srtp *x, struct rill_span packet);

struct rill_srtp_stats {
    uint64_t protected_rtp, protected_rtcp, unprotected_rtp, unprotected_rtcp;
    uint64_t auth_failed, replayed, malformed, too_many_streams;
};
void rill_srtp_stats(const struct rill_srtp *x, struct rill_srtp_stats *out);

/* Key and salt sizes of a profile, 0 when it is unknown; name as in the registry or NULL. */
size_t rill_srtp_key_size(uint16_t profile);
size_t rill_srtp_salt_size(uint16_t profile);
const char *rill_srtp_profile_name(uint16_t profile);
uint16_t rill_srtp_profile_by_name(struct rill_view name);

#endif
