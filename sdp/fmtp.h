/* sdp/fmtp (room-internal): when two payload types of two m-lines are the same codec, a=fmtp
 * included.
 *
 * The idea: a codec has few parameters that choose another bitstream; the rest says what a
 * receiver can bear. Only the first kind decides, each codec by its own clause. Parameters that no
 * clause here names are passed over. */
#ifndef RILL_SDP_FMTP_H
#define RILL_SDP_FMTP_H

#include "sdp/sdp.h"

/* RFC 6184 §8.1, table 5; the profiles that its decoders tell apart. */
enum rill_sdp_h264_profile {
    RILL_SDP_H264_CONSTRAINED_BASELINE,
    RILL_SDP_H264_BASELINE,
    RILL_SDP_H264_MAIN,
    RILL_SDP_H264_EXTENDED,
    RILL_SDP_H264_HIGH,
    RILL_SDP_H264_CONSTRAINED_HIGH,
    RILL_SDP_H264_HIGH_10,
    RILL_SDP_H264_HIGH_422,
    RILL_SDP_H264_HIGH_444,
    RILL_SDP_H264_HIGH_10_INTRA,
    RILL_SDP_H264_HIGH_422_INTRA,
    RILL_SDP_H264_HIGH_444_INTRA,
    RILL_SDP_H264_CAVLC_444_INTRA,
};

#define RILL_SDP_H264_LEVEL_1B 9 /* between level 1 (10) and 1.1 (11) in what it can bear */

struct rill_sdp_h264 {
    enum rill_sdp_h264_profile profile;
    uint8_t level;         /* ten times the number: 31 is 3.1; or RILL_SDP_H264_LEVEL_1B */
    uint8_t receive_level; /* by max-recv-level; else the same */
    uint8_t packetization_mode;
    bool level_asymmetry_allowed;
};

/* What a=fmtp of H264 says, with its defaults; params may be empty. false when profile-level-id or
 * packetization-mode is none that table 5 or §6.2 has. */
bool rill_sdp_h264(struct rill_view params, struct rill_sdp_h264 *out);
/* RFC 6184 §8.2.2: the level at which may be sent to `receiver`: the highest it can receive, or the
 * lower default of the two unless both allow asymmetry. */
uint8_t rill_sdp_h264_level(const struct rill_sdp_h264 *sender,
                            const struct rill_sdp_h264 *receiver);
/* a=fmtp of an answer: the configuration that was offered, and our level: the lower of the two
 * unless both allow asymmetry. Both must be readable, and match. */
void rill_sdp_h264_write_answer(struct rill_writer *w, struct rill_view ours,
                                struct rill_view offered);

/* Do two a=fmtp of a codec of this name (without case) choose the same bitstream? p == NULL for
 * none. VP9: profile-id; H264: profile and packetization-mode; AV1: profile; rtx: apt; all others
 * (Opus, VP8, telephone-event, …): yes. */
bool rill_sdp_fmtp_match(struct rill_view name, struct rill_view a, struct rill_view b);

/* The codec that an rtx payload type repairs (RFC 4588 §8.6); NULL when apt names none of the
 * m-line. */
const struct rill_sdp_codec *rill_sdp_repaired(const struct rill_sdp_media *m, uint8_t rtx);

/* Name, clock, channels and a=fmtp of the two; of rtx, those of the codecs that they repair. */
bool rill_sdp_same_format(const struct rill_sdp_media *a, uint8_t pt_a,
                          const struct rill_sdp_media *b, uint8_t pt_b);

#endif
