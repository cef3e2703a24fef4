/* call_report_json: the figures of a call as JSON: of --json, and of what the summary is. */
#include "apps/call_report.h"

#include "apps/app.h"
#include "base/seq.h"

#include <math.h>

static json_t *stream_json(const struct rill_peer_stream_stats *s)
{
    json_t *o = json_object();
    json_object_set_new(o, "kind", json_string(rill_kind_name(s->kind)));
    json_object_set_new(o, "mid", rill_app_json_text(s->mid));
    if (s->rid.n) {
        json_object_set_new(o, "rid", rill_app_json_text(s->rid));
        json_object_set_new(o, "active", json_boolean(s->active));
        json_object_set_new(o, "handed_out", json_boolean(s->handed_out));
        json_object_set_new(o, "frame_width", json_integer(s->width));
        json_object_set_new(o, "frame_height", json_integer(s->height));
    }
    json_object_set_new(o, "transceiver", json_integer((json_int_t)s->transceiver));
    json_object_set_new(o, "ssrc", json_integer(s->ssrc));
    json_object_set_new(o, "transport", json_integer((json_int_t)s->transport));
    json_object_set_new(o, "payload_type", json_integer(s->pt));
    json_object_set_new(o, "packets", json_integer((json_int_t)s->packets));
    json_object_set_new(o, "bytes", json_integer((json_int_t)s->bytes));
    json_object_set_new(o, "frames", json_integer((json_int_t)s->frames));
    json_object_set_new(o, "keyframes", json_integer((json_int_t)s->keyframes));
    json_object_set_new(o, "lost", json_integer(s->lost));
    json_object_set_new(o, "jitter_us", json_integer(s->jitter_us));
    json_object_set_new(o, "rtt_us", json_integer(s->rtt_us));
    json_object_set_new(o, "nacks", json_integer((json_int_t)s->nacks));
    json_object_set_new(o, "plis", json_integer((json_int_t)s->plis));
    json_object_set_new(o, "retransmitted", json_integer((json_int_t)s->retransmitted));
    json_object_set_new(o, "padding_packets", json_integer((json_int_t)s->padding));
    json_object_set_new(o, "frames_dropped", json_integer((json_int_t)s->frames_dropped));
    json_object_set_new(o, "red", json_boolean(s->red));
    json_object_set_new(o, "fec_packets", json_integer((json_int_t)s->fec_packets));
    json_object_set_new(o, "fec_discarded", json_integer((json_int_t)s->fec_discarded));
    return o;
}

/* By the names of W3C webrtc-stats, and what the buffer is like now. */
static void add_sound(json_t *o, const struct rill_receiver_stats *r)
{
    const struct {
        const char *name;
        uint64_t n;
    } counts[] = {
        {"totalSamplesReceived", r->total_samples_received},
        {"concealedSamples", r->concealed_samples},
        {"silentConcealedSamples", r->silent_concealed_samples},
        {"concealmentEvents", r->concealment_events},
        {"insertedSamplesForDeceleration", r->inserted_samples_for_deceleration},
        {"removedSamplesForAcceleration", r->removed_samples_for_acceleration},
        {"jitterBufferEmittedCount", r->jitter_buffer_emitted_count},
        {"packetsDiscarded", r->packets_discarded},
        {"opus_fec_packets", r->fec_packets_received},
        {"opus_fec_used", r->fec_packets_received - r->fec_packets_discarded},
        {"comfort_samples", r->comfort_samples},
    };
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
        json_object_set_new(o, counts[i].name, json_integer((json_int_t)counts[i].n));
    json_object_set_new(o, "jitterBufferDelay", json_real(r->jitter_buffer_delay));
    json_object_set_new(o, "jitterBufferTargetDelay", json_real(r->jitter_buffer_target_delay));
    json_object_set_new(o, "jitterBufferMinimumDelay", json_real(r->jitter_buffer_minimum_delay));
    json_object_set_new(o, "totalAudioEnergy", json_real(r->total_audio_energy));
    json_object_set_new(o, "totalSamplesDuration", json_real(r->total_samples_duration));
    json_object_set_new(o, "audioLevel", json_real(r->audio_level));
    json_object_set_new(o, "buffer_us", json_integer(r->delay_us));
    json_object_set_new(o, "buffer_target_us", json_integer(r->target_us));
}

