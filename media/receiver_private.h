/* media/receiver_private: a receiver, as its half that sees (receiver.c) and its half that hears
 * (receiver_sound.c) share it. */
#ifndef RILL_MEDIA_RECEIVER_PRIVATE_H
#define RILL_MEDIA_RECEIVER_PRIVATE_H

#include "media/delay_told.h"
#include "media/held.h"
#include "media/playout.h"
#include "media/receiver.h"
#include "media/sound_decoder.h"
#include "media/tone.h"

struct rill_receiver {
    enum rill_codec_id codec;
    uint32_t max_pixels;
    int64_t (*clock)(void);
    const struct rill_trace *trace;
    struct rill_vpx_decoder *vpx;
    uint8_t *turned; /* the pixels of a picture that came turned */
    size_t turned_size;
    struct rill_sound_decoder *sound;
    struct rill_playout *playout;
    int64_t due; /* the next 10 ms; 0: nothing has come yet */
    struct rill_delay_told delay_told;
    struct rill_sync *sync, alone;
    int sync_stream;
    struct keeper {
        struct rill_output *output;
        int stream; /* its number there */
    } keepers[RILL_RECEIVER_OUTPUTS_MAX];
    size_t n_keepers;
    struct rill_player *player;
    int player_stream;
    struct rill_preview *preview;
    struct rill_lipsync *lips; /* NULL: nothing belongs to it */
    struct rill_held held;     /* pictures for the preview */
    int64_t now;               /* when they were looked at last */
    int written; /* what is wrong with what was decoded or kept last: the first error */
    struct rill_tone tone;
    struct rill_receiver_stats stats;
};

/* receiver.c: what is kept, and what is counted of either kind. */
void rill_receiver_keep_frame(struct rill_receiver *r, int64_t now, int64_t time,
                              const struct rill_frame *f);
void rill_receiver_keep_pcm(struct rill_receiver *r, int64_t now, int64_t time,
                            const struct rill_pcm *pcm);
void rill_receiver_note_error(struct rill_receiver *r, int64_t now, int rc);
void rill_receiver_count_decoded(struct rill_receiver *r, int64_t now);
/* Where a time of what is kept lies by our clock. */
int64_t rill_receiver_clock_of(const struct rill_receiver *r, int64_t time);

/* receiver_sound.c. A decoder for r->codec; the playout goes on with it. */
int rill_receiver_open_sound(struct rill_receiver *r);
int rill_receiver_take_sound(struct rill_receiver *r, int64_t now, const struct rill_frame *f);
/* All that is due. */
void rill_receiver_play(struct rill_receiver *r, int64_t now);
void rill_receiver_sound_stats(const struct rill_receiver *r, struct rill_receiver_stats *out);

#endif
