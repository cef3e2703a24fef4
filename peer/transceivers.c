/* transceivers: what the app wants to send and receive (RFC 9429 §4.1.2–4, §4.2, webrtc-pc §5).
 *
 * The idea: a verb changes what is wanted, and nothing else; what is done changes when offer and
 * answer have agreed on it. Only two things are at once: replaceTrack, which needs no agreement,
 * and stop, after which nothing more is sent or received.
 */
#include "peer/transceivers.h"

#include "peer/connection.h"
#include "peer/encodings.h"
#include "peer/inputs.h"
#include "peer/lines.h"
#include "peer/negotiation.h"
#include "peer/numbers.h"
#include "peer/received.h"
#include "peer/tracks.h"
#include "sdp/caps.h"

#include <string.h>

static int find(const struct rill_peer *x, int i, struct rill_peer_transceiver **out)
{
    if (x->jsep.state == RILL_PEER_SIGNALING_CLOSED)
        return RILL_PEER_IS_CLOSED;
    if (i < 0 || (size_t)i >= x->n_tracks || !x->transceivers[i].used)
        return RILL_PEER_NO_TRANSCEIVER;
    *out = &x->transceivers[i];
    return 0;
}

/* One that is not on its way out. */
static int find_alive(const struct rill_peer *x, int i, struct rill_peer_transceiver **out)
{
    int rc = find(x, i, out);
    return rc == 0 && (*out)->stopping ? RILL_PEER_STOPPED : rc;
}

static enum rill_sdp_direction with_sending(enum rill_sdp_direction d, bool send)
{
    if (rill_sdp_receives(d))
        return send ? RILL_SDP_SENDRECV : RILL_SDP_RECVONLY;
    return send ? RILL_SDP_SENDONLY : RILL_SDP_INACTIVE;
}

/* --- rows ---------------------------------------------------------------------------------- */

int rill_peer_transceiver_add(struct rill_peer *x, enum rill_kind kind, enum rill_codec_id codec,
                              enum rill_sdp_direction direction)
{
    static const struct rill_peer_transceiver empty;
    size_t i = 0;
    while (i < x->n_tracks && x->transceivers[i].used)
        i++;
    if (i == x->config.tracks)
        return RILL_PEER_TOO_MANY_TRACKS;
    if (i == x->n_tracks)
        x->n_tracks++;
    struct rill_peer_transceiver *t = &x->transceivers[i];
    *t = empty;
    t->used = true;
    t->mline = -1;
    t->direction = direction;
    for (size_t k = 0; k < x->config.n_codecs && t->n_codecs < RILL_PEER_CODECS; k++)
        if (rill_codec_kind(x->config.codecs[k]) == kind)
            t->codecs[t->n_codecs++] = x->config.codecs[k];
    rill_peer_line_begin(x, i);
    rill_peer_track_begin(x, i,
                          codec != RILL_CODEC_NONE ? codec
                          : kind == RILL_VIDEO     ? RILL_CODEC_VP8
                                                   : RILL_CODEC_OPUS);
    return (int)i;
}

void rill_peer_transceiver_release(struct rill_peer *x, size_t i)
{
    rill_peer_line_halt(x, i);
    rill_peer_track_narrow(&x->tracks[i]);
    rill_peer_received_clear(x, &x->lines[i]);
    x->transceivers[i].used = false;
    x->transceivers[i].mline = -1;
    /* What create_offer gave speaks of a transceiver that is no more. */
    x->jsep.has_created = false;
}

static bool has_codec(const struct rill_peer *x, enum rill_kind kind, enum rill_codec_id id)
{
    const struct rill_sdp_caps *caps = &x->jsep.numbers.caps;
    for (size_t i = 0; i < caps->n_codecs; i++)
        if (caps->codecs[i].kind == kind && caps->codecs[i].id == id && !caps->codecs[i].helps)
            return true;
    return false;
}

/* --- addTrack, addTransceiver ---------------------------------------------------------------- */

