/* limits: ceilings. What a machine really takes is chosen at run time by the caps in its
 * config, each at most the figure here. A board may lower them. */
#ifndef RILL_BASE_LIMITS_H
#define RILL_BASE_LIMITS_H

/* The largest datagram rill builds: what passes IPv6's minimum MTU with room for a
 * tunnel (RFC 8445 leaves it to the application; browsers use 1200). */
#define RILL_DATAGRAM_OUT_MAX 1200
/* The largest datagram rill takes in. */
#define RILL_DATAGRAM_IN_MAX 2048

#define RILL_ICE_UFRAG_MAX 256 /* RFC 8839 §5.4 */
#define RILL_ICE_PWD_MAX 256
#define RILL_ICE_FOUNDATION_MAX 32
#define RILL_ICE_LOCAL_CANDIDATES_MAX 64
#define RILL_ICE_REMOTE_CANDIDATES_MAX 64
#define RILL_ICE_PAIRS_MAX 100 /* RFC 8445 §6.1.2.5 */
#define RILL_ICE_SERVERS_MAX 8
#define RILL_ICE_STREAMS_MAX 32

#define RILL_SDP_TEXT_MAX 65536
#define RILL_SDP_MEDIA_MAX 64
#define RILL_SDP_LINE_MAX 32768
#define RILL_MID_MAX 32

#define RILL_TRACKS_MAX 16
#define RILL_SRTP_STREAMS_MAX 64
#define RILL_VIDEO_FRAME_MAX (1 << 20)

#define RILL_DTLS_HELLO_MAX 4096
#define RILL_DTLS_EARLY_MAX 4096

#define RILL_SIGNALING_MESSAGE_MAX (128 * 1024)
#define RILL_SIGNALING_NAME_MAX 64
#define RILL_SIGNALING_CANDIDATES_MAX 128

#endif
