/* sdp/offer: the rules of offer and answer (RFC 3264 §5–§6, RFC 9429 §5.2–§5.3, 9143).
 *
 * The idea: what a peer can do is a table (capabilities); an offer is that table written
 * down; an answer is the offer's own m-lines, in its order and with its numbers, filtered
 * by that table; and what both have then agreed is read out of the two texts alone.
 */
#ifndef RILL_SDP_OFFER_H
#define RILL_SDP_OFFER_H

#include "sdp/sdp.h"

/* Formats that are no codec, but go with one: redundancy (RFC 2198) and comfort noise (RFC 3389)
 * with that of their clock and channels, the keys of a telephone (RFC 4733) with any sound. They
 * are offered and answered where such a codec is. */
enum rill_sdp_helper {
    RILL_SDP_NO_HELPER,
    RILL_SDP_RED,
    RILL_SDP_NOISE,
    RILL_SDP_EVENTS,
};

/* A codec this side can send and receive. Strings are static. */
struct rill_sdp_codec_cap {
    enum rill_sdp_helper helps; /* not RILL_SDP_NO_HELPER: it is none, and id is RILL_CODEC_NONE */
    enum rill_kind kind;
    enum rill_codec_id id;
    const char *name;
    uint32_t clock_hz;
    uint32_t channels;
    uint8_t pt;                 /* in offers; answers take the offerer's */
    uint8_t rtx_pt;             /* of its retransmission (RFC 4588); 0: none, also in answers */
    const char *fmtp;           /* NULL for none */
    const char *const *rtcp_fb; /* NULL-terminated */
    bool on_request;            /* only where a track names it among its codecs */
};

struct rill_sdp_ext_cap {
    bool audio, video;
    bool encodings; /* where an m-line has a=rid */
    const char *uri;
    uint16_t id; /* in offers; answers take the offerer's */
};

struct rill_sdp_caps {
    const struct rill_sdp_codec_cap *codecs;
    size_t n_codecs;
    const struct rill_sdp_ext_cap *exts;
    size_t n_exts;
    bool red_first; /* redundancy is wanted: it stands before its codec, which browsers obey */
};

/* One of several encodings of what a track sends (RFC 8851). */
#define RILL_SDP_ENCODINGS_MAX 8
#define RILL_SDP_RID_MAX 16 /* bytes that a one-byte header extension holds */
struct rill_sdp_encoding {
    struct rill_view rid;
};
/* One that is received. */
struct rill_sdp_received {
    struct rill_view rid;
    bool paused; /* RFC 8853 §5.1 "~": not sent for now */
};
/* What a receiver can bear of one of ours (RFC 8851 §5); 0: all. */
struct rill_sdp_limits {
    uint64_t max_width, max_height; /* pixels */
    uint64_t max_fps;
    uint64_t max_br; /* bit/s */
};

/* A transport that we can give: ICE and DTLS of its own. */
struct rill_sdp_transport {
    struct rill_view ufrag, pwd;
    struct rill_view tls_id; /* RFC 8842 §4; p NULL: none, as browsers have it */
    /* Our role in the DTLS association that an answer continues: active or passive; none when
     * there is none or a new one is made. */
    enum rill_sdp_setup role;
    const struct rill_view *candidates; /* already gathered, "candidate:…"; may be none */
    size_t n_candidates;
    bool end_of_candidates;
};
#define RILL_SDP_TRANSPORTS_MAX RILL_SDP_MEDIA_MAX

/* What we want of one m-line: entry i is that of m-line i, in offers and in answers. */
struct rill_sdp_track {
    enum rill_kind kind;
    enum rill_sdp_direction direction;
    struct rill_view stream; /* a=msid; "-" or empty: none */
    struct rill_view track;
    uint32_t ssrc;
    uint32_t rtx_ssrc; /* 0: none */
    bool off;          /* the m-line is not in use: port 0 */
    /* The one it has, and keeps from others while it is given up: its place in local->transports,
     * from 1; 0: none yet. */
    size_t transport;
    bool bundled;         /* by the last answer, with all that have this transport */
    struct rill_view mid; /* offers; p NULL: the position as a number */
    /* Offers: the m-line as the last answer has it, or our own offer that waits for its answer.
     * NULL: the m-line is new. One that is off has it, unless nothing was ever said of it. */
    const struct rill_sdp_media *before;
    /* What we would send, the most wanted first, at most RILL_SDP_ENCODINGS_MAX; none: one encoding
     * without a name. Offers ask for them; answers name those that the offer asks for. */
    const struct rill_sdp_encoding *encodings;
    size_t n_encodings;
    /* Offers: the encodings that were agreed to be received. */
    const struct rill_sdp_received *received;
    size_t n_received;
    size_t receive_max; /* answers: how many there is room for */
    /* setCodecPreferences; none: all of the table. */
    const enum rill_codec_id *codecs;
    size_t n_codecs;
};

/* RFC 9429 §4.1.1: which m-lines of an offer have a transport of their own, for those who do not
 * bundle: the first of each kind, every one, or the first. The others are bundle-only. */
