/* call_stats: getStats() (webrtc-pc §8, webrtc-stats): one list of objects that name each other by
 * their ids. docs/stats.md tells of each member where it comes from. */
#include "apps/call_stats.h"

#include "base/digest.h"
#include "peer/why.h"
#include "signaling/base64.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- objects ---------------------------------------------------------------------------- */

json_t *call_stats_timestamp(const struct call *c, int64_t at)
{
    return json_real((double)(c->wall_us + at) / 1000);
}

void call_stats_id(char out[CALL_STATS_ID], const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(out, CALL_STATS_ID, format, args);
    va_end(args);
}

json_t *call_stats_add(struct call_report *r, const char *type, const char *id, int64_t at)
{
    json_t *o = json_object();
    json_object_set_new(o, "type", json_string(type));
    json_object_set_new(o, "id", json_string(id));
    json_object_set_new(o, "timestamp", call_stats_timestamp(r->c, at));
    json_array_append_new(r->all, o);
    return o;
}

bool call_stats_has(const struct call_report *r, const char *id)
{
    size_t i;
    json_t *o;
    json_array_foreach(r->all, i,
                       o) if (!strcmp(json_string_value(json_object_get(o, "id")), id)) return true;
    return false;
}

void call_stats_put(json_t *o, const char *name, uint64_t value)
{
    json_object_set_new(o, name, json_integer((json_int_t)value));
}

void call_stats_put_seconds(json_t *o, const char *name, int64_t us)
{
    json_object_set_new(o, name, json_real((double)us / RILL_SECOND));
}

static void put_text(json_t *o, const char *name, const char *text)
{
    if (text)
        json_object_set_new(o, name, json_string(text));
}

/* --- codec ------------------------------------------------------------------------------ */

static const char *mime_type(enum rill_codec_id codec)
{
    static const char *const types[] = {
        [RILL_CODEC_OPUS] = "audio/opus", [RILL_CODEC_VP8] = "video/VP8",
        [RILL_CODEC_VP9] = "video/VP9",   [RILL_CODEC_H264] = "video/H264",
        [RILL_CODEC_AV1] = "video/AV1",   [RILL_CODEC_PCMU] = "audio/PCMU",
        [RILL_CODEC_PCMA] = "audio/PCMA",
    };
    return types[codec];
}

/* "coalesce information into a single "codec" entry per payload type per transport, unless
 * sdpFmtpLine differs per direction, in which case two entries … are needed". */
void call_stats_codec(struct call_report *r, const struct rill_peer_stream_stats *row, bool sent,
                      char id[CALL_STATS_ID])
{
    struct rill_view fmtp = rill_peer_fmtp(r->c->peer, (int)row->transceiver, row->pt, sent);
    struct rill_view other = rill_peer_fmtp(r->c->peer, (int)row->transceiver, row->pt, !sent);
    call_stats_id(id, "C%s%zu_%u",
                  rill_view_equal(fmtp, other) ? ""
                  : sent                       ? "O"
                                               : "I",
                  row->transport, row->pt);
    if (call_stats_has(r, id))
        return;
    json_t *o = call_stats_add(r, "codec", id, rill_posix_now());
    char transport[CALL_STATS_ID];
    call_stats_id(transport, "T%zu", row->transport);
    call_stats_put(o, "payloadType", row->pt);
    put_text(o, "transportId", transport);
    put_text(o, "mimeType", mime_type(row->codec));
    call_stats_put(o, "clockRate", rill_codec_clock_hz(row->codec));
    if (row->kind == RILL_AUDIO)
        call_stats_put(o, "channels", row->codec == RILL_CODEC_OPUS ? 2 : 1);
    if (fmtp.n)
        json_object_set_new(o, "sdpFmtpLine", rill_app_json_text(fmtp));
}

/* --- media-source ----------------------------------------------------------------------- */

