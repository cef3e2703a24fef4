/* sdp/encodings: several encodings of one source (RFC 8851, RFC 8853): which an offer asks to send
 * and to receive, what an answer takes of them, and what both have come to. */
#include "sdp/caps.h"
#include "sdp/describe.h"
#include "sdp/rids.h"

void rill_sdp_describe_encodings(struct rill_sdp_media *m, const struct rill_sdp_track *t,
                                 struct rill_arena *arena)
{
    static const struct rill_view none = {0};
    struct rill_sdp_rid_lines lines = {.n = 0};
    for (size_t i = 0; i < t->n_encodings && rill_sdp_sends(t->direction); i++)
        rill_sdp_rid_add(&lines, t->encodings[i].rid, "send", none, false);
    lines.simulcast_send = lines.n > 1;
    for (size_t i = 0; i < t->n_received && rill_sdp_receives(t->direction); i++)
        rill_sdp_rid_add(&lines, t->received[i].rid, "recv", none, t->received[i].paused);
    lines.simulcast_recv = t->n_received > 1;
    rill_sdp_rid_describe(m, &lines, arena);
}

static size_t find_encoding(const struct rill_sdp_track *t, struct rill_view rid)
{
    size_t i = 0;
    while (i < t->n_encodings && !rill_view_equal(t->encodings[i].rid, rid))
        i++;
    return i;
}

/* RFC 8851 §6.3: "The answer MUST NOT include any restrictions that were not present in the
 * offer", and ours have none; §6.4: then "the offerer SHALL discard the "a=rid" line". */
static bool is_bearable(const struct rill_sdp_rid *rid, bool theirs_is_offer, uint8_t pt,
                        struct rill_sdp_limits *out)
{
    *out = (struct rill_sdp_limits){0};
    return theirs_is_offer ? rill_sdp_rid_limits(rid->params, pt, out) : !rid->params.n;
}

struct rill_sdp_taken rill_sdp_encodings_taken(const struct rill_sdp_track *t,
                                               const struct rill_sdp_media *theirs,
                                               bool theirs_is_offer, uint8_t pt)
{
    struct rill_sdp_taken taken = {0};
    struct rill_sdp_stream streams[RILL_SDP_STREAMS_MAX];
    struct rill_sdp_limits limits;
    size_t number = SIZE_MAX, n = rill_sdp_streams(theirs, "recv", streams, &taken.simulcast);
    for (size_t i = 0; i < n; i++) {
        size_t e = find_encoding(t, streams[i].rid->id);
        /* RFC 8853 §5.3.3: of alternatives the offerer "MAY send any": the first we have. */
        if (e == t->n_encodings || taken.all >> e & 1 || streams[i].number == number ||
            !is_bearable(streams[i].rid, theirs_is_offer, pt, &limits))
            continue;
        number = streams[i].number;
        taken.all |= 1u << e;
        taken.paused |= streams[i].paused ? 1u << e : 0;
        taken.limits[e] = limits;
    }
    taken.by_rid = taken.all != 0;
    /* RFC 8853 §5.3.3: without any, one stream is sent as if there were no simulcast. */
    if (!taken.all && t->n_encodings)
        taken.all = 1;
    return taken;
}

/* --- answers ---------------------------------------------------------------------------------- */

/* Both need the RtpStreamId of each packet (RFC 8852): without it nobody can tell them apart. */
static bool has_names(const struct rill_sdp_media *m)
{
    uint16_t id = rill_sdp_find_extmap(m, RILL_SDP_EXT_RID);
    return id && id <= 14;
}

static void answer_sent(const struct rill_sdp_media *offered, const struct rill_sdp_track *t,
                        uint8_t pt, struct rill_sdp_rid_lines *out)
{
    struct rill_sdp_taken taken = rill_sdp_encodings_taken(t, offered, true, pt);
    struct rill_sdp_stream streams[RILL_SDP_STREAMS_MAX];
    size_t n = rill_sdp_streams(offered, "recv", streams, &out->simulcast_send);
    for (size_t i = 0; i < n && taken.by_rid; i++) {
        size_t e = find_encoding(t, streams[i].rid->id);
        if (e == t->n_encodings || !(taken.all >> e & 1))
            continue;
        taken.all &= ~(1u << e);
        rill_sdp_rid_add(out, streams[i].rid->id, "send", streams[i].rid->params,
                         streams[i].paused);
    }
}

/* RFC 8851 §6.3: of pt= formats may be left out; what else restricts the sender stays. */
static struct rill_view answered_params(struct rill_view params, uint8_t pt,
                                        struct rill_arena *arena)
{
    uint8_t *bytes = rill_arena_take(arena, params.n + 8, 1);
    if (!params.n || !bytes)
        return (struct rill_view){0};
    struct rill_writer w = rill_writer_of((struct rill_span){bytes, params.n + 8});
    while (params.p) {
        struct rill_view value;
        struct rill_view pair = rill_view_cut(params, ';', &params);
        struct rill_view key = rill_view_cut(pair, '=', &value);
        if (w.at)
            rill_w_char(&w, ';');
        if (!rill_view_is(key, "pt")) {
            rill_w_bytes(&w, pair);
            continue;
        }
        rill_w_str(&w, "pt=");
        rill_w_dec(&w, pt);
    }
    return w.bad ? (struct rill_view){0} : rill_w_view(&w);
}

