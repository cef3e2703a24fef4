/* peer/tones: the keys of a telephone (RFC 4733). */
#ifndef RILL_PEER_TONES_H
#define RILL_PEER_TONES_H

#include "peer/peer.h"
#include "rtp/telephone_event.h"

struct rill_peer_receiver;
struct rill_rtp_packet;

/* Keys of a telephone on their way out (RFC 4733). */
struct rill_peer_tones {
    char waiting[RILL_PEER_TONES_MAX + 1];
    size_t at; /* of those */
    int64_t duration, gap;
    int64_t next; /* when the next begins; RILL_NEVER: there is none */
    bool on;
    struct rill_telephone_key key;
    uint32_t rtp_time; /* at which the key was pressed */
    struct rill_sdp_events as;
    uint32_t clock_hz; /* of the stream then */
};

/* The one that the other side holds. */
struct rill_peer_tone_heard {
    bool on, told;
    uint8_t event;
    uint32_t clock_hz;
    uint16_t duration; /* of this segment, in units of the events' clock */
    uint32_t rtp_time; /* of this segment */
    uint64_t before;   /* those of the segments before */
    int64_t heard;
};

/* The events that a track's keys are told by now: of the clock of what it sends (RFC 4733 §2.1), or
 * at least of one that goes into that; NULL: of none. */
const struct rill_sdp_events *rill_peer_tones_events(const struct rill_peer *x, size_t track);
void rill_peer_tones_tick(struct rill_peer *x, int64_t now);
int64_t rill_peer_tones_deadline(const struct rill_peer *x);
/* A packet of telephone events, of this clock. *sent: the RTP time at which it was sent. */
int rill_peer_tones_take(struct rill_peer *x, int64_t now, size_t line,
                         struct rill_peer_receiver *in, const struct rill_rtp_packet *p,
                         uint32_t clock_hz, uint32_t *sent);

#endif
