#include "dtls/hello.h"

#include <string.h>

#define HEADERS (RILL_DTLS_RECORD_HEADER + RILL_DTLS_MESSAGE_HEADER)
#define SLOT (HEADERS + RILL_DTLS_HELLO_MAX)

void rill_dtls_hello_init(struct rill_dtls_hello *h, struct rill_arena *a)
{
    *h = (struct rill_dtls_hello){
        .slot = rill_arena_take(a, SLOT, 1),
        .have = rill_arena_take(a, (RILL_DTLS_HELLO_MAX + 7) / 8, 1),
    };
}

void rill_dtls_hello_forget(struct rill_dtls_hello *h)
{
    h->busy = false;
}

static void begin(struct rill_dtls_hello *h, int64_t now, const struct rill_dtls_message *m)
{
    h->busy = true;
    h->since = now;
    h->seq = m->seq;
    h->length = m->length;
    h->missing = m->length;
    memset(h->have, 0, (RILL_DTLS_HELLO_MAX + 7) / 8);
}

static bool has(const struct rill_dtls_hello *h, size_t at)
{
    return h->have[at / 8] >> (at % 8) & 1;
}

/* Fragments of one message agree where they overlap; else one of them is of another hello. */
static bool agrees(const struct rill_dtls_hello *h, const struct rill_dtls_message *m)
{
    for (size_t i = 0; i < m->fragment.n; i++)
        if (has(h, m->offset + i) && h->slot[HEADERS + m->offset + i] != m->fragment.p[i])
            return false;
    return true;
}

static void lay_in(struct rill_dtls_hello *h, const struct rill_dtls_message *m)
{
    for (size_t i = 0; i < m->fragment.n; i++) {
        size_t at = m->offset + i;
        h->missing -= !has(h, at);
        h->have[at / 8] = (uint8_t)(h->have[at / 8] | 1u << (at % 8));
    }
    memcpy(h->slot + HEADERS + m->offset, m->fragment.p, m->fragment.n);
}

/* RFC 6347 §4.2.6: handshake messages are hashed "as if each handshake message had been sent
 * as a single fragment", which is what the rebuilt header says. The record keeps the number
 * of the fragment that completed it: that number the client has spent, where a later one
 * would make the anti-replay window swallow the client's next flight. */
static struct rill_view rebuild(struct rill_dtls_hello *h, const struct rill_dtls_record *r)
{
    struct rill_writer message = rill_writer_of(
        (struct rill_span){h->slot + RILL_DTLS_RECORD_HEADER, RILL_DTLS_MESSAGE_HEADER});
    rill_w_u8(&message, RILL_DTLS_CLIENT_HELLO);
    rill_w_u24(&message, h->length);
    rill_w_u16(&message, h->seq);
    rill_w_u24(&message, 0);
    rill_w_u24(&message, h->length);
    struct rill_writer record =
        rill_writer_of((struct rill_span){h->slot, RILL_DTLS_RECORD_HEADER});
    rill_dtls_record_write(&record, r, (struct rill_view){0});
    rill_w_patch_u16(&record, RILL_DTLS_RECORD_HEADER - 2,
                     (uint16_t)(RILL_DTLS_MESSAGE_HEADER + h->length));
    return rill_view_at(h->slot, HEADERS + h->length);
}

int rill_dtls_hello_take(struct rill_dtls_hello *h, int64_t now, const struct rill_dtls_record *r,
                         const struct rill_dtls_message *m, struct rill_view *whole,
                         struct rill_err *why)
{
    if (m->length > RILL_DTLS_HELLO_MAX)
        return rill_err_set(&rill_dtls_errors, RILL_DTLS_HELLO_TOO_LARGE, 0, m->length, why);
    bool same = h->busy && now - h->since < RILL_DTLS_HELLO_EXPIRY && h->seq == m->seq &&
                h->length == m->length && agrees(h, m);
    if (!same)
        begin(h, now, m);
    lay_in(h, m);
    if (h->missing)
        return 0;
    h->busy = false;
    *whole = rebuild(h, r);
    return 1;
}