static int check_new(const struct rill_peer *x, enum rill_codec_id codec, const char *stream_id,
                     const char *track_id)
{
    if (x->jsep.state == RILL_PEER_SIGNALING_CLOSED)
        return RILL_PEER_IS_CLOSED;
    if (!has_codec(x, rill_codec_kind(codec), codec))
        return RILL_PEER_CODEC;
    if ((stream_id && !rill_peer_is_msid(stream_id)) || (track_id && !rill_peer_is_msid(track_id)))
        return RILL_PEER_MSID;
    for (size_t i = 0; track_id && i < x->n_tracks; i++)
        if (x->transceivers[i].used && x->transceivers[i].has_track &&
            !strcmp(x->tracks[i].track_id, track_id))
            return RILL_PEER_TRACK_IN_USE;
    return 0;
}

static void give_ids(struct rill_peer_track *t, const char *stream_id, const char *track_id)
{
    if (stream_id)
        memcpy(t->stream_id, stream_id, strlen(stream_id) + 1);
    if (track_id)
        memcpy(t->track_id, track_id, strlen(track_id) + 1);
}

/* webrtc-pc §5.1 addTrack: a sender without a track, of the kind, that "has never been used to
 * send". */
static int reusable(const struct rill_peer *x, enum rill_kind kind)
{
    for (size_t i = 0; i < x->n_tracks; i++) {
        const struct rill_peer_transceiver *t = &x->transceivers[i];
        if (t->used && !t->stopping && !t->has_track && !t->ever_sent && x->tracks[i].kind == kind)
            return (int)i;
    }
    return -1;
}

int rill_peer_add_track(struct rill_peer *x, enum rill_codec_id codec, const char *stream_id,
                        const char *track_id)
{
    rill_peer_input_add_track(x, codec, stream_id, track_id);
    int rc = check_new(x, codec, stream_id, track_id);
    if (rc < 0)
        return rc;
    enum rill_kind kind = rill_codec_kind(codec);
    int i = reusable(x, kind);
    if (i >= 0)
        x->transceivers[i].direction = with_sending(x->transceivers[i].direction, true);
    else
        i = rill_peer_transceiver_add(x, kind, codec, RILL_SDP_SENDRECV);
    if (i < 0)
        return i;
    x->transceivers[i].has_track = true;
    x->transceivers[i].by_add_track = true;
    give_ids(&x->tracks[i], stream_id, track_id);
    rill_peer_check_negotiation(x);
    return i;
}

int rill_peer_add_transceiver(struct rill_peer *x, enum rill_codec_id codec,
                              enum rill_sdp_direction direction, const char *stream_id,
                              const char *track_id)
{
    return rill_peer_add_transceiver_encodings(x, codec, direction, stream_id, track_id, NULL, 0);
}

int rill_peer_add_transceiver_encodings(struct rill_peer *x, enum rill_codec_id codec,
                                        enum rill_sdp_direction direction, const char *stream_id,
                                        const char *track_id,
                                        const struct rill_peer_encoding *encodings, size_t n)
{
    rill_peer_input_add_transceiver(x, codec, direction, stream_id, track_id, encodings, n);
    int rc = check_new(x, codec, stream_id, track_id);
    if (rc == 0)
        rc = rill_peer_check_encodings(encodings, n);
    if (rc == 0 && n > 1 + rill_peer_senders_left(x))
        rc = RILL_PEER_ENCODINGS;
    if (rc < 0)
        return rc;
    int i = rill_peer_transceiver_add(x, rill_codec_kind(codec), codec, direction);
    if (i < 0)
        return i;
    x->transceivers[i].has_track = track_id != NULL;
    (void)rill_peer_keep_encodings(x, (size_t)i, encodings, n);
    give_ids(&x->tracks[i], stream_id, track_id);
    rill_peer_check_negotiation(x);
    return i;
}

int rill_peer_add_receiver(struct rill_peer *x, enum rill_kind kind)
{
    return rill_peer_add_transceiver(x, kind == RILL_VIDEO ? RILL_CODEC_VP8 : RILL_CODEC_OPUS,
                                     RILL_SDP_RECVONLY, NULL, NULL);
}

/* --- in mid-call ------------------------------------------------------------------------------ */

int rill_peer_remove_track(struct rill_peer *x, int transceiver)
{
    rill_peer_input_remove_track(x, transceiver);
    struct rill_peer_transceiver *t;
    int rc = find(x, transceiver, &t);
    if (rc < 0 || !t->has_track)
        return rc;
    t->has_track = false;
    rill_peer_track_hush(&x->tracks[transceiver]);
    if (t->stopping)
        return 0;
    t->direction = with_sending(t->direction, false);
    rill_peer_check_negotiation(x);
    return 0;
}