static void add_decoded(json_t *o, const struct rill_receiver_stats *r)
{
    json_object_set_new(o, "decoded", json_integer((json_int_t)r->decoded));
    json_object_set_new(o, "decode_errors", json_integer((json_int_t)r->errors));
    json_object_set_new(o, "width", json_integer(r->width));
    json_object_set_new(o, "height", json_integer(r->height));
    json_object_set_new(o, "numbers", json_integer((json_int_t)r->numbers));
    json_object_set_new(o, "number_first", json_integer(r->number_first));
    json_object_set_new(o, "number_last", json_integer(r->number_last));
    json_object_set_new(o, "number_gaps", json_integer((json_int_t)r->number_gaps));
    json_object_set_new(o, "tone_hz", json_integer(r->tone_hz));
    json_object_set_new(o, "samples", json_integer((json_int_t)r->samples));
    json_object_set_new(o, "concealed", json_integer((json_int_t)r->concealed));
    if (r->total_samples_received)
        add_sound(o, r);
}

/* A call that bundles has one, whose words are the summary's own. */
static void transport_json(json_t *o, const struct rill_peer_transport_stats *t)
{
    json_object_set_new(o, "local_candidate", json_string(t->local_candidate));
    json_object_set_new(o, "remote_candidate", json_string(t->remote_candidate));
    json_object_set_new(o, "pair_rtt_us", json_integer(t->pair_rtt_us));
    json_object_set_new(o, "dtls_version", json_string(t->dtls_version ? t->dtls_version : ""));
    json_object_set_new(o, "dtls_cipher", json_string(t->dtls_cipher ? t->dtls_cipher : ""));
    json_object_set_new(o, "dtls_role", json_string(t->dtls_role ? t->dtls_role : ""));
    json_object_set_new(o, "srtp_profile", json_string(t->srtp_profile ? t->srtp_profile : ""));
}

static double ntp_seconds(uint64_t ntp)
{
    return (double)(ntp >> 32) + (double)(uint32_t)ntp / 4294967296.0;
}

/* webrtc-pc §5.6, RTCRtpSynchronizationSource, and what else header extensions have told. Times are
 * milliseconds since 1900, by the sender's clock. */
static json_t *marks_json(const struct rill_peer_stream_stats *s)
{
    const struct rill_peer_heard_marks *m = &s->more.in.marks;
    json_t *o = json_object();
    json_object_set_new(o, "source", json_integer(s->ssrc));
    json_object_set_new(o, "rtpTimestamp", json_integer(m->rtp_time));
    if (m->has_level) {
        double level = m->level == 127 ? 0 : pow(10, -m->level / 20.0);
        json_object_set_new(o, "audioLevel", json_real(level));
        json_object_set_new(o, "voiceActivityFlag", json_boolean(m->voice));
    }
    if (m->has_capture) {
        double since = (double)rill_seq32_diff(m->rtp_time, m->capture_rtp_time) /
                       rill_codec_clock_hz(s->codec);
        json_object_set_new(o, "captureTimestamp",
                            json_real((ntp_seconds(m->capture_ntp) + since) * 1000));
    }
    if (m->has_capture_offset)
        json_object_set_new(o, "senderCaptureTimeOffset",
                            json_real((double)m->capture_offset / 4294967.296));
    if (s->kind == RILL_VIDEO)
        json_object_set_new(o, "rotation", json_integer(m->rotation));
    if (m->has_playout_delay) {
        json_object_set_new(o, "playoutDelayMin", json_integer(m->playout_min_ms));
        json_object_set_new(o, "playoutDelayMax", json_integer(m->playout_max_ms));
    }
    return o;
}

