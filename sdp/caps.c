/* sdp/caps: codecs, feedback and header extensions, as both browsers number them. */
#include "sdp/caps.h"

/* RFC 8834 §5.1, draft-holmer-rmcat-transport-wide-cc-extensions-01 §4,
 * draft-alvestrand-rmcat-remb-03 §2.3. */
static const char *const video_feedback[] = {"transport-cc", "goog-remb", "nack",
                                             "nack pli",     "ccm fir",   NULL};
static const char *const audio_feedback[] = {"transport-cc", NULL};

static const struct rill_sdp_codec_cap codecs[] = {
    {
        .kind = RILL_AUDIO,
        .id = RILL_CODEC_OPUS,
        .name = "opus",
        /* RFC 7587 §7: "The RTP clock rate in "a=rtpmap" MUST be 48000, and the number of
         * channels MUST be 2." */
        .clock_hz = 48000,
        .channels = 2,
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
        .rtx_pt = 97,
        .fmtp = NULL,
        .rtcp_fb = video_feedback,
    },
    {
        .kind = RILL_VIDEO,
        .id = RILL_CODEC_VP9,
        .name = "VP9",
        .clock_hz = 90000,
        .channels = 1,
        .pt = 98,
        .rtx_pt = 99,
        .fmtp = "profile-id=0",
        .rtcp_fb = video_feedback,
        .on_request = true,
    },
    {
        .kind = RILL_VIDEO,
        .id = RILL_CODEC_H264,
        .name = "H264",
        .clock_hz = 90000,
        .channels = 1,
        .pt = 102,
        .rtx_pt = 103,
        /* RFC 7742 §6.2: Constrained Baseline. */
        .fmtp = "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f",
        .rtcp_fb = video_feedback,
        .on_request = true,
    },
    {
        .kind = RILL_VIDEO,
        .id = RILL_CODEC_H264,
        .name = "H264",
        .clock_hz = 90000,
        .channels = 1,
        .pt = 104,
        .rtx_pt = 105,
        /* RFC 6184 §6.2: "All receivers MUST support this mode." */
        .fmtp = "level-asymmetry-allowed=1;packetization-mode=0;profile-level-id=42e01f",
        .rtcp_fb = video_feedback,
        .on_request = true,
    },
    {
        .kind = RILL_VIDEO,
        .id = RILL_CODEC_AV1,
        .name = "AV1",
        .clock_hz = 90000,
        .channels = 1,
        .pt = 45,
        .rtx_pt = 46,
        .fmtp = NULL,
        .rtcp_fb = video_feedback,
        .on_request = true,
    },
    {
        .kind = RILL_AUDIO,
        .id = RILL_CODEC_PCMU,
        .name = "PCMU",
        .clock_hz = 8000,
        .channels = 1,
        .pt = 0, /* RFC 3551 §6 */
        .fmtp = NULL,
        .rtcp_fb = audio_feedback,
        .on_request = true,
    },
    {
        .kind = RILL_AUDIO,
        .id = RILL_CODEC_PCMA,
        .name = "PCMA",
        .clock_hz = 8000,
        .channels = 1,
        .pt = 8,
        .fmtp = NULL,
        .rtcp_fb = audio_feedback,
        .on_request = true,
    },
    /* RFC 2198 §5; its a=fmtp has the number of Opus, twice. */
    {
        .helps = RILL_SDP_RED,
        .kind = RILL_AUDIO,
        .name = "red",
        .clock_hz = 48000,
        .channels = 2,
        .pt = 63,
    },
    /* RFC 3389 §5.1; RFC 7874 §3: Opus has its own. */
    {
        .helps = RILL_SDP_NOISE,
        .kind = RILL_AUDIO,
        .name = "CN",
        .clock_hz = 8000,
        .channels = 1,
        .pt = 13, /* RFC 3551 §6 */
    },
    /* RFC 4733 §2.4.1: without a=fmtp it is the events 0 to 15. */
    {
        .helps = RILL_SDP_EVENTS,
        .kind = RILL_AUDIO,
        .name = "telephone-event",
        .clock_hz = 48000,
        .channels = 1,
        .pt = 110,
    },
    {
        .helps = RILL_SDP_EVENTS,
        .kind = RILL_AUDIO,
        .name = "telephone-event",
        .clock_hz = 8000,
        .channels = 1,
        .pt = 126,
    },
};

static const struct rill_sdp_ext_cap exts[] = {
    {.audio = true, .video = true, .uri = RILL_SDP_EXT_MID, .id = 4},
    {.encodings = true, .uri = RILL_SDP_EXT_RID, .id = 10},
    {.encodings = true, .uri = RILL_SDP_EXT_REPAIRED_RID, .id = 11},
    {.audio = true, .video = true, .uri = RILL_SDP_EXT_TRANSPORT_CC, .id = 3},
    {.audio = true, .video = true, .uri = RILL_SDP_EXT_ABS_SEND_TIME, .id = 2},
    {.audio = true, .uri = RILL_SDP_EXT_AUDIO_LEVEL, .id = 1},
    {.audio = true, .video = true, .uri = RILL_SDP_EXT_CAPTURE_TIME, .id = 9},
    {.video = true, .uri = RILL_SDP_EXT_ORIENTATION, .id = 13},
    {.video = true, .uri = RILL_SDP_EXT_PLAYOUT_DELAY, .id = 5},
};

struct rill_sdp_caps rill_sdp_default_caps(void)
{
    return (struct rill_sdp_caps){
        .codecs = codecs,
        .n_codecs = sizeof codecs / sizeof codecs[0],
        .exts = exts,
        .n_exts = sizeof exts / sizeof exts[0],
    };
}
