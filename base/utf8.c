#include "base/utf8.h"

#include <string.h>

size_t rill_utf8_sequence(struct rill_view v)
{
    static const struct {
        uint8_t first, last, low, high; /* lead byte range, second byte range */
        uint8_t n;
    } rows[] = {
        {0x00, 0x7f, 0, 0, 1},       {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
        {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
        {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
    };
    if (v.n == 0)
        return 0;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (v.p[0] < rows[i].first || v.p[0] > rows[i].last)
            continue;
        if (rows[i].n > v.n)
            return 0;
        if (rows[i].n > 1 && (v.p[1] < rows[i].low || v.p[1] > rows[i].high))
            return 0;
        for (size_t k = 2; k < rows[i].n; k++)
            if ((v.p[k] & 0xc0) != 0x80)
                return 0;
        return rows[i].n;
    }
    return 0;
}

/* Most texts are ASCII for long stretches: bytes at the start that are, by eights. */
static size_t ascii(struct rill_view v)
{
    size_t i = 0;
    for (uint64_t eight; v.n - i >= sizeof eight; i += sizeof eight) {
        memcpy(&eight, v.p + i, sizeof eight);
        if (eight & 0x8080808080808080u)
            break;
    }
    return i;
}

bool rill_utf8_is_valid(struct rill_view v)
{
    size_t n;
    for (size_t i = 0; i < v.n; i += n) {
        i += ascii(rill_view_at(v.p + i, v.n - i));
        n = rill_utf8_sequence(rill_view_at(v.p + i, v.n - i));
        if (n == 0)
            return i == v.n;
    }
    return true;
}
