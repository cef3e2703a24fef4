/* route: whose an incoming packet is.
 *
 * The idea: a packet's MID says its m-line, then what its SSRC is known for, then a payload type
 * that only one m-line has (RFC 9143 §9.2); where that has several encodings its RtpStreamId says
 * which (RFC 8852). What was found out is kept by SSRC; what a description names beforehand counts
 * until then.
 */
#include "peer/route.h"

#include "peer/connection.h"
#include "peer/lines.h"

#define NO_LINE SIZE_MAX

/* Each transport has its own tables: what comes on it is of one of its m-lines. */
static bool is_on(const struct rill_peer *x, size_t line, size_t transport)
{
    return x->lines[line].agreed.active && x->lines[line].transport == transport;
}

/* *carried: the packet has a MID, whether or not it is of one of our m-lines. */
static size_t by_mid(const struct rill_peer *x, size_t transport, const struct rill_rtp_packet *p,
                     bool *carried)
{
    *carried = false;
    for (size_t i = 0; i < x->n_lines; i++) {
        const struct rill_sdp_agreed *a = &x->lines[i].agreed;
        struct rill_view mid;
        /* RFC 8285 §6: one id means one thing in all of a bundle. */
        if (!is_on(x, i, transport) || !a->ext_mid.received ||
            !rill_rtp_ext_find(p, (uint8_t)a->ext_mid.received, &mid))
            continue;
        *carried = true;
        if (a->receive && rill_view_equal(mid, a->mid))
            return i;
    }
    return NO_LINE;
}

static struct rill_peer_stream *by_ssrc(struct rill_peer *x, size_t transport, uint32_t ssrc)
{
    for (size_t i = 0; i < x->n_streams; i++)
        if (x->streams[i].ssrc == ssrc && is_on(x, x->streams[i].line, transport))
            return &x->streams[i];
    return NULL;
}

const struct rill_sdp_events *rill_peer_route_events(const struct rill_sdp_agreed *a, uint8_t pt)
{
    for (size_t i = 0; i < a->n_events; i++)
        if (a->events[i].pt == pt)
            return &a->events[i];
    return NULL;
}

static bool is_media(const struct rill_sdp_agreed *a, uint8_t pt)
{
    struct rill_sdp_also format;
    return rill_sdp_agreed_format(a, pt, &format);
}

/* RFC 3264 §6.1: what a packet is of, its number says; NONE: it was not agreed. */
enum rill_codec_id rill_peer_route_codec(const struct rill_sdp_agreed *a, uint8_t pt)
{
    struct rill_sdp_also format;
    return rill_sdp_agreed_format(a, pt, &format) ? format.codec : RILL_CODEC_NONE;
}

/* The stream of this payload type repairs media of *media. */
bool rill_peer_route_repairs(const struct rill_sdp_agreed *a, uint8_t pt, uint8_t *media)
{
    *media = a->pt;
    if (a->rtx_pt && a->rtx_pt == pt)
        return true;
    for (size_t i = 0; i < a->n_also; i++)
        if (a->also[i].rtx_pt && a->also[i].rtx_pt == pt) {
            *media = a->also[i].pt;
            return true;
        }
    return false;
}

static bool takes(const struct rill_sdp_agreed *a, uint8_t pt)
{
    uint8_t media;
    return is_media(a, pt) || rill_peer_route_repairs(a, pt, &media) ||
           (a->red_pt && a->red_pt == pt) || (a->noise_pt && a->noise_pt == pt) ||
           rill_peer_route_events(a, pt);
}

/* "If any payload type is configured for receiving in more than one m= section in the BUNDLE
 * group, do not include it in the table, as it cannot be used to uniquely identify". */
static size_t by_unique_payload_type(const struct rill_peer *x, size_t transport, uint8_t pt)
{
    size_t found = NO_LINE;
    for (size_t i = 0; i < x->n_lines; i++) {
        const struct rill_sdp_agreed *a = &x->lines[i].agreed;
        if (!is_on(x, i, transport) || !a->receive || !takes(a, pt))
            continue;
        if (found != NO_LINE)
            return NO_LINE;
        found = i;
    }
    return found;
}

/* RFC 8852 §3: the RtpStreamId is scoped by the MID; a stream says its own until it is known, or in
 * RTCP (rill_peer_route_named). */
static size_t by_rid(const struct rill_peer_line *l, const struct rill_rtp_packet *p,
                     const struct rill_peer_stream *known)
{
    struct rill_view rid;
    if (l->agreed.n_received == 0)
        return 0;
    /* What repairs a stream names that one. */
    uint8_t media;
    bool repairs = l->agreed.ext_rrid && rill_peer_route_repairs(&l->agreed, p->pt, &media);
    uint16_t id = repairs ? l->agreed.ext_rrid : l->agreed.ext_rid;
    if (rill_rtp_ext_find(p, (uint8_t)id, &rid)) {
        for (size_t k = 0; k < l->n_ins; k++)
            if (rill_view_is(rid, l->ins[k]->rid))
                return k;
        return NO_LINE;
    }
    return known && known->in < l->n_ins ? known->in : NO_LINE;
}

