/* sdp/section (room-internal): the session part or one media part while it is being read.
 *
 * The idea: count first, fill second. One walk counts the lines of each attribute; then the
 * arrays are taken once, at their largest, and the second walk fills them. The session part
 * is read as if it were a media: what it holds are the defaults of all others, and a known
 * attribute is judged by the same grammar wherever it stands. */
#ifndef RILL_SDP_SECTION_H
#define RILL_SDP_SECTION_H

#include "sdp/sdp.h"

/* RILL_SDP_ATTR(row, name, form, once, take): form FLAG has no value, VALUE has one; once:
 * RFC 9429 §5.8 allows one line of it a section. */
#define RILL_SDP_ATTRS(ATTR)                                                                       \
    ATTR(GROUP, "group", VALUE, false, rill_sdp_take_group)                                        \
    ATTR(MID, "mid", VALUE, true, rill_sdp_take_mid)                                               \
    ATTR(MSID, "msid", VALUE, false, rill_sdp_take_msid)                                           \
    ATTR(BUNDLE_ONLY, "bundle-only", FLAG, false, rill_sdp_take_bundle_only)                       \
    ATTR(SENDRECV, "sendrecv", FLAG, false, rill_sdp_take_sendrecv)                                \
    ATTR(SENDONLY, "sendonly", FLAG, false, rill_sdp_take_sendonly)                                \
    ATTR(RECVONLY, "recvonly", FLAG, false, rill_sdp_take_recvonly)                                \
    ATTR(INACTIVE, "inactive", FLAG, false, rill_sdp_take_inactive)                                \
    ATTR(ICE_UFRAG, "ice-ufrag", VALUE, true, rill_sdp_take_ice_ufrag)                             \
    ATTR(ICE_PWD, "ice-pwd", VALUE, true, rill_sdp_take_ice_pwd)                                   \
    ATTR(ICE_OPTIONS, "ice-options", VALUE, false, rill_sdp_take_ice_options)                      \
    ATTR(ICE_LITE, "ice-lite", FLAG, false, rill_sdp_take_ice_lite)                                \
    ATTR(CANDIDATE, "candidate", VALUE, false, rill_sdp_take_candidate)                            \
    ATTR(END_OF_CANDIDATES, "end-of-candidates", FLAG, false, rill_sdp_take_end_of_candidates)     \
    ATTR(FINGERPRINT, "fingerprint", VALUE, false, rill_sdp_take_fingerprint)                      \
    ATTR(SETUP, "setup", VALUE, true, rill_sdp_take_setup)                                         \
    ATTR(TLS_ID, "tls-id", VALUE, true, rill_sdp_take_tls_id)                                      \
    ATTR(RTPMAP, "rtpmap", VALUE, false, rill_sdp_take_rtpmap)                                     \
    ATTR(FMTP, "fmtp", VALUE, false, rill_sdp_take_fmtp)                                           \
    ATTR(PTIME, "ptime", VALUE, false, rill_sdp_take_ptime)                                        \
    ATTR(MAXPTIME, "maxptime", VALUE, false, rill_sdp_take_ptime)                                  \
    ATTR(RTCP, "rtcp", VALUE, false, rill_sdp_take_rtcp)                                           \
    ATTR(RTCP_MUX, "rtcp-mux", FLAG, false, rill_sdp_take_rtcp_mux)                                \
    ATTR(RTCP_MUX_ONLY, "rtcp-mux-only", FLAG, false, rill_sdp_take_rtcp_mux_only)                 \
    ATTR(RTCP_RSIZE, "rtcp-rsize", FLAG, false, rill_sdp_take_rtcp_rsize)                          \
    ATTR(RTCP_FB, "rtcp-fb", VALUE, false, rill_sdp_take_rtcp_fb)                                  \
    ATTR(EXTMAP, "extmap", VALUE, false, rill_sdp_take_extmap)                                     \
    ATTR(EXTMAP_ALLOW_MIXED, "extmap-allow-mixed", FLAG, false, rill_sdp_take_allow_mixed)         \
    ATTR(SSRC, "ssrc", VALUE, false, rill_sdp_take_ssrc)                                           \
    ATTR(SSRC_GROUP, "ssrc-group", VALUE, false, rill_sdp_take_ssrc_group)                         \
    ATTR(RID, "rid", VALUE, false, rill_sdp_take_rid)                                              \
    ATTR(SIMULCAST, "simulcast", VALUE, true, rill_sdp_take_simulcast)                             \
    ATTR(SCTP_PORT, "sctp-port", VALUE, true, rill_sdp_take_sctp_port)                             \
    ATTR(MAX_MESSAGE_SIZE, "max-message-size", VALUE, true, rill_sdp_take_max_message_size)

