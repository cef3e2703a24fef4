/* sdp/choose: which codecs an m-line has, and in which order (RFC 9429 §4.2.6, §5.2.2, §5.3.1). */
#include "sdp/describe.h"
#include "sdp/plan.h"

#include <string.h>

/* Place of the codec among the preferences; n_codecs when it is not there. */
static size_t rank_of(const struct rill_sdp_track *t, enum rill_codec_id id)
{
    size_t i = 0;
    while (i < t->n_codecs && t->codecs[i] != id)
        i++;
    return i;
}

static bool is_chosen(const struct rill_sdp_codec_cap *const *list, size_t n,
                      const struct rill_sdp_codec_cap *cap)
{
    for (size_t i = 0; i < n; i++)
        if (list[i] == cap)
            return true;
    return false;
}

/* Redundancy is of one codec, comfort noise of those of its clock, keys of all. */
static bool helps(const struct rill_sdp_codec_cap *helper, const struct rill_sdp_codec_cap *codec)
{
    return !codec->helps &&
           (helper->helps == RILL_SDP_EVENTS ||
            (helper->clock_hz == codec->clock_hz && helper->channels == codec->channels));
}

/* --- offers ------------------------------------------------------------------------------------
 */

static size_t choose_codecs(const struct rill_sdp_caps *caps, const struct rill_sdp_track *t,
                            const struct rill_sdp_codec_cap **out, size_t cap)
{
    size_t n = 0;
    for (size_t k = 0; k < t->n_codecs; k++)
        for (size_t i = 0; i < caps->n_codecs && n < cap; i++)
            if (caps->codecs[i].kind == t->kind && caps->codecs[i].id == t->codecs[k])
                out[n++] = &caps->codecs[i];
    if (t->n_codecs)
        return n;
    /* RFC 9429 §5.2.2: "the media formats on the "m=" line MUST be generated in the same order
     * as in the most recent answer. Any media formats that were not present in the most recent
     * answer MUST be added after all existing formats." */
    for (size_t k = 0; t->before && k < t->before->n_codecs && n < cap; k++) {
        const struct rill_sdp_codec_cap *c =
            rill_sdp_cap_of(caps, t->kind, t->before, &t->before->codecs[k]);
        if (c && !c->helps && !is_chosen(out, n, c))
            out[n++] = c;
    }
    for (size_t i = 0; i < caps->n_codecs && n < cap; i++)
        if (caps->codecs[i].kind == t->kind && !caps->codecs[i].on_request &&
            !caps->codecs[i].helps && !is_chosen(out, n, &caps->codecs[i]))
            out[n++] = &caps->codecs[i];
    return n;
}

size_t rill_sdp_choose(const struct rill_sdp_caps *caps, const struct rill_sdp_track *t,
                       const struct rill_sdp_codec_cap **out, size_t cap)
{
    size_t n = choose_codecs(caps, t, out, cap);
    for (size_t i = 0; i < caps->n_codecs && n < cap; i++) {
        const struct rill_sdp_codec_cap *helper = &caps->codecs[i];
        size_t at = 0;
        while (at < n && !(helper->helps && helper->kind == t->kind && helps(helper, out[at])))
            at++;
        if (at == n)
            continue;
        at = helper->helps != RILL_SDP_RED ? n : caps->red_first ? at : at + 1;
        for (size_t k = n++; k > at; k--)
            out[k] = out[k - 1];
        out[at] = helper;
    }
    return n;
}

/* --- answers -----------------------------------------------------------------------------------
 */

/* Without preferences. */
static size_t leave_out_unasked(struct rill_sdp_common *list, size_t n)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (!list[i].cap->on_request)
            list[kept++] = list[i];
    return kept;
}

static size_t prefer_codecs(const struct rill_sdp_track *t, struct rill_sdp_common *list, size_t n)
{
    if (!t || t->n_codecs == 0)
        return leave_out_unasked(list, n);
    size_t kept = 0;
    for (size_t rank = 0; rank < t->n_codecs; rank++)
        for (size_t i = kept; i < n; i++)
            if (rank_of(t, list[i].cap->id) == rank) {
                struct rill_sdp_common c = list[i];
                list[i] = list[kept];
                list[kept++] = c;
            }
    return kept;
}

/* Behind the codecs; redundancy before its own where either side wants it. */
static size_t put_helper(struct rill_sdp_common *list, size_t n, struct rill_sdp_common helper,
                         bool first)
{
    size_t at = 0;
    while (at < n && !helps(helper.cap, list[at].cap))
        at++;
    if (at == n)
        return n;
    at = helper.cap->helps != RILL_SDP_RED ? n : first ? at : at + 1;
    memmove(&list[at + 1], &list[at], (n - at) * sizeof *list);
    list[at] = helper;
    return n + 1;
}

size_t rill_sdp_prefer(const struct rill_sdp_caps *caps, const struct rill_sdp_track *t,
                       struct rill_sdp_common *list, size_t n)
{
    struct rill_sdp_common helpers[RILL_SDP_COMMON_MAX];
    bool first[RILL_SDP_COMMON_MAX];
    size_t n_helpers = 0, codecs = 0;
    for (size_t i = 0; i < n; i++) {
        if (!list[i].cap->helps) {
            list[codecs++] = list[i];
            continue;
        }
        first[n_helpers] = caps->red_first;
        for (size_t k = i + 1; k < n; k++)
            first[n_helpers] |= helps(list[i].cap, list[k].cap);
        helpers[n_helpers++] = list[i];
    }
    size_t kept = prefer_codecs(t, list, codecs);
    for (size_t i = 0; i < n_helpers; i++)
        kept = put_helper(list, kept, helpers[i], first[i]);
    return kept;
}