enum rill_sdp_bundle_policy {
    RILL_SDP_BALANCED,
    RILL_SDP_MAX_COMPAT,
    RILL_SDP_MAX_BUNDLE,
};

struct rill_sdp_local {
    uint64_t session_id; /* RFC 8866 §5.2; < 2^63 */
    uint64_t session_version;
    struct rill_view fingerprint; /* digest bytes, sha-256 */
    struct rill_view cname;
    enum rill_sdp_bundle_policy policy;
    bool ice_lite;        /* RFC 8839 §5.3 */
    bool rtcp_negotiable; /* RFC 9429 §4.1.1: rtcpMuxPolicy "negotiate" instead of "require" */
    bool agreed;          /* an answer is there: what it has bundled stays so (§5.2.2) */
    /* At most RILL_SDP_TRANSPORTS_MAX. Those that no track names are given to the m-lines that need
     * one, in their order. */
    const struct rill_sdp_transport *transports;
    size_t n_transports;
    const struct rill_sdp_track *tracks;
    size_t n_tracks;
    struct rill_sdp_caps caps;
};

/* setup actpass; all m-lines that are in use are bundled, but those that the last answer left
 * alone. One for which no transport is left is bundle-only. The tree's views point into the arena,
 * into local and into what `before` points into. Errors: RILL_SDP_TOO_MANY_MEDIA, RILL_SDP_NO_CODEC
 * (the track as value), RILL_SDP_NO_ROOM. */
int rill_sdp_create_offer(const struct rill_sdp_local *local, struct rill_arena *arena,
                          const struct rill_sdp **out, struct rill_err *why);

/* Each BUNDLE group has one transport, and each m-line in none its own, as long as there are any.
 * An m-line that is off, of a kind, proto or codec set we cannot do, without a=rtcp-mux where that
 * is required, or without a transport, is answered with port 0. One without an entry is received.
 * An answer that rejects all is legal. setup: our role, or active, for actpass and none, active for
 * passive, passive for active; holdconn refused. The tree's views point into the arena, into local
 * and into the offer's text. Errors: RILL_SDP_NO_FINGERPRINT (RFC 8122 hashes of sha-256 and better
 * count; a=crypto does not), RILL_SDP_NO_ICE, RILL_SDP_SETUP, with the m-line as value;
 * RILL_SDP_NO_ROOM.
 */
int rill_sdp_create_answer(const struct rill_sdp *offer, const struct rill_sdp_local *local,
                           struct rill_arena *arena, const struct rill_sdp **out,
                           struct rill_err *why);

#define RILL_SDP_ALSO_MAX 16
#define RILL_SDP_REMOTE_SSRCS_MAX 8 /* media of an m-line, and what repairs it */

/* Header extensions that say something of a frame. */
enum rill_sdp_mark {
    RILL_SDP_MARK_AUDIO_LEVEL,
    RILL_SDP_MARK_CAPTURE_TIME,
    RILL_SDP_MARK_ORIENTATION,
    RILL_SDP_MARK_PLAYOUT_DELAY,
    RILL_SDP_MARKS,
};

/* How H.264 may be sent under a number (RFC 6184 §6, §8.2.2). */
struct rill_sdp_h264_sent {
    uint8_t packetization_mode;
    uint8_t level; /* at most; ten times its number, 9: 1b, between 1 and 1.1 */
};

/* Has a stream of this profile-level-id a higher level than that? */
bool rill_sdp_h264_exceeds(uint32_t profile_level_id, uint8_t level);

/* RFC 4585 §4.2: what may be asked for, of one payload type. */
struct rill_sdp_feedback {
    bool nack, pli, fir;
};

/* The id of a header extension, as the directions of both allow (RFC 8285 §5); 0: not agreed. */
struct rill_sdp_ext_ids {
    uint16_t sent, received;
};

