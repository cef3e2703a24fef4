/* stats: what has happened so far, as plain numbers (webrtc-stats, in small). */
#include "peer/agreement.h"
#include "peer/congestion.h"
#include "peer/connection.h"
#include "peer/lines.h"
#include "peer/packets.h"
#include "peer/received.h"
#include "peer/tracks.h"
#include "peer/transport.h"
#include "peer/transports.h"
#include "rtp/jitter.h"

static void sent(const struct rill_peer *x, size_t i, size_t k, struct rill_peer_stream_stats *out)
{
    const struct rill_peer_track *t = &x->tracks[i];
    const struct rill_peer_sender *s = t->senders[k];
    *out = (struct rill_peer_stream_stats){
        .active = t->sending >> k & 1,
        .transceiver = i,
        .encoding = k,
        .rid = s->rid,
        .kind = t->kind,
        .codec = s->codec ? s->codec : t->codec,
        .ssrc = s->ssrc,
        .packets = s->packets,
        .bytes = s->bytes,
        .frames = s->frames,
        .keyframes = s->keyframes,
        .lost = s->remote_lost,
        .jitter_us = s->remote_jitter_us,
        .rtt_us = s->remote_rtt_us,
        .nacks = s->nacks,
        .plis = s->plis,
        .firs = s->firs,
        .retransmitted = s->retransmitted,
        .frames_dropped = s->frames_dropped,
        .padding = s->padding,
        .profile_level_id = s->profile_level_id,
        .more.out = s->more,
    };
    struct rill_peer_sound sound;
    out->red = t->kind == RILL_AUDIO && rill_peer_sound(x, (int)i, &sound) && sound.red;
    bool rtx = t->line >= 0 && x->lines[t->line].agreed.rtx_pt;
    out->more.out.rtx_ssrc = rtx ? s->rtx.ssrc : 0;
    if (t->line >= 0) {
        out->agreed = x->lines[t->line].agreed.active && out->codec != RILL_CODEC_NONE;
        out->mid = x->lines[t->line].agreed.mid;
        out->pt = rill_peer_sent_format(&x->lines[t->line], s, out->codec).pt;
    }
}

/* What the stream's own tables hold of it. */
static void inbound(const struct rill_peer_receiver *in, const struct rill_rtp_jitter_stats *jitter,
                    struct rill_peer_inbound_stats *out)
{
    *out = in->more;
    out->packets = in->source.received + in->more.repaired_packets;
    out->bytes = in->source.bytes + in->more.repaired_bytes;
    out->last_packet = in->heard;
    out->packets_discarded = jitter->late + jitter->full;
    out->frames = jitter->frames;
    out->keyframes = jitter->keyframes;
    out->frames_dropped = jitter->frames_dropped;
    out->jitter_delay = jitter->delay;
    out->jitter_target = jitter->target;
    out->frames_assembled = jitter->assembled;
    out->assembly = jitter->assembly;
}

static void received(const struct rill_peer *x, size_t i, size_t k,
                     struct rill_peer_stream_stats *out)
{
    const struct rill_peer_line *l = &x->lines[i];
    const struct rill_peer_receiver *in = l->ins[k];
    int64_t rtt = rill_peer_rtt(x, l);
    *out = (struct rill_peer_stream_stats){
        .active = l->agreed.receive,
        .agreed = l->agreed.active && l->agreed.codec != RILL_CODEC_NONE,
        .transceiver = i,
        .encoding = k,
        .rid = rill_view_of(in->rid),
        .handed_out = l->choice.any && k == l->choice.current,
        .width = in->width,
        .height = in->height,
        .profile_level_id = in->profile_level_id,
        .kind = l->agreed.kind,
        .codec = in->started ? in->codec : l->agreed.codec,
        .mid = l->agreed.mid,
        .ssrc = in->ssrc,
        .pt = in->started ? in->pt : l->agreed.pt,
        .packets = in->packets,
        .bytes = in->bytes,
        .frames = in->frames,
        .keyframes = in->keyframes,
        .rtt_us = rtt ? rtt : -1,
        .nacks = in->nacks,
        .plis = in->plis,
        .firs = in->firs,
        .retransmitted = in->repaired,
        .fec_packets = in->fec_packets,
        .fec_discarded = in->fec_discarded,
        .fec_bytes = in->fec_bytes,
    };
    if (!in->started)
        return;
    struct rill_rtp_jitter_stats jitter;
    rill_rtp_jitter_stats(in->jitter, &jitter);
    inbound(in, &jitter, &out->more.in);
    out->packets += in->source.received;
    out->bytes += in->source.bytes;
    out->frames += jitter.frames;
    out->keyframes += jitter.keyframes;
    out->frames_dropped = jitter.frames_dropped;
    out->lost = rill_rtp_source_lost(&in->source);
    out->jitter_us = rill_rtp_source_jitter_us(&in->source);
}

