/* numbers: payload types and header extension ids, which mean one thing for the life of a call.
 *
 * The idea: each number's first meaning, a codec with what its a=fmtp chooses, is kept as a hash.
 * The number a codec has had in an answer is the one that our later offers give it; a codec that
 * was never agreed on gets its number of the table, or a free one when somebody has used that for
 * something else.
 */
#include "peer/numbers.h"

#include "peer/peer.h"
#include "sdp/caps.h"

#include <string.h>

static uint32_t meaning_of_uri(struct rill_view uri)
{
    return rill_view_hash_nocase(RILL_HASH, uri) | 1;
}

static void drop_red(struct rill_peer_numbers *n)
{
    size_t kept = 0;
    for (size_t i = 0; i < n->caps.n_codecs; i++)
        if (n->codecs[i].helps != RILL_SDP_RED)
            n->codecs[kept++] = n->codecs[i];
    n->caps.n_codecs = kept;
}

void rill_peer_numbers_init(const struct rill_peer_config *config, struct rill_peer_numbers *n)
{
    struct rill_sdp_caps caps = rill_sdp_default_caps();
    n->caps.n_codecs = caps.n_codecs < RILL_PEER_CODECS ? caps.n_codecs : RILL_PEER_CODECS;
    n->caps.n_exts = caps.n_exts < RILL_PEER_EXTS ? caps.n_exts : RILL_PEER_EXTS;
    memcpy(n->codecs, caps.codecs, n->caps.n_codecs * sizeof *caps.codecs);
    memcpy(n->ext_caps, caps.exts, n->caps.n_exts * sizeof *caps.exts);
    n->caps.codecs = n->codecs;
    n->caps.exts = n->ext_caps;
    n->caps.red_first = config->red == RILL_PEER_RED_ALWAYS;
    if (config->red == RILL_PEER_RED_OFF)
        drop_red(n);
    for (size_t i = 0; config->dtx && i < n->caps.n_codecs; i++)
        if (n->codecs[i].id == RILL_CODEC_OPUS)
            n->codecs[i].fmtp = "minptime=10;useinbandfec=1;usedtx=1";
}

/* --- our own numbers
 * ------------------------------------------------------------------------------ */

static bool pt_is_planned(const struct rill_peer_numbers *n, size_t pt)
{
    for (size_t i = 0; i < n->caps.n_codecs; i++)
        if (n->codecs[i].pt == pt || (n->codecs[i].rtx_pt && n->codecs[i].rtx_pt == pt))
            return true;
    return false;
}

static bool ext_is_planned(const struct rill_peer_numbers *n, size_t id)
{
    for (size_t i = 0; i < n->caps.n_exts; i++)
        if (n->ext_caps[i].id == id)
            return true;
    return false;
}

/* RFC 3551 §3: 96–127 are dynamic; RFC 5761 §4: then 35–63, never 64–95. */
static uint8_t free_pt(const struct rill_peer_numbers *n, uint8_t otherwise)
{
    for (uint8_t pt = 96; pt < 128; pt++)
        if (!n->pts[pt] && !pt_is_planned(n, pt))
            return pt;
    for (uint8_t pt = 35; pt < 64; pt++)
        if (!n->pts[pt] && !pt_is_planned(n, pt))
            return pt;
    return otherwise;
}

/* RFC 8285 §4.2: one-byte elements have the ids 1–14. */
static uint16_t free_ext(const struct rill_peer_numbers *n, uint16_t otherwise)
{
    for (uint16_t id = 1; id < 15; id++)
        if (!n->exts[id] && !ext_is_planned(n, id))
            return id;
    return otherwise;
}

void rill_peer_numbers_settle(struct rill_peer_numbers *n)
{
    for (size_t i = 0; i < n->caps.n_codecs; i++) {
        struct rill_sdp_codec_cap *c = &n->codecs[i];
        if (n->pts[c->pt] && n->pts[c->pt] != rill_sdp_cap_meaning(c))
            c->pt = free_pt(n, c->pt);
        if (c->rtx_pt && n->pts[c->rtx_pt] && n->pts[c->rtx_pt] != rill_sdp_cap_rtx_meaning(c))
            c->rtx_pt = free_pt(n, c->rtx_pt);
    }
    for (size_t i = 0; i < n->caps.n_exts; i++) {
        struct rill_sdp_ext_cap *e = &n->ext_caps[i];
        if (n->exts[e->id] && n->exts[e->id] != meaning_of_uri(rill_view_of(e->uri)))
            e->id = free_ext(n, e->id);
    }
}

