/* media/replay_guess: which codec a stream's payloads prove to be of. */
#ifndef RILL_MEDIA_REPLAY_GUESS_H
#define RILL_MEDIA_REPLAY_GUESS_H

#include "base/frame.h"
#include "rtp/packet.h"

#define RILL_REPLAY_CODECS (RILL_CODEC_PCMA + 1)

/* Zero it to begin. */
struct rill_replay_guess {
    uint32_t proofs[RILL_REPLAY_CODECS];
    uint8_t pts[RILL_REPLAY_CODECS]; /* of the last proof */
    /* Chance finds a proof among enough packets of noise, as those of SRTP are; but then the others
     * do not fit: packets that could be of the codec, and those that could not. */
    uint32_t fits[RILL_REPLAY_CODECS], misfits[RILL_REPLAY_CODECS];
    bool begun; /* there was a packet before, */
    bool opus;  /* and it was one of Opus, perhaps */
    uint32_t samples;
    uint16_t seq;
    uint32_t time;
};
void rill_replay_guess_packet(struct rill_replay_guess *g, const struct rill_rtp_packet *p);
/* What was proved most often, and is not refuted; RILL_CODEC_NONE for nothing. */
enum rill_codec_id rill_replay_guess_codec(const struct rill_replay_guess *g);

#endif
