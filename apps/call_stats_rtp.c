/* call_stats_rtp: the streams (webrtc-stats §8.2 to §8.10): those that are sent and received, and
 * what the other side's reports say of the same. */
#include "apps/call_stats.h"

#include "base/seq.h"

#include <stdio.h>

static void id_of(char id[CALL_STATS_ID], const char *prefix,
                  const struct rill_peer_stream_stats *row)
{
    call_stats_id(id, "%s%zu%c%u", prefix, row->transport, row->kind == RILL_VIDEO ? 'V' : 'A',
                  (unsigned)row->ssrc);
}

static void put_id(json_t *o, const char *name, const char *prefix,
                   const struct rill_peer_stream_stats *row)
{
    char id[CALL_STATS_ID];
    id_of(id, prefix, row);
    json_object_set_new(o, name, json_string(id));
}

/* Who encodes and decodes; nobody does what is passed on as it is. */
static void put_implementation(json_t *o, const char *who, const char *efficient,
                               enum rill_codec_id codec)
{
    if (codec != RILL_CODEC_VP8 && codec != RILL_CODEC_VP9)
        return;
    json_object_set_new(o, who, json_string("libvpx"));
    json_object_set_new(o, efficient, json_false()); /* by the processor alone */
}

/* rill's own: what the H.264 that flows says of itself, as "profile-level-id" has it. */
static void put_profile(json_t *o, const struct rill_peer_stream_stats *row)
{
    char text[8];
    snprintf(text, sizeof text, "%06x", (unsigned)row->profile_level_id & 0xffffff);
    if (row->profile_level_id && row->codec == RILL_CODEC_H264)
        json_object_set_new(o, "profileLevelId", json_string(text));
}

/* RTCRtpStreamStats. */
static json_t *stream(struct call_report *r, const char *type, const char *prefix,
                      const struct rill_peer_stream_stats *row, bool sent, int64_t at)
{
    char id[CALL_STATS_ID];
    id_of(id, prefix, row);
    json_t *o = call_stats_add(r, type, id, at);
    call_stats_put(o, "ssrc", row->ssrc);
    json_object_set_new(o, "kind", json_string(rill_kind_name(row->kind)));
    call_stats_id(id, "T%zu", row->transport);
    json_object_set_new(o, "transportId", json_string(id));
    call_stats_codec(r, row, sent, id);
    json_object_set_new(o, "codecId", json_string(id));
    return o;
}

/* RTCReceivedRtpStreamStats. */
static void put_received(json_t *o, uint64_t packets, int64_t lost, int64_t jitter_us)
{
    call_stats_put(o, "packetsReceived", packets);
    json_object_set_new(o, "packetsLost", json_integer(lost));
    call_stats_put_seconds(o, "jitter", jitter_us);
}

/* --- what is sent ----------------------------------------------------------------------- */

static void put_limitation(json_t *o, const struct rill_encoding_stats *e)
{
    static const char *const reasons[] = {"none", "cpu", "bandwidth", "other"};
    json_t *durations = json_object();
    json_object_set_new(o, "qualityLimitationReason", json_string(reasons[e->limitation]));
    for (size_t i = 0; i < RILL_QUALITY_REASONS; i++)
        call_stats_put_seconds(durations, reasons[i], e->limited_us[i]);
    json_object_set_new(o, "qualityLimitationDurations", durations);
    call_stats_put(o, "qualityLimitationResolutionChanges", 0); /* rill leaves the size alone */
}

