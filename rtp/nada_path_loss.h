/* rtp/nada_path_loss: does the path lose by itself?
 *
 * The idea: what overload loses is not lost when less is sent; what a radio link loses is. So where
 * packets are lost though no queue stands, the rate steps down below what did arrive, and a
 * window later it is known which it was. A buffer that is too short for a queue to be seen is so
 * told from a radio link. RFC 8698 §6.3 leaves open how much a loss counts; what
 * the path was found to lose by itself is counted against a reference of its own (nada_signal.c),
 * and only what exceeds it by the letter of equation (2).
 */
#ifndef RILL_RTP_NADA_PATH_LOSS_H
#define RILL_RTP_NADA_PATH_LOSS_H

#include "rtp/bwe_packet.h"

enum rill_nada_path_step {
    RILL_NADA_PATH_WATCHES,
    RILL_NADA_PATH_LIFTED, /* at the least rate nothing can be yielded: first a little more */
    RILL_NADA_PATH_ASKS,
};

struct rill_nada_path_loss {
    /* The window: packets that left since then, by their departures. */
    int64_t since, until;
    uint32_t seen, lost, runs;
    uint64_t bytes;
    bool losing, queued;
    /* The question: what was lost before, what arrived, and the rate to go back to. */
    enum rill_nada_path_step step;
    int64_t asked;
    double ratio_before, arrived_before, r_before; /* bps */
    double own;    /* what the path loses by itself; 0: nothing, as far as is known */
    double margin; /* which chance alone may add to it */
};

void rill_nada_path_loss_init(struct rill_nada_path_loss *l, int64_t now);
/* queued: it met a queue, which may be why; then there is no question. */
void rill_nada_path_loss_packet(struct rill_nada_path_loss *l, const struct rill_bwe_packet *p,
                                bool queued);
/* Once an update. may_ask: there is reason to. received_bps: what arrives; least_bps: the least
 * rate. r_ref is taken down when it asks, held as long as it waits, which is when this is true, and
 * given back when the losses are the path's own. */
bool rill_nada_path_loss_update(struct rill_nada_path_loss *l, int64_t now, bool may_ask,
                                double received_bps, double least_bps, double *r_ref);

#endif
