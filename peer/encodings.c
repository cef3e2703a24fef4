/* encodings: sendEncodings of a transceiver (webrtc-pc §5.1, §5.2; RFC 8851): what was asked for,
 * and which of them are sent. */
#include "peer/encodings.h"

#include "peer/connection.h"
#include "peer/inputs.h"
#include "peer/lines.h"
#include "peer/send.h"
#include "peer/tracks.h"
#include "peer/transceivers.h"

#include <string.h>

static const struct rill_trace_point sending_changed = {
    "peer",
    "encodings_sent",
    "these encodings are sent from now on",
    2,
    {{"track", RILL_TRACE_U64}, {"bits", RILL_TRACE_U64}}};

/* --- what is wanted ---------------------------------------------------------------------- */

static bool is_rid(struct rill_view rid)
{
    for (size_t i = 0; i < rid.n; i++) {
        uint8_t c = rid.p[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!letter && !(c >= '0' && c <= '9') && c != '-' && c != '_')
            return false;
    }
    return rid.n > 0 && rid.n <= RILL_SDP_RID_MAX;
}

static bool is_scale(double scale)
{
    return scale >= 1 || scale == 0;
}

int rill_peer_check_encodings(const struct rill_peer_encoding *encodings, size_t n)
{
    if (n > RILL_PEER_ENCODINGS_MAX)
        return RILL_PEER_ENCODINGS;
    for (size_t i = 0; i < n; i++) {
        if (!is_rid(rill_view_of(encodings[i].rid)) ||
            !is_scale(encodings[i].scale_resolution_down_by))
            return RILL_PEER_ENCODINGS;
        for (size_t k = 0; k < i; k++)
            if (!strcmp(encodings[k].rid, encodings[i].rid))
                return RILL_PEER_ENCODINGS;
    }
    return 0;
}

/* webrtc-pc §5.1 addTransceiver: without any, "2^(length of sendEncodings - encoding index - 1)";
 * with some, 1 for the others. */
static double default_scale(const struct rill_peer_encoding *all, size_t n, size_t i)
{
    for (size_t k = 0; k < n; k++)
        if (all[k].scale_resolution_down_by != 0)
            return 1;
    return (double)(1u << (n - i - 1));
}

bool rill_peer_keep_encodings(struct rill_peer *x, size_t transceiver,
                              const struct rill_peer_encoding *encodings, size_t n)
{
    struct rill_peer_transceiver *t = &x->transceivers[transceiver];
    struct rill_peer_track *track = &x->tracks[transceiver];
    if (!rill_peer_track_widen(x, transceiver, n ? n : 1))
        return false;
    for (size_t i = 0; i < n; i++) {
        struct rill_peer_send_encoding *e = &t->encodings[i];
        double scale = encodings[i].scale_resolution_down_by;
        memcpy(e->rid, encodings[i].rid, strlen(encodings[i].rid) + 1);
        e->active = encodings[i].active;
        e->max_bitrate = encodings[i].max_bitrate;
        e->scale = scale != 0 ? scale : default_scale(encodings, n, i);
        track->senders[i]->rid = rill_view_of(e->rid);
    }
    t->n_encodings = n;
    return true;
}

void rill_peer_adopt_encodings(struct rill_peer *x, size_t transceiver,
                               const struct rill_sdp_media *offered)
{
    struct rill_peer_transceiver *t = &x->transceivers[transceiver];
    char names[RILL_PEER_ENCODINGS_MAX][RILL_SDP_RID_MAX + 1];
    struct rill_peer_encoding list[RILL_PEER_ENCODINGS_MAX];
    struct rill_view rids[RILL_PEER_ENCODINGS_MAX];
    size_t n = rill_sdp_rids(offered, "recv", rids);
    size_t room = 1 + rill_peer_senders_left(x);
    if (x->tracks[transceiver].kind != RILL_VIDEO || t->n_encodings || n < 2 || room < 2 ||
        !rill_sdp_sends(t->direction))
        return;
    n = n < room ? n : room;
    for (size_t i = 0; i < n; i++) {
        memcpy(names[i], rids[i].p, rids[i].n);
        names[i][rids[i].n] = 0;
        list[i] = (struct rill_peer_encoding){.rid = names[i], .active = true};
    }
    if (rill_peer_check_encodings(list, n) == 0)
        t->encodings_by_offer = rill_peer_keep_encodings(x, transceiver, list, n);
}

void rill_peer_drop_encodings(struct rill_peer *x, size_t transceiver)
{
    struct rill_peer_transceiver *t = &x->transceivers[transceiver];
    if (!t->encodings_by_offer)
        return;
    t->encodings_by_offer = false;
    t->n_encodings = 0;
    rill_peer_track_narrow(&x->tracks[transceiver]);
}