static void put_encoded(json_t *o, const struct rill_peer_stream_stats *row,
                        const struct rill_encoding_stats *e)
{
    call_stats_put(o, "framesSent", row->more.out.frames);
    call_stats_put(o, "framesEncoded", e->frames);
    call_stats_put(o, "keyFramesEncoded", e->keyframes);
    call_stats_put(o, "hugeFramesSent", e->huge);
    call_stats_put(o, "qpSum", e->qp_sum);
    call_stats_put_seconds(o, "totalEncodeTime", e->encode_us);
    call_stats_put(o, "totalEncodedBytesTarget", e->target_bytes);
    json_object_set_new(o, "framesPerSecond", json_real(e->per_second));
    if (e->width) {
        call_stats_put(o, "frameWidth", e->width);
        call_stats_put(o, "frameHeight", e->height);
    }
    if (e->target_bps)
        json_object_set_new(o, "targetBitrate", json_real(e->target_bps));
    put_profile(o, row);
    call_stats_put(o, "encodingIndex", row->encoding);
    call_stats_put(o, "firCount", row->firs);
    call_stats_put(o, "pliCount", row->plis);
    put_limitation(o, e);
    /* What rill encodes has one layer; what a file has nobody asks. */
    if (e->encode_us > 0)
        json_object_set_new(o, "scalabilityMode", json_string("L1T1"));
    if (e->encode_us > 0)
        put_implementation(o, "encoderImplementation", "powerEfficientEncoder", row->codec);
}

static void put_names(json_t *o, const struct rill_peer_stream_stats *row)
{
    if (row->mid.n)
        json_object_set_new(o, "mid", rill_app_json_text(row->mid));
    if (row->rid.n && row->kind == RILL_VIDEO)
        json_object_set_new(o, "rid", rill_app_json_text(row->rid));
}

static void outbound(struct call_report *r, const struct rill_peer_stream_stats *row)
{
    const struct rill_peer_outbound_stats *m = &row->more.out;
    struct rill_sender_stats source = {0};
    json_t *o = stream(r, "outbound-rtp", "OT", row, true, rill_posix_now());
    put_names(o, row);
    call_stats_put(o, "packetsSent", row->packets + row->retransmitted);
    call_stats_put(o, "bytesSent", row->bytes + m->retransmitted_bytes);
    call_stats_put(o, "headerBytesSent", m->header_bytes);
    call_stats_put(o, "retransmittedPacketsSent", row->retransmitted);
    call_stats_put(o, "retransmittedBytesSent", m->retransmitted_bytes);
    if (m->rtx_ssrc)
        call_stats_put(o, "rtxSsrc", m->rtx_ssrc);
    call_stats_put_seconds(o, "totalPacketSendDelay", m->send_delay);
    call_stats_put(o, "nackCount", row->nacks);
    json_object_set_new(o, "active", json_boolean(row->active));
    if (m->reported >= 0)
        put_id(o, "remoteId", "RI", row);
    if (!call_stats_source(r->c, row->transceiver, &source))
        return;
    char id[CALL_STATS_ID];
    call_stats_id(id, "S%c%zu", row->kind == RILL_VIDEO ? 'V' : 'A', row->transceiver);
    json_object_set_new(o, "mediaSourceId", json_string(id));
    if (row->kind == RILL_VIDEO)
        put_encoded(o, row, &source.encodings[row->encoding]);
    else
        json_object_set_new(o, "targetBitrate", json_real(source.target_bps));
}

static void remote_inbound(struct call_report *r, const struct rill_peer_stream_stats *row)
{
    const struct rill_peer_outbound_stats *m = &row->more.out;
    json_t *o = stream(r, "remote-inbound-rtp", "RI", row, true, m->reported);
    put_received(o, m->remote_packets, row->lost, row->jitter_us);
    put_id(o, "localId", "OT", row);
    json_object_set_new(o, "fractionLost", json_real(m->fraction_lost));
    if (m->rtts)
        call_stats_put_seconds(o, "roundTripTime", row->rtt_us);
    call_stats_put_seconds(o, "totalRoundTripTime", m->rtt_sum);
    call_stats_put(o, "roundTripTimeMeasurements", m->rtts);
}

void call_stats_sent(struct call_report *r, const struct rill_peer_stream_stats *row)
{
    if (!row->agreed || (!row->active && row->packets == 0))
        return;
    outbound(r, row);
    if (row->more.out.reported >= 0)
        remote_inbound(r, row);
}

/* --- what is received ------------------------------------------------------------------- */

