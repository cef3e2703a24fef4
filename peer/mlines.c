/* mlines: which transceiver has which m-line (RFC 9429 §5.2.2, §5.9, §5.10, §5.7).
 *
 * The idea: a transceiver gets its m-line when an offer is set, and keeps it for life; a rollback
 * takes back what the pending offer has given. An m-line without a transceiver is one that both
 * sides have given up: the next new transceiver brings it back under a new mid.
 */
#include "peer/mlines.h"

#include "peer/connection.h"
#include "peer/encodings.h"
#include "peer/jsep.h"
#include "peer/lines.h"
#include "peer/received.h"
#include "peer/tracks.h"
#include "peer/transceivers.h"

#include <string.h>

int rill_peer_mline_transceiver(const struct rill_peer *x, size_t mline)
{
    for (size_t i = 0; i < x->n_tracks; i++)
        if (x->transceivers[i].used && x->transceivers[i].mline == (int)mline)
            return (int)i;
    return -1;
}

/* --- what is wanted ------------------------------------------------------------------------- */

/* What is received by name goes on in our offers too: an offer without the names would end it
 * (RFC 8853 §5.3.4). */
static size_t list_received(const struct rill_peer_line *l,
                            struct rill_sdp_received out[RILL_PEER_ENCODINGS_MAX])
{
    memcpy(out, l->agreed.received, l->agreed.n_received * sizeof *out);
    return l->agreed.active ? l->agreed.n_received : 0;
}

static void want(const struct rill_peer *x, size_t i, struct rill_peer_wanted *all,
                 struct rill_sdp_track *out)
{
    const struct rill_peer_transceiver *t = &x->transceivers[i];
    const struct rill_peer_track *track = &x->tracks[i];
    *out = (struct rill_sdp_track){
        .kind = track->kind,
        .direction = t->direction,
        .stream = rill_view_of(track->stream_id),
        .track = rill_view_of(track->track_id),
        .ssrc = track->sender.ssrc,
        .rtx_ssrc = track->sender.rtx.ssrc,
        .off = t->stopping,
        .mid = t->mid,
        .codecs = t->n_codecs ? t->codecs : NULL,
        .n_codecs = t->n_codecs,
        .encodings = all->encodings[i],
        .n_encodings = rill_peer_list_encodings(t, all->encodings[i]),
        .received = all->received[i],
        .n_received = list_received(&x->lines[i], all->received[i]),
    };
}

/* The m-lines there are: of the offer that waits for its answer, or of the last answer. */
static const struct rill_sdp *basis(const struct rill_peer *x)
{
    const struct rill_peer_jsep *j = &x->jsep;
    if (j->pending_local)
        return j->pending_local->sdp;
    return j->local_is_offer ? j->current_remote->sdp : j->current_local->sdp;
}

static int8_t next_new(const struct rill_peer *x, size_t *from)
{
    while (*from < x->n_tracks) {
        size_t i = (*from)++;
        if (x->transceivers[i].used && x->transceivers[i].mline < 0)
            return (int8_t)i;
    }
    return -1;
}

/* RFC 9429 §5.2.2: "a new MID value". */
static void want_new(const struct rill_peer *x, int8_t i, uint64_t *mid,
                     struct rill_peer_wanted *out)
{
    char *text = out->mids[out->n];
    struct rill_writer w = rill_writer_of((struct rill_span){(uint8_t *)text, sizeof out->mids[0]});
    rill_w_dec(&w, (*mid)++);
    want(x, (size_t)i, out, &out->rows[out->n]);
    out->rows[out->n].mid = rill_w_view(&w);
    out->lines[out->n++] = i;
}

void rill_peer_want_offer(const struct rill_peer *x, struct rill_peer_wanted *out)
{
    const struct rill_sdp *old = basis(x);
    size_t from = 0;
    uint64_t mid = x->jsep.next_mid;
    int8_t fresh;
    out->n = 0;
    for (size_t i = 0; old && i < old->n_media; i++) {
        int t = rill_peer_mline_transceiver(x, i);
        fresh = t < 0 ? next_new(x, &from) : -1;
        if (fresh >= 0) {
            want_new(x, fresh, &mid, out);
            continue;
        }
        struct rill_sdp_track *row = &out->rows[out->n];
        *row = (struct rill_sdp_track){.off = true};
        if (t >= 0)
            want(x, (size_t)t, out, row);
        row->before = &old->media[i];
        out->lines[out->n++] = (int8_t)t;
    }
    while ((fresh = next_new(x, &from)) >= 0)
        want_new(x, fresh, &mid, out);
}

/* The first m-lines have what they ask for. */
static size_t receive_max(const struct rill_peer *x, size_t i, const struct rill_sdp_media *m,
                          size_t *left)
{
    struct rill_view rids[RILL_PEER_ENCODINGS_MAX];
    size_t has = x->lines[i].n_ins ? x->lines[i].n_ins : 1;
    size_t n = rill_sdp_rids(m, "send", rids);
    if (n > has + *left)
        n = has + *left;
    *left -= n > has ? n - has : 0;
    return n;
}

