/* sdp/section (room-internal): the session part or one media part while it is being read.
 *
 * The idea: count first, fill second. One walk counts the lines of each attribute; then the
 * arrays are taken once, at their largest, and the second walk fills them. The session part
 * is read as if it were a media: what it holds are the defaults of all others, and a known
 * attribute is judged by the same grammar wherever it stands. */
#ifndef RILL_SDP_SECTION_H
#define RILL_SDP_SECTION_H

#include "sdp/sdp.h"

/* RILL_SDP_ATTR(row, name, form, once, take, clause): form FLAG has no value, VALUE has one; once:
 * RFC 9429 §5.8 allows one line of it a section. */
#define RILL_SDP_ATTRS(ATTR)                                                                       \
    ATTR(GROUP, "group", VALUE, false, rill_sdp_take_group, "RFC 5888 §5")                         \
    ATTR(MID, "mid", VALUE, true, rill_sdp_take_mid, "RFC 5888 §4")                                \
    ATTR(MSID, "msid", VALUE, false, rill_sdp_take_msid, "RFC 8830 §2")                            \
    ATTR(BUNDLE_ONLY, "bundle-only", FLAG, false, rill_sdp_take_bundle_only, "RFC 9143 §6")        \
    ATTR(SENDRECV, "sendrecv", FLAG, false, rill_sdp_take_sendrecv, "RFC 8866 §6.7")               \
    ATTR(SENDONLY, "sendonly", FLAG, false, rill_sdp_take_sendonly, "RFC 8866 §6.7")               \
    ATTR(RECVONLY, "recvonly", FLAG, false, rill_sdp_take_recvonly, "RFC 8866 §6.7")               \
    ATTR(INACTIVE, "inactive", FLAG, false, rill_sdp_take_inactive, "RFC 8866 §6.7")               \
    ATTR(ICE_UFRAG, "ice-ufrag", VALUE, true, rill_sdp_take_ice_ufrag, "RFC 8839 §5.4")            \
    ATTR(ICE_PWD, "ice-pwd", VALUE, true, rill_sdp_take_ice_pwd, "RFC 8839 §5.4")                  \
    ATTR(ICE_OPTIONS, "ice-options", VALUE, false, rill_sdp_take_ice_options, "RFC 8839 §5.6")     \
    ATTR(ICE_LITE, "ice-lite", FLAG, false, rill_sdp_take_ice_lite, "RFC 8839 §5.3")               \
    ATTR(CANDIDATE, "candidate", VALUE, false, rill_sdp_take_candidate, "RFC 8839 §5.1")           \
    ATTR(END_OF_CANDIDATES, "end-of-candidates", FLAG, false, rill_sdp_take_end_of_candidates,     \
         "RFC 8840 §8.1")                                                                          \
    ATTR(FINGERPRINT, "fingerprint", VALUE, false, rill_sdp_take_fingerprint, "RFC 8122 §5")       \
    ATTR(SETUP, "setup", VALUE, true, rill_sdp_take_setup, "RFC 4145 §4")                          \
    ATTR(TLS_ID, "tls-id", VALUE, true, rill_sdp_take_tls_id, "RFC 8842 §4")                       \
    ATTR(RTPMAP, "rtpmap", VALUE, false, rill_sdp_take_rtpmap, "RFC 8866 §6.6")                    \
    ATTR(FMTP, "fmtp", VALUE, false, rill_sdp_take_fmtp, "RFC 8866 §6.15")                         \
    ATTR(PTIME, "ptime", VALUE, true, rill_sdp_take_ptime, "RFC 8866 §6.4")                        \
    ATTR(MAXPTIME, "maxptime", VALUE, true, rill_sdp_take_maxptime, "RFC 8866 §6.5")               \
    ATTR(RTCP, "rtcp", VALUE, false, rill_sdp_take_rtcp, "RFC 3605 §2.1")                          \
    ATTR(RTCP_MUX, "rtcp-mux", FLAG, false, rill_sdp_take_rtcp_mux, "RFC 5761 §5.1.1")             \
    ATTR(RTCP_MUX_ONLY, "rtcp-mux-only", FLAG, false, rill_sdp_take_rtcp_mux_only, "RFC 8858 §3")  \
    ATTR(RTCP_RSIZE, "rtcp-rsize", FLAG, false, rill_sdp_take_rtcp_rsize, "RFC 5506 §5")           \
    ATTR(RTCP_FB, "rtcp-fb", VALUE, false, rill_sdp_take_rtcp_fb, "RFC 4585 §4.2")                 \
    ATTR(EXTMAP, "extmap", VALUE, false, rill_sdp_take_extmap, "RFC 8285 §8")                      \
    ATTR(EXTMAP_ALLOW_MIXED, "extmap-allow-mixed", FLAG, false, rill_sdp_take_allow_mixed,         \
         "RFC 8285 §6")                                                                            \
    ATTR(SSRC, "ssrc", VALUE, false, rill_sdp_take_ssrc, "RFC 5576 §10")                           \
    ATTR(SSRC_GROUP, "ssrc-group", VALUE, false, rill_sdp_take_ssrc_group, "RFC 5576 §10")         \
    ATTR(RID, "rid", VALUE, false, rill_sdp_take_rid, "RFC 8851 §10")                              \
    ATTR(IMAGEATTR, "imageattr", VALUE, false, rill_sdp_take_imageattr, "RFC 6236 §3.1.1")         \
    ATTR(IDENTITY, "identity", VALUE, false, rill_sdp_take_identity, "RFC 8827 §5")                \
    ATTR(REMOTE_CANDIDATES, "remote-candidates", VALUE, false, rill_sdp_take_remote_candidates,    \
         "RFC 8839 §5.2")                                                                          \
    ATTR(SIMULCAST, "simulcast", VALUE, true, rill_sdp_take_simulcast, "RFC 8853 §5.1")            \
    ATTR(SCTP_PORT, "sctp-port", VALUE, true, rill_sdp_take_sctp_port, "RFC 8841 §5.2")            \
    ATTR(MAX_MESSAGE_SIZE, "max-message-size", VALUE, true, rill_sdp_take_max_message_size,        \
         "RFC 8841 §6")                                                                            \
    ATTR(CAT, "cat", VALUE, false, rill_sdp_take_cat, "RFC 8866 §6.1")                             \
    ATTR(KEYWDS, "keywds", VALUE, false, rill_sdp_take_text, "RFC 8866 §6.2")                      \
    ATTR(TOOL, "tool", VALUE, false, rill_sdp_take_text, "RFC 8866 §6.3")                          \
    ATTR(ORIENT, "orient", VALUE, false, rill_sdp_take_orient, "RFC 8866 §6.8")                    \
    ATTR(TYPE, "type", VALUE, false, rill_sdp_take_type, "RFC 8866 §6.9")                          \
    ATTR(CHARSET, "charset", VALUE, false, rill_sdp_take_charset, "RFC 8866 §6.10")                \
    ATTR(SDPLANG, "sdplang", VALUE, false, rill_sdp_take_language, "RFC 8866 §6.11")               \
    ATTR(LANG, "lang", VALUE, false, rill_sdp_take_language, "RFC 8866 §6.12")                     \
    ATTR(FRAMERATE, "framerate", VALUE, false, rill_sdp_take_framerate, "RFC 8866 §6.13")          \
    ATTR(QUALITY, "quality", VALUE, false, rill_sdp_take_quality, "RFC 8866 §6.14")

enum rill_sdp_attr {
#define RILL_SDP_ATTR_ENUM(row, name, form, once, take, clause) RILL_SDP_ATTR_##row,
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
    size_t bandwidth_lines;
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
    struct rill_sdp_imageattr *imageattrs;
    struct rill_sdp_bandwidth *bandwidths;
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
/* The clause with the attribute's grammar. */
const char *rill_sdp_attr_clause(enum rill_sdp_attr attr);
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
#define RILL_SDP_ATTR_FN(row, name, form, once, take, clause) rill_sdp_take_fn take;
RILL_SDP_ATTRS(RILL_SDP_ATTR_FN)
#undef RILL_SDP_ATTR_FN

#endif
