/* sdp/write: tree to text; every attribute at the media level, in the order in which RFC 9429
 * §5.2.1 names them. "Attributes that SDP permits to be at either the session level or the
 * media level SHOULD generally be at the media level even if they are identical." */
#include "sdp/fields.h"

#include <string.h>

static void end(struct rill_writer *w)
{
    rill_w_str(w, "\r\n");
}

static void text(struct rill_writer *w, const char *name, struct rill_view value)
{
    rill_w_str(w, name);
    rill_w_bytes(w, value);
    end(w);
}

/* Only when the attribute is there. */
static void optional(struct rill_writer *w, const char *name, struct rill_view value)
{
    if (value.p)
        text(w, name, value);
}

static void flag(struct rill_writer *w, const char *line, bool on)
{
    if (on)
        text(w, line, (struct rill_view){0});
}

static void number(struct rill_writer *w, const char *name, uint64_t value)
{
    rill_w_str(w, name);
    rill_w_dec(w, value);
    end(w);
}

/* " value" after a payload type and the like. */
static void numbered(struct rill_writer *w, const char *name, uint64_t n, struct rill_view value)
{
    rill_w_str(w, name);
    rill_w_dec(w, n);
    rill_w_char(w, ' ');
    rill_w_bytes(w, value);
    end(w);
}

static void words(struct rill_writer *w, const struct rill_view *list, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        rill_w_char(w, ' ');
        rill_w_bytes(w, list[i]);
    }
}

static void write_bandwidths(struct rill_writer *w, const struct rill_sdp_bandwidth *list, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        rill_w_str(w, "b=");
        rill_w_bytes(w, list[i].type);
        number(w, ":", list[i].value);
    }
}

static void write_session(struct rill_writer *w, const struct rill_sdp *s)
{
    rill_w_str(w, "v=0\r\no=");
    rill_w_bytes(w, s->username);
    rill_w_char(w, ' ');
    rill_w_bytes(w, s->session_id);
    rill_w_char(w, ' ');
    rill_w_dec(w, s->session_version);
    /* RFC 9429 §5.2.1: "a non-meaningful address". */
    rill_w_str(w, " IN IP4 127.0.0.1\r\n");
    text(w, "s=", s->session_name);
    write_bandwidths(w, s->bandwidths, s->n_bandwidths);
    rill_w_str(w, "t=0 0\r\n");
    flag(w, "a=ice-lite", s->ice_lite);
    for (size_t i = 0; i < s->n_groups; i++) {
        rill_w_str(w, "a=group:");
        rill_w_bytes(w, s->groups[i].semantics);
        words(w, s->groups[i].mids, s->groups[i].n);
        end(w);
    }
    flag(w, "a=extmap-allow-mixed", s->extmap_allow_mixed);
    /* Not in RFC 8830 any more; older browsers look for it. */
    rill_w_str(w, "a=msid-semantic: WMS *\r\n");
}

static void write_media_line(struct rill_writer *w, const struct rill_sdp_media *m)
{
    rill_w_str(w, "m=");
    rill_w_bytes(w, m->kind);
    rill_w_char(w, ' ');
    rill_w_dec(w, m->port);
    rill_w_char(w, ' ');
    rill_w_bytes(w, m->proto);
    words(w, m->fmts, m->n_fmts);
    end(w);
    bool ip6 = m->connection.n && memchr(m->connection.p, ':', m->connection.n);
    rill_w_str(w, ip6 ? "c=IN IP6 " : "c=IN IP4 ");
    /* RFC 8840 §4.1.1: the default while no candidate is known */
    text(w, "", m->connection.p ? m->connection : rill_view_of("0.0.0.0"));
    write_bandwidths(w, m->bandwidths, m->n_bandwidths);
}

static void write_codecs(struct rill_writer *w, const struct rill_sdp_media *m)
{
    for (size_t i = 0; i < m->n_codecs; i++) {
        const struct rill_sdp_codec *c = &m->codecs[i];
        rill_w_str(w, "a=rtpmap:");
        rill_w_dec(w, c->pt);
        rill_w_char(w, ' ');
        rill_w_bytes(w, c->name);
        rill_w_char(w, '/');
        rill_w_dec(w, c->clock_hz);
        if (c->channels > 1) {
            rill_w_char(w, '/');
            rill_w_dec(w, c->channels);
        }
        end(w);
    }
    for (size_t i = 0; i < m->n_fmtps; i++)
        numbered(w, "a=fmtp:", m->fmtps[i].pt, m->fmtps[i].params);
    optional(w, "a=ptime:", m->ptime);
    optional(w, "a=maxptime:", m->maxptime);
}

static void write_extmaps(struct rill_writer *w, const struct rill_sdp_media *m)
{
    for (size_t i = 0; i < m->n_extmaps; i++) {
        const struct rill_sdp_extmap *e = &m->extmaps[i];
        rill_w_str(w, "a=extmap:");
        rill_w_dec(w, e->id);
        if (e->has_direction) {
            rill_w_char(w, '/');
            rill_w_str(w, rill_sdp_direction_name(e->direction));
        }
        text(w, " ", e->uri);
    }
    flag(w, "a=extmap-allow-mixed", m->extmap_allow_mixed);
}

static void write_feedback(struct rill_writer *w, const struct rill_sdp_media *m)
{
    for (size_t i = 0; i < m->n_rtcp_fbs; i++) {
        const struct rill_sdp_rtcp_fb *fb = &m->rtcp_fbs[i];
        if (fb->pt == RILL_SDP_PT_ANY)
            text(w, "a=rtcp-fb:* ", fb->value);
        else
            numbered(w, "a=rtcp-fb:", fb->pt, fb->value);
    }
}

