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
    bool opus;                       /* the packet before was one of Opus, perhaps */
    uint16_t opus_samples;
    uint16_t opus_seq;
    uint32_t opus_time;
};
void rill_replay_guess_packet(struct rill_replay_guess *g, const struct rill_rtp_packet *p);
/* What was proved most often; RILL_CODEC_NONE for nothing. */
enum rill_codec_id rill_replay_guess_codec(const struct rill_replay_guess *g);

#endif
