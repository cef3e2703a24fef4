/* caps: what a rill peer can do, as its offers say it: Opus, VP8 and the MID extension. */
#include "peer/private.h"

static const char *const video_feedback[] = {"nack", "nack pli", "ccm fir", NULL};
static const char *const audio_feedback[] = {NULL};

static const struct rill_sdp_codec_cap codecs[] = {
    {
        .kind = RILL_AUDIO,
        .id = RILL_CODEC_OPUS,
        .name = "opus",
        .clock_hz = 48000,
        .channels = 2, /* RFC 7587 §7: always 48000/2, whatever is encoded */
        .pt = 111,
        .fmtp = "minptime=10;useinbandfec=1",
        .rtcp_fb = audio_feedback,
    },
    {
        .kind = RILL_VIDEO,
        .id = RILL_CODEC_VP8,
        .name = "VP8",
        .clock_hz = 90000,
        .channels = 1,
        .pt = 96,
        .fmtp = NULL,
        .rtcp_fb = video_feedback,
    },
};

static const struct rill_sdp_ext_cap exts[] = {
    /* RFC 9143 §15: without it a stream is known by its payload type alone. */
    {.audio = true, .video = true, .uri = "urn:ietf:params:rtp-hdrext:sdes:mid", .id = 4},
};

const struct rill_sdp_caps rill_peer_caps = {
    .codecs = codecs,
    .n_codecs = sizeof codecs / sizeof codecs[0],
    .exts = exts,
    .n_exts = sizeof exts / sizeof exts[0],
};
