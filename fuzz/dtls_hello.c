/* fuzz dtls_hello: records, handshake messages, and the slot where a ClientHello is rejoined.
 *
 * The input is a list of datagrams, each behind its length in two bytes. Whatever they are,
 * what the slot gives back reads as one record that holds one whole ClientHello. */
#include "dtls/hello.h"

#include <stdlib.h>

static max_align_t block[1024];

static void check(struct rill_view whole)
{
    struct rill_dtls_record r;
    struct rill_dtls_message m;
    if (rill_dtls_record_read(&whole, &r, NULL) < 0 || whole.n != 0)
        abort();
    if (rill_dtls_message_read(&r.body, &m, NULL) < 0 || r.body.n != 0)
        abort();
    if (m.type != RILL_DTLS_CLIENT_HELLO || !rill_dtls_message_is_whole(&m) || m.length == 0)
        abort();
}

static void hear(struct rill_dtls_hello *h, int64_t now, struct rill_view datagram)
{
    struct rill_dtls_record r;
    struct rill_dtls_message m;
    struct rill_view whole;
    while (datagram.n && rill_dtls_record_read(&datagram, &r, NULL) == 0) {
        struct rill_view body = r.body;
        while (body.n && rill_dtls_message_read(&body, &m, NULL) == 0)
            if (!rill_dtls_message_is_whole(&m) &&
                rill_dtls_hello_take(h, now, &r, &m, &whole, NULL) == 1)
                check(whole);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct rill_arena a = rill_arena_over(block, sizeof block);
    struct rill_dtls_hello h;
    rill_dtls_hello_init(&h, &a);
    struct rill_reader r = rill_reader_of(rill_view_at(data, n));
    for (int64_t now = 0; rill_r_left(&r) > 2; now += RILL_SECOND / 4) {
        size_t want = rill_r_u16(&r), left = rill_r_left(&r);
        hear(&h, now, rill_r_bytes(&r, want < left ? want : left));
    }
    return 0;
}
