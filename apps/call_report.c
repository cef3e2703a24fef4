/* call_report: the 23 steps as they happen, and the summary that proves the call. */
#include "apps/app.h"
#include "apps/call.h"
#include "base/seq.h"
#include "base/steps.h"
#include "peer/why.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const struct rill_trace_point step_point = {
    "call",
    "step",
    "one of the 23 steps of a call",
    3,
    {{"number", RILL_TRACE_U64}, {"client", RILL_TRACE_U64}, {"sentence", RILL_TRACE_TEXT}}};
static const struct rill_trace_point note_point = {
    "call", "note", "something to know", 2, {{"what", RILL_TRACE_TEXT}, {"text", RILL_TRACE_TEXT}}};
static const struct rill_trace_point failed_point = {"call",
                                                     "failed",
                                                     "why the call failed",
                                                     4,
                                                     {{"text", RILL_TRACE_TEXT},
                                                      {"step", RILL_TRACE_U64},
                                                      {"clause", RILL_TRACE_TEXT},
                                                      {"try", RILL_TRACE_TEXT}}};

/* Wall-clock time, so that the lines of two processes can be laid side by side. */
static void clock_text(char out[32])
{
    int64_t wall = rill_posix_wall();
    time_t seconds = (time_t)(wall / RILL_SECOND);
    struct tm parts;
    char head[16];
    localtime_r(&seconds, &parts);
    strftime(head, sizeof head, "%H:%M:%S", &parts);
    snprintf(out, 32, "%s.%03d", head, (int)(wall / 1000 % 1000));
}

void call_print_json(json_t *o)
{
    char *text = json_dumps(o, JSON_COMPACT);
    if (text) {
        printf("%s\n", text);
        fflush(stdout);
    }
    free(text);
    json_decref(o);
}

json_t *call_event_json(const struct call *c, const char *event)
{
    json_t *o = json_object();
    json_object_set_new(o, "event", json_string(event));
    json_object_set_new(o, "time", json_integer(rill_posix_wall()));
    json_object_set_new(o, "name", rill_app_json_text(rill_view_of(c->options->name)));
    return o;
}

void call_step(struct call *c, int step)
{
    const struct rill_step *row = rill_step(step);
    if (!row || c->steps_done >> step & 1)
        return;
    c->steps_done |= 1u << step;
    RILL_TRACE(&c->trace.trace, rill_posix_now(), step_point, {.u = (uint64_t)step},
               {.u = (uint64_t)row->client}, {.view = rill_view_of(row->sentence)});
    if (c->options->json) {
        json_t *o = call_event_json(c, "step");
        json_object_set_new(o, "step", json_integer(step));
        json_object_set_new(o, "client", json_integer(row->client));
        json_object_set_new(o, "sentence", json_string(row->sentence));
        call_print_json(o);
        return;
    }
    char clock[32];
    int client = row->client ? row->client : step == 21 ? 0 : c->role == CALL_OFFERER ? 1 : 2;
    static const char *const who[] = {"SERVER", "CLIENT1", "CLIENT2"};
    clock_text(clock);
    printf("step %2d  %s  %-7s  %s", step, clock, who[client], row->sentence);
    if (client && strcmp(who[client], c->options->name) != 0)
        printf(" [%s]", c->options->name);
    printf("\n");
    fflush(stdout);
}

void call_note(struct call *c, const char *what, const char *text)
{
    RILL_TRACE(&c->trace.trace, rill_posix_now(), note_point, {.view = rill_view_of(what)},
               {.view = rill_view_of(text)});
    if (c->options->json) {
        json_t *o = call_event_json(c, what);
        json_object_set_new(o, "value", rill_app_json_text(rill_view_of(text)));
        call_print_json(o);
        return;
    }
    if (!c->options->trace.verbose)
        return;
    char clock[32];
    clock_text(clock);
    printf("         %s  [%s] %s: %s\n", clock, c->options->name, what, text);
    fflush(stdout);
}

/* The highest that was told; 0 for none. */
static int last_step(const struct call *c)
{
    int step = RILL_STEPS;
    while (step > 0 && !(c->steps_done >> step & 1))
        step--;
    return step;
}

/* With the likeliest cause that the connection knows of, as --why has it. */
static void tell_failure(const struct call *c, const struct rill_err *why)
{
    struct rill_cause cause = {.clause = why && why->row ? why->row->clause : NULL};
    if (c->peer && !cause.clause)
        (void)rill_peer_causes(c->peer, &cause, 1);
    RILL_TRACE(&c->trace.trace, rill_posix_now(), failed_point, {.view = rill_view_of(c->failure)},
               {.u = (uint64_t)last_step(c)}, {.view = rill_view_of(cause.clause)},
               {.view = rill_view_of(cause.advice)});
}

