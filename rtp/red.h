/* rtp/red: redundant audio (RFC 2198): the last packets once more, in front of the new one.
 *
 *   |1| block PT (7) |   timestamp offset (14)   |   block length (10)   |   each redundant block
 *   |0| block PT (7) |                                                       the primary one
 *   redundant blocks …, primary block
 *
 * The idea: a lost packet is found again in the next one, without asking. What a receiver has
 * already is dropped like any duplicate.
 */
#ifndef RILL_RTP_RED_H
#define RILL_RTP_RED_H

#include "base/bytes.h"
#include "base/err.h"
#include "base/field.h"
#include "rtp/errors.h"

#define RILL_RED_BLOCKS 8 /* taken from one packet */
#define RILL_RED_OFFSET_MAX 0x3fff
#define RILL_RED_LENGTH_MAX 0x3ff

/* Of a redundant block's header; of the primary one's the first two alone. */
extern const struct rill_field_table rill_red_fields;

struct rill_red_block {
    uint8_t pt;
    uint16_t offset; /* timestamps before the packet's own; 0: the primary block */
    struct rill_view data;
};

/* The blocks in order, oldest first, the primary last; how many. Errors: RILL_RED_HEADER,
 * _BLOCKS_MANY (more than RILL_RED_BLOCKS), _LENGTH. */
int rill_red_parse(struct rill_view payload, struct rill_red_block out[RILL_RED_BLOCKS],
                   struct rill_err *why);
/* The last block is the primary one, its offset is not written. A block that is too long or too
 * old for its field makes the writer bad. */
void rill_red_write(struct rill_writer *w, const struct rill_red_block *blocks, size_t n);

#endif