/* A stream that builds on another one (RFC 8851 §5 depend) cannot be shown alone. */
static bool is_receivable(const struct rill_sdp_rid *rid, uint8_t pt)
{
    return rid->id.n <= RILL_SDP_RID_MAX && rill_sdp_rid_has_pt(rid->params, pt) &&
           !rill_sdp_fmtp_param(rid->params, "depend").p;
}

/* RFC 8853 §5.3.2: alternatives and streams may be fewer. Of what is paused nothing comes, so the
 * others have what room there is. Bit i: streams[i]. */
static uint32_t pick(const struct rill_sdp_stream *streams, size_t n, size_t room, uint8_t pt)
{
    uint32_t picked = 0;
    uint64_t numbers = 0;
    for (size_t i = 0; i < 2 * n && room > 0; i++) {
        const struct rill_sdp_stream *s = &streams[i % n];
        if (s->paused != (i >= n) || s->number >= 64 || numbers >> s->number & 1 ||
            !is_receivable(s->rid, pt))
            continue;
        numbers |= (uint64_t)1 << s->number;
        picked |= 1u << (i % n);
        room--;
    }
    return picked;
}

/* RFC 8853 §5.3.2: "a rid-id being initially paused SHOULD" be so in the answer. */
static void answer_received(const struct rill_sdp_media *offered, const struct rill_sdp_track *t,
                            uint8_t pt, struct rill_sdp_rid_lines *out, struct rill_arena *arena)
{
    struct rill_sdp_stream streams[RILL_SDP_STREAMS_MAX];
    size_t room = t->receive_max < RILL_SDP_ENCODINGS_MAX ? t->receive_max : RILL_SDP_ENCODINGS_MAX;
    size_t n = rill_sdp_streams(offered, "send", streams, &out->simulcast_recv);
    uint32_t picked = pick(streams, n, room, pt);
    for (size_t i = 0; i < n; i++)
        if (picked >> i & 1)
            rill_sdp_rid_add(out, streams[i].rid->id, "recv",
                             answered_params(streams[i].rid->params, pt, arena), streams[i].paused);
}

void rill_sdp_answer_encodings(struct rill_sdp_media *m, const struct rill_sdp_media *offered,
                               const struct rill_sdp_track *t, struct rill_arena *arena)
{
    struct rill_sdp_rid_lines lines = {.n = 0};
    if (!t || !m->n_codecs || !has_names(offered))
        return;
    if (rill_sdp_sends(m->direction) && t->n_encodings)
        answer_sent(offered, t, m->codecs[0].pt, &lines);
    if (rill_sdp_receives(m->direction))
        answer_received(offered, t, m->codecs[0].pt, &lines, arena);
    rill_sdp_rid_describe(m, &lines, arena);
}

size_t rill_sdp_rids(const struct rill_sdp_media *m, const char *direction,
                     struct rill_view out[RILL_SDP_ENCODINGS_MAX])
{
    struct rill_sdp_stream streams[RILL_SDP_STREAMS_MAX];
    bool simulcast;
    size_t number = SIZE_MAX, n = 0, all = rill_sdp_streams(m, direction, streams, &simulcast);
    for (size_t i = 0; i < all && n < RILL_SDP_ENCODINGS_MAX; i++) {
        if (streams[i].number == number || streams[i].rid->id.n > RILL_SDP_RID_MAX)
            continue;
        number = streams[i].number;
        out[n++] = streams[i].rid->id;
    }
    return n;
}

/* --- what both have come to ------------------------------------------------------------------- */

size_t rill_sdp_encodings_received(const struct rill_sdp_media *ours,
                                   const struct rill_sdp_media *theirs,
                                   struct rill_sdp_received out[RILL_SDP_ENCODINGS_MAX])
{
    struct rill_sdp_stream wanted[RILL_SDP_STREAMS_MAX], given[RILL_SDP_STREAMS_MAX];
    bool simulcast;
    size_t n_wanted = rill_sdp_streams(ours, "recv", wanted, &simulcast);
    size_t n_given = rill_sdp_streams(theirs, "send", given, &simulcast), n = 0;
    for (size_t i = 0; i < n_wanted; i++)
        for (size_t k = 0; k < n_given && n < RILL_SDP_ENCODINGS_MAX; k++)
            if (rill_view_equal(wanted[i].rid->id, given[k].rid->id))
                out[n++] = (struct rill_sdp_received){wanted[i].rid->id,
                                                      wanted[i].paused || given[k].paused};
    return n;
}