void call_fail(struct call *c, const char *what, const struct rill_err *why)
{
    char text[256] = "";
    struct rill_writer w = rill_writer_of((struct rill_span){(uint8_t *)text, sizeof text});
    if (c->end == CALL_FAILED)
        return;
    c->end = CALL_FAILED;
    if (why && why->row) {
        rill_w_str(&w, ": ");
        rill_app_err_write(&w, why);
        rill_w_str(&w, " (");
        rill_w_str(&w, why->row->clause);
        rill_w_str(&w, ")");
        rill_w_end_text(&w);
    }
    snprintf(c->failure, sizeof c->failure, "%s%s", what, text);
    tell_failure(c, why);
    fprintf(stderr, "rill call: [%s] %s\n", c->options->name, c->failure);
}

void call_fail_code(struct call *c, const char *what, int code)
{
    struct rill_err why = {.row = rill_app_err_row(code)};
    call_fail(c, what, &why);
}

static double ms(int64_t us)
{
    return (double)us / 1000.0;
}

/* "first video 42.0 ms", measured from when both descriptions were known. */
static int64_t first_of(const struct call *c, enum rill_kind kind)
{
    int64_t first = 0;
    for (size_t i = 0; i < RILL_TRACKS_MAX; i++)
        if (c->remotes[i].used && c->remotes[i].kind == kind && c->remotes[i].first)
            first = c->remotes[i].first;
    return first ? first - c->described_at : -1;
}

static const char *kind_name(enum rill_kind kind)
{
    return kind == RILL_VIDEO ? "video" : "audio";
}

static json_t *stream_json(const struct rill_peer_stream_stats *s)
{
    json_t *o = json_object();
    json_object_set_new(o, "kind", json_string(kind_name(s->kind)));
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

/* What the source of this transceiver's track has dropped. */
static uint64_t source_dropped(const struct call *c, size_t transceiver)
{
    struct rill_sender_stats m = {0};
    for (size_t i = 0; i < c->n_tracks; i++)
        if (c->tracks[i].transceiver == (int)transceiver)
            call_track_stats(c, i, &m);
    return m.dropped;
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
        json_object_set_new(row, "source_dropped",
                            json_integer((json_int_t)source_dropped(c, s->sent[i].transceiver)));
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
        json_object_set_new(row, "kind", json_string(kind_name(t.kind)));
        json_object_set_new(row, "direction", json_string(rill_sdp_direction_name(t.direction)));
        json_object_set_new(row, "current_direction",
                            t.has_current ? json_string(rill_sdp_direction_name(t.current))
                                          : json_null());
        json_object_set_new(row, "stopping", json_boolean(t.stopping));
        json_array_append_new(list, row);
    }
    return list;
}

static void summary_json(struct call *c, const struct rill_peer_stats *s, bool ok)
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
    json_object_set_new(o, "first_audio_us", json_integer(first_of(c, RILL_AUDIO)));
    json_object_set_new(o, "first_video_us", json_integer(first_of(c, RILL_VIDEO)));
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

/* One write, so that two processes on one terminal do not mix their lines. */
struct page {
    char text[8192];
    size_t n;
};

#define PAGE(p, ...)                                                                               \
    do {                                                                                           \
        int n_ = snprintf((p)->text + (p)->n, sizeof(p)->text - (p)->n, __VA_ARGS__);              \
        if (n_ > 0)                                                                                \
            (p)->n +=                                                                              \
                (size_t)n_ < sizeof(p)->text - (p)->n ? (size_t)n_ : sizeof(p)->text - (p)->n - 1; \
    } while (0)

static void page_received(struct page *p, const struct rill_peer_stream_stats *s,
                          const struct rill_receiver_stats *r)
{
    PAGE(p,
         "  received  %s: %llu frames decoded, %llu packets, %llu bytes, %lld lost, jitter %.1f ms",
         kind_name(s->kind), (unsigned long long)r->decoded, (unsigned long long)s->packets,
         (unsigned long long)s->bytes, (long long)s->lost, ms(s->jitter_us));
    if (s->kind == RILL_VIDEO && r->width)
        PAGE(p, ", %ux%u", r->width, r->height);
    if (r->numbers)
        PAGE(p, ", pattern numbers %d to %d with %llu gaps", r->number_first, r->number_last,
             (unsigned long long)r->number_gaps);
    if (s->kind == RILL_AUDIO && r->tone_hz)
        PAGE(p, ", a tone of %u Hz", r->tone_hz);
    PAGE(p, "\n");
}

