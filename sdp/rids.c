/* sdp/rids: there and back. */
#include "sdp/rids.h"

#include "sdp/grammar.h"

/* --- reading ---------------------------------------------------------------------------------- */

static const struct rill_sdp_rid *find(const struct rill_sdp_media *m, const char *direction,
                                       struct rill_view id)
{
    for (size_t i = 0; i < m->n_rids; i++)
        if (rill_view_is(m->rids[i].direction, direction) &&
            (!id.p || rill_view_equal(m->rids[i].id, id)))
            return &m->rids[i];
    return NULL;
}

/* The list of a direction; p == NULL when a=simulcast has none. */
static struct rill_view list_of(struct rill_view simulcast, const char *direction)
{
    while (simulcast.p) {
        bool is_it = rill_view_is(rill_sdp_word(&simulcast), direction);
        struct rill_view list = rill_sdp_word(&simulcast);
        if (is_it)
            return list;
    }
    return (struct rill_view){0};
}

size_t rill_sdp_streams(const struct rill_sdp_media *m, const char *direction,
                        struct rill_sdp_stream out[RILL_SDP_STREAMS_MAX], bool *simulcast)
{
    struct rill_view list = list_of(m->simulcast, direction);
    size_t n = 0;
    *simulcast = list.p != NULL;
    /* RFC 8851 §6.4: a rid may be there by itself. */
    if (!list.p && (out[0].rid = find(m, direction, list)) != NULL) {
        out[0].number = 0;
        out[0].paused = false;
        return 1;
    }
    for (size_t number = 0; list.p && n < RILL_SDP_STREAMS_MAX; number++) {
        struct rill_view alternatives = rill_view_cut(list, ';', &list);
        while (alternatives.p && n < RILL_SDP_STREAMS_MAX) {
            struct rill_view id = rill_view_cut(alternatives, ',', &alternatives);
            bool paused = id.n && id.p[0] == '~';
            id = paused ? rill_view_sub(id, 1, id.n - 1) : id;
            const struct rill_sdp_rid *rid = find(m, direction, id);
            if (rid)
                out[n++] = (struct rill_sdp_stream){number, rid, paused};
        }
    }
    return n;
}

bool rill_sdp_rid_has_pt(struct rill_view params, uint8_t pt)
{
    struct rill_view list = rill_sdp_fmtp_param(params, "pt");
    bool any = !list.p;
    uint8_t number;
    while (list.p && !any) {
        struct rill_view one = rill_view_cut(list, ',', &list);
        any = rill_sdp_payload_type(one, &number) && number == pt;
    }
    return any;
}

static bool take_limit(struct rill_view key, struct rill_view value, struct rill_sdp_limits *out)
{
    const struct {
        const char *name;
        uint64_t *limit;
    } known[] = {{"max-width", &out->max_width},
                 {"max-height", &out->max_height},
                 {"max-fps", &out->max_fps},
                 {"max-br", &out->max_br}};
    if (rill_view_is(key, "pt"))
        return true;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (rill_view_is(key, known[i].name))
            /* A limit of 0 leaves nothing to send. */
            return rill_view_u64(value, UINT32_MAX, known[i].limit) && *known[i].limit > 0;
    return false;
}

bool rill_sdp_rid_limits(struct rill_view params, uint8_t pt, struct rill_sdp_limits *out)
{
    *out = (struct rill_sdp_limits){0};
    if (!rill_sdp_rid_has_pt(params, pt))
        return false;
    while (params.p) {
        struct rill_view value;
        struct rill_view pair = rill_view_cut(params, ';', &params);
        struct rill_view key = rill_view_cut(pair, '=', &value);
        if (!take_limit(key, value, out))
            return false;
    }
    return true;
}

/* --- writing ---------------------------------------------------------------------------------- */

void rill_sdp_rid_add(struct rill_sdp_rid_lines *l, struct rill_view id, const char *direction,
                      struct rill_view params, bool paused)
{
    l->paused[l->n] = paused;
    l->rids[l->n++] =
        (struct rill_sdp_rid){.id = id, .direction = rill_view_of(direction), .params = params};
}

/* " send a;~b;c", without the space where it is the first. */
static void write_list(struct rill_writer *w, const struct rill_sdp_rid_lines *l,
                       const char *direction)
{
    bool first = true;
    for (size_t i = 0; i < l->n; i++) {
        if (!rill_view_is(l->rids[i].direction, direction))
            continue;
        if (first && w->at)
            rill_w_char(w, ' ');
        if (first)
            rill_w_str(w, direction);
        rill_w_char(w, first ? ' ' : ';');
        if (l->paused[i])
            rill_w_char(w, '~');
        rill_w_bytes(w, l->rids[i].id);
        first = false;
    }
}

void rill_sdp_rid_describe(struct rill_sdp_media *m, const struct rill_sdp_rid_lines *l,
                           struct rill_arena *arena)
{
    size_t room = sizeof " send  recv";
    for (size_t i = 0; i < l->n; i++)
        room += l->rids[i].id.n + 2;
    struct rill_sdp_rid *rids = rill_arena_take(arena, l->n, sizeof *rids);
    uint8_t *bytes = rill_arena_take(arena, room, 1);
    if (!l->n || !rids || !bytes)
        return;
    for (size_t i = 0; i < l->n; i++)
        rids[i] = l->rids[i];
    m->rids = rids;
    m->n_rids = l->n;
    struct rill_writer w = rill_writer_of((struct rill_span){bytes, room});
    if (l->simulcast_send)
        write_list(&w, l, "send");
    if (l->simulcast_recv)
        write_list(&w, l, "recv");
    if (w.at)
        m->simulcast = rill_w_view(&w);
}
