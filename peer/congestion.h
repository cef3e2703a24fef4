/* peer/congestion: what the path carries. */
#ifndef RILL_PEER_CONGESTION_H
#define RILL_PEER_CONGESTION_H

#include "peer/repair.h"
#include "rtp/remb.h"
#include "rtp/twcc.h"

struct rill_peer;
struct rill_peer_component;
struct rill_peer_event;
struct rill_peer_line;

struct rill_peer_congestion {
    struct rill_span block; /* what the tables below lie in */
    bool started;
    bool probes; /* what leaves now does so because a probe wants it */
    struct rill_bwe bwe;
    struct rill_twcc_sender sent;
    struct rill_twcc_receiver received;
    struct rill_remb remb; /* of what comes without numbers */
    uint32_t media;        /* the SSRC that came last with a number, for the feedback's header */
    struct rill_bwe_packet *news; /* of one feedback */
    size_t cap;
    struct rill_peer_repairs repairs;
    size_t heard_bytes, feedback_bytes; /* received since the last feedback; and of that one */
    uint64_t feedbacks;
};

void rill_peer_congestion_init(const struct rill_peer *x, struct rill_peer_congestion *c,
                               struct rill_arena *arena);
/* As it was when it began. */
void rill_peer_congestion_reset(const struct rill_peer *x, struct rill_peer_congestion *c);
/* As rill_peer_target(), repairs included. */
uint64_t rill_peer_carried(const struct rill_peer *x);
bool rill_peer_carries_video(const struct rill_peer *x, size_t transport);
/* bit/s; 0: nobody says. */
uint64_t rill_peer_congestion_target(const struct rill_peer *x,
                                     const struct rill_peer_congestion *c);
/* There are keys. */
void rill_peer_congestion_start(struct rill_peer *x, int64_t now, struct rill_peer_congestion *c);
/* Writes the transport's next number into a packet that leaves now. */
void rill_peer_congestion_number(struct rill_peer *x, int64_t now, const struct rill_peer_line *l,
                                 struct rill_span packet);
/* The other side has told that this packet came. */
bool rill_peer_congestion_has_arrived(const struct rill_peer *x, const struct rill_peer_line *l,
                                      struct rill_view packet);
/* A packet leaves again as it was. */
void rill_peer_congestion_again(struct rill_peer *x, const struct rill_peer_line *l,
                                struct rill_view packet);
void rill_peer_congestion_received(struct rill_peer *x, const struct rill_peer_line *l,
                                   const struct rill_rtp_packet *p);
int rill_peer_congestion_feedback(struct rill_peer *x, int64_t now, struct rill_peer_component *c,
                                  struct rill_view fci);
/* A receiver report's loss, /256, of one of our video streams. */
void rill_peer_congestion_report(struct rill_peer *x, const struct rill_peer_line *l,
                                 uint8_t fraction);
/* The line that speaks for the transport, when a feedback is due. */
bool rill_peer_congestion_is_due(const struct rill_peer *x, int64_t now,
                                 const struct rill_peer_line *l);
void rill_peer_congestion_write(struct rill_peer *x, int64_t now, const struct rill_peer_line *l,
                                struct rill_writer *w);
int64_t rill_peer_congestion_deadline(const struct rill_peer *x, const struct rill_peer_line *l);
/* A target that the app does not know yet. */
bool rill_peer_congestion_event(struct rill_peer *x, struct rill_peer_event *out);

#endif
