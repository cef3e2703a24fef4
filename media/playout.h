/* media/playout: packets of sound, as the network brings them, into sound without gaps: a buffer as
 * long as it has to be, and no longer (RFC 3550 §6.4.4; W3C webrtc-stats has the figures).
 *
 * The idea: a packet's place is its RTP time, on a line of samples at 48 kHz. Every 10 ms somebody
 * takes 10 ms. What stands there is played; what is lost is made from the redundancy in the packet
 * behind it or concealed, and fades; a pause of the sender is a pause. The delay, which is the time
 * since the packet at hand could have come at the earliest, follows a target (media/delay): when it
 * is too long a period is left out, when it is too short one is said again (media/stretch). So an
 * uneven network and an uneven clock are the same thing.
 *
 * No clock is read here, and the same calls give the same sound. */
#ifndef RILL_MEDIA_PLAYOUT_H
#define RILL_MEDIA_PLAYOUT_H

#include "base/frame.h"
#include "media/delay.h"
#include "media/errors.h"

struct rill_playout;

/* 10 ms at 48 kHz; two channels. */
#define RILL_PLAYOUT_CHUNK 480
/* RFC 3551 §4.2: a packet has up to 200 ms. */
#define RILL_PLAYOUT_PACKET_MAX 9600
#define RILL_PLAYOUT_EVERY (10 * RILL_MS)

/* What makes sound of packets: 48 kHz, one or two channels; samples live until the next call. */
struct rill_playout_decoder {
    void *ctx;
    /* Frames in a packet, < 0: it is malformed. */
    int (*frames)(void *ctx, struct rill_view packet);
    int (*decode)(void *ctx, struct rill_view packet, struct rill_pcm *out);
    /* The `frames`, a multiple of 120 up to 5760, behind what was decoded last; `next`, when it is
     * not empty, is the packet behind them. */
    int (*conceal)(void *ctx, struct rill_view next, size_t frames, struct rill_pcm *out);
    /* The packet knows of the frames before it. */
    bool (*has_redundancy)(void *ctx, struct rill_view packet);
    /* Nothing but silence follows until the next packet. */
    bool (*begins_pause)(void *ctx, struct rill_view packet);
    /* What a pause sounds like (RFC 3389), one that begins or goes on; < 0: it is malformed. NULL:
     * the codec has its own. */
    int (*noise)(void *ctx, struct rill_view payload, bool begins);
    /* So many frames of a pause. NULL: as conceal() makes them. */
    int (*comfort)(void *ctx, size_t frames, struct rill_pcm *out);
};

/* Sound that was decoded, before anything is done to its length. */
struct rill_playout_sound {
    const struct rill_frame *frame; /* NULL: it was made up */
    uint32_t rtp_time;              /* of its first sample */
    int64_t arrived;                /* of the packet it was made from, or of the one behind it */
    int64_t plays_at;               /* of its first sample */
    struct rill_pcm *pcm;
    bool made_up; /* and from nothing */
    bool comfort; /* it is the noise of a pause, as the sender told it */
    int error;    /* < 0: the decoder's, and there is no pcm */
};

struct rill_playout_config {
    uint32_t clock_hz;
    struct rill_playout_decoder decoder;
    void (*decoded)(void *ctx, int64_t now, const struct rill_playout_sound *sound); /* or NULL */
    void *ctx;
};

/* NULL when memory is out. */
struct rill_playout *rill_playout_new(const struct rill_playout_config *config);
void rill_playout_free(struct rill_playout *p);
/* A packet of sound, or what the pause that begins there sounds like; frame->time is when it came.
 * Errors: RILL_MEDIA_LATE (or it is here already), RILL_MEDIA_OTHER_CODEC, and those of the
 * decoder's frames(). */
int rill_playout_packet(struct rill_playout *p, const struct rill_frame *frame);
/* 10 ms; silence before the first packet is due and when nothing has come for long: then false. */
bool rill_playout_take(struct rill_playout *p, int64_t now, int16_t out[2 * RILL_PLAYOUT_CHUNK]);
/* What waits is decoded, for whoever keeps it; none of it is played. */
void rill_playout_flush(struct rill_playout *p, int64_t now);

/* The sender says nothing for now: what does not come is not missed, until something does. */
void rill_playout_pause(struct rill_playout *p);
/* What comes from now on is of another codec. */
void rill_playout_change(struct rill_playout *p, const struct rill_playout_config *config);
/* For pictures that come later: the delay is no less than this. */
void rill_playout_set_least(struct rill_playout *p, int64_t delay);
/* The RTP time that is played at `now`, fractions of a chunk left out; false when none is. */
bool rill_playout_at(const struct rill_playout *p, uint32_t *rtp_time);

struct rill_playout_stats {
    uint64_t total_samples, concealed_samples, silent_concealed_samples, comfort_samples;
    uint64_t concealment_events, inserted_samples, removed_samples, emitted;
    double delay_sum, target_sum, minimum_sum; /* s, over the emitted samples */
    uint64_t late, fec_packets, fec_used;
    int64_t delay, target; /* of what was taken last, and now, µs */
};
void rill_playout_stats(const struct rill_playout *p, int64_t now, struct rill_playout_stats *out);

#endif