enum rill_sdp_attr {
#define RILL_SDP_ATTR_ENUM(row, name, form, once, take) RILL_SDP_ATTR_##row,
    RILL_SDP_ATTRS(RILL_SDP_ATTR_ENUM)
#undef RILL_SDP_ATTR_ENUM
        RILL_SDP_ATTR_NONE,
};

/* Static payload types below 35 (RFC 3551 §6) that are in a format list. */
#define RILL_SDP_STATIC_PTS 35

/* Payload types 0…127 already seen. */
struct rill_sdp_pt_set {
    uint64_t bits[2];
};

struct rill_sdp_section {
    struct rill_sdp_media m; /* its arrays are those below */
    struct rill_arena *arena;
    bool is_session, is_rtp;
    size_t lines_of[RILL_SDP_ATTR_NONE];
    bool seen[RILL_SDP_ATTR_NONE];
    bool has_direction;
    struct rill_sdp_pt_set rtpmaps, fmtps;
    /* session part only */
    bool ice_lite;
    struct rill_sdp_group *groups;
    size_t n_groups;
    /* the arrays behind m's pointers */
    struct rill_sdp_fingerprint *fingerprints;
    struct rill_sdp_codec *codecs;
    struct rill_sdp_fmtp *fmtps_at;
    struct rill_sdp_rtcp_fb *rtcp_fbs;
    struct rill_sdp_extmap *extmaps;
    struct rill_sdp_msid *msids;
    struct rill_sdp_ssrc *ssrcs;
    struct rill_sdp_ssrc_group *ssrc_groups;
    struct rill_sdp_rid *rids;
    struct rill_view *candidates;
    /* where each SSRC stands in ssrcs: open addressing, position + 1, 0 is free */
    uint32_t *ssrc_slots;
    size_t n_ssrc_slots; /* a power of two */
};

/* The attribute that the value of an a= line names, and the value after its colon (p == NULL
 * without a colon). RILL_SDP_ATTR_NONE for one that rill does not know; *malformed tells of a
 * name that is no token. */
enum rill_sdp_attr rill_sdp_attr_find(struct rill_view line, struct rill_view *value,
                                      bool *malformed);
/* Reads one a= line into the section; false when it is malformed and was ignored. */
bool rill_sdp_attr_take(struct rill_sdp_section *s, struct rill_view line);
/* Takes the arrays for what was counted. */
void rill_sdp_section_reserve(struct rill_sdp_section *s);

/* RFC 3551 §6: payload types that need no a=rtpmap get their codec. */
void rill_sdp_add_static_codecs(struct rill_sdp_section *s);
size_t rill_sdp_count_static(const struct rill_sdp_media *m);
bool rill_sdp_pt_add(struct rill_sdp_pt_set *set, uint8_t pt); /* false: was there already */

/* What the session says becomes true of a media that does not say it. */
void rill_sdp_inherit(struct rill_sdp_media *m, bool has_direction,
                      const struct rill_sdp_media *session);

typedef bool rill_sdp_take_fn(struct rill_sdp_section *s, struct rill_view value);
#define RILL_SDP_ATTR_FN(row, name, form, once, take) rill_sdp_take_fn take;
RILL_SDP_ATTRS(RILL_SDP_ATTR_FN)
#undef RILL_SDP_ATTR_FN

#endif