void rill_peer_want_answer(const struct rill_peer *x, struct rill_peer_wanted *out)
{
    const struct rill_sdp *offer = x->jsep.pending_remote->sdp;
    size_t left = rill_peer_receivers_left(x);
    out->n = offer->n_media;
    for (size_t i = 0; i < offer->n_media; i++) {
        int t = rill_peer_mline_transceiver(x, i);
        out->lines[i] = (int8_t)t;
        /* No room for one more: the m-line is rejected, whatever it is. */
        out->rows[i] = (struct rill_sdp_track){
            .off = true,
            .kind = rill_view_is(offer->media[i].kind, "video") ? RILL_VIDEO : RILL_AUDIO,
        };
        if (t < 0)
            continue;
        want(x, (size_t)t, out, &out->rows[i]);
        out->rows[i].receive_max = receive_max(x, (size_t)t, &offer->media[i], &left);
    }
}

/* --- the other side's offer ------------------------------------------------------------------- */

static bool is_in_use(const struct rill_sdp_media *m)
{
    return m->port || m->bundle_only;
}

int rill_peer_check_offer(const struct rill_peer *x, const struct rill_sdp *offer,
                          struct rill_err *why)
{
    const struct rill_peer_jsep *j = &x->jsep;
    const struct rill_sdp *old = j->local_is_offer ? j->current_remote->sdp : j->current_local->sdp;
    if (!old)
        return 0;
    if (offer->n_media < old->n_media)
        return rill_peer_refuse(RILL_PEER_MLINES_GONE, old->n_media, why);
    for (size_t i = 0; i < old->n_media; i++) {
        const struct rill_sdp_media *was = &old->media[i], *is = &offer->media[i];
        /* Deviation: RFC 3264 §8.3.1 speaks of the whole protocol; "UDP/TLS/RTP/SAVPF" where it
         * was "RTP/SAVPF" is the same media (RFC 9429 §5.1.2), so only RTP or not counts. */
        bool same = rill_view_equal(was->kind, is->kind) && rill_view_equal(was->mid, is->mid);
        if (is_in_use(was) && !same)
            return rill_peer_refuse(RILL_PEER_MLINE_CHANGED, i, why);
    }
    return 0;
}

/* RFC 9429 §5.10: of those "that were added to the PeerConnection by addTrack and are not
 * associated with any "m=" section and are not stopped, find the first". */
static int waiting_track(const struct rill_peer *x, enum rill_kind kind)
{
    for (size_t i = 0; i < x->n_tracks; i++) {
        const struct rill_peer_transceiver *t = &x->transceivers[i];
        if (t->used && t->by_add_track && !t->stopping && t->mline < 0 && x->tracks[i].kind == kind)
            return (int)i;
    }
    return -1;
}

static void associate(struct rill_peer *x, int i, size_t mline, struct rill_view mid)
{
    x->transceivers[i].mline = (int)mline;
    x->transceivers[i].mid = mid;
    x->transceivers[i].associating = true;
}

void rill_peer_associate_remote(struct rill_peer *x, const struct rill_sdp *offer)
{
    for (size_t i = 0; i < offer->n_media; i++) {
        const struct rill_sdp_media *m = &offer->media[i];
        bool video = rill_view_is(m->kind, "video");
        if ((!video && !rill_view_is(m->kind, "audio")) || !is_in_use(m) ||
            rill_peer_mline_transceiver(x, i) >= 0)
            continue;
        enum rill_kind kind = video ? RILL_VIDEO : RILL_AUDIO;
        int t = rill_sdp_receives(m->direction) ? waiting_track(x, kind) : -1;
        if (t < 0) {
            t = rill_peer_transceiver_add(x, kind, RILL_CODEC_NONE, RILL_SDP_RECVONLY);
            if (t < 0)
                continue;
            x->transceivers[t].by_remote = true;
        }
        associate(x, t, i, m->mid);
        rill_peer_adopt_encodings(x, (size_t)t, m);
    }
    rill_peer_mids_seen(x, offer);
}

/* --- our own offer ------------------------------------------------------------------------------
 */

void rill_peer_associate_local(struct rill_peer *x, const struct rill_sdp *offer)
{
    for (size_t i = 0; i < offer->n_media; i++) {
        int t = x->jsep.created_lines[i];
        if (t < 0)
            continue;
        /* One that an earlier offer of ours gave its m-line has its mid from this one now. */
        if (x->transceivers[t].mline < 0 || x->transceivers[t].associating)
            associate(x, t, i, offer->media[i].mid);
    }
    rill_peer_mids_seen(x, offer);
}

/* --- back ---------------------------------------------------------------------------------------
 */

void rill_peer_dissociate(struct rill_peer *x)
{
    for (size_t i = 0; i < x->n_tracks; i++) {
        struct rill_peer_transceiver *t = &x->transceivers[i];
        if (!t->used || !t->associating)
            continue;
        t->associating = false;
        rill_peer_drop_encodings(x, i);
        t->mline = -1;
        t->mid = (struct rill_view){0};
        /* RFC 9429 §5.7: "an RtpTransceiver MUST NOT be removed if a track was attached to the
         * RtpTransceiver via the addTrack method"; one that is stopping has nothing to tell. */
        if ((t->by_remote && !t->by_add_track) || t->stopping)
            rill_peer_transceiver_release(x, i);
        t->by_remote = false;
    }
}

void rill_peer_mids_seen(struct rill_peer *x, const struct rill_sdp *s)
{
    uint64_t n;
    for (size_t i = 0; i < s->n_media; i++)
        if (rill_view_u64(s->media[i].mid, UINT32_MAX, &n) && n >= x->jsep.next_mid)
            x->jsep.next_mid = n + 1;
}
