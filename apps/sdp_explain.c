/* sdp_explain: a sentence for each decision that an answer shows, read out of offer and answer. */
#include "apps/sdp.h"

#include <stdarg.h>
#include <stdio.h>

struct sentences {
    struct sdp_decision *out;
    size_t n;
};

__attribute__((format(printf, 3, 4))) static void say(struct sentences *s, const char *clause,
                                                      const char *format, ...)
{
    va_list args;
    if (s->n == SDP_DECISIONS)
        return;
    struct sdp_decision *d = &s->out[s->n++];
    d->clause = clause;
    va_start(args, format);
    vsnprintf(d->sentence, sizeof d->sentence, format, args);
    va_end(args);
}

static bool is_media(const struct rill_sdp_media *m)
{
    return rill_view_is(m->kind, "audio") || rill_view_is(m->kind, "video");
}

/* The BUNDLE group that names the m-line; NULL for none. */
static const struct rill_sdp_group *bundle_of(const struct rill_sdp *s, size_t i)
{
    for (size_t g = 0; g < s->n_groups; g++)
        for (size_t k = 0; rill_view_is(s->groups[g].semantics, "BUNDLE") && k < s->groups[g].n;
             k++)
            if (rill_sdp_find_mid(s, s->groups[g].mids[k]) == i)
                return &s->groups[g];
    return NULL;
}

static bool any_in_use(const struct rill_sdp *s)
{
    for (size_t i = 0; i < s->n_media; i++)
        if (s->media[i].port)
            return true;
    return false;
}

/* The same order in which the answer decided. */
static void explain_off(struct sentences *s, const struct rill_sdp *offer,
                        const struct rill_sdp *answer, size_t i)
{
    const struct rill_sdp_media *o = &offer->media[i];
    if (!o->port && !o->bundle_only)
        say(s, "RFC 3264 §6", "stays off: it was offered with port 0");
    else if (!is_media(o))
        say(s, "RFC 3264 §6", "rejected: \"%.*s\" is no medium rill has", (int)o->kind.n,
            (const char *)o->kind.p);
    else if (!o->rtcp_mux && o->ice_ufrag.p)
        say(s, "RFC 9429 §4.1.1", "rejected: without a=rtcp-mux, which rill's policy requires");
    else if (any_in_use(answer) && !bundle_of(offer, i))
        say(s, "RFC 9143 §7.3", "rejected: it is not bundled, and no transport is left");
    else
        say(s, "RFC 3264 §6", "rejected: no profile or codec of it is one of ours");
}

static void explain_codecs(struct sentences *s, const struct rill_sdp_media *a)
{
    for (size_t k = 0; k < a->n_codecs; k++)
        say(s, "RFC 3264 §6.1", "takes %.*s under the offer's payload type %u",
            (int)a->codecs[k].name.n, (const char *)a->codecs[k].name.p, a->codecs[k].pt);
}

static void explain_transport(struct sentences *s, const struct rill_sdp *answer, size_t i,
                              const struct rill_sdp_media *o)
{
    const struct rill_sdp_media *a = &answer->media[i];
    const struct rill_sdp_group *g = bundle_of(answer, i);
    if (g && rill_sdp_find_mid(answer, g->mids[0]) == i)
        say(s, "RFC 9143 §7.3.1", "is tagged: its ICE and DTLS attributes count for the group");
    else if (g)
        say(s, "RFC 9143 §7.3", "shares the transport of m-line \"%.*s\"", (int)g->mids[0].n,
            (const char *)g->mids[0].p);
    else
        say(s, "RFC 9143 §7.3", "has a transport for itself: no BUNDLE was offered for it");
    say(s, "RFC 9429 §5.3.1", "setup is %s: the offer says %s", rill_sdp_setup_name(a->setup),
        o->setup == RILL_SDP_SETUP_NONE ? "nothing" : rill_sdp_setup_name(o->setup));
}

size_t sdp_explain(const struct rill_sdp *offer, const struct rill_sdp *answer, size_t i,
                   struct sdp_decision out[SDP_DECISIONS])
{
    struct sentences s = {.out = out};
    const struct rill_sdp_media *o = &offer->media[i], *a = &answer->media[i];
    if (!a->port) {
        explain_off(&s, offer, answer, i);
        return s.n;
    }
    explain_codecs(&s, a);
    say(&s, "RFC 3264 §6.1", "is %s: the offer is %s", rill_sdp_direction_name(a->direction),
        rill_sdp_direction_name(o->direction));
    explain_transport(&s, answer, i, o);
    if (o->simulcast.p && !a->simulcast.p)
        say(&s, "RFC 8853 §5.3.2", "takes one encoding: simulcast is left out");
    if (a->n_extmaps < o->n_extmaps)
        say(&s, "RFC 8285 §6", "takes %zu of %zu header extensions, under the offer's ids",
            a->n_extmaps, o->n_extmaps);
    return s.n;
}