/* What an m-line has come to, read from offer and answer. */
struct rill_sdp_agreed {
    bool active; /* port not 0 in the answer */
    size_t tag;  /* the m-line whose ICE and DTLS attributes count for it: itself, when alone */
    bool bundled;
    bool rtcp_mux; /* else RTCP has component 2 */
    enum rill_kind kind;
    size_t mline;
    struct rill_view mid;
    bool send, receive; /* from our side */
    enum rill_codec_id codec;
    uint8_t pt;
    uint8_t rtx_pt; /* 0: what is sent again has the SSRC it had */
    struct rill_sdp_h264_sent h264;
    /* What else was answered: other codecs, and the same one under further numbers (other
     * profiles). RFC 3264 §6.1: either side may go over to any of them at any time, without a word.
     */
    struct rill_sdp_also {
        uint8_t pt, rtx_pt;
        enum rill_codec_id codec;
        struct rill_sdp_h264_sent h264;
        struct rill_sdp_feedback feedback;
    } also[RILL_SDP_ALSO_MAX];
    size_t n_also;
    uint8_t red_pt; /* 0: no redundancy */
    bool red_first; /* the other side lists it before its codec, and so wants it */
    /* Keys: of the codec's clock first, then of the other one of 48 and 8 kHz; browsers have both
     * or the second alone, and send what they like. n_events 0: none. */
    struct rill_sdp_events {
        uint8_t pt;
        uint32_t clock_hz;
    } events[2];
    size_t n_events;
    uint8_t noise_pt; /* of the pauses of G.711 (RFC 3389); 0: none */
    /* RFC 7587 §6.1, what the other side's Opus decoder says of itself: it has use for redundancy,
     * it prefers pauses to be left out, and takes at most so many bit/s; 0: no limit. */
    bool opus_fec, opus_dtx;
    uint32_t opus_max_bps;
    struct rill_sdp_feedback feedback; /* of pt */
    bool rtcp_rsize;
    uint32_t trr_int_ms; /* RFC 4585 §4.2: the longer one of both; 0: none */
    struct rill_sdp_ext_ids ext_mid;
    /* By enum rill_sdp_mark. */
    uint16_t marks_sent[RILL_SDP_MARKS], marks_received[RILL_SDP_MARKS];
    /* Of our encodings: those that the other side takes and those of them that it pauses, bit i for
     * encoding i; what it can bear of each; and whether they are known by their names. */
    uint32_t encodings, paused;
    struct rill_sdp_limits limits[RILL_SDP_ENCODINGS_MAX];
    bool by_rid;
    /* Those that we receive; none: one stream without a name. */
    struct rill_sdp_received received[RILL_SDP_ENCODINGS_MAX];
    size_t n_received;
    uint16_t ext_rid, ext_rrid;               /* where there are names alone */
    struct rill_sdp_ext_ids ext_transport_cc; /* and its feedback */
    struct rill_sdp_ext_ids ext_abs_send_time;
    bool remb;
    int local_track;      /* the m-line's entry in local->tracks, -1 when nothing is sent here */
    uint64_t max_bitrate; /* bit/s that the other side takes, by its b=; 0: no limit */
    /* Those that the other side names: the first of its first FID group, or its first a=ssrc; then
     * others, in their order, as many as there is room for. */
    uint32_t remote_ssrcs[RILL_SDP_REMOTE_SSRCS_MAX];
    size_t n_remote_ssrcs;
    struct rill_view remote_stream, remote_track; /* a=msid */
};

/* local_is_offer tells which of the two is ours; `local` gives the table and tracks that were
 * used. Fills at most cap rows, one an m-line; returns how many, or an error when the answer
 * does not fit the offer (RFC 3264 §6: count and order of m-lines, RFC 9143: group), or the
 * other's side lacks what a transport needs. Errors: RILL_SDP_AGREE_*, RILL_SDP_NO_FINGERPRINT,
 * RILL_SDP_NO_ICE, with the m-line as value. */
int rill_sdp_agree(const struct rill_sdp *offer, const struct rill_sdp *answer, bool local_is_offer,
                   const struct rill_sdp_local *local, struct rill_sdp_agreed *out, size_t cap,
                   struct rill_err *why);

/* The format that has a number, and the first one of a codec; false: it was not answered. */
bool rill_sdp_agreed_format(const struct rill_sdp_agreed *a, uint8_t pt, struct rill_sdp_also *out);
bool rill_sdp_agreed_codec(const struct rill_sdp_agreed *a, enum rill_codec_id codec,
                           struct rill_sdp_also *out);

/* The names that an m-line has in a direction, "send" or "recv", of alternatives the first
 * (RFC 8853 §5.1); returns how many. Those longer than RILL_SDP_RID_MAX are passed over. */
size_t rill_sdp_rids(const struct rill_sdp_media *m, const char *direction,
                     struct rill_view out[RILL_SDP_ENCODINGS_MAX]);

/* A number, never 0, that payload types share when they are the same codec, as far as a=fmtp
 * chooses it (VP9's profile, H.264's profile and packetization mode, AV1's profile; of rtx what it
 * repairs). */
uint32_t rill_sdp_meaning(const struct rill_sdp_media *m, const struct rill_sdp_codec *codec);
uint32_t rill_sdp_cap_meaning(const struct rill_sdp_codec_cap *cap);
uint32_t rill_sdp_cap_rtx_meaning(const struct rill_sdp_codec_cap *cap);

/* The m-line whose ICE and DTLS attributes count for this one, in the answer and in its offer: the
 * tagged one of its group (RFC 9143 §7.3.1), or itself; SIZE_MAX when it is rejected. */
size_t rill_sdp_tagged(const struct rill_sdp *answer, size_t mline);

/* RFC 8842 §5: true when our side is the DTLS client on the transport of this m-line, a tagged one.
 * Errors: RILL_SDP_SETUP. */
int rill_sdp_dtls_is_client(const struct rill_sdp *offer, const struct rill_sdp *answer, size_t tag,
                            bool local_is_offer, bool *is_client, struct rill_err *why);

#endif
