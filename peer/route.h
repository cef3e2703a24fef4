/* peer/route: the m-line and the encoding that an incoming packet is of (RFC 9143 §9.2, RFC 8852).
 */
#ifndef RILL_PEER_ROUTE_H
#define RILL_PEER_ROUTE_H

#include "base/bytes.h"
#include "base/frame.h"
#include "rtp/packet.h"

struct rill_peer;
struct rill_sdp_agreed;
struct rill_sdp_events;

/* An offer was answered: the table has the SSRCs that were heard, and behind them those that the
 * description of the other side names. */
void rill_peer_route_agreed(struct rill_peer *x);
/* Of a packet that came on transport: *line and *in (of its ins), and its SSRC is known from now
 * on. RILL_PEER_UNKNOWN_STREAM: of none of ours. */
int rill_peer_route(struct rill_peer *x, size_t transport, const struct rill_rtp_packet *p,
                    size_t *line, size_t *in);
/* SDES says that this is the SSRC of an encoding. */
void rill_peer_route_named(struct rill_peer *x, uint32_t ssrc, struct rill_view mid,
                           struct rill_view rid);

/* What a payload type is of. The telephone events that have this number, or NULL. */
const struct rill_sdp_events *rill_peer_route_events(const struct rill_sdp_agreed *a, uint8_t pt);
/* RFC 3264 §6.1: what a packet is of, its number says; NONE: it was not agreed. */
enum rill_codec_id rill_peer_route_codec(const struct rill_sdp_agreed *a, uint8_t pt);
/* It repairs what has the payload type *media (RFC 4588). */
bool rill_peer_route_repairs(const struct rill_sdp_agreed *a, uint8_t pt, uint8_t *media);

#endif
