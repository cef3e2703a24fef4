/* signaling/utf8_stream: UTF-8 checked as it comes, in any cut.
 *
 * The idea: three numbers say what the next byte may be: how many continuation bytes are
 * still due and between which values the next one lies. So a text is refused at its first
 * wrong byte and not when its message ends (RFC 6455 §8.1). */
#ifndef RILL_SIGNALING_UTF8_STREAM_H
#define RILL_SIGNALING_UTF8_STREAM_H

#include "base/bytes.h"

/* All zeros is the start of a text. */
struct rill_utf8_stream {
    uint8_t due;
    uint8_t low, high;
};

/* False at the first byte that no well-formed text could have here (RFC 3629 §4). */
bool rill_utf8_stream_feed(struct rill_utf8_stream *s, struct rill_view bytes);
/* The text may end here. */
bool rill_utf8_stream_is_whole(const struct rill_utf8_stream *s);

#endif