bool call_stats_source(const struct call *c, size_t transceiver, struct rill_sender_stats *out)
{
    for (size_t i = 0; i < c->n_tracks; i++)
        if (c->tracks[i].transceiver == (int)transceiver) {
            call_track_stats(c, i, out);
            return true;
        }
    return false;
}

static void source(struct call_report *r, size_t transceiver)
{
    struct rill_peer_transceiver_info t;
    struct rill_sender_stats m;
    char id[CALL_STATS_ID];
    if (!rill_peer_transceiver(r->c->peer, (int)transceiver, &t) || !t.has_track ||
        !call_stats_source(r->c, transceiver, &m))
        return;
    bool video = t.kind == RILL_VIDEO;
    call_stats_id(id, "S%c%zu", video ? 'V' : 'A', transceiver);
    json_t *o = call_stats_add(r, "media-source", id, rill_posix_now());
    json_object_set_new(o, "trackIdentifier", rill_app_json_text(t.track_id));
    put_text(o, "kind", rill_kind_name(t.kind));
    if (video) {
        call_stats_put(o, "frames", m.source_frames);
        json_object_set_new(o, "framesPerSecond", json_real(m.source_per_second));
    } else {
        json_object_set_new(o, "audioLevel", json_real(m.audio_level));
        json_object_set_new(o, "totalAudioEnergy", json_real(m.total_audio_energy));
        json_object_set_new(o, "totalSamplesDuration", json_real(m.total_samples_duration));
    }
    if (m.width) {
        call_stats_put(o, "width", m.width);
        call_stats_put(o, "height", m.height);
    }
}

/* --- certificate and transport ------------------------------------------------------------ */

/* Its id; an empty one without a certificate. */
static void certificate(struct call_report *r, struct rill_view der, char id[CALL_STATS_ID])
{
    uint8_t digest[RILL_SHA256_SIZE];
    char fingerprint[3 * RILL_SHA256_SIZE];
    char *text = malloc(der.n * 4 / 3 + 8);
    id[0] = 0;
    if (der.n > 0 && text) {
        struct rill_writer w = rill_writer_of((struct rill_span){(uint8_t *)fingerprint, 96});
        rill_digest(RILL_SHA256, der, digest);
        rill_dtls_fingerprint_write(&w, rill_view_at(digest, sizeof digest));
        rill_w_end_text(&w);
        call_stats_id(id, "CF%s", fingerprint);
    }
    if (id[0] && !call_stats_has(r, id)) {
        struct rill_writer w =
            rill_writer_of((struct rill_span){(uint8_t *)text, der.n * 4 / 3 + 8});
        rill_base64_write(&w, der);
        rill_w_end_text(&w);
        json_t *o = call_stats_add(r, "certificate", id, rill_posix_now());
        put_text(o, "fingerprint", fingerprint);
        put_text(o, "fingerprintAlgorithm", "sha-256");
        put_text(o, "base64Certificate", text);
    }
    free(text);
}

/* The IANA registry's spelling of mbedtls's names. */
static void put_cipher(json_t *o, const char *name)
{
    char text[96];
    size_t n = 0;
    if (!name)
        return;
    for (; name[n] && n + 1 < sizeof text; n++)
        text[n] = name[n] == '-' ? '_' : name[n];
    text[n] = 0;
    put_text(o, "dtlsCipher", text);
}

static void put_dtls(struct call_report *r, json_t *o, const struct rill_peer_transport_stats *t)
{
    static const char *const states[] = {"new", "connecting", "connected", "closed", "failed"};
    char id[CALL_STATS_ID];
    put_text(o, "dtlsState", states[t->dtls_state]);
    put_text(o, "dtlsRole", t->dtls_role ? t->dtls_role : "unknown");
    if (t->dtls_version)
        put_text(o, "tlsVersion", "FEFD"); /* RFC 6347 §4.1: {254, 253}, the one there is here */
    put_cipher(o, t->dtls_cipher);
    put_text(o, "srtpCipher", t->srtp_profile);
    certificate(r, r->c->cert ? rill_dtls_cert_der(r->c->cert) : (struct rill_view){0}, id);
    if (id[0])
        put_text(o, "localCertificateId", id);
    certificate(r, t->certificate, id);
    if (id[0])
        put_text(o, "remoteCertificateId", id);
}

