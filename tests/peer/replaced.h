/* replaced: a description with some of its text changed, as nobody should. */
#ifndef RILL_TESTS_PEER_REPLACED_H
#define RILL_TESTS_PEER_REPLACED_H

#include "tests/rill_test.h"

#include "base/bytes.h"

#define TEXT 65536

/* The text with each such piece replaced, in out, which has room for TEXT bytes; there is one. */
static inline struct rill_view replaced(struct rill_view text, const char *piece, const char *by,
                                        uint8_t *out)
{
    struct rill_writer w = rill_writer_of((struct rill_span){out, TEXT});
    size_t n = strlen(piece), i = 0;
    bool found = false;
    while (i < text.n) {
        if (i + n <= text.n && memcmp(text.p + i, piece, n) == 0) {
            rill_w_str(&w, by);
            i += n;
            found = true;
        } else {
            rill_w_u8(&w, text.p[i++]);
        }
    }
    assert_true(found && !w.bad);
    return rill_w_view(&w);
}

#endif
