/* demux: the table of RFC 7983 §7 as a table. The ranges are the ones of the figure in
 * demux.h; what lies between them is dropped. */
#include "peer/demux.h"

static const struct {
    uint8_t first, last;
    enum rill_demux what;
} ranges[] = {
    {0, 3, RILL_DEMUX_STUN},           {16, 19, RILL_DEMUX_ZRTP},  {20, 63, RILL_DEMUX_DTLS},
    {64, 79, RILL_DEMUX_TURN_CHANNEL}, {128, 191, RILL_DEMUX_RTP},
};

/* RFC 5761 §4: the second byte of RTCP is its packet type; RTP's is the marker and a payload
 * type, of which 64-95 are never used. So 192-223 can only be RTCP. */
static enum rill_demux rtp_or_rtcp(struct rill_view datagram)
{
    if (datagram.n < 2)
        return RILL_DEMUX_RTP_OR_RTCP;
    return datagram.p[1] >= 192 && datagram.p[1] <= 223 ? RILL_DEMUX_RTCP : RILL_DEMUX_RTP;
}

enum rill_demux rill_demux_class(struct rill_view datagram)
{
    if (datagram.n == 0)
        return RILL_DEMUX_DROP;
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
        if (datagram.p[0] < ranges[i].first || datagram.p[0] > ranges[i].last)
            continue;
        return ranges[i].what == RILL_DEMUX_RTP ? rtp_or_rtcp(datagram) : ranges[i].what;
    }
    /* RFC 7983 §7: "If the value does not match any known range, then the packet MUST be
     * dropped and an alert MAY be logged." */
    return RILL_DEMUX_DROP;
}

const char *rill_demux_name(enum rill_demux c)
{
    static const char *const names[] = {
        [RILL_DEMUX_DROP] = "drop",
        [RILL_DEMUX_STUN] = "stun",
        [RILL_DEMUX_ZRTP] = "zrtp-drop",
        [RILL_DEMUX_DTLS] = "dtls",
        [RILL_DEMUX_TURN_CHANNEL] = "turn-channel",
        [RILL_DEMUX_RTP] = "rtp",
        [RILL_DEMUX_RTCP] = "rtcp",
        [RILL_DEMUX_RTP_OR_RTCP] = "rtp-rtcp",
    };
    return names[c];
}
