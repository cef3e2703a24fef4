/* media/level: how loud sound is (W3C webrtc-stats, RTCAudioSourceStats; RFC 6464 §3).
 *
 * The idea: squares of samples between 0 and 1, times their duration; what is asked for is read
 * off the sums. Of several channels the loudest counts, sample by sample. */
#ifndef RILL_MEDIA_LEVEL_H
#define RILL_MEDIA_LEVEL_H

#include "base/frame.h"

/* Zero it to begin. */
struct rill_level {
    double total_energy, total_duration; /* s */
    double last; /* of the last block of samples: its root mean square, 0 to 1 */
};

void rill_level_take(struct rill_level *l, const struct rill_pcm *pcm);
/* RFC 6464 §3: the last block in -dBov, 0 for the loudest there can be to 127 for silence. */
uint8_t rill_level_dbov(const struct rill_level *l);
/* "whether the encoder believes the audio packet contains voice activity": louder than -50 dBov,
 * which quiet rooms are not. */
bool rill_level_is_voice(const struct rill_level *l);

#endif
