/* peer/demux: which protocol a datagram belongs to, by its first two bytes (RFC 7983 §7,
 * RFC 5761 §4).
 *
 *                    +----------------+
 *                    |        [0..3] -+--> STUN
 *                    |      [16..19] -+--> ZRTP, not spoken here
 *        datagram -> |      [20..63] -+--> DTLS
 *                    |      [64..79] -+--> TURN channel
 *                    |    [128..191] -+--> RTP, or RTCP when the second byte is 192..223
 *                    +----------------+
 */
#ifndef RILL_PEER_DEMUX_H
#define RILL_PEER_DEMUX_H

#include "base/bytes.h"

enum rill_demux {
    RILL_DEMUX_DROP,
    RILL_DEMUX_STUN,
    RILL_DEMUX_ZRTP,
    RILL_DEMUX_DTLS,
    RILL_DEMUX_TURN_CHANNEL,
    RILL_DEMUX_RTP,
    RILL_DEMUX_RTCP,
    RILL_DEMUX_RTP_OR_RTCP, /* one byte long: the second byte, which decides, is missing */
};

enum rill_demux rill_demux_class(struct rill_view datagram);

/* "stun", "dtls", "turn-channel", "rtp", "rtcp", "rtp-rtcp", "zrtp-drop", "drop". */
const char *rill_demux_name(enum rill_demux c);

#endif