static void streams(const struct rill_peer *x, struct rill_peer_stats *out)
{
    for (size_t i = 0; i < x->n_tracks; i++)
        sent(x, i, 0, &out->sent[i]);
    for (size_t i = 0; i < x->n_lines; i++)
        received(x, i, 0, &out->received[i]);
    for (size_t i = 0; i < x->n_tracks; i++)
        for (size_t k = 1; k < x->tracks[i].n_senders; k++)
            sent(x, i, k, &out->sent[out->n_sent++]);
    for (size_t i = 0; i < x->n_lines; i++)
        for (size_t k = 1; k < x->lines[i].n_ins; k++)
            received(x, i, k, &out->received[out->n_received++]);
}

static void write_candidate(char *text, size_t n, const struct rill_ice_cand *c)
{
    struct rill_writer w = rill_writer_of((struct rill_span){(uint8_t *)text, n});
    rill_ice_cand_write(&w, c, rill_view_of(NULL));
    rill_w_end_text(&w);
}

static void transport(const struct rill_peer *x, const struct rill_peer_component *c,
                      struct rill_peer_transport_stats *out)
{
    struct rill_ice_pair_info pair;
    out->mline = (int)c->of->mline;
    out->component = (unsigned)(c - c->of->components) + 1;
    out->packets_sent = c->packets_sent;
    out->packets_received = c->packets_received;
    out->bytes_sent = c->bytes_sent;
    out->bytes_received = c->bytes_received;
    out->pair_changes = c->pair_changes;
    out->target_bps = rill_peer_congestion_target(x, &c->of->congestion);
    out->incoming_bps = out->component == 1 ? rill_remb_bps(&c->of->congestion.remb) : 0;
    out->has_pair = rill_ice_pair_info(c->ice, &pair);
    if (out->has_pair) {
        write_candidate(out->local_candidate, sizeof out->local_candidate, &pair.local);
        write_candidate(out->remote_candidate, sizeof out->remote_candidate, &pair.remote);
        out->pair_rtt_us = pair.rtt;
    }
    if (!c->dtls)
        return;
    struct rill_dtls_info dtls;
    rill_dtls_info(c->dtls, &dtls);
    out->dtls_state = rill_dtls_state(c->dtls);
    out->certificate = rill_dtls_peer_certificate(c->dtls);
    out->dtls_version = dtls.version;
    out->dtls_cipher = dtls.ciphersuite;
    out->srtp_profile = dtls.srtp_profile;
    out->dtls_role = dtls.role == RILL_DTLS_CLIENT ? "client" : "server";
}

/* Which row a line's RTP is in. */
static void tell_transport(const struct rill_peer *x, const struct rill_peer_component *c,
                           size_t row, struct rill_peer_stats *out)
{
    for (size_t i = 0; i < x->n_lines; i++) {
        if (rill_peer_line_component(x, &x->lines[i], false) != c)
            continue;
        out->sent[i].transport = row;
        out->received[i].transport = row;
    }
}

static void transports(const struct rill_peer *x, struct rill_peer_stats *out)
{
    const struct rill_peer_component *c;
    for (size_t i = 0; i < sizeof out->transports / sizeof out->transports[0]; i++)
        out->transports[i].pair_rtt_us = -1;
    for (size_t k = 0; (c = rill_peer_component(x, k)); k++) {
        if (!c->used || !rill_peer_transport_is_live(c->of))
            continue;
        tell_transport(x, c, out->n_transports, out);
        transport(x, c, &out->transports[out->n_transports++]);
    }
}

static uint64_t feedbacks(const struct rill_peer *x)
{
    uint64_t n = 0;
    for (size_t i = 0; i < x->config.transports; i++)
        n += x->transports[i].congestion.feedbacks;
    return n;
}

void rill_peer_stats(const struct rill_peer *x, struct rill_peer_stats *out)
{
    *out = (struct rill_peer_stats){
        .n_sent = x->n_tracks,
        .n_received = x->n_lines,
        .datagrams_in = x->datagrams_in,
        .datagrams_out = x->datagrams_out,
        .bytes_in = x->bytes_in,
        .bytes_out = x->bytes_out,
        .dropped_unvalidated = x->dropped_unvalidated,
        .dropped_srtp = x->dropped_srtp,
        .dropped_other = x->dropped_other,
        .target_bps = rill_peer_target(x),
        .feedbacks = feedbacks(x),
    };
    streams(x, out);
    transports(x, out);
}

/* RFC 3264 §6.1: each side says how it wants to be sent to. */
struct rill_view rill_peer_fmtp(const struct rill_peer *x, int transceiver, uint8_t pt, bool sent)
{
    bool active = transceiver >= 0 && (size_t)transceiver < x->n_lines &&
                  x->lines[transceiver].agreed.active && x->jsep.current_local;
    if (!active)
        return (struct rill_view){0};
    const struct rill_sdp_agreed *a = &x->lines[transceiver].agreed;
    const struct rill_sdp *s = sent ? rill_peer_agreed_remote(x) : x->jsep.current_local->sdp;
    return a->mline < s->n_media ? rill_sdp_find_fmtp(&s->media[a->mline], pt)
                                 : (struct rill_view){0};
}
