/* fuzz dtls_server: a server's association hears hostile datagrams.
 *
 * The input is a list of datagrams, each behind its length in two bytes; the top bit of the
 * length lets the time pass to the next deadline first. At most 24 are heard, since a hello
 * that is answered costs a key exchange. Without keys nobody gets it connected, or closed. */
#include "dtls/conn.h"

#include <stdlib.h>

#define DATAGRAMS 24

static struct rill_dtls_cert *certificate(struct rill_rng rng)
{
    static max_align_t block[256];
    static struct rill_dtls_cert *cert;
    if (!cert &&
        (rill_dtls_cert_size() > sizeof block || rill_dtls_cert_init(block, &rng, &cert) < 0))
        abort();
    return cert;
}

static void drain(struct rill_dtls *x, int64_t now)
{
    uint8_t out[RILL_DATAGRAM_OUT_MAX];
    size_t total = 0, n;
    while ((n = rill_dtls_output(x, now, (struct rill_span){out, sizeof out})))
        total += n;
    if (total > 16 * sizeof out)
        abort();
}

static void hear(struct rill_dtls *x, int64_t *now, struct rill_reader *r)
{
    size_t head = rill_r_u16(r), want = head & 0x7fff, left = rill_r_left(r);
    int64_t deadline = rill_dtls_deadline(x);
    if (head & 0x8000 && deadline != RILL_NEVER) {
        *now = deadline > *now ? deadline : *now;
        rill_dtls_tick(x, *now);
        drain(x, *now);
    }
    struct rill_err why;
    rill_dtls_input(x, *now, rill_r_bytes(r, want < left ? want : left), &why);
    drain(x, *now);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static max_align_t block[8192];
    struct rill_rng_seeded seed;
    rill_rng_seeded_init(&seed, 1);
    struct rill_rng rng = rill_rng_seeded(&seed);
    struct rill_dtls_config config = {
        .cert = certificate(rng), .role = RILL_DTLS_SERVER, .require_srtp = true, .rng = rng};
    if (rill_dtls_size(&config) > sizeof block)
        abort();
    struct rill_dtls *x = rill_dtls_init(block, &config);
    if (!x)
        abort();
    int64_t now = RILL_SECOND;
    rill_dtls_start(x, now);
    struct rill_reader r = rill_reader_of(rill_view_at(data, n));
    for (int i = 0; i < DATAGRAMS && rill_r_left(&r) > 2; i++)
        hear(x, &now, &r);
    if (rill_dtls_state(x) == RILL_DTLS_CONNECTED || rill_dtls_state(x) == RILL_DTLS_CLOSED)
        abort();
    rill_dtls_free(x);
    return 0;
}
