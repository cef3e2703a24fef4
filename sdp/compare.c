/* sdp/compare: an answer held against its offer, m-line by m-line (RFC 3264 §6, RFC 9429 §5.3.1 and
 * §5.8.3, RFC 9143 §7.3). Unlike rill_sdp_agree it needs no side and no table: it asks whether the
 * two fit, not what rill makes of them. */
#include "sdp/checks.h"
#include "sdp/describe.h"
#include "sdp/fmtp.h"
#include "sdp/grammar.h"

struct comparison {
    const struct rill_sdp *offer, *answer;
    struct rill_sdp_judged offered, answered; /* the same, with who is bundled with whom */
    struct rill_sdp_finding *out;
    size_t n, cap;
};

static void add(struct comparison *c, int row, size_t line, uint64_t value, struct rill_view what)
{
    if (c->n == c->cap)
        return;
    struct rill_sdp_finding *f = &c->out[c->n++];
    *f = (struct rill_sdp_finding){.what = what};
    rill_err_set(&rill_sdp_errors, row, line, value, &f->err);
    f->clause = f->err.row->clause;
}

/* RFC 3264 §6.1: an answer may list formats that were not offered, but one at least must have been,
 * under its number. */
static void compare_codecs(struct comparison *c, size_t i)
{
    const struct rill_sdp_media *o = &c->offer->media[i], *a = &c->answer->media[i];
    bool common = false;
    for (size_t k = 0; k < a->n_codecs; k++)
        common |= rill_sdp_same_format(o, a->codecs[k].pt, a, a->codecs[k].pt);
    if (a->n_codecs && !common)
        add(c, RILL_SDP_AGREE_CODEC, a->line, i, (struct rill_view){0});
}

/* Who has which id: 1 to 255, and from 4096 on those whose id the offer leaves to the answer. */
struct extension_ids {
    const struct rill_sdp_extmap *fixed[256], *open[256];
};

static void list_extensions(struct extension_ids *ids, const struct rill_sdp_media *m)
{
    *ids = (struct extension_ids){.open = {NULL}};
    for (size_t k = 0; k < m->n_extmaps; k++) {
        const struct rill_sdp_extmap *e = &m->extmaps[k];
        (e->id < 4096 ? ids->fixed : ids->open)[e->id & 255] = e;
    }
}

static bool was_offered(const struct extension_ids *ids, const struct rill_sdp_extmap *e)
{
    const struct rill_sdp_extmap *same = ids->fixed[e->id & 255];
    bool offered = e->id < 4096 && same && rill_view_equal(same->uri, e->uri);
    for (size_t k = 0; k < 256 && !offered; k++)
        offered = ids->open[k] && rill_view_equal(ids->open[k]->uri, e->uri);
    return offered;
}

/* RFC 8285 §6: an answer takes ids of the offer, each with the same URI. */
static void compare_extensions(struct comparison *c, size_t i)
{
    const struct rill_sdp_media *a = &c->answer->media[i];
    struct extension_ids ids;
    list_extensions(&ids, &c->offer->media[i]);
    for (size_t k = 0; k < a->n_extmaps; k++)
        if (!was_offered(&ids, &a->extmaps[k]))
            add(c, RILL_SDP_AGREE_EXT, a->line, a->extmaps[k].id, a->extmaps[k].uri);
}

/* RFC 3264 §6.1: no more than the offer allows, seen from the other side. */
static void compare_direction(struct comparison *c, size_t i)
{
    const struct rill_sdp_media *o = &c->offer->media[i], *a = &c->answer->media[i];
    if ((rill_sdp_sends(a->direction) && !rill_sdp_receives(o->direction)) ||
        (rill_sdp_receives(a->direction) && !rill_sdp_sends(o->direction)))
        add(c, RILL_SDP_AGREE_DIRECTION, a->line, i,
            rill_view_of(rill_sdp_direction_name(a->direction)));
}