/* --- what descriptions say
 * ------------------------------------------------------------------------ */

/* The first number an answer gives a codec of ours. That ours may be agreed too, as another's. */
static void adopt_pt(struct rill_peer_numbers *n, uint8_t pt, uint32_t meaning)
{
    for (size_t i = 0; i < n->caps.n_codecs; i++) {
        struct rill_sdp_codec_cap *c = &n->codecs[i];
        bool settled = n->agreed_pts[c->pt] && n->pts[c->pt] == meaning;
        bool rtx_settled = n->agreed_pts[c->rtx_pt] && n->pts[c->rtx_pt] == meaning;
        if (rill_sdp_cap_meaning(c) == meaning && !settled)
            c->pt = pt;
        if (c->rtx_pt && rill_sdp_cap_rtx_meaning(c) == meaning && !rtx_settled)
            c->rtx_pt = pt;
    }
}

static void adopt_ext(struct rill_peer_numbers *n, uint16_t id, struct rill_view uri)
{
    uint32_t meaning = meaning_of_uri(uri);
    for (size_t i = 0; i < n->caps.n_exts; i++) {
        struct rill_sdp_ext_cap *e = &n->ext_caps[i];
        if (rill_view_is(uri, e->uri) && !(n->agreed_exts[e->id] && n->exts[e->id] == meaning))
            e->id = id;
    }
}

static void learn_media(struct rill_peer_numbers *n, const struct rill_sdp_media *m, bool answered)
{
    for (size_t i = 0; i < m->n_codecs; i++) {
        const struct rill_sdp_codec *c = &m->codecs[i];
        uint32_t meaning = rill_sdp_meaning(m, c);
        if (!n->pts[c->pt])
            n->pts[c->pt] = meaning;
        if (!answered)
            continue;
        adopt_pt(n, c->pt, meaning);
        n->agreed_pts[c->pt] = true;
    }
    for (size_t i = 0; i < m->n_extmaps; i++) {
        const struct rill_sdp_extmap *e = &m->extmaps[i];
        if (e->id > 255)
            continue;
        if (!n->exts[e->id])
            n->exts[e->id] = meaning_of_uri(e->uri);
        if (!answered)
            continue;
        adopt_ext(n, e->id, e->uri);
        n->agreed_exts[e->id] = true;
    }
}

void rill_peer_numbers_learn(struct rill_peer_numbers *n, const struct rill_sdp *s, bool answered)
{
    for (size_t i = 0; i < s->n_media; i++)
        learn_media(n, &s->media[i], answered);
}

/* Only what was once agreed counts: of what was merely offered nothing depends on it. */
static int check_media(const struct rill_peer_numbers *n, const struct rill_sdp_media *m,
                       struct rill_err *why)
{
    for (size_t i = 0; i < m->n_codecs; i++) {
        const struct rill_sdp_codec *c = &m->codecs[i];
        if (n->agreed_pts[c->pt] && n->pts[c->pt] != rill_sdp_meaning(m, c))
            return rill_peer_refuse(RILL_PEER_PT_REMAPPED, c->pt, why);
    }
    for (size_t i = 0; i < m->n_extmaps; i++) {
        const struct rill_sdp_extmap *e = &m->extmaps[i];
        if (e->id <= 255 && n->agreed_exts[e->id] && n->exts[e->id] != meaning_of_uri(e->uri))
            return rill_peer_refuse(RILL_PEER_EXT_REMAPPED, e->id, why);
    }
    return 0;
}

int rill_peer_numbers_check(const struct rill_peer_numbers *n, const struct rill_sdp *s,
                            struct rill_err *why)
{
    int rc = 0;
    for (size_t i = 0; i < s->n_media && rc == 0; i++)
        if (s->media[i].port || s->media[i].bundle_only)
            rc = check_media(n, &s->media[i], why);
    return rc;
}
