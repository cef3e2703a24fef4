/* sdp/sdp: a session description as a tree (RFC 8866, and RFC 9429 §5.8's attributes).
 *
 * The idea: parse gives every line a meaning or passes it over; the tree's views point into
 * the text, its arrays lie in the caller's arena. What a session-level attribute says is
 * already inherited by every media (RFC 8839 §4.4, 8842 §5). write is the inverse.
 */
#ifndef RILL_SDP_SDP_H
#define RILL_SDP_SDP_H

#include "base/arena.h"
#include "base/frame.h"
#include "base/limits.h"
#include "sdp/errors.h"

enum rill_sdp_direction {
    RILL_SDP_SENDRECV, /* RFC 8866 §6.7: the default */
    RILL_SDP_SENDONLY,
    RILL_SDP_RECVONLY,
    RILL_SDP_INACTIVE,
};

enum rill_sdp_setup {
    RILL_SDP_SETUP_NONE,
    RILL_SDP_SETUP_ACTPASS,
    RILL_SDP_SETUP_ACTIVE,
    RILL_SDP_SETUP_PASSIVE,
    RILL_SDP_SETUP_HOLDCONN,
};

struct rill_sdp_fingerprint {
    struct rill_view hash;
    struct rill_view value;
};

/* From a=rtpmap, or from RFC 3551 §6's table for a static type without one. */
struct rill_sdp_codec {
    uint8_t pt;
    struct rill_view name;
    uint32_t clock_hz;
    uint32_t channels; /* 1 when the line does not say */
};

struct rill_sdp_fmtp {
    uint8_t pt;
    struct rill_view params;
};

#define RILL_SDP_PT_ANY 0xffff /* a=rtcp-fb:* */
struct rill_sdp_rtcp_fb {
    uint16_t pt;
    struct rill_view value;
};

struct rill_sdp_extmap {
    uint16_t id;
    bool has_direction;
    enum rill_sdp_direction direction;
    struct rill_view uri;
};

struct rill_sdp_msid {
    struct rill_view stream; /* "-": no stream (RFC 8830 §2) */
    struct rill_view track;
};

/* One entry a distinct SSRC; p == NULL where the attribute is absent. */
struct rill_sdp_ssrc {
    uint32_t ssrc;
    struct rill_view cname;
    struct rill_view msid;
};

struct rill_sdp_ssrc_group {
    struct rill_view semantics;
    const uint32_t *ssrcs;
    size_t n;
};

struct rill_sdp_rid {
    struct rill_view id;
    struct rill_view direction; /* "send" or "recv" */
    struct rill_view params;
};

/* RFC 6236 §3.1.1: which picture sizes are sent and received; the lists as sent. */
struct rill_sdp_imageattr {
    uint16_t pt; /* or RILL_SDP_PT_ANY */
    struct rill_view attrs;
};

/* b=, bits per second for TIAS and the RTCP types, else kilobits (RFC 8866 §5.8, RFC 3890). */
struct rill_sdp_bandwidth {
    struct rill_view type; /* "AS", "CT", "TIAS", "RS", "RR", … */
    uint64_t value;
};

struct rill_sdp_group {
    struct rill_view semantics; /* "BUNDLE", "LS", … */
    const struct rill_view *mids;
    size_t n;
};

struct rill_sdp_media {
    struct rill_view kind; /* audio, video, application, … as sent */
    uint16_t port;
    struct rill_view proto;
    const struct rill_view *fmts;
    size_t n_fmts;
    size_t line;                 /* where its m= stands, from 1; 0 when made, not read */
    struct rill_view connection; /* the address of c=, inherited */
    const struct rill_sdp_bandwidth *bandwidths;
    size_t n_bandwidths;
    struct rill_view mid; /* p == NULL when absent */
    enum rill_sdp_direction direction;
    struct rill_view ice_ufrag, ice_pwd;             /* p == NULL when absent; inherited */
    bool ice_trickle, ice2, ice_renomination;        /* from a=ice-options; inherited */
    const struct rill_sdp_fingerprint *fingerprints; /* inherited */
    size_t n_fingerprints;
    enum rill_sdp_setup setup; /* inherited */
    struct rill_view tls_id;
    bool rtcp_mux, rtcp_mux_only, rtcp_rsize, bundle_only, end_of_candidates, extmap_allow_mixed;
    const struct rill_sdp_codec *codecs;
    size_t n_codecs;
    const struct rill_sdp_fmtp *fmtps;
    size_t n_fmtps;
    const struct rill_sdp_rtcp_fb *rtcp_fbs;
    size_t n_rtcp_fbs;
    const struct rill_sdp_extmap *extmaps;
    size_t n_extmaps;
    const struct rill_sdp_msid *msids;
    size_t n_msids;
    const struct rill_sdp_ssrc *ssrcs;
    size_t n_ssrcs;
    const struct rill_sdp_ssrc_group *ssrc_groups;
    size_t n_ssrc_groups;
    const struct rill_sdp_rid *rids;
    size_t n_rids;
    struct rill_view simulcast; /* value as sent; p == NULL when absent */
    const struct rill_sdp_imageattr *imageattrs;
    size_t n_imageattrs;
    struct rill_view ptime, maxptime; /* ms, as sent */
    const struct rill_view
        *candidates; /* values after "a=", "candidate:…"; ice owns their grammar */
    size_t n_candidates;
    bool has_sctp_port, has_max_message_size;
    uint16_t sctp_port;
    uint64_t max_message_size;
};