static void write_msids(struct rill_writer *w, const struct rill_sdp_media *m)
{
    for (size_t i = 0; i < m->n_msids; i++) {
        rill_w_str(w, "a=msid:");
        rill_w_bytes(w, m->msids[i].stream);
        if (m->msids[i].track.p)
            rill_w_char(w, ' ');
        text(w, "", m->msids[i].track);
    }
}

static void write_rids(struct rill_writer *w, const struct rill_sdp_media *m)
{
    for (size_t i = 0; i < m->n_rids; i++) {
        rill_w_str(w, "a=rid:");
        rill_w_bytes(w, m->rids[i].id);
        rill_w_char(w, ' ');
        rill_w_bytes(w, m->rids[i].direction);
        if (m->rids[i].params.p)
            rill_w_char(w, ' ');
        text(w, "", m->rids[i].params);
    }
    optional(w, "a=simulcast:", m->simulcast);
    for (size_t i = 0; i < m->n_imageattrs; i++) {
        rill_w_str(w, "a=imageattr:");
        if (m->imageattrs[i].pt == RILL_SDP_PT_ANY)
            rill_w_char(w, '*');
        else
            rill_w_dec(w, m->imageattrs[i].pt);
        text(w, "", m->imageattrs[i].attrs);
    }
}

static void write_sources(struct rill_writer *w, const struct rill_sdp_media *m)
{
    for (size_t i = 0; i < m->n_ssrc_groups; i++) {
        rill_w_str(w, "a=ssrc-group:");
        rill_w_bytes(w, m->ssrc_groups[i].semantics);
        for (size_t k = 0; k < m->ssrc_groups[i].n; k++) {
            rill_w_char(w, ' ');
            rill_w_dec(w, m->ssrc_groups[i].ssrcs[k]);
        }
        end(w);
    }
    for (size_t i = 0; i < m->n_ssrcs; i++) {
        const struct rill_sdp_ssrc *s = &m->ssrcs[i];
        if (s->cname.p || !s->msid.p) {
            rill_w_str(w, "a=ssrc:");
            rill_w_dec(w, s->ssrc);
            /* RFC 5576 §4.1 demands an attribute; a source known by others alone gets a mark */
            text(w, s->cname.p ? " cname:" : " mark", s->cname);
        }
        if (s->msid.p) {
            rill_w_str(w, "a=ssrc:");
            rill_w_dec(w, s->ssrc);
            text(w, " msid:", s->msid);
        }
    }
}

static void write_ice_options(struct rill_writer *w, const struct rill_sdp_media *m)
{
    const struct {
        bool has;
        const char *tag;
    } options[] = {
        {m->ice_trickle, "trickle"}, {m->ice2, "ice2"}, {m->ice_renomination, "renomination"}};
    bool any = false;
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
        if (!options[i].has)
            continue;
        rill_w_str(w, any ? " " : "a=ice-options:");
        rill_w_str(w, options[i].tag);
        any = true;
    }
    if (any)
        rill_w_str(w, "\r\n");
}

static void write_transport(struct rill_writer *w, const struct rill_sdp_media *m)
{
    optional(w, "a=ice-ufrag:", m->ice_ufrag);
    optional(w, "a=ice-pwd:", m->ice_pwd);
    write_ice_options(w, m);
    for (size_t i = 0; i < m->n_fingerprints; i++) {
        rill_w_str(w, "a=fingerprint:");
        rill_w_bytes(w, m->fingerprints[i].hash);
        text(w, " ", m->fingerprints[i].value);
    }
    if (m->setup != RILL_SDP_SETUP_NONE)
        text(w, "a=setup:", rill_view_of(rill_sdp_setup_name(m->setup)));
    optional(w, "a=tls-id:", m->tls_id);
    if (m->port && rill_sdp_proto_is_rtp(m->proto))
        rill_w_str(w, "a=rtcp:9 IN IP4 0.0.0.0\r\n");
    flag(w, "a=rtcp-mux", m->rtcp_mux);
    flag(w, "a=rtcp-mux-only", m->rtcp_mux_only);
    flag(w, "a=rtcp-rsize", m->rtcp_rsize);
    for (size_t i = 0; i < m->n_candidates; i++)
        text(w, "a=", m->candidates[i]);
    flag(w, "a=end-of-candidates", m->end_of_candidates);
}

static void write_media(struct rill_writer *w, const struct rill_sdp_media *m)
{
    write_media_line(w, m);
    optional(w, "a=mid:", m->mid);
    rill_w_str(w, "a=");
    text(w, rill_sdp_direction_name(m->direction), (struct rill_view){0});
    write_codecs(w, m);
    write_extmaps(w, m);
    write_feedback(w, m);
    write_msids(w, m);
    write_rids(w, m);
    flag(w, "a=bundle-only", m->bundle_only);
    write_sources(w, m);
    write_transport(w, m);
    if (m->has_sctp_port)
        number(w, "a=sctp-port:", m->sctp_port);
    if (m->has_max_message_size)
        number(w, "a=max-message-size:", m->max_message_size);
}

void rill_sdp_write(struct rill_writer *w, const struct rill_sdp *s)
{
    write_session(w, s);
    for (size_t i = 0; i < s->n_media; i++)
        write_media(w, &s->media[i]);
}
