/* apps/call_stats: what the files of getStats() share (webrtc-stats §7, §8).
 *
 *   call_stats.c      the report: which objects there are, and what belongs to none of the others
 *   call_stats_ice.c  candidate-pair, local-candidate, remote-candidate
 *   call_stats_rtp.c  inbound-rtp, outbound-rtp, remote-inbound-rtp, remote-outbound-rtp
 *
 * An object's id tells its kind and its number, as a browser's do: T0 a transport, I0_1 a candidate
 * and P0_1 a pair of it, C0_96 a codec on it, OT0V123 the outgoing video of SSRC 123, and so on. */
#ifndef RILL_APPS_CALL_STATS_H
#define RILL_APPS_CALL_STATS_H

#include "apps/call.h"
#include "ice/stats.h"

#define CALL_STATS_PLAYOUT "AP" /* the id of the speakers */
#define CALL_STATS_ID 104       /* the longest: CF and 32 bytes in hex with colons */

struct call_report {
    const struct call *c;
    const struct rill_peer_stats *s;
    json_t *all;
};

/* The id's text: a format and its numbers. */
void call_stats_id(char out[CALL_STATS_ID], const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* An object of the report, with its type, id and timestamp (`at` monotonic µs). */
json_t *call_stats_add(struct call_report *r, const char *type, const char *id, int64_t at);
bool call_stats_has(const struct call_report *r, const char *id);
void call_stats_put(json_t *o, const char *name, uint64_t value);
void call_stats_put_seconds(json_t *o, const char *name, int64_t us);
/* A monotonic time as milliseconds since 1970, with fractions, as DOMHighResTimeStamp is: the wall
 * clock counts once, so that times never run back. */
json_t *call_stats_timestamp(const struct call *c, int64_t at);

/* The codec that a stream is sent or received in; its id in `id`. */
void call_stats_codec(struct call_report *r, const struct rill_peer_stream_stats *row, bool sent,
                      char id[CALL_STATS_ID]);
/* What the track of this transceiver is sent from; false when there is none. */
bool call_stats_source(const struct call *c, size_t transceiver, struct rill_sender_stats *out);
/* call_stats_ice.c, call_stats_rtp.c. selected: the id of the pair in use, empty for none. */
void call_stats_ice(struct call_report *r, size_t transport, char selected[CALL_STATS_ID]);
void call_stats_sent(struct call_report *r, const struct rill_peer_stream_stats *row);
void call_stats_received(struct call_report *r, const struct rill_peer_stream_stats *row);

#endif
