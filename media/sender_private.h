/* media/sender_private: a sender, as its half that shows (sender.c) and its half that speaks
 * (sender_sound.c) share it. */
#ifndef RILL_MEDIA_SENDER_PRIVATE_H
#define RILL_MEDIA_SENDER_PRIVATE_H

#include "media/g711.h"
#include "media/level.h"
#include "media/pauses.h"
#include "media/per_second.h"
#include "media/sender.h"

#define RILL_SENDER_PACKET_MAX 1275
#define RILL_SENDER_AUDIO_BPS 48000

struct rill_sender {
    struct rill_track *track;
    struct rill_encodings *video;
    struct rill_image image; /* of which encodings from `encoding` on are still to be had */
    size_t encoding;
    enum rill_codec_id codec;
    struct rill_opus_encoder *opus;
    uint8_t opus_channels;
    bool wished; /* by the other side: */
    struct rill_opus_wishes wishes;
    bool pausing; /* the first packet of a pause was sent */
    struct rill_g711 *g711;
    struct rill_pauses pauses; /* of that */
    uint32_t narrow;           /* its samples in the last frame */
    struct rill_echo *echo;    /* for tracks that come later too */
    const struct rill_trace *trace;
    uint32_t bitrate_bps; /* 0: the default */
    uint32_t rtp_time_start;
    bool started;
    int64_t start, last; /* last: the time of the last item */
    bool sounded;        /* sound was sent: what follows it has this RTP time and begins then */
    uint32_t sound_rtp;
    int64_t sound_end;
    bool want_keyframe;
    uint64_t skipped; /* beyond what the track dropped */
    uint64_t late;    /* of those that the track dropped: known to the encodings */
    int64_t (*clock)(void);
    int64_t now; /* the latest instant seen */
    struct rill_per_second source_per_second;
    struct rill_per_second file_per_second; /* of frames that were encoded elsewhere */
    struct rill_level level;
    struct rill_sender_stats stats;
    uint8_t packet[RILL_SENDER_PACKET_MAX];
};

/* sender.c: times rise, also from one track to the next; false for one that does not. */
bool rill_sender_is_later(struct rill_sender *s, int64_t time);

/* sender_sound.c: the encoder that the codec and the track need, unless it is there. */
int rill_sender_open_sound(struct rill_sender *s);
/* It is of another codec from now on. */
void rill_sender_forget_sound(struct rill_sender *s);
/* As rill_sender_frame(). */
bool rill_sender_sound_frame(struct rill_sender *s, int64_t now, struct rill_frame *out);

#endif