/* RFC 9429 §5.2.2: "the "a=msid" line or lines MUST stay the same": the ids that were told first
 * go on. */
int rill_peer_replace_track(struct rill_peer *x, int transceiver, enum rill_codec_id codec,
                            const char *track_id)
{
    rill_peer_input_replace_track(x, transceiver, codec, track_id);
    struct rill_peer_transceiver *t;
    int rc = find_alive(x, transceiver, &t);
    if (rc < 0)
        return rc;
    struct rill_peer_track *track = &x->tracks[transceiver];
    if (track_id && rill_codec_kind(codec) != track->kind)
        return RILL_PEER_KIND;
    if (track_id && !rill_peer_is_msid(track_id))
        return RILL_PEER_MSID;
    t->has_track = track_id != NULL;
    if (!track_id)
        rill_peer_track_hush(track);
    else if (!track->track_id[0])
        give_ids(track, NULL, track_id);
    return 0;
}

int rill_peer_set_direction(struct rill_peer *x, int transceiver, enum rill_sdp_direction direction)
{
    rill_peer_input_set_direction(x, transceiver, direction);
    struct rill_peer_transceiver *t;
    int rc = find_alive(x, transceiver, &t);
    if (rc < 0)
        return rc;
    t->direction = direction;
    rill_peer_check_negotiation(x);
    return 0;
}

int rill_peer_stop(struct rill_peer *x, int transceiver)
{
    rill_peer_input_stop(x, transceiver);
    struct rill_peer_transceiver *t;
    int rc = find(x, transceiver, &t);
    if (rc < 0 || t->stopping)
        return rc;
    t->stopping = true;
    t->has_track = false;
    rill_peer_line_halt(x, (size_t)transceiver);
    /* RFC 9429 §5.2.2: for one without an m-line none "MUST be generated": it is gone at once. */
    if (t->mline < 0)
        rill_peer_transceiver_release(x, (size_t)transceiver);
    rill_peer_check_negotiation(x);
    return 0;
}

int rill_peer_set_codec_preferences(struct rill_peer *x, int transceiver,
                                    const enum rill_codec_id *codecs, size_t n)
{
    rill_peer_input_codec_preferences(x, transceiver, codecs, n);
    struct rill_peer_transceiver *t;
    int rc = find_alive(x, transceiver, &t);
    if (rc < 0)
        return rc;
    if (n > RILL_PEER_CODECS)
        return RILL_PEER_PREFERENCES;
    for (size_t i = 0; i < n; i++)
        if (!has_codec(x, x->tracks[transceiver].kind, codecs[i]))
            return RILL_PEER_PREFERENCES;
    if (n)
        memcpy(t->codecs, codecs, n * sizeof *codecs);
    t->n_codecs = n;
    return 0;
}

bool rill_peer_transceiver(const struct rill_peer *x, int transceiver,
                           struct rill_peer_transceiver_info *out)
{
    if (transceiver < 0 || (size_t)transceiver >= x->n_tracks || !x->transceivers[transceiver].used)
        return false;
    const struct rill_peer_transceiver *t = &x->transceivers[transceiver];
    const struct rill_sdp_agreed *a = &x->lines[transceiver].agreed;
    *out = (struct rill_peer_transceiver_info){
        .kind = x->tracks[transceiver].kind,
        .mline = t->mline,
        .mid = t->mid,
        .direction = t->direction,
        .has_current = t->has_current,
        .current = t->current,
        .stopping = t->stopping,
        .has_track = t->has_track,
        .pt = a->active ? a->pt : 0,
        .ext_mid = a->active ? a->ext_mid.sent : 0,
        .max_bitrate = a->active ? a->max_bitrate : 0,
        .n_encodings = t->n_encodings,
        .n_received = a->receive ? a->n_received : 0,
        .handed_out = x->lines[transceiver].choice.current,
        .track_id = rill_view_of(x->tracks[transceiver].track_id),
        .remote_track_id = a->receive ? a->remote_track : (struct rill_view){0},
    };
    return true;
}
