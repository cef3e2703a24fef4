/* ext_known: a row an extension. */
#include "rtp/ext_known.h"

#define WEBRTC "http://www.webrtc.org/experiments/rtp-hdrext/"
#define SDES "urn:ietf:params:rtp-hdrext:sdes:"

static const struct rill_field level[] = {
    {"V", 0, 1, "RFC 6464 §3", "the sender believes that this is speech"},
    {"level", 1, 7, "RFC 6464 §3", "how far below the loudest, in dB; 127: silence"},
};
static const struct rill_field mixer_level[] = {
    {"reserved", 0, 1, "RFC 6465 §3", "0"},
    {"level", 1, 7, "RFC 6465 §3", "of the first contributing source, in dB below the loudest"},
};
static const struct rill_field twcc[] = {
    {"transport-wide sequence number", 0, 16, "transport-wide-cc-01 §2",
     "one more with each packet of the transport, whatever its stream"},
};
static const struct rill_field twcc2[] = {
    {"transport-wide sequence number", 0, 16, "libwebrtc transport-wide-cc-02",
     "one more with each packet of the transport, whatever its stream"},
    {"T", 16, 1, "libwebrtc transport-wide-cc-02", "the feedback shall have times of arrival"},
    {"seq count", 17, 15, "libwebrtc transport-wide-cc-02",
     "feedback is asked for, about this many packets"},
};
static const struct rill_field send_time[] = {
    {"seconds", 0, 6, "libwebrtc abs-send-time", "when the packet left, modulo 64 s"},
    {"fraction", 6, 18, "libwebrtc abs-send-time", "in 1/262144 s"},
};
static const struct rill_field offset[] = {
    {"transmission offset", 0, 24, "RFC 5450 §2",
     "how long after its timestamp the packet left, signed, in the RTP clock"},
};
static const struct rill_field orientation[] = {
    {"reserved", 0, 4, "3GPP TS 26.114 §7.4.5", "0"},
    {"C", 4, 1, "3GPP TS 26.114 §7.4.5", "1: the back camera"},
    {"F", 5, 1, "3GPP TS 26.114 §7.4.5", "the picture is to be mirrored"},
    {"R", 6, 2, "3GPP TS 26.114 §7.4.5", "it is to be turned by so many quarters"},
};
static const struct rill_field delay[] = {
    {"MIN delay", 0, 12, "libwebrtc playout-delay", "least time until it is shown, 10 ms units"},
    {"MAX delay", 12, 12, "libwebrtc playout-delay", "most time until it is shown, 10 ms units"},
};
static const struct rill_field content[] = {
    {"content type", 0, 8, "libwebrtc video-content-type", "0: a camera, 1: a screen"},
};
static const struct rill_field timing[] = {
    {"flags", 0, 8, "libwebrtc video-timing", "why the times are told"},
    {"encode start", 8, 16, "libwebrtc video-timing", "ms after capture"},
    {"encode finish", 24, 16, "libwebrtc video-timing", "ms after capture"},
    {"packetization finish", 40, 16, "libwebrtc video-timing", "ms after capture"},
    {"pacer exit", 56, 16, "libwebrtc video-timing", "ms after capture"},
    {"network 1", 72, 16, "libwebrtc video-timing", "ms after capture, for those on the way"},
    {"network 2", 88, 16, "libwebrtc video-timing", "ms after capture, for those on the way"},
};
static const struct rill_field color[] = {
    {"primaries", 0, 8, "libwebrtc color-space", "as ITU-T H.273 numbers them"},
    {"transfer", 8, 8, "libwebrtc color-space", "as ITU-T H.273 numbers them"},
    {"matrix", 16, 8, "libwebrtc color-space", "as ITU-T H.273 numbers them"},
    {"range and chroma siting", 24, 8, "libwebrtc color-space", "range 2 bits, siting 2 and 2"},
};
static const struct rill_field capture[] = {
    {"seconds", 0, 32, "libwebrtc abs-capture-time", "NTP seconds of the capture"},
    {"fraction", 32, 32, "libwebrtc abs-capture-time", "in 2^-32 s"},
    {"clock offset", 64, 64, "libwebrtc abs-capture-time",
     "from the capturer's clock to the sender's, signed 32.32 s"},
};
static const struct rill_field dependency[] = {
    {"start_of_frame", 0, 1, "AV1 RTP §A.8.2", "the frame's first packet"},
    {"end_of_frame", 1, 1, "AV1 RTP §A.8.2", "the frame's last packet"},
    {"frame_dependency_template_id", 2, 6, "AV1 RTP §A.8.2", "on what the frame depends"},
    {"frame_number", 8, 16, "AV1 RTP §A.8.2", "counts frames"},
};
static const struct rill_field tracking[] = {
    {"video-frame-tracking-id", 0, 16, "libwebrtc video-frame-tracking-id", "counts frames"},
};
static const struct rill_field noise[] = {
    {"N", 0, 1, "libwebrtc inband-cn", "the noise level is told"},
    {"noise level", 1, 7, "libwebrtc inband-cn", "in dB below the loudest"},
};