size_t rill_peer_list_encodings(const struct rill_peer_transceiver *t,
                                struct rill_sdp_encoding out[RILL_PEER_ENCODINGS_MAX])
{
    for (size_t i = 0; i < t->n_encodings; i++)
        out[i] = (struct rill_sdp_encoding){.rid = rill_view_of(t->encodings[i].rid)};
    return t->n_encodings;
}

/* --- what is sent ------------------------------------------------------------------------ */

static uint32_t wanted(const struct rill_peer *x, size_t transceiver)
{
    const struct rill_peer_transceiver *t = &x->transceivers[transceiver];
    const struct rill_sdp_agreed *a = &x->lines[transceiver].agreed;
    uint32_t bits = 0;
    if (!a->send)
        return 0;
    for (size_t i = 0; i < t->n_encodings; i++)
        bits |= t->encodings[i].active ? 1u << i : 0;
    return t->n_encodings ? bits & a->encodings & ~a->paused : 1;
}

void rill_peer_settle_encodings(struct rill_peer *x, int64_t now, size_t transceiver)
{
    struct rill_peer_track *track = &x->tracks[transceiver];
    uint32_t before = track->sending, after = wanted(x, transceiver);
    track->sending = after;
    for (size_t i = 0; i < track->n_senders; i++) {
        struct rill_peer_sender *s = track->senders[i];
        if (before & ~after & 1u << i)
            rill_peer_sender_hush(s);
        /* Who has heard nothing for a while cannot go on from where we were. */
        if (after & ~before & 1u << i && s->sent_any)
            rill_peer_want_keyframe(x, now, track, s);
    }
    if (before != after && (before | after) > 1)
        RILL_TRACE(x->config.trace, now, sending_changed, {.u = transceiver}, {.u = after});
}

int rill_peer_set_encoding(struct rill_peer *x, int64_t now, int transceiver, size_t encoding,
                           const struct rill_peer_encoding *to)
{
    rill_peer_input_set_encoding(x, now, transceiver, encoding, to);
    x->now = now;
    if (x->jsep.state == RILL_PEER_SIGNALING_CLOSED)
        return RILL_PEER_IS_CLOSED;
    if (transceiver < 0 || (size_t)transceiver >= x->n_tracks || !x->transceivers[transceiver].used)
        return RILL_PEER_NO_TRANSCEIVER;
    struct rill_peer_transceiver *t = &x->transceivers[transceiver];
    if (t->stopping)
        return RILL_PEER_STOPPED;
    if (encoding >= t->n_encodings || !is_scale(to->scale_resolution_down_by) ||
        (to->rid && strcmp(to->rid, t->encodings[encoding].rid) != 0))
        return RILL_PEER_ENCODINGS;
    struct rill_peer_send_encoding *e = &t->encodings[encoding];
    e->active = to->active;
    e->max_bitrate = to->max_bitrate;
    if (to->scale_resolution_down_by != 0)
        e->scale = to->scale_resolution_down_by;
    rill_peer_settle_encodings(x, now, (size_t)transceiver);
    return 0;
}

static uint64_t lowest(uint64_t a, uint64_t b)
{
    return a && (!b || a < b) ? a : b;
}

bool rill_peer_encoding(const struct rill_peer *x, int transceiver, size_t encoding,
                        struct rill_peer_encoding_info *out)
{
    if (transceiver < 0 || (size_t)transceiver >= x->n_tracks || !x->transceivers[transceiver].used)
        return false;
    const struct rill_peer_transceiver *t = &x->transceivers[transceiver];
    const struct rill_sdp_agreed *a = &x->lines[transceiver].agreed;
    if (encoding >= (t->n_encodings ? t->n_encodings : 1))
        return false;
    *out = (struct rill_peer_encoding_info){
        .active = true,
        .taken = a->send && (!t->n_encodings || a->encodings >> encoding & 1),
        .sends = x->tracks[transceiver].sending >> encoding & 1,
        .max_bitrate = a->send ? a->max_bitrate : 0,
        .scale_resolution_down_by = 1,
    };
    if (!t->n_encodings)
        return true;
    const struct rill_peer_send_encoding *e = &t->encodings[encoding];
    out->rid = rill_view_of(e->rid);
    out->active = e->active;
    out->scale_resolution_down_by = e->scale;
    out->max_bitrate = lowest(out->max_bitrate, e->max_bitrate);
    if (!out->taken)
        return true;
    const struct rill_sdp_limits *limits = &a->limits[encoding];
    out->paused = a->paused >> encoding & 1;
    out->max_bitrate = lowest(out->max_bitrate, limits->max_br);
    out->max_width = limits->max_width;
    out->max_height = limits->max_height;
    out->max_fps = limits->max_fps;
    return true;
}