struct rill_sdp {
    struct rill_view username;
    struct rill_view session_id; /* digits as sent */
    uint64_t session_version;
    struct rill_view session_name;
    bool ice_lite;
    bool extmap_allow_mixed;
    const struct rill_sdp_group *groups;
    size_t n_groups;
    const struct rill_sdp_bandwidth *bandwidths;
    size_t n_bandwidths;
    const struct rill_sdp_media *media;
    size_t n_media;
    size_t attributes_rejected; /* attribute lines refused or ignored as malformed */
};

/* CRLF and bare LF are taken. A description that breaks the order or grammar of RFC 8866
 * §5/§9 is refused with the line number (from 1) as offset; unknown lines' attributes are
 * passed over (§5.13); a malformed attribute that RFC 9429 §5.8 does not need is counted
 * and ignored. text and arena must outlive *out. Errors: RILL_SDP_*; RILL_SDP_NO_ROOM. */
int rill_sdp_parse(struct rill_view text, struct rill_arena *arena, const struct rill_sdp **out,
                   struct rill_err *why);

/* Bytes of arena that are enough for any description of so many bytes, parsed or made. */
size_t rill_sdp_arena_size(size_t text_bytes);

/* RFC 9429 §5.8.3: does the description fit together? What would make two things of one number or
 * name is refused, since nobody could tell which is meant. The offset is the line of the m-line,
 * the value what is said twice or missing. Errors: RILL_SDP_MUX_ONLY, _SIMULCAST_RID, _RID_TWICE,
 * _EXT_TWICE, _BUNDLE_PT. */
int rill_sdp_verify(const struct rill_sdp *s, struct rill_err *why);

/* One departure from the RFCs. */
struct rill_sdp_finding {
    struct rill_err err;
    struct rill_view
        what;           /* the line, without its end; empty where an m-line as a whole is meant */
    const char *clause; /* the attribute's own, or the row's */
};
/* All of them, in order of their lines, at most cap; returns how many. A text that cannot be read
 * has one. The arena needs twice what rill_sdp_parse does. */
size_t rill_sdp_lint(struct rill_view text, struct rill_arena *arena, struct rill_sdp_finding *out,
                     size_t cap);

/* What of an answer does not fit its offer; the lines are the answer's, 0 for none. */
size_t rill_sdp_compare(const struct rill_sdp *offer, const struct rill_sdp *answer,
                        struct rill_sdp_finding *out, size_t cap);

/* The most that may be sent by b= of the m-line, bits per second: TIAS, or what AS comes to (RFC
 * 9429 §5.10); 0 for no limit. */
uint64_t rill_sdp_max_bitrate(const struct rill_sdp_media *m);

/* The text of a tree, CRLF line ends, attributes at media level, in the order of RFC 9429
 * §5.2.1. The writer's bad flag tells that it did not fit. */
void rill_sdp_write(struct rill_writer *w, const struct rill_sdp *s);

const char *rill_sdp_direction_name(enum rill_sdp_direction d);
const char *rill_sdp_setup_name(enum rill_sdp_setup s);
enum rill_sdp_direction rill_sdp_direction_reversed(enum rill_sdp_direction d);
bool rill_sdp_sends(enum rill_sdp_direction d);
bool rill_sdp_receives(enum rill_sdp_direction d);

/* Finders; NULL or empty when there is none. */
const struct rill_sdp_codec *rill_sdp_find_codec(const struct rill_sdp_media *m, uint8_t pt);
struct rill_view rill_sdp_find_fmtp(const struct rill_sdp_media *m, uint8_t pt);
bool rill_sdp_has_rtcp_fb(const struct rill_sdp_media *m, uint8_t pt, const char *value);
/* RFC 4585 §4.2, a=rtcp-fb: trr-int: T_rr_interval, ms, at most RILL_SDP_TRR_INT_MAX; 0: none. */
#define RILL_SDP_TRR_INT_MAX 60000
uint32_t rill_sdp_trr_int(const struct rill_sdp_media *m, uint8_t pt);
/* 0 when the extension is not there. */
uint16_t rill_sdp_find_extmap(const struct rill_sdp_media *m, const char *uri);
/* Position of the m-line with this mid, or SIZE_MAX. */
size_t rill_sdp_find_mid(const struct rill_sdp *s, struct rill_view mid);
/* The value of one "name=value" of an fmtp, separated by ";"; p == NULL when absent. */
struct rill_view rill_sdp_fmtp_param(struct rill_view params, const char *name);

#endif
