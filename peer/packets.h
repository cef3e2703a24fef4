/* peer/packets: frames become packets, which wait in the history (rill_peer_send_frame, peer.h). */
#ifndef RILL_PEER_PACKETS_H
#define RILL_PEER_PACKETS_H

#include "peer/tracks.h"
#include "rtp/packet.h"
#include "sdp/offer.h"

struct rill_peer_line;
struct rill_telephone_event;

/* At most; what marks bring comes beside (peer/marks.h). */
#define RILL_PEER_PACKET_EXTS 4

/* The extensions of each packet of the stream, without the values that are known when it leaves;
 * returns how many. name_id: of the extension that has the encoding's name, 0 for none. */
size_t rill_peer_packet_extensions(const struct rill_peer_line *l, const struct rill_peer_sender *s,
                                   uint16_t name_id,
                                   struct rill_rtp_ext exts[RILL_PEER_PACKET_EXTS]);

/* The number under which a frame of this codec goes, and how. */
struct rill_sdp_also rill_peer_sent_format(const struct rill_peer_line *l,
                                           const struct rill_peer_sender *s,
                                           enum rill_codec_id codec);

/* A packet of sound that is no frame. */
void rill_peer_send_event(struct rill_peer_line *l, struct rill_peer_sender *s, uint8_t pt,
                          bool marker, uint32_t rtp_time, const struct rill_telephone_event *e);

/* How many packets have not left yet. */
static inline size_t rill_peer_waiting(const struct rill_peer_sender *s)
{
    return (uint16_t)(s->seq - s->next);
}

#endif
