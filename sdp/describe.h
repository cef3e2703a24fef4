/* sdp/describe (room-internal): the parts that offers and answers have in common. */
#ifndef RILL_SDP_DESCRIBE_H
#define RILL_SDP_DESCRIBE_H

#include "sdp/offer.h"

/* "audio" or "video"; false for anything else. */
bool rill_sdp_kind(struct rill_view text, enum rill_kind *out);
/* The capability that is this codec of the m-line (name without case, clock, channels, and a=fmtp
 * as fmtp.h has it), or NULL. */
const struct rill_sdp_codec_cap *rill_sdp_cap_of(const struct rill_sdp_caps *caps,
                                                 enum rill_kind kind,
                                                 const struct rill_sdp_media *m,
                                                 const struct rill_sdp_codec *codec);
bool rill_sdp_is_bundle(const struct rill_sdp_group *g);
/* A fingerprint rill's DTLS may believe: sha-256 and better (RFC 8122 §5 and RFC 8827 §6.5). */
bool rill_sdp_has_fingerprint(const struct rill_sdp_media *m);
bool rill_sdp_has_ice(const struct rill_sdp_media *m);
int rill_sdp_refuse(int row, size_t value, struct rill_err *why);

/* Room in m for n codecs, their feedback and the extensions. */
struct rill_sdp_codec_list {
    struct rill_arena *arena;
    struct rill_view *fmts;
    struct rill_sdp_codec *codecs;
    struct rill_sdp_fmtp *fmtps;
    struct rill_sdp_rtcp_fb *rtcp_fbs;
    struct rill_sdp_extmap *extmaps;
};
struct rill_sdp_codec_list rill_sdp_codec_list(struct rill_sdp_media *m, size_t n,
                                               const struct rill_sdp_caps *caps,
                                               struct rill_arena *arena);
/* One codec under its number; its feedback only where `offered` (unless NULL) has it too. */
void rill_sdp_add_codec(struct rill_sdp_media *m, struct rill_sdp_codec_list *list,
                        const struct rill_sdp_codec_cap *cap, uint8_t pt,
                        const struct rill_sdp_media *offered);

/* Its retransmission (RFC 4588 §8.6). */
void rill_sdp_add_rtx(struct rill_sdp_media *m, struct rill_sdp_codec_list *list,
                      const struct rill_sdp_codec_cap *cap, uint8_t rtx_pt, uint8_t pt);
/* Redundancy of a codec, RFC 2198 §5. */
void rill_sdp_add_red(struct rill_sdp_media *m, struct rill_sdp_codec_list *list,
                      const struct rill_sdp_codec_cap *cap, uint8_t red_pt, uint8_t pt);
/* The codec whose blocks alone such a format has, with its clock and channels, or NULL; and the
 * format of a codec, 0 when the m-line has none. */
const struct rill_sdp_codec *rill_sdp_redundant(const struct rill_sdp_media *m, uint8_t red_pt);
uint8_t rill_sdp_find_red(const struct rill_sdp_media *m, uint8_t pt);
/* The format of this name and clock ("telephone-event", "CN"), or 0. */
uint8_t rill_sdp_find_named(const struct rill_sdp_media *m, const char *name, uint32_t clock_hz);
/* The payload type that repairs this one; 0 when the m-line has none. */
uint8_t rill_sdp_find_rtx(const struct rill_sdp_media *m, uint8_t pt);

/* username, ids, name. */
void rill_sdp_describe_session(struct rill_sdp *s, const struct rill_sdp_local *local,
                               struct rill_arena *arena);
/* A BUNDLE group for each number that an m-line has (0: in none), the tagged m-line first. */
void rill_sdp_describe_groups(struct rill_sdp *s, const size_t *group, const size_t *tag,
                              struct rill_arena *arena);
/* Credentials and fingerprint; setup and RTCP's place stay the caller's. */
void rill_sdp_describe_transport(struct rill_sdp_media *m, const struct rill_sdp_local *local,
                                 const struct rill_sdp_transport *t, struct rill_arena *arena);
void rill_sdp_describe_candidates(struct rill_sdp_media *m, const struct rill_sdp_transport *t);
/* a=msid of a track that we would send, and a=ssrc where the m-line lets us. */
void rill_sdp_describe_track(struct rill_sdp_media *m, const struct rill_sdp_track *t,
                             const struct rill_sdp_local *local, struct rill_arena *arena);
/* a=rid of each encoding, and a=simulcast when there are several. */
void rill_sdp_describe_encodings(struct rill_sdp_media *m, const struct rill_sdp_track *t,
                                 struct rill_arena *arena);
/* a=rid and a=simulcast of an answer; m has its direction and codecs. t may be NULL. */
void rill_sdp_answer_encodings(struct rill_sdp_media *m, const struct rill_sdp_media *offered,
                               const struct rill_sdp_track *t, struct rill_arena *arena);
/* What the other side takes of our encodings, bit i for encoding i. */
struct rill_sdp_taken {
    uint32_t all, paused;
    struct rill_sdp_limits limits[RILL_SDP_ENCODINGS_MAX];
    bool by_rid; /* it names them */
    bool simulcast;
};
struct rill_sdp_taken rill_sdp_encodings_taken(const struct rill_sdp_track *t,
                                               const struct rill_sdp_media *theirs,
                                               bool theirs_is_offer, uint8_t pt);
/* What we take of the other side's; returns how many. */
size_t rill_sdp_encodings_received(const struct rill_sdp_media *ours,
                                   const struct rill_sdp_media *theirs,
                                   struct rill_sdp_received out[RILL_SDP_ENCODINGS_MAX]);
struct rill_view rill_sdp_decimal(uint64_t n, struct rill_arena *arena);

/* What is wanted of m-line i, NULL when nothing is said of it or it is of another kind. */
const struct rill_sdp_track *rill_sdp_track_of(const struct rill_sdp_local *local, size_t i,
                                               enum rill_kind kind);
/* RFC 3264 §6: an m-line that is not in use: port 0, and nothing of it counts. */
void rill_sdp_describe_off(struct rill_sdp_media *m, const struct rill_sdp_media *as);

#endif
