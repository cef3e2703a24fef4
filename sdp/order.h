/* sdp/order (room-internal): which line may follow which (RFC 8866 §5). */
#ifndef RILL_SDP_ORDER_H
#define RILL_SDP_ORDER_H

#include "sdp/lines.h"

struct rill_sdp_order {
    size_t n_media; /* m= lines so far */
    int rank;       /* of the last known line in this part */
    char last;      /* its type, 0 before the first */
    bool origin, name, time;
};

/* Errors: SDP_NO_VERSION, SDP_ORDER, SDP_NO_ORIGIN, SDP_NO_NAME, SDP_NO_TIME. */
int rill_sdp_order_next(struct rill_sdp_order *o, const struct rill_sdp_line *line,
                        struct rill_err *why);
/* At the end of the text: was anything left out? */
int rill_sdp_order_end(const struct rill_sdp_order *o, size_t number, struct rill_err *why);

#endif