/* Room for one more: behind the others, or in the place of one that was never heard. */
static struct rill_peer_stream *room(struct rill_peer *x)
{
    if (x->n_streams < RILL_PEER_STREAMS)
        return &x->streams[x->n_streams++];
    for (size_t i = 0; i < x->n_streams; i++)
        if (!x->streams[i].heard)
            return &x->streams[i];
    return NULL;
}

static int keep_stream(struct rill_peer *x, struct rill_peer_stream *known, uint32_t ssrc,
                       size_t line, size_t in)
{
    if (!known)
        known = room(x);
    if (!known)
        return RILL_PEER_UNKNOWN_STREAM;
    *known = (struct rill_peer_stream){ssrc, line, in, true};
    return 0;
}

/* --- the table ----------------------------------------------------------------------------- */

static void map_heard(struct rill_peer *x, size_t line)
{
    const struct rill_peer_line *l = &x->lines[line];
    for (size_t k = 0; l->agreed.receive && k < l->n_ins; k++) {
        const struct rill_peer_receiver *in = l->ins[k];
        if (!in->started)
            continue;
        (void)keep_stream(x, NULL, in->ssrc, line, k);
        /* Who repairs says whom no more, once that was heard. */
        if (in->repairs.ssrc)
            (void)keep_stream(x, NULL, in->repairs.ssrc, line, k);
    }
}

/* The nth that the description names. Of several encodings it does not say whose it is. */
static void map_named(struct rill_peer *x, size_t line, size_t n)
{
    const struct rill_peer_line *l = &x->lines[line];
    const struct rill_sdp_agreed *a = &l->agreed;
    if (!a->receive || a->n_received || n >= a->n_remote_ssrcs ||
        x->n_streams == RILL_PEER_STREAMS || by_ssrc(x, l->transport, a->remote_ssrcs[n]))
        return;
    x->streams[x->n_streams++] = (struct rill_peer_stream){a->remote_ssrcs[n], line, 0, false};
}

/* RFC 9143 §9.2: "for each SSRC configured for receiving in that "m=" section". The first of each
 * m-line before all others: it is what is shown or heard. */
void rill_peer_route_agreed(struct rill_peer *x)
{
    x->n_streams = 0;
    for (size_t i = 0; i < x->n_lines; i++)
        map_heard(x, i);
    for (size_t n = 0; n < RILL_SDP_REMOTE_SSRCS_MAX; n++)
        for (size_t i = 0; i < x->n_lines; i++)
            map_named(x, i, n);
}

/* --- packets ------------------------------------------------------------------------------- */

/* RFC 9143 §9.2: "check that the payload type used by the RTP stream matches". Deviation: one that
 * was named alone, and wrongly, may still be another m-line's. */
static bool is_of(const struct rill_peer *x, const struct rill_peer_stream *s, uint8_t pt)
{
    const struct rill_sdp_agreed *a = &x->lines[s->line].agreed;
    return a->receive && (s->heard || takes(a, pt));
}

int rill_peer_route(struct rill_peer *x, size_t transport, const struct rill_rtp_packet *p,
                    size_t *line, size_t *in)
{
    struct rill_peer_stream *known = by_ssrc(x, transport, p->ssrc);
    bool has_mid;
    size_t at = by_mid(x, transport, p, &has_mid);
    /* "If the MID associated with the RTP stream is not in the table mapping a MID to an "m="
     * section, then the RTP stream is not decoded": late packets of an m-line that was given up,
     * whose SSRC may have another use by now. */
    if (at == NO_LINE && has_mid)
        return RILL_PEER_UNKNOWN_STREAM;
    if (at == NO_LINE && known && is_of(x, known, p->pt))
        at = known->line;
    if (at == NO_LINE)
        at = by_unique_payload_type(x, transport, p->pt);
    if (at == NO_LINE)
        return RILL_PEER_UNKNOWN_STREAM;
    size_t k = by_rid(&x->lines[at], p, known && known->line == at ? known : NULL);
    if (k == NO_LINE)
        return RILL_PEER_UNKNOWN_STREAM;
    *line = at;
    *in = k;
    return keep_stream(x, known, p->ssrc, at, k);
}

/* An SDES packet says whose an SSRC is (RFC 9143 §15.1, RFC 8852 §3.1); only those are kept that
 * can be told apart by it. */
void rill_peer_route_named(struct rill_peer *x, uint32_t ssrc, struct rill_view mid,
                           struct rill_view rid)
{
    for (size_t i = 0; i < x->n_lines; i++) {
        const struct rill_peer_line *l = &x->lines[i];
        if (!l->agreed.receive || l->agreed.n_received == 0 || !rill_view_equal(mid, l->agreed.mid))
            continue;
        struct rill_peer_stream *known = by_ssrc(x, l->transport, ssrc);
        for (size_t k = 0; k < l->n_ins; k++)
            if (rill_view_is(rid, l->ins[k]->rid) && (!known || !known->heard))
                (void)keep_stream(x, known, ssrc, i, k);
    }
}
