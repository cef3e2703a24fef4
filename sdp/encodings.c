/* sdp/encodings: the encodings of one source that an offer asks to send (RFC 8851, RFC 8853), and
 * which of them the answer takes. */
#include "sdp/describe.h"
#include "sdp/grammar.h"

/* "send a;b;c" (RFC 8853 §5.1) */
static struct rill_view simulcast_of(const struct rill_sdp_track *t, struct rill_arena *arena)
{
    size_t n = sizeof "send";
    for (size_t i = 0; i < t->n_encodings; i++)
        n += t->encodings[i].rid.n + 1;
    uint8_t *bytes = rill_arena_take(arena, n, 1);
    if (!bytes)
        return (struct rill_view){0};
    struct rill_writer w = rill_writer_of((struct rill_span){bytes, n});
    rill_w_str(&w, "send");
    for (size_t i = 0; i < t->n_encodings; i++) {
        rill_w_char(&w, i ? ';' : ' ');
        rill_w_bytes(&w, t->encodings[i].rid);
    }
    return rill_w_view(&w);
}

void rill_sdp_describe_encodings(struct rill_sdp_media *m, const struct rill_sdp_track *t,
                                 struct rill_arena *arena)
{
    struct rill_sdp_rid *rids = rill_arena_take(arena, t->n_encodings, sizeof *rids);
    if (!rids)
        return;
    for (size_t i = 0; i < t->n_encodings; i++)
        rids[i] =
            (struct rill_sdp_rid){.id = t->encodings[i].rid, .direction = rill_view_of("send")};
    m->rids = rids;
    m->n_rids = t->n_encodings;
    if (t->n_encodings > 1)
        m->simulcast = simulcast_of(t, arena);
}

static size_t find_encoding(const struct rill_sdp_track *t, struct rill_view rid)
{
    size_t i = 0;
    while (i < t->n_encodings && !rill_view_equal(t->encodings[i].rid, rid))
        i++;
    return i;
}

/* The list of what the answerer receives; p == NULL when a=simulcast has none. */
static struct rill_view received_list(struct rill_view simulcast)
{
    while (simulcast.p) {
        struct rill_view direction = rill_sdp_word(&simulcast);
        struct rill_view list = rill_sdp_word(&simulcast);
        if (rill_view_is(direction, "recv"))
            return list;
    }
    return (struct rill_view){0};
}

/* RFC 8853 §5.3.2: what the answer does not list is not taken; "~" (§5.1): not for now. */
static struct rill_sdp_taken taken_of_list(const struct rill_sdp_track *t, struct rill_view list)
{
    struct rill_sdp_taken taken = {0};
    while (list.p) {
        struct rill_view alternatives = rill_view_cut(list, ';', &list);
        while (alternatives.p) {
            struct rill_view rid = rill_view_cut(alternatives, ',', &alternatives);
            bool paused = rid.n && rid.p[0] == '~';
            size_t i = find_encoding(t, paused ? rill_view_sub(rid, 1, rid.n - 1) : rid);
            if (i < t->n_encodings) {
                taken.all |= 1u << i;
                taken.paused |= paused ? 1u << i : 0;
            }
        }
    }
    return taken;
}

struct rill_sdp_taken rill_sdp_encodings_taken(const struct rill_sdp_track *t,
                                               const struct rill_sdp_media *answer)
{
    struct rill_sdp_taken taken = {0};
    struct rill_view list = received_list(answer->simulcast);
    if (list.p)
        taken = taken_of_list(t, list);
    else /* RFC 8851 §6.4: a rid may be taken by itself */
        for (size_t i = 0; i < answer->n_rids && !taken.all; i++) {
            size_t e = rill_view_is(answer->rids[i].direction, "recv")
                           ? find_encoding(t, answer->rids[i].id)
                           : t->n_encodings;
            taken.all |= e < t->n_encodings ? 1u << e : 0;
        }
    taken.by_rid = taken.all != 0;
    /* RFC 8853 §5.3.3: without any, one stream is sent as if there were no simulcast. */
    if (!taken.all && t->n_encodings)
        taken.all = 1;
    for (size_t i = 0; i < t->n_encodings && !taken.sends; i++)
        if ((taken.all & ~taken.paused) & 1u << i && t->encodings[i].active) {
            taken.sends = true;
            taken.first = i;
        }
    return taken;
}