static void add_streams(const struct call *c, json_t *o, const struct rill_peer_stats *s)
{
    json_t *sent = json_array(), *received = json_array();
    for (size_t i = 0; i < s->n_sent; i++) {
        json_t *row = stream_json(&s->sent[i]);
        json_object_set_new(
            row, "source_dropped",
            json_integer((json_int_t)call_source_dropped(c, s->sent[i].transceiver)));
        json_array_append_new(sent, row);
    }
    for (size_t i = 0; i < s->n_received; i++) {
        json_t *row = stream_json(&s->received[i]);
        const struct call_remote *remote = &c->remotes[s->received[i].transceiver];
        if (remote->used && s->received[i].encoding == 0) {
            struct rill_receiver_stats r;
            rill_receiver_stats(remote->receiver, &r);
            add_decoded(row, &r);
            json_object_set_new(row, "longest_gap_us", json_integer(remote->longest_gap));
        }
        if (s->received[i].more.in.begun)
            json_object_set_new(row, "synchronization_source", marks_json(&s->received[i]));
        json_array_append_new(received, row);
    }
    json_object_set_new(o, "sent", sent);
    json_object_set_new(o, "received", received);
}

static json_t *transceivers_json(const struct call *c)
{
    json_t *list = json_array();
    struct rill_peer_transceiver_info t;
    for (int i = 0; i < RILL_TRACKS_MAX; i++) {
        if (!rill_peer_transceiver(c->peer, i, &t))
            continue;
        json_t *row = json_object();
        json_object_set_new(row, "mid", rill_app_json_text(t.mid));
        json_object_set_new(row, "kind", json_string(rill_kind_name(t.kind)));
        json_object_set_new(row, "direction", json_string(rill_sdp_direction_name(t.direction)));
        json_object_set_new(row, "current_direction",
                            t.has_current ? json_string(rill_sdp_direction_name(t.current))
                                          : json_null());
        json_object_set_new(row, "stopping", json_boolean(t.stopping));
        json_array_append_new(list, row);
    }
    return list;
}

void call_report_summary_json(struct call *c, const struct rill_peer_stats *s, bool ok)
{
    json_t *o = call_event_json(c, "summary");
    json_t *transports = json_array();
    json_object_set_new(o, "ok", json_boolean(ok));
    json_object_set_new(o, "failure", c->failure[0] ? json_string(c->failure) : json_null());
    json_object_set_new(o, "output_error",
                        c->output_error.row ? json_string(c->output_error.row->sentence)
                                            : json_null());
    transport_json(o, &s->transports[0]);
    for (size_t i = 0; i < s->n_transports; i++) {
        json_t *t = json_object();
        json_object_set_new(t, "mline", json_integer(s->transports[i].mline));
        json_object_set_new(t, "component", json_integer(s->transports[i].component));
        transport_json(t, &s->transports[i]);
        json_array_append_new(transports, t);
    }
    json_object_set_new(o, "transports", transports);
    json_object_set_new(o, "connected_us",
                        json_integer(c->connected ? c->connected_at - c->described_at : -1));
    json_object_set_new(o, "first_audio_us", json_integer(call_first_of(c, RILL_AUDIO)));
    json_object_set_new(o, "first_video_us", json_integer(call_first_of(c, RILL_VIDEO)));
    json_object_set_new(o, "congestion",
                        json_string(call_congestion_names[c->options->congestion]));
    json_object_set_new(o, "target_bps", json_integer((json_int_t)s->target_bps));
    json_object_set_new(o, "feedbacks", json_integer((json_int_t)s->feedbacks));
    json_object_set_new(o, "datagrams_in", json_integer((json_int_t)s->datagrams_in));
    json_object_set_new(o, "datagrams_out", json_integer((json_int_t)s->datagrams_out));
    add_streams(c, o, s);
    if (c->last_stats)
        json_object_set_new(o, "stats", c->last_stats);
    c->last_stats = NULL;
    call_print_json(o);
}

void call_report_stats_json(struct call *c, const struct rill_peer_stats *s)
{
    json_t *o = call_event_json(c, "stats");
    add_streams(c, o, s);
    json_object_set_new(o, "transceivers", transceivers_json(c));
    json_object_set_new(o, "stats", call_stats_json(c));
    call_print_json(o);
}
