/* sdp/caps: the table of what rill itself can do. */
#ifndef RILL_SDP_CAPS_H
#define RILL_SDP_CAPS_H

#include "sdp/offer.h"

#define RILL_SDP_EXT_MID "urn:ietf:params:rtp-hdrext:sdes:mid"                 /* RFC 9143 §15 */
#define RILL_SDP_EXT_AUDIO_LEVEL "urn:ietf:params:rtp-hdrext:ssrc-audio-level" /* RFC 6464 */
/* draft-holmer-rmcat-transport-wide-cc-extensions-01 §2 */
#define RILL_SDP_EXT_TRANSPORT_CC                                                                  \
    "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"

#define RILL_SDP_EXT_ABS_SEND_TIME "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"
/* libwebrtc's documents of the same names; 3GPP TS 26.114 §7.4.5. */
#define RILL_SDP_EXT_CAPTURE_TIME "http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time"
#define RILL_SDP_EXT_PLAYOUT_DELAY "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay"
#define RILL_SDP_EXT_ORIENTATION "urn:3gpp:video-orientation"

#define RILL_SDP_EXT_RID "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id" /* RFC 8852 §4.1 */
#define RILL_SDP_EXT_REPAIRED_RID "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id"

/* Opus 111 and VP8 96; on request VP9 98, H264 102 and, in single NAL units, 104, AV1 45, PCMU 0
 * and PCMA 8; the retransmission of pictures has the next number; RED 63 beside Opus, comfort noise
 * 13 beside PCMU and PCMA, and telephone events 110 and 126 of either clock; with the header
 * extensions level of sound 1, playout delay 5, capture time 9, orientation 13, MID under the id 4
 * and transport-wide numbers under 3, the time of departure under 2; RtpStreamId under 10 and
 * RepairedRtpStreamId under 11 where encodings are offered. */
struct rill_sdp_caps rill_sdp_default_caps(void);
/* RFC 8285 §4.1.2, §6: ids above 14 need two-byte elements, which may stand beside the others only
 * where a=extmap-allow-mixed was agreed. */
bool rill_sdp_ext_is_usable(uint16_t id, bool mixed);

#endif
