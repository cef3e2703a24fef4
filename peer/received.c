/* received: the encodings that a line receives, and the memory of their jitter buffers.
 *
 * The idea: most lines have one, which lies in the line's own row; of simulcast each further one
 * is taken from a pool, found again by its name when offer and answer change, and given back when
 * it is no longer agreed.
 */
#include "peer/received.h"

#include "peer/connection.h"
#include "peer/lines.h"
#include "peer/receive.h"
#include "rtp/jitter.h"

#include <string.h>

static void lay_out(struct rill_peer_receiver *in, struct rill_arena *arena, size_t jitter)
{
    struct rill_rtp_nack nack;
    rill_rtp_nack_init(&nack, arena, RILL_PEER_NACKS);
    void *block = rill_arena_take_room(arena, jitter, 1);
    if (!in)
        return;
    in->nack = nack;
    in->jitter_block = block;
}

void rill_peer_received_init(struct rill_peer *x, struct rill_arena *arena)
{
    struct rill_rtp_jitter_config video = {
        .codec = RILL_CODEC_VP8,
        .packets = x->config.jitter_packets,
        .frame_bytes = x->config.frame_bytes,
    };
    struct rill_rtp_jitter_config audio = {.codec = RILL_CODEC_OPUS};
    size_t n = rill_rtp_jitter_size(&video), other = rill_rtp_jitter_size(&audio);
    size_t more = x->config.encodings_received;
    n = n > other ? n : other;
    x->more_receivers = rill_arena_take(arena, more, sizeof *x->more_receivers);
    for (size_t i = 0; i < x->config.tracks; i++)
        lay_out(x->lines ? &x->lines[i].in : NULL, arena, n);
    for (size_t i = 0; i < more; i++)
        lay_out(x->more_receivers ? &x->more_receivers[i] : NULL, arena, n);
}

/* --- one ---------------------------------------------------------------------------------- */

/* What a stream counted outlives it, for the statistics. */
void rill_peer_receiver_stop(struct rill_peer_receiver *in)
{
    struct rill_rtp_jitter_stats stats;
    if (!in->started)
        return;
    rill_rtp_jitter_stats(in->jitter, &stats);
    in->frames += stats.frames;
    in->keyframes += stats.keyframes;
    in->packets += in->source.received;
    in->bytes += in->source.bytes;
    in->started = false;
}

struct rill_sdp_feedback rill_peer_receiver_feedback(const struct rill_peer_line *l,
                                                     const struct rill_peer_receiver *in)
{
    struct rill_sdp_also format;
    bool known = in->started && rill_sdp_agreed_format(&l->agreed, in->pt, &format);
    return known ? format.feedback : l->agreed.feedback;
}

static void begin(struct rill_peer_receiver *in)
{
    in->used = true;
    in->rid[0] = 0;
    in->started = false;
    in->width = in->height = in->outran = 0;
    in->profile_level_id = 0;
    in->barred = 0;
    in->nacks = in->plis = in->firs = 0;
    in->frames = in->keyframes = in->packets = in->bytes = in->repaired = 0;
    in->fec_packets = in->fec_discarded = in->fec_bytes = 0;
    in->tone.on = false;
}

static void give_back(struct rill_peer_receiver *in)
{
    rill_peer_receiver_stop(in);
    in->used = false;
}

static struct rill_peer_receiver *take(struct rill_peer *x, struct rill_peer_line *l)
{
    if (!l->in.used) {
        begin(&l->in);
        return &l->in;
    }
    for (size_t i = 0; i < x->config.encodings_received; i++)
        if (!x->more_receivers[i].used) {
            begin(&x->more_receivers[i]);
            return &x->more_receivers[i];
        }
    return NULL;
}

/* --- a line's ------------------------------------------------------------------------------ */

void rill_peer_receive_stop(struct rill_peer_line *l)
{
    for (size_t k = 0; k < l->n_ins; k++)
        rill_peer_receiver_stop(l->ins[k]);
}

void rill_peer_received_clear(struct rill_peer *x, struct rill_peer_line *l)
{
    for (size_t k = 0; k < l->n_ins; k++)
        give_back(l->ins[k]);
    l->choice = (struct rill_peer_choice){.wanted = -1};
    l->ins[0] = take(x, l);
    l->n_ins = 1;
}

size_t rill_peer_receivers_left(const struct rill_peer *x)
{
    size_t n = 0;
    for (size_t i = 0; i < x->config.encodings_received; i++)
        n += !x->more_receivers[i].used;
    return n;
}

/* The one of the old ones that has this name; it is taken out. */
static struct rill_peer_receiver *keep(struct rill_peer_receiver **old, size_t n,
                                       struct rill_view rid)
{
    for (size_t k = 0; k < n; k++)
        if (old[k] && rill_view_is(rid, old[k]->rid)) {
            struct rill_peer_receiver *in = old[k];
            old[k] = NULL;
            return in;
        }
    return NULL;
}

/* Without names one goes on: the one that is handed out. */
static void settle_one(struct rill_peer_line *l)
{
    struct rill_peer_receiver *in = l->ins[l->choice.current];
    for (size_t k = 0; k < l->n_ins; k++)
        if (l->ins[k] != in)
            give_back(l->ins[k]);
    in->rid[0] = 0;
    l->ins[0] = in;
    l->n_ins = 1;
    l->choice.current = 0;
    l->choice.wanted = -1;
}

void rill_peer_received_settle(struct rill_peer *x, struct rill_peer_line *l)
{
    struct rill_peer_receiver *old[RILL_PEER_ENCODINGS_MAX];
    struct rill_peer_receiver *shown = l->ins[l->choice.current];
    size_t n_old = l->n_ins, n = 0;
    bool named[RILL_PEER_ENCODINGS_MAX] = {false};
    if (l->agreed.n_received == 0) {
        settle_one(l);
        return;
    }
    memcpy(old, l->ins, sizeof old);
    for (size_t k = 0; k < l->agreed.n_received; k++)
        named[k] = (l->ins[k] = keep(old, n_old, l->agreed.received[k].rid)) != NULL;
    for (size_t k = 0; k < n_old; k++)
        if (old[k])
            give_back(old[k]);
    l->choice.current = 0;
    for (size_t k = 0; k < l->agreed.n_received; k++) {
        struct rill_view rid = l->agreed.received[k].rid;
        struct rill_peer_receiver *in = named[k] ? l->ins[k] : take(x, l);
        if (!in)
            continue;
        if (!named[k]) {
            memcpy(in->rid, rid.p, rid.n);
            in->rid[rid.n] = 0;
        } else if (in == shown) {
            l->choice.current = n;
        }
        l->ins[n++] = in;
    }
    l->n_ins = n;
    if (l->choice.wanted >= (int)n)
        l->choice.wanted = -1;
}