static void transport(struct call_report *r, size_t number)
{
    const struct rill_peer_transport_stats *t = &r->s->transports[number];
    const struct rill_ice *ice = rill_peer_ice(r->c->peer, number);
    char id[CALL_STATS_ID], selected[CALL_STATS_ID] = "";
    if (!ice)
        return;
    call_stats_ice(r, number, selected);
    call_stats_id(id, "T%zu", number);
    json_t *o = call_stats_add(r, "transport", id, rill_posix_now());
    call_stats_put(o, "packetsSent", t->packets_sent);
    call_stats_put(o, "packetsReceived", t->packets_received);
    call_stats_put(o, "bytesSent", t->bytes_sent);
    call_stats_put(o, "bytesReceived", t->bytes_received);
    put_text(o, "iceRole", rill_ice_is_controlling(ice) ? "controlling" : "controlled");
    json_object_set_new(o, "iceLocalUsernameFragment", rill_app_json_text(rill_ice_ufrag(ice)));
    put_text(o, "iceState", rill_ice_state_name(rill_ice_state(ice)));
    call_stats_put(o, "selectedCandidatePairChanges", t->pair_changes);
    if (selected[0])
        put_text(o, "selectedCandidatePairId", selected);
    put_dtls(r, o, t);
}

/* --- media-playout ------------------------------------------------------------------------ */

/* The card is one path for all that is played. */
static void playout(struct call_report *r)
{
    struct rill_player_stats p;
    if (!r->c->player)
        return;
    rill_player_stats(r->c->player, &p);
    json_t *o = call_stats_add(r, "media-playout", CALL_STATS_PLAYOUT, rill_posix_now());
    put_text(o, "kind", "audio");
    json_object_set_new(o, "synthesizedSamplesDuration", json_real((double)p.synthesized / 48000));
    call_stats_put(o, "synthesizedSamplesEvents", p.synthesized_events);
    json_object_set_new(o, "totalSamplesDuration", json_real((double)p.samples / 48000));
    json_object_set_new(o, "totalPlayoutDelay", json_real(p.delay));
    call_stats_put(o, "totalSamplesCount", p.samples);
}

/* --- the report ------------------------------------------------------------------------- */

/* rill has no data channels. */
static void peer_connection(struct call_report *r)
{
    json_t *o = call_stats_add(r, "peer-connection", "P", rill_posix_now());
    call_stats_put(o, "dataChannelsOpened", 0);
    call_stats_put(o, "dataChannelsClosed", 0);
}

json_t *call_stats_json(const struct call *c)
{
    struct rill_peer_stats s;
    struct call_report r = {c, &s, json_array()};
    if (!c->peer)
        return r.all;
    rill_peer_stats(c->peer, &s);
    peer_connection(&r);
    for (size_t i = 0; i < s.n_transports; i++)
        transport(&r, i);
    for (size_t i = 0; i < RILL_TRACKS_MAX; i++)
        source(&r, i);
    playout(&r);
    for (size_t i = 0; i < s.n_sent; i++)
        call_stats_sent(&r, &s.sent[i]);
    for (size_t i = 0; i < s.n_received; i++)
        call_stats_received(&r, &s.received[i]);
    return r.all;
}

void call_stats_tick(struct call *c, int64_t now)
{
    bool begun = c->stats_at != RILL_NEVER;
    if (!c->options->stats || !c->connected || (begun && now < c->stats_at))
        return;
    if (begun)
        call_tell_stats(c);
    c->stats_at = now + c->options->stats;
}
