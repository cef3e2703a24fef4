/* decode_sdp: `rill decode sdp` and `rill decode sdp-attr`: the tree as JSON. */
#include "apps/app.h"
#include "ice/cand.h"
#include "sdp/sdp.h"

#include <stdlib.h>

/* Parses in a block of its own, which the caller frees with *block. */
static int parse(struct rill_view in, void **block, const struct rill_sdp **out,
                 struct rill_err *why)
{
    size_t n = rill_sdp_arena_size(in.n < RILL_SDP_TEXT_MAX ? in.n : RILL_SDP_TEXT_MAX);
    *block = malloc(n);
    struct rill_arena arena = rill_arena_over(*block, *block ? n : 0);
    return rill_sdp_parse(in, &arena, out, why);
}

/* ice owns the grammar of a candidate, so its verdict is counted here (RFC 8839 §5.1). */
static size_t malformed_candidates(const struct rill_sdp *s)
{
    size_t n = 0;
    for (size_t i = 0; i < s->n_media; i++)
        for (size_t k = 0; k < s->media[i].n_candidates; k++) {
            struct rill_ice_cand_line line;
            n += rill_ice_cand_parse(s->media[i].candidates[k], &line, NULL) < 0;
        }
    return n;
}

static void put(json_t *to, const char *key, json_t *value)
{
    json_object_set_new(to, key, value);
}

/* null when the attribute is absent */
static json_t *text_or_null(struct rill_view v)
{
    return v.p ? rill_app_json_text(v) : json_null();
}

static json_t *texts(const struct rill_view *list, size_t n)
{
    json_t *out = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(out, rill_app_json_text(list[i]));
    return out;
}

static json_t *one_fingerprint(const struct rill_sdp_fingerprint *f)
{
    json_t *out = json_object();
    put(out, "hash", rill_app_json_text(f->hash));
    put(out, "value", rill_app_json_text(f->value));
    return out;
}

static json_t *fingerprints(const struct rill_sdp_media *m)
{
    json_t *out = json_array();
    for (size_t i = 0; i < m->n_fingerprints; i++)
        json_array_append_new(out, one_fingerprint(&m->fingerprints[i]));
    return out;
}

/* RFC 8866 §6.6: for audio one channel is the default; for video there is no such parameter. */
static json_t *channels(const struct rill_sdp_media *m, const struct rill_sdp_codec *c)
{
    if (c->channels == 1 && !rill_view_is(m->kind, "audio"))
        return json_null();
    return json_integer((json_int_t)c->channels);
}

static json_t *codecs(const struct rill_sdp_media *m)
{
    json_t *out = json_array();
    for (size_t i = 0; i < m->n_codecs; i++) {
        json_t *c = json_object();
        put(c, "pt", json_integer(m->codecs[i].pt));
        put(c, "name", rill_app_json_text(m->codecs[i].name));
        put(c, "clock", json_integer((json_int_t)m->codecs[i].clock_hz));
        put(c, "channels", channels(m, &m->codecs[i]));
        json_array_append_new(out, c);
    }
    return out;
}

static json_t *fmtps(const struct rill_sdp_media *m)
{
    json_t *out = json_array();
    for (size_t i = 0; i < m->n_fmtps; i++) {
        json_t *f = json_object();
        put(f, "pt", json_integer(m->fmtps[i].pt));
        put(f, "params", rill_app_json_text(m->fmtps[i].params));
        json_array_append_new(out, f);
    }
    return out;
}

static json_t *feedback(const struct rill_sdp_media *m)
{
    json_t *out = json_array();
    for (size_t i = 0; i < m->n_rtcp_fbs; i++) {
        const struct rill_sdp_rtcp_fb *fb = &m->rtcp_fbs[i];
        json_t *pair = json_array();
        json_array_append_new(pair,
                              fb->pt == RILL_SDP_PT_ANY ? json_string("*") : json_integer(fb->pt));
        json_array_append_new(pair, rill_app_json_text(fb->value));
        json_array_append_new(out, pair);
    }
    return out;
}

static json_t *extmaps(const struct rill_sdp_media *m)
{
    json_t *out = json_array();
    for (size_t i = 0; i < m->n_extmaps; i++) {
        const struct rill_sdp_extmap *e = &m->extmaps[i];
        json_t *x = json_object();
        put(x, "id", json_integer(e->id));
        put(x, "uri", rill_app_json_text(e->uri));
        put(x, "direction",
            e->has_direction ? json_string(rill_sdp_direction_name(e->direction)) : json_null());
        json_array_append_new(out, x);
    }
    return out;
}

static json_t *msids(const struct rill_sdp_media *m)
{
    json_t *out = json_array();
    for (size_t i = 0; i < m->n_msids; i++) {
        json_t *x = json_object();
        put(x, "stream", rill_app_json_text(m->msids[i].stream));
        put(x, "track", text_or_null(m->msids[i].track));
        json_array_append_new(out, x);
    }
    return out;
}

static json_t *ssrcs(const struct rill_sdp_media *m)
{
    json_t *out = json_array();
    for (size_t i = 0; i < m->n_ssrcs; i++)
        json_array_append_new(out, json_integer((json_int_t)m->ssrcs[i].ssrc));
    return out;
}

