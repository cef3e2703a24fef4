#include "signaling/utf8_stream.h"

/* RFC 3629 §4: the first byte tells the length, and four of them narrow the second byte, so
 * that nothing is longer than it need be, no surrogate and not above U+10FFFF. */
static bool begin(struct rill_utf8_stream *s, uint8_t c)
{
    s->low = 0x80;
    s->high = 0xbf;
    if (c < 0x80)
        return true;
    if (c < 0xc2 || c > 0xf4)
        return false;
    s->due = c < 0xe0 ? 1 : c < 0xf0 ? 2 : 3;
    if (c == 0xe0)
        s->low = 0xa0;
    else if (c == 0xed)
        s->high = 0x9f;
    else if (c == 0xf0)
        s->low = 0x90;
    else if (c == 0xf4)
        s->high = 0x8f;
    return true;
}

bool rill_utf8_stream_feed(struct rill_utf8_stream *s, struct rill_view bytes)
{
    for (size_t i = 0; i < bytes.n; i++) {
        uint8_t c = bytes.p[i];
        if (s->due == 0) {
            if (!begin(s, c))
                return false;
            continue;
        }
        if (c < s->low || c > s->high)
            return false;
        s->due--;
        s->low = 0x80;
        s->high = 0xbf;
    }
    return true;
}

bool rill_utf8_stream_is_whole(const struct rill_utf8_stream *s)
{
    return s->due == 0;
}
