/* media/sender: one sending pipeline: a track's pictures or sound → encoder → encoded frames.
 *
 * The idea: what is sent is one stream whatever the track is: its RTP times go on when another
 * track takes the place of the first (replaceTrack), and so does its encoder. */
#ifndef RILL_MEDIA_SENDER_H
#define RILL_MEDIA_SENDER_H

#include "base/trace.h"
#include "codec/codec.h"
#include "media/encodings.h"
#include "media/track.h"

struct rill_sender;

struct rill_sender_config {
    const char *source;                /* as rill_source_open() takes it */
    struct rill_echo *echo;            /* as of capture/source.h */
    const struct rill_v4l2_port *v4l2; /* as of capture/source.h */
    struct rill_sender *clone;         /* not NULL: send a clone of its track, no source */
    uint32_t bitrate_bps;              /* 0: video 800 kbit/s, audio 48 kbit/s */
    uint32_t rtp_time_start;           /* random (RFC 3550 §5.1) */
    int64_t (*clock)(void);            /* µs, to measure with; NULL for none */
    const struct rill_trace *trace;    /* NULL for none; outlives the sender */
};

/* Errors: RILL_MEDIA_NO_SOURCE when there is no name, else a row of capture or codec. */
int rill_sender_new(const struct rill_sender_config *config, struct rill_sender **out,
                    struct rill_err *why);
void rill_sender_free(struct rill_sender *s);
enum rill_codec_id rill_sender_codec(const struct rill_sender *s);
/* What it is encoded in from now on; false where that cannot be: a file keeps its own, and H.264
 * and AV1 come from files alone. */
bool rill_sender_set_codec(struct rill_sender *s, enum rill_codec_id codec);
/* Its track, to enable, to constrain and to stop. Lives until it is replaced. */
struct rill_track *rill_sender_track(struct rill_sender *s);

void rill_sender_start(struct rill_sender *s, int64_t now);
int64_t rill_sender_deadline(const struct rill_sender *s);
/* A frame that is due, or false; of a pause of sound nothing is, where the other side prefers that.
 * Its bytes live until the next call; of one picture there is a frame for each encoding that is
 * active, in their order, with the same times. rtp_time is rtp_time_start plus the time since the
 * start, in 90 kHz; of sound samples are counted, and gaps of 10 ms and more. time is the capture
 * time. */
bool rill_sender_frame(struct rill_sender *s, int64_t now, struct rill_frame *out);
/* Takes what is due and sends none of it: nobody fetches the frames. */
void rill_sender_discard(struct rill_sender *s, int64_t now);
/* The other side cannot decode: the next picture is a key frame (of a file: the file's next). */
void rill_sender_want_keyframe(struct rill_sender *s);
void rill_sender_want_keyframe_of(struct rill_sender *s, size_t encoding);
/* Simulcast: what encoding i is from the next picture on, at most one behind the last; false beyond
 * that, and of sound. There is one, 0, before. A file that is encoded already is only the first. */
bool rill_sender_set_encoding(struct rill_sender *s, size_t encoding,
                              const struct rill_encoding *to);
void rill_sender_set_bitrate_of(struct rill_sender *s, size_t encoding, uint32_t bitrate_bps);
/* How Opus is encoded from the next packet on; a file keeps its own. */
void rill_sender_set_sound(struct rill_sender *s, const struct rill_opus_wishes *wishes);
/* What the encoder aims at from the next frame on; a file keeps its own. */
void rill_sender_set_bitrate(struct rill_sender *s, uint32_t bitrate_bps);

/* replaceTrack: from now on what this source gives is sent. The other side sees a key frame and
 * no gap in RTP time. Errors leave the old track: RILL_MEDIA_OTHER_KIND, or as of
 * rill_sender_new(). */
int rill_sender_replace_track(struct rill_sender *s, int64_t now,
                              const struct rill_source_config *source, struct rill_err *why);

/* dropped: by a late caller, by the device, by the encoder's rate control, waiting for a key
 * frame, or discarded. */
struct rill_sender_stats {
    uint64_t frames, keyframes, bytes, dropped;
    /* W3C webrtc-stats, RTCVideoSourceStats and RTCAudioSourceStats: what the track gave. */
    uint64_t source_frames;
    unsigned source_per_second;
    uint32_t width, height;
    double total_audio_energy, total_samples_duration, audio_level;
    uint32_t target_bps; /* of sound */
    /* Of pictures that are encoded here; of a file the first alone counts, as far as it can. */
    struct rill_encoding_stats encodings[RILL_MEDIA_ENCODINGS_MAX];
    size_t n_encodings;
};
void rill_sender_stats(const struct rill_sender *s, struct rill_sender_stats *out);

#endif
