/* media/sound_decoder: Opus and G.711 as media/playout wants them. */
#ifndef RILL_MEDIA_SOUND_DECODER_H
#define RILL_MEDIA_SOUND_DECODER_H

#include "media/playout.h"

struct rill_sound_decoder;

/* Errors: RILL_CODEC_OPUS_REFUSED; RILL_MEDIA_OTHER_CODEC when it is none of them. */
int rill_sound_decoder_new(enum rill_codec_id codec, struct rill_sound_decoder **out);
void rill_sound_decoder_free(struct rill_sound_decoder *d);
/* Errors of frames and decode: RILL_CODEC_OPUS_CORRUPT, RILL_MEDIA_OTHER_CODEC. */
struct rill_playout_decoder rill_sound_decoder_verbs(struct rill_sound_decoder *d);

#endif
