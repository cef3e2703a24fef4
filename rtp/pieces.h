/* rtp/pieces: a frame cut into even parts: the first few are one byte longer than the others. */
#ifndef RILL_RTP_PIECES_H
#define RILL_RTP_PIECES_H

#include "base/bytes.h"

/* How many parts of at most `room` bytes, beside `head` bytes in each; 0: there is no room. */
static inline size_t rill_rtp_pieces(size_t size, size_t room, size_t head)
{
    if (room <= head)
        return 0;
    size_t each = room - head;
    return size / each + (size % each != 0);
}

/* Part `index` of `pieces`. */
static inline struct rill_view rill_rtp_piece(struct rill_view whole, size_t index, size_t pieces)
{
    size_t size = whole.n / pieces, longer = whole.n % pieces;
    size_t from = index * size + (index < longer ? index : longer);
    return rill_view_sub(whole, from, size + (index < longer));
}

#endif
