/* media/receiver: one receiving pipeline: encoded frames → files, decoder → files, speakers,
 * preview and figures.
 *
 * The idea: what came is written as it came, then decoded; the decoded side proves that the
 * media is real: picture count and size, the burnt-in numbers, the tone's frequency. When each
 * frame belongs is told by media/sync, once for all that keep it.
 */
#ifndef RILL_MEDIA_RECEIVER_H
#define RILL_MEDIA_RECEIVER_H

#include "base/clock.h"
#include "base/trace.h"
#include "capture/preview.h"
#include "codec/codec.h"
#include "media/errors.h"
#include "media/lipsync.h"
#include "media/output.h"
#include "media/playback.h"
#include "media/player.h"
#include "media/sync.h"

struct rill_receiver;

struct rill_receiver_config {
    enum rill_codec_id codec;
    struct rill_sync *sync;             /* of all streams of a call; NULL: alone */
    struct rill_output *const *outputs; /* each takes the stream if it can */
    size_t n_outputs;                   /* up to RILL_RECEIVER_OUTPUTS_MAX */
    struct rill_player *player;         /* NULL for none */
    struct rill_preview *preview;       /* NULL for none */
    struct rill_lipsync *lips;          /* of the streams of its msid; NULL: it is alone */
    uint32_t max_pixels;                /* of a picture; 0: 4096 × 2304 */
    int64_t (*clock)(void);             /* µs, to measure with; NULL for none */
    const struct rill_trace *trace;     /* NULL for none */
};
/* What the pointers lead to outlives the receiver. */
#define RILL_RECEIVER_OUTPUTS_MAX 16

int rill_receiver_new(const struct rill_receiver_config *config, struct rill_receiver **out,
                      struct rill_err *why);
/* The other side says nothing for now, though it does not say so in sound: a key is held. */
void rill_receiver_pause(struct rill_receiver *r);
/* The stream's last sender report, as of rill_sync_report(). */
void rill_receiver_report(struct rill_receiver *r, uint64_t ntp, uint32_t rtp_time);
/* A picture is decoded now, sound when it is played; frame->time is when it came. A frame of
 * another codec of the same kind makes the receiver one of that codec. Errors: a row of codec (the
 * frame could not be decoded: ask for a key frame), of media (the frame is not of this stream, or
 * late), or of capture (a file could not be written: told once, then its recording stops and all
 * else goes on). */
int rill_receiver_frame(struct rill_receiver *r, int64_t now, const struct rill_frame *f);
/* Sound is played 10 ms at a time, as a card asks for it: what is due, into the player and the
 * figures; what is kept is kept as it is decoded. Errors: as of rill_receiver_frame(), the first.
 */
int rill_receiver_tick(struct rill_receiver *r, int64_t now);
int64_t rill_receiver_deadline(const struct rill_receiver *r);
/* Nothing more will come: what waits is decoded and kept. */
void rill_receiver_end(struct rill_receiver *r, int64_t now);
/* Its window was closed. */
void rill_receiver_forget_preview(struct rill_receiver *r);
void rill_receiver_free(struct rill_receiver *r);

struct rill_receiver_stats {
    uint64_t frames, bytes, decoded, errors;
    bool undecoded;         /* there is no decoder for the codec: its frames are only kept */
    int64_t first, last;    /* time of the first and last decoded one, 0 when none */
    uint32_t width, height; /* as decoded; what is kept and shown is turned by f->rotation */
    /* The test pattern's numbers: how many were read, the first, the last, and how many
     * did not follow the one before. */
    uint64_t numbers;
    int32_t number_first, number_last;
    uint64_t number_gaps;
    /* The tone: strongest frequency of the decoded sound, Hz; 0 in silence. */
    uint32_t tone_hz;
    uint64_t samples;   /* decoded, a channel */
    uint64_t concealed; /* of these, made up for what never came */

    /* Of sound, by the names of W3C webrtc-stats §8.4, RTCInboundRtpStreamStats; samples are those
     * of a channel at 48 kHz, times are sums over samples, in seconds. */
    uint64_t total_samples_received; /* played, made-up ones included */
    uint64_t concealed_samples; /* made up: of losses, of what came too late, and of pauses … */
    uint64_t silent_concealed_samples; /* … of these, silence or comfort noise */
    uint64_t concealment_events;       /* times that it began */
    uint64_t inserted_samples_for_deceleration;
    uint64_t removed_samples_for_acceleration;
    uint64_t jitter_buffer_emitted_count; /* samples that the three sums are of */
    double jitter_buffer_delay, jitter_buffer_target_delay, jitter_buffer_minimum_delay;
    double total_audio_energy; /* of what was played: squares of levels of 0 to 1, times seconds */
    double total_samples_duration; /* s */
    double audio_level;            /* of the last 10 ms, 0 to 1 */
    /* Packets with Opus' own redundancy (RFC 6716 §2.1.7) that came, and those of them that were of
     * no use; what is left was heard instead of what was lost. Those of RED are the peer's to count
     * (rill_peer_stream_stats). */
    uint64_t fec_packets_received, fec_packets_discarded;
    uint64_t packets_discarded;  /* came too late to be played */
    uint64_t comfort_samples;    /* played in pauses of the sender, which are no losses */
    int64_t delay_us, target_us; /* of the buffer, now */

    /* Of pictures, by the same names; times in µs. */
    uint64_t key_frames_decoded, qp_sum;
    int64_t total_decode_time;      /* 0 without a clock */
    int64_t total_processing_delay; /* from a frame's first packet until it was decoded */
    struct rill_playback playback;
};
/* The same without the tone. */
void rill_receiver_counts(const struct rill_receiver *r, struct rill_receiver_stats *out);
/* The tone costs a Fourier transform, some 3 ms: ask once a second, not for each frame. */
void rill_receiver_stats(const struct rill_receiver *r, struct rill_receiver_stats *out);

#endif
