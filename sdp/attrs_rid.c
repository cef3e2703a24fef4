/* sdp/attrs_rid: a=rid (RFC 8851 §10) and a=simulcast (RFC 8853 §5.1). */
#include "sdp/grammar.h"
#include "sdp/section.h"

/* RFC 8851 §10: rid-id SP rid-dir [ SP restrictions ] */
bool rill_sdp_take_rid(struct rill_sdp_section *s, struct rill_view value)
{
    struct rill_sdp_rid r = {.params = value};
    r.id = rill_sdp_word(&r.params);
    r.direction = rill_sdp_word(&r.params);
    if (!rill_sdp_is_rid(r.id) ||
        (!rill_view_is(r.direction, "send") && !rill_view_is(r.direction, "recv")))
        return false;
    if (r.params.p && !rill_sdp_is_visible(r.params))
        return false;
    s->rids[s->m.n_rids++] = r;
    return true;
}

/* sc-alt-list = sc-id *( "," sc-id ); sc-id = ["~"] rid-id */
static bool is_alternatives(struct rill_view v)
{
    while (v.p) {
        struct rill_view id = rill_view_cut(v, ',', &v);
        if (id.n && id.p[0] == '~')
            id = rill_view_at(id.p + 1, id.n - 1);
        if (!rill_sdp_is_rid(id))
            return false;
    }
    return true;
}

/* sc-str-list = sc-alt-list *( ";" sc-alt-list ) */
static bool is_streams(struct rill_view v)
{
    if (!v.p)
        return false;
    while (v.p)
        if (!is_alternatives(rill_view_cut(v, ';', &v)))
            return false;
    return true;
}

/* sc-value = ( sc-send [SP sc-recv] ) / ( sc-recv [SP sc-send] ) */
bool rill_sdp_take_simulcast(struct rill_sdp_section *s, struct rill_view value)
{
    struct rill_view rest = value;
    struct rill_view first = rill_sdp_word(&rest);
    if ((!rill_view_is(first, "send") && !rill_view_is(first, "recv")) ||
        !is_streams(rill_sdp_word(&rest)))
        return false;
    if (rest.p) {
        const char *other = rill_view_is(first, "send") ? "recv" : "send";
        if (!rill_view_is(rill_sdp_word(&rest), other) || !is_streams(rill_sdp_word(&rest)) ||
            rest.p)
            return false;
    }
    s->m.simulcast = value;
    return true;
}
