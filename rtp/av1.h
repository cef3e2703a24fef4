/* rtp/av1: the AV1 payload format (RTP Payload Format For AV1, v1.0.0).
 *
 * The idea: a frame is a temporal unit in the low-overhead format, OBUs with their sizes in them
 * (AV1 §5.2); on the wire they lose the sizes and the temporal delimiter, and the first and last
 * of a packet may be a piece of one.
 *
 *      0 1 2 3 4 5 6 7
 *     |Z|Y| W |N|-|-|-|   aggregation header
 *     | size (leb128) |   before each element, but not before the last one where W is not 0
 *     | OBU element   |
 */
#ifndef RILL_RTP_AV1_H
#define RILL_RTP_AV1_H

#include "base/bytes.h"
#include "base/field.h"
#include "rtp/errors.h"

struct rill_av1_payload {
    bool Z; /* the first element goes on with an OBU of the packet before */
    bool Y; /* the last element goes on in the next packet */
    uint8_t W;
    bool N; /* a coded video sequence begins */
    size_t elements;
    struct rill_view data; /* for rill_av1_element_next() */
};

extern const struct rill_field_table rill_av1_fields;

/* Errors: RILL_AV1_*. */
int rill_av1_parse(struct rill_view payload, struct rill_av1_payload *out, struct rill_err *why);

/* The elements, one a call; false after the last. Begin with both 0. */
struct rill_av1_walk {
    size_t at, n;
};
bool rill_av1_element_next(const struct rill_av1_payload *p, struct rill_av1_walk *walk,
                           struct rill_view *out);

/* A temporal unit put together from payloads in order. The sizes are written as three bytes. */
struct rill_av1_joiner {
    bool open; /* an OBU has begun and its size is not known yet */
    size_t size_at;
};
/* Adds what a payload that parses brings; w becomes bad when it is full, or an OBU larger than
 * 2 MiB. The first payload of a unit puts a temporal delimiter before it. */
void rill_av1_append(struct rill_av1_joiner *j, struct rill_view payload, struct rill_writer *w);
/* Behind the last one. */
void rill_av1_end(struct rill_av1_joiner *j, struct rill_writer *w);

/* An OBU of a temporal unit, without its size. */
struct rill_av1_obu {
    uint8_t head[2]; /* obu_has_size_field is 0 */
    size_t head_n;
    struct rill_view data;
};
#define RILL_AV1_SEQUENCE_HEADER 1
#define RILL_AV1_TEMPORAL_DELIMITER 2
#define RILL_AV1_TILE_LIST 8
/* AV1 §6.2.2; NULL for a type that is reserved. */
const char *rill_av1_obu_name(uint64_t type);
uint8_t rill_av1_obu_type(const struct rill_av1_obu *o);
/* The next OBU from *at on; false after the last, and where the unit is broken (then *at is not
 * its end). */
bool rill_av1_obu_next(struct rill_view unit, size_t *at, struct rill_av1_obu *out);

/* Cuts a temporal unit into payloads of at most `room` bytes. Start with the rest zero. */
struct rill_av1_cutter {
    struct rill_view unit;
    size_t room;
    size_t at; /* of the unit */
    bool begun, going;
    struct rill_av1_obu obu; /* being cut */
    size_t from;             /* of it */
};
/* Writes the next payload; w may be NULL to count only. False after the last. */
bool rill_av1_cut(struct rill_av1_cutter *c, struct rill_writer *w);
/* How many payloads; 0 when the unit is broken or the room too small. */
size_t rill_av1_pieces(struct rill_view unit, size_t room);

#endif
