/* media/g711: PCMU and PCMA of 8 kHz from and to sound of 48 kHz (RFC 3551 §4.5.14). */
#ifndef RILL_MEDIA_G711_H
#define RILL_MEDIA_G711_H

#include "base/frame.h"

struct rill_g711;

/* codec: RILL_CODEC_PCMU or _PCMA. NULL when memory is out. */
struct rill_g711 *rill_g711_new(enum rill_codec_id codec);
void rill_g711_free(struct rill_g711 *g);
/* Sound of 48 kHz, one or two channels, up to 60 ms; the bytes in out, a sixth of its frames. */
size_t rill_g711_encode(struct rill_g711 *g, const struct rill_pcm *pcm, struct rill_span out);
/* What the last of these was made of: so many samples of 8 kHz. */
const int16_t *rill_g711_narrow(const struct rill_g711 *g);
/* RFC 3551 §4.2: "packets representing between 0 and 200 ms of audio data". */
#define RILL_G711_PACKET_MAX 1600
/* A packet of up to 200 ms; false when it is longer. out: 48 kHz, one channel, lives until the next
 * call. */
bool rill_g711_decode(struct rill_g711 *g, struct rill_view packet, struct rill_pcm *out);
/* Up to 200 ms of 8 kHz that stand in for a packet; out as above. */
void rill_g711_widen(struct rill_g711 *g, const int16_t *narrow, size_t n, struct rill_pcm *out);
/* So many frames of a packet's 48 kHz are still what was before it. */
size_t rill_g711_lag(const struct rill_g711 *g);

#endif
