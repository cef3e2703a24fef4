/* sdp/find: names of values, and the questions the other rooms ask a tree. */
#include "sdp/sdp.h"

#include "sdp/grammar.h"

const char *rill_sdp_direction_name(enum rill_sdp_direction d)
{
    static const char *const names[] = {
        [RILL_SDP_SENDRECV] = "sendrecv",
        [RILL_SDP_SENDONLY] = "sendonly",
        [RILL_SDP_RECVONLY] = "recvonly",
        [RILL_SDP_INACTIVE] = "inactive",
    };
    return names[d];
}

const char *rill_sdp_setup_name(enum rill_sdp_setup s)
{
    static const char *const names[] = {
        [RILL_SDP_SETUP_NONE] = "",
        [RILL_SDP_SETUP_ACTPASS] = "actpass",
        [RILL_SDP_SETUP_ACTIVE] = "active",
        [RILL_SDP_SETUP_PASSIVE] = "passive",
        [RILL_SDP_SETUP_HOLDCONN] = "holdconn",
    };
    return names[s];
}

bool rill_sdp_sends(enum rill_sdp_direction d)
{
    return d == RILL_SDP_SENDRECV || d == RILL_SDP_SENDONLY;
}

bool rill_sdp_receives(enum rill_sdp_direction d)
{
    return d == RILL_SDP_SENDRECV || d == RILL_SDP_RECVONLY;
}

enum rill_sdp_direction rill_sdp_direction_reversed(enum rill_sdp_direction d)
{
    if (d == RILL_SDP_SENDONLY)
        return RILL_SDP_RECVONLY;
    return d == RILL_SDP_RECVONLY ? RILL_SDP_SENDONLY : d;
}

const struct rill_sdp_codec *rill_sdp_find_codec(const struct rill_sdp_media *m, uint8_t pt)
{
    for (size_t i = 0; i < m->n_codecs; i++)
        if (m->codecs[i].pt == pt)
            return &m->codecs[i];
    return NULL;
}

struct rill_view rill_sdp_find_fmtp(const struct rill_sdp_media *m, uint8_t pt)
{
    for (size_t i = 0; i < m->n_fmtps; i++)
        if (m->fmtps[i].pt == pt)
            return m->fmtps[i].params;
    return (struct rill_view){0};
}

bool rill_sdp_has_rtcp_fb(const struct rill_sdp_media *m, uint8_t pt, const char *value)
{
    for (size_t i = 0; i < m->n_rtcp_fbs; i++) {
        const struct rill_sdp_rtcp_fb *fb = &m->rtcp_fbs[i];
        if ((fb->pt == pt || fb->pt == RILL_SDP_PT_ANY) && rill_view_is(fb->value, value))
            return true;
    }
    return false;
}

uint32_t rill_sdp_trr_int(const struct rill_sdp_media *m, uint8_t pt)
{
    uint64_t most = 0, ms;
    for (size_t i = 0; i < m->n_rtcp_fbs; i++) {
        struct rill_view value = m->rtcp_fbs[i].value;
        if ((m->rtcp_fbs[i].pt != pt && m->rtcp_fbs[i].pt != RILL_SDP_PT_ANY) ||
            !rill_view_is(rill_sdp_word(&value), "trr-int"))
            continue;
        /* One that is absurd counts as what is allowed. */
        if (!rill_view_u64(value, RILL_SDP_TRR_INT_MAX, &ms))
            ms = RILL_SDP_TRR_INT_MAX;
        most = ms > most ? ms : most;
    }
    return (uint32_t)most;
}

uint16_t rill_sdp_find_extmap(const struct rill_sdp_media *m, const char *uri)
{
    for (size_t i = 0; i < m->n_extmaps; i++)
        if (rill_view_is(m->extmaps[i].uri, uri))
            return m->extmaps[i].id;
    return 0;
}

size_t rill_sdp_find_mid(const struct rill_sdp *s, struct rill_view mid)
{
    for (size_t i = 0; i < s->n_media; i++)
        if (s->media[i].mid.p && rill_view_equal(s->media[i].mid, mid))
            return i;
    return SIZE_MAX;
}

static struct rill_view trim(struct rill_view v)
{
    while (v.n && v.p[0] == ' ')
        v = rill_view_at(v.p + 1, v.n - 1);
    while (v.n && v.p[v.n - 1] == ' ')
        v.n--;
    return v;
}

struct rill_view rill_sdp_fmtp_param(struct rill_view params, const char *name)
{
    while (params.p) {
        struct rill_view value;
        struct rill_view pair = rill_view_cut(params, ';', &params);
        struct rill_view key = rill_view_cut(pair, '=', &value);
        if (value.p && rill_view_is_nocase(trim(key), name))
            return trim(value);
    }
    return (struct rill_view){0};
}

uint64_t rill_sdp_max_bitrate(const struct rill_sdp_media *m)
{
    uint64_t from_as = 0, overhead = 50 * 40 * 8;
    for (size_t i = 0; i < m->n_bandwidths; i++) {
        const struct rill_sdp_bandwidth *b = &m->bandwidths[i];
        if (rill_view_is(b->type, "TIAS"))
            return b->value;
        /* RFC 9429 §5.10: "TIAS = AS * 1000 * 0.95 - (50 * 40 * 8)" */
        if (rill_view_is(b->type, "AS") && b->value < UINT64_MAX / 1000)
            from_as = b->value * 950 > overhead ? b->value * 950 - overhead : 1;
    }
    return from_as;
}