#define FIELDS(rows)                                                                               \
    {                                                                                              \
        "header extension", rows, sizeof rows / sizeof rows[0]                                     \
    }

static const struct rill_rtp_ext_known known[] = {
    {SDES "mid", "MID", "RFC 9143 §15.1", "which m-line the packet belongs to", true, {0}},
    {SDES "rtp-stream-id",
     "RtpStreamId",
     "RFC 8852 §3.1",
     "which encoding of the picture",
     true,
     {0}},
    {SDES "repaired-rtp-stream-id",
     "RepairedRtpStreamId",
     "RFC 8852 §3.2",
     "which encoding a retransmission repairs",
     true,
     {0}},
    {"urn:ietf:params:rtp-hdrext:ssrc-audio-level", "audio level", "RFC 6464 §3",
     "how loud the packet is", false, FIELDS(level)},
    {"urn:ietf:params:rtp-hdrext:csrc-audio-level", "mixer to client audio level", "RFC 6465 §3",
     "how loud each contributing source is", false, FIELDS(mixer_level)},
    {"http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01", "transport-cc",
     "transport-wide-cc-01 §2", "a number that feedback tells the arrival of", false, FIELDS(twcc)},
    {WEBRTC "transport-wide-cc-02", "transport-cc-02", "libwebrtc transport-wide-cc-02",
     "a number that feedback tells the arrival of, and when feedback is wanted", false,
     FIELDS(twcc2)},
    {WEBRTC "abs-send-time", "abs-send-time", "libwebrtc abs-send-time", "when the packet left",
     false, FIELDS(send_time)},
    {"urn:ietf:params:rtp-hdrext:toffset", "transmission time offset", "RFC 5450 §2",
     "when the packet left, against its timestamp", false, FIELDS(offset)},
    {"urn:3gpp:video-orientation", "video orientation", "3GPP TS 26.114 §7.4.5",
     "how the camera was held", false, FIELDS(orientation)},
    {WEBRTC "playout-delay", "playout delay", "libwebrtc playout-delay",
     "how long a receiver may wait", false, FIELDS(delay)},
    {WEBRTC "video-content-type", "video content type", "libwebrtc video-content-type",
     "a camera or a screen", false, FIELDS(content)},
    {WEBRTC "video-timing", "video timing", "libwebrtc video-timing",
     "what became of the frame, and when", false, FIELDS(timing)},
    {WEBRTC "color-space", "color space", "libwebrtc color-space", "what the colours mean", false,
     FIELDS(color)},
    {WEBRTC "abs-capture-time", "absolute capture time", "libwebrtc abs-capture-time",
     "when the picture or sound was taken", false, FIELDS(capture)},
    {"https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension",
     "dependency descriptor", "AV1 RTP §A.8", "on which frames this one depends", false,
     FIELDS(dependency)},
    {WEBRTC "video-frame-tracking-id", "video frame tracking id",
     "libwebrtc video-frame-tracking-id", "names the frame", false, FIELDS(tracking)},
    {WEBRTC "inband-cn", "inband comfort noise", "libwebrtc inband-cn",
     "how loud the noise behind the voice is", false, FIELDS(noise)},
    {WEBRTC "video-layers-allocation00",
     "video layers allocation",
     "libwebrtc video-layers-allocation00",
     "which layers are sent, at which rates",
     false,
     {0}},
};

#define KNOWN (sizeof known / sizeof known[0])

uint8_t rill_rtp_ext_known_find(struct rill_view uri)
{
    for (size_t i = 0; i < KNOWN; i++)
        if (rill_view_is(uri, known[i].uri))
            return (uint8_t)(i + 1);
    return 0;
}

const struct rill_rtp_ext_known *rill_rtp_ext_known(uint8_t number)
{
    return number && number <= KNOWN ? &known[number - 1] : NULL;
}