static void put_pictures(json_t *o, const struct rill_peer_stream_stats *row,
                         const struct rill_receiver_stats *m, int64_t now)
{
    const struct rill_playback *p = &m->playback;
    call_stats_put(o, "framesDecoded", m->decoded);
    call_stats_put(o, "keyFramesDecoded", m->key_frames_decoded);
    call_stats_put(o, "framesRendered", p->frames);
    call_stats_put(o, "framesDropped", row->more.in.frames_dropped + m->errors);
    if (m->width || row->width) {
        /* What is not decoded says its size by its headers. */
        call_stats_put(o, "frameWidth", m->width ? m->width : row->width);
        call_stats_put(o, "frameHeight", m->width ? m->height : row->height);
    }
    put_profile(o, row);
    json_object_set_new(o, "framesPerSecond",
                        json_real(rill_per_second_count(&p->per_second, now)));
    call_stats_put(o, "qpSum", m->qp_sum);
    call_stats_put_seconds(o, "totalDecodeTime", m->total_decode_time);
    if (m->decoded > 0)
        put_implementation(o, "decoderImplementation", "powerEfficientDecoder", row->codec);
    call_stats_put_seconds(o, "totalProcessingDelay", m->total_processing_delay);
    call_stats_put_seconds(o, "totalInterFrameDelay", p->inter_frame_delay);
    json_object_set_new(o, "totalSquaredInterFrameDelay", json_real(p->inter_frame_delay_squared));
    call_stats_put(o, "pauseCount", p->pauses);
    call_stats_put_seconds(o, "totalPausesDuration", p->paused);
    call_stats_put(o, "freezeCount", p->freezes);
    call_stats_put_seconds(o, "totalFreezesDuration", p->frozen);
}

/* Of the stream itself, shown or not. */
static void put_frames(json_t *o, const struct rill_peer_stream_stats *row)
{
    const struct rill_peer_inbound_stats *m = &row->more.in;
    call_stats_put(o, "framesReceived", m->frames);
    call_stats_put(o, "framesAssembledFromMultiplePackets", m->frames_assembled);
    call_stats_put_seconds(o, "totalAssemblyTime", m->assembly);
    call_stats_put_seconds(o, "jitterBufferDelay", m->jitter_delay);
    call_stats_put_seconds(o, "jitterBufferTargetDelay", m->jitter_target);
    call_stats_put_seconds(o, "jitterBufferMinimumDelay", 0); /* a whole picture goes at once */
    call_stats_put(o, "jitterBufferEmittedCount", m->frames);
    call_stats_put(o, "firCount", row->firs);
    call_stats_put(o, "pliCount", row->plis);
}

static void put_real(json_t *o, const char *name, double value)
{
    json_object_set_new(o, name, json_real(value));
}

static void put_sound(json_t *o, const struct rill_peer_stream_stats *row,
                      const struct rill_receiver_stats *m)
{
    call_stats_put(o, "totalSamplesReceived", m->total_samples_received);
    call_stats_put(o, "concealedSamples", m->concealed_samples);
    call_stats_put(o, "silentConcealedSamples", m->silent_concealed_samples);
    call_stats_put(o, "concealmentEvents", m->concealment_events);
    call_stats_put(o, "insertedSamplesForDeceleration", m->inserted_samples_for_deceleration);
    call_stats_put(o, "removedSamplesForAcceleration", m->removed_samples_for_acceleration);
    put_real(o, "jitterBufferDelay", m->jitter_buffer_delay);
    /* Sound is decoded when its turn to be played has come. */
    put_real(o, "totalProcessingDelay", m->jitter_buffer_delay);
    put_real(o, "jitterBufferTargetDelay", m->jitter_buffer_target_delay);
    put_real(o, "jitterBufferMinimumDelay", m->jitter_buffer_minimum_delay);
    call_stats_put(o, "jitterBufferEmittedCount", m->jitter_buffer_emitted_count);
    put_real(o, "audioLevel", m->audio_level);
    put_real(o, "totalAudioEnergy", m->total_audio_energy);
    put_real(o, "totalSamplesDuration", m->total_samples_duration);
    call_stats_put(o, "fecBytesReceived", row->fec_bytes);
    call_stats_put(o, "fecPacketsReceived", row->fec_packets + m->fec_packets_received);
    call_stats_put(o, "fecPacketsDiscarded", row->fec_discarded + m->fec_packets_discarded);
}

/* "the NTP timestamp of the last playable … sample or … frame that has a known timestamp …,
 * extrapolated with the time elapsed since it was ready": milliseconds since 1900, as browsers have
 * it. */