static void page_streams(struct page *p, struct call *c, const struct rill_peer_stats *s)
{
    for (size_t i = 0; i < s->n_sent; i++) {
        if (s->sent[i].rid.n && c->connected)
            PAGE(p, "  encoding  %.*s: %llu frames%s\n", (int)s->sent[i].rid.n,
                 (const char *)s->sent[i].rid.p, (unsigned long long)s->sent[i].frames,
                 s->sent[i].active ? "" : ", not sent at last");
        if (s->sent[i].active)
            PAGE(p,
                 "  sent      %s: %llu frames, %llu packets, %llu bytes, %llu sent again, "
                 "%llu dropped at the source\n",
                 kind_name(s->sent[i].kind), (unsigned long long)s->sent[i].frames,
                 (unsigned long long)s->sent[i].packets, (unsigned long long)s->sent[i].bytes,
                 (unsigned long long)s->sent[i].retransmitted,
                 (unsigned long long)source_dropped(c, s->sent[i].transceiver));
        else if (c->connected)
            PAGE(p, "  sent      %s: nothing, the other side takes none\n",
                 kind_name(s->sent[i].kind));
    }
    for (size_t i = 0; i < s->n_received; i++) {
        struct rill_receiver_stats r;
        const struct rill_peer_stream_stats *row = &s->received[i];
        const struct call_remote *remote = &c->remotes[row->transceiver];
        if (row->rid.n)
            PAGE(p, "  encoding  %.*s: %llu frames, %ux%u%s\n", (int)row->rid.n,
                 (const char *)row->rid.p, (unsigned long long)row->frames, row->width, row->height,
                 row->handed_out ? ", shown at last" : "");
        if (!remote->used || row->encoding > 0)
            continue;
        rill_receiver_stats(remote->receiver, &r);
        page_received(p, row, &r);
    }
}

/* Loss and round trip as the other side's reports have them, of the first track with pictures. */
static void page_congestion(struct page *p, const struct call *c, const struct rill_peer_stats *s)
{
    if (!c->connected || s->target_bps == 0)
        return;
    PAGE(p, "  path      %s: target %llu kbit/s after %llu feedbacks",
         call_congestion_names[c->options->congestion], (unsigned long long)(s->target_bps / 1000),
         (unsigned long long)s->feedbacks);
    for (size_t i = 0; i < s->n_sent; i++)
        if (s->sent[i].active && s->sent[i].kind == RILL_VIDEO && s->sent[i].rtt_us >= 0) {
            PAGE(p, ", %lld lost, round trip %.1f ms", (long long)s->sent[i].lost,
                 ms(s->sent[i].rtt_us));
            break;
        }
    PAGE(p, "\n");
}

static void transport_text(struct page *p, const struct rill_peer_transport_stats *t)
{
    if (t->has_pair)
        PAGE(p, "  pair      %s\n         ~  %s\n  round trip %.2f ms\n", t->local_candidate,
             t->remote_candidate, ms(t->pair_rtt_us));
    if (t->dtls_version)
        PAGE(p, "  security  %s as %s, %s, %s\n", t->dtls_version, t->dtls_role, t->dtls_cipher,
             t->srtp_profile ? t->srtp_profile : "no SRTP");
}

void call_tell_stats(struct call *c)
{
    struct rill_peer_stats s;
    struct page p = {.n = 0};
    rill_peer_stats(c->peer, &s);
    if (c->options->json) {
        json_t *o = call_event_json(c, "stats");
        add_streams(c, o, &s);
        json_object_set_new(o, "transceivers", transceivers_json(c));
        json_object_set_new(o, "stats", call_stats_json(c));
        call_print_json(o);
        return;
    }
    page_streams(&p, c, &s);
    fwrite(p.text, 1, p.n, stdout);
    fflush(stdout);
}

static void summary_text(struct call *c, const struct rill_peer_stats *s, bool ok)
{
    struct page p = {.n = 0};
    PAGE(&p, "\n%s  [%s]\n", ok ? "CONNECTED!!" : "NOT CONNECTED", c->options->name);
    if (c->failure[0])
        PAGE(&p, "  failed    %s\n", c->failure);
    if (c->output_error.row)
        PAGE(&p, "  kept      not everything, as was told above\n");
    for (size_t i = 0; i < s->n_transports; i++)
        transport_text(&p, &s->transports[i]);
    if (c->connected) {
        PAGE(&p, "  times     connected after %.1f ms", ms(c->connected_at - c->described_at));
        if (first_of(c, RILL_AUDIO) >= 0)
            PAGE(&p, ", first audio after %.1f ms", ms(first_of(c, RILL_AUDIO)));
        if (first_of(c, RILL_VIDEO) >= 0)
            PAGE(&p, ", first video after %.1f ms", ms(first_of(c, RILL_VIDEO)));
        PAGE(&p, " (counted from when both descriptions were known)\n");
    }
    page_congestion(&p, c, s);
    page_streams(&p, c, s);
    fwrite(p.text, 1, p.n, stdout);
    fflush(stdout);
}

void call_collect(struct call *c)
{
    if (!c->peer)
        return;
    rill_peer_stats(c->peer, &c->stats);
    if (c->options->json)
        c->last_stats = call_stats_json(c);
}

bool call_summary(struct call *c)
{
    bool ok = c->end != CALL_FAILED && (c->steps_done >> 23 & 1);
    if (!ok && !c->failure[0])
        snprintf(c->failure, sizeof c->failure, "%s",
                 c->connected ? "the call ended before media had come from both sides"
                              : "the call ended before it was connected");
    if (c->options->json)
        summary_json(c, &c->stats, ok);
    else
        summary_text(c, &c->stats, ok);
    return ok;
}