/* RFC 8842 §5.3, RFC 4145 §4.1. */
static void compare_setup(struct comparison *c, size_t i)
{
    const struct rill_sdp_media *o = &c->offer->media[i], *a = &c->answer->media[i];
    bool decided = a->setup == RILL_SDP_SETUP_ACTIVE || a->setup == RILL_SDP_SETUP_PASSIVE;
    if (a->n_fingerprints && (!decided || a->setup == o->setup))
        add(c, RILL_SDP_SETUP, a->line, i, rill_view_of(rill_sdp_setup_name(a->setup)));
}

/* RFC 9143 §7.1.3: a bundled m-line may leave a=rtcp-mux, in offer and in answer, to the tagged
 * one, so it has it when any of its group has. */
static bool has_mux(const struct rill_sdp_judged *j, size_t i)
{
    bool has = j->s->media[i].rtcp_mux;
    for (size_t k = 0; j->group[i] && k < j->s->n_media; k++)
        has |= j->group[k] == j->group[i] && j->s->media[k].rtcp_mux;
    return has;
}

/* RFC 8858 §4: to a=rtcp-mux-only there is no other answer; RFC 5761 §5.1.1: unoffered is not
 * taken. */
static void compare_mux(struct comparison *c, size_t i)
{
    const struct rill_sdp_media *o = &c->offer->media[i], *a = &c->answer->media[i];
    if ((o->rtcp_mux_only && !has_mux(&c->answered, i)) ||
        (a->rtcp_mux && !has_mux(&c->offered, i)))
        add(c, RILL_SDP_AGREE_MUX, a->line, i, (struct rill_view){0});
}

/* RFC 8853 §5.3.2: an answer only turns around what was offered. */
static void compare_simulcast(struct comparison *c, size_t i)
{
    const struct rill_sdp_media *o = &c->offer->media[i], *a = &c->answer->media[i];
    if (a->simulcast.p && !o->simulcast.p)
        add(c, RILL_SDP_AGREE_SIMULCAST, a->line, i, a->simulcast);
}

static void compare_media(struct comparison *c, size_t i)
{
    const struct rill_sdp_media *o = &c->offer->media[i], *a = &c->answer->media[i];
    if (!rill_view_equal(o->kind, a->kind) || !rill_view_equal(o->proto, a->proto) ||
        (o->mid.p && a->mid.p && !rill_view_equal(o->mid, a->mid)))
        add(c, RILL_SDP_AGREE_MEDIA, a->line, i, a->mid);
    if (!a->port)
        return;
    if (!o->port && !o->bundle_only)
        add(c, RILL_SDP_AGREE_REVIVED, a->line, i, (struct rill_view){0});
    compare_codecs(c, i);
    compare_extensions(c, i);
    compare_direction(c, i);
    compare_setup(c, i);
    compare_mux(c, i);
    compare_simulcast(c, i);
}

/* RFC 9143 §7.3: only what was offered bundled, and is not rejected, may be. */
static void compare_groups(struct comparison *c)
{
    const struct rill_sdp *a = c->answer;
    for (size_t g = 0; g < a->n_groups; g++)
        for (size_t k = 0; rill_sdp_is_bundle(&a->groups[g]) && k < a->groups[g].n; k++) {
            size_t i = rill_sdp_find_mid(a, a->groups[g].mids[k]);
            if (i == SIZE_MAX || !a->media[i].port || i >= c->offer->n_media ||
                !c->offered.group[i])
                add(c, RILL_SDP_AGREE_BUNDLE, i == SIZE_MAX ? 0 : a->media[i].line,
                    i == SIZE_MAX ? 0 : i, a->groups[g].mids[k]);
        }
}

size_t rill_sdp_compare(const struct rill_sdp *offer, const struct rill_sdp *answer,
                        struct rill_sdp_finding *out, size_t cap)
{
    struct comparison c = {.offer = offer, .answer = answer, .out = out, .cap = cap};
    c.offered = rill_sdp_judged(offer);
    c.answered = rill_sdp_judged(answer);
    if (offer->n_media != answer->n_media)
        add(&c, RILL_SDP_AGREE_COUNT, 0, answer->n_media, (struct rill_view){0});
    for (size_t i = 0; i < offer->n_media && i < answer->n_media; i++)
        compare_media(&c, i);
    compare_groups(&c);
    return c.n;
}