static void put_playout(json_t *o, const struct call_remote *remote, uint32_t clock_hz, int64_t now)
{
    if (!remote->has_report || !remote->last)
        return;
    double seconds =
        (double)(remote->report_ntp >> 32) + (double)(uint32_t)remote->report_ntp / 4294967296.0 +
        (double)rill_seq32_diff(remote->last_rtp_time, remote->report_rtp_time) / clock_hz +
        (double)(now - remote->last_rtp_at) / RILL_SECOND;
    json_object_set_new(o, "estimatedPlayoutTimestamp", json_real(seconds * 1000));
}

static void put_track(struct call_report *r, json_t *o, const struct rill_peer_stream_stats *row)
{
    struct rill_peer_transceiver_info t;
    if (!rill_peer_transceiver(r->c->peer, (int)row->transceiver, &t))
        return;
    /* RFC 8830 §2: who names no track gives it no identifier; the m-line has one. */
    json_object_set_new(o, "trackIdentifier",
                        rill_app_json_text(t.remote_track_id.n ? t.remote_track_id : row->mid));
}

static void put_media(struct call_report *r, json_t *o, const struct rill_peer_stream_stats *row)
{
    const struct call_remote *remote = &r->c->remotes[row->transceiver];
    struct rill_receiver_stats m = {0};
    bool shown = remote->used && (row->rid.n == 0 || row->handed_out);
    if (shown)
        rill_receiver_stats(remote->receiver, &m);
    call_stats_put(o, "packetsDiscarded", row->more.in.packets_discarded + m.packets_discarded);
    if (row->kind == RILL_VIDEO)
        put_frames(o, row);
    if (!shown)
        return;
    put_playout(o, remote, rill_codec_clock_hz(row->codec), rill_posix_now());
    if (row->kind == RILL_VIDEO)
        put_pictures(o, row, &m, rill_posix_now());
    else
        put_sound(o, row, &m);
    if (row->kind == RILL_AUDIO && r->c->player)
        json_object_set_new(o, "playoutId", json_string(CALL_STATS_PLAYOUT));
}

static void inbound(struct call_report *r, const struct rill_peer_stream_stats *row)
{
    const struct rill_peer_inbound_stats *m = &row->more.in;
    json_t *o = stream(r, "inbound-rtp", "IT", row, false, rill_posix_now());
    put_track(r, o, row);
    put_names(o, row);
    put_received(o, m->packets, row->lost, row->jitter_us);
    call_stats_put(o, "bytesReceived", m->bytes);
    call_stats_put(o, "headerBytesReceived", m->header_bytes);
    json_object_set_new(o, "lastPacketReceivedTimestamp",
                        call_stats_timestamp(r->c, m->last_packet));
    call_stats_put(o, "nackCount", row->nacks);
    if (m->rtx_ssrc) {
        call_stats_put(o, "rtxSsrc", m->rtx_ssrc);
        call_stats_put(o, "retransmittedPacketsReceived", m->repaired_packets);
        call_stats_put(o, "retransmittedBytesReceived", m->repaired_bytes);
    }
    if (m->reported >= 0)
        put_id(o, "remoteId", "RO", row);
    put_media(r, o, row);
}

static void remote_outbound(struct call_report *r, const struct rill_peer_stream_stats *row)
{
    const struct rill_peer_inbound_stats *m = &row->more.in;
    json_t *o = stream(r, "remote-outbound-rtp", "RO", row, false, m->reported);
    call_stats_put(o, "packetsSent", m->remote_packets);
    call_stats_put(o, "bytesSent", m->remote_bytes);
    put_id(o, "localId", "IT", row);
    double unix_s = (double)(m->report_ntp >> 32) - 2208988800.0 +
                    (double)(uint32_t)m->report_ntp / 4294967296.0;
    json_object_set_new(o, "remoteTimestamp", json_real(unix_s * 1000));
    call_stats_put(o, "reportsSent", m->reports);
}

void call_stats_received(struct call_report *r, const struct rill_peer_stream_stats *row)
{
    if (!row->agreed || !row->more.in.begun)
        return;
    inbound(r, row);
    if (row->more.in.reported >= 0)
        remote_outbound(r, row);
}