static json_t *ssrc_groups(const struct rill_sdp_media *m)
{
    json_t *out = json_array();
    for (size_t i = 0; i < m->n_ssrc_groups; i++) {
        json_t *g = json_object();
        json_t *list = json_array();
        for (size_t k = 0; k < m->ssrc_groups[i].n; k++)
            json_array_append_new(list, json_integer((json_int_t)m->ssrc_groups[i].ssrcs[k]));
        put(g, "semantics", rill_app_json_text(m->ssrc_groups[i].semantics));
        put(g, "ssrcs", list);
        json_array_append_new(out, g);
    }
    return out;
}

static json_t *rids(const struct rill_sdp_media *m)
{
    json_t *out = json_array();
    for (size_t i = 0; i < m->n_rids; i++) {
        json_t *r = json_object();
        put(r, "id", rill_app_json_text(m->rids[i].id));
        put(r, "dir", rill_app_json_text(m->rids[i].direction));
        put(r, "params", text_or_null(m->rids[i].params));
        json_array_append_new(out, r);
    }
    return out;
}

/* A number up to 2^53 as a number, beyond that as hex. */
static json_t *big(uint64_t n)
{
    return n >> 53 ? rill_app_json_hex64(n) : json_integer((json_int_t)n);
}

static void put_transport(json_t *out, const struct rill_sdp_media *m)
{
    put(out, "ice_ufrag", text_or_null(m->ice_ufrag));
    put(out, "ice_pwd", text_or_null(m->ice_pwd));
    put(out, "ice_trickle", json_boolean(m->ice_trickle));
    put(out, "ice_renomination", json_boolean(m->ice_renomination));
    put(out, "fingerprint", m->n_fingerprints ? one_fingerprint(&m->fingerprints[0]) : json_null());
    put(out, "fingerprints", fingerprints(m));
    put(out, "setup",
        m->setup == RILL_SDP_SETUP_NONE ? json_null() : json_string(rill_sdp_setup_name(m->setup)));
    put(out, "tls_id", text_or_null(m->tls_id));
    put(out, "rtcp_mux", json_boolean(m->rtcp_mux));
    put(out, "rtcp_rsize", json_boolean(m->rtcp_rsize));
    put(out, "bundle_only", json_boolean(m->bundle_only));
    put(out, "candidates", texts(m->candidates, m->n_candidates));
    put(out, "end_of_candidates", json_boolean(m->end_of_candidates));
}

static json_t *media(const struct rill_sdp_media *m)
{
    json_t *out = json_object();
    put(out, "kind", rill_app_json_text(m->kind));
    put(out, "port", json_integer(m->port));
    put(out, "proto", rill_app_json_text(m->proto));
    put(out, "fmts", texts(m->fmts, m->n_fmts));
    put(out, "connection", text_or_null(m->connection));
    put(out, "mid", text_or_null(m->mid));
    put(out, "direction", json_string(rill_sdp_direction_name(m->direction)));
    put_transport(out, m);
    put(out, "codecs", codecs(m));
    put(out, "fmtp", fmtps(m));
    put(out, "rtcp_fb", feedback(m));
    put(out, "extmaps", extmaps(m));
    put(out, "msids", msids(m));
    put(out, "ssrcs", ssrcs(m));
    put(out, "ssrc_groups", ssrc_groups(m));
    put(out, "rids", rids(m));
    put(out, "simulcast", text_or_null(m->simulcast));
    put(out, "sctp_port", m->has_sctp_port ? json_integer(m->sctp_port) : json_null());
    put(out, "max_message_size", m->has_max_message_size ? big(m->max_message_size) : json_null());
    return out;
}

static json_t *bundles(const struct rill_sdp *s)
{
    json_t *out = json_array();
    for (size_t i = 0; i < s->n_groups; i++)
        if (rill_view_is(s->groups[i].semantics, "BUNDLE"))
            json_array_append_new(out, texts(s->groups[i].mids, s->groups[i].n));
    return out;
}

static void put_description(json_t *out, const struct rill_sdp *s)
{
    json_t *list = json_array();
    for (size_t i = 0; i < s->n_media; i++)
        json_array_append_new(list, media(&s->media[i]));
    put(out, "session_id", rill_app_json_text(s->session_id));
    put(out, "session_version", big(s->session_version));
    put(out, "media_count", json_integer((json_int_t)s->n_media));
    put(out, "bundle", bundles(s));
    put(out, "ice_lite", json_boolean(s->ice_lite));
    put(out, "media", list);
}

int rill_decode_sdp(const struct rill_decode_args *args, struct rill_view in, json_t *out,
                    struct rill_err *why)
{
    (void)args;
    void *block;
    const struct rill_sdp *s;
    int rc = parse(in, &block, &s, why);
    if (rc == 0) {
        put_description(out, s);
        put(out, "attributes_rejected",
            json_integer((json_int_t)(s->attributes_rejected + malformed_candidates(s))));
    }
    free(block);
    return rc;
}

int rill_decode_sdp_attr(const struct rill_decode_args *args, struct rill_view in, json_t *out,
                         struct rill_err *why)
{
    (void)args;
    void *block;
    const struct rill_sdp *s;
    int rc = parse(in, &block, &s, why);
    if (rc == 0)
        put(out, "attributes_rejected",
            json_integer((json_int_t)(s->attributes_rejected + malformed_candidates(s))));
    free(block);
    return rc;
}
