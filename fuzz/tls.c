/* fuzz tls: one end of a TLS stream hears hostile bytes.
 *
 * The first byte chooses the end: even a server, odd a client that believes anybody. Then come
 * pieces, each behind its length in two bytes; the top bit of the length lets what waits for the
 * wire be taken first. At most 24 are heard. Without keys nobody gets a server to open, and what
 * is said while the handshake goes on stays small. */
#include "dtls/tls.h"
#include "dtls/ca.h"

#include <stdlib.h>

#define PIECES 24
#define SAID_MAX 65536
#define WALL 1700000000

static struct rill_tls_identity *identity(struct rill_rng rng)
{
    static struct rill_tls_identity *id;
    uint8_t cert[RILL_CA_CERT_MAX], key[RILL_CA_KEY_MAX];
    struct rill_writer c = rill_writer_of((struct rill_span){cert, sizeof cert});
    struct rill_writer k = rill_writer_of((struct rill_span){key, sizeof key});
    static max_align_t ca_block[1024], block[1024];
    struct rill_tls_identity *ca;
    struct rill_tls_name name = {.dns = rill_view_of("localhost")};
    if (id)
        return id;
    if (rill_ca_make(rill_view_of("fuzz"), WALL, &rng, &c, &k, NULL) < 0 ||
        rill_tls_identity_init(ca_block, &rng, rill_w_view(&c), rill_w_view(&k), &ca, NULL) < 0)
        abort();
    c.at = k.at = 0;
    if (rill_ca_issue(ca, &name, 1, WALL, &rng, &c, &k, NULL) < 0 ||
        rill_tls_identity_size(rill_w_view(&c), rill_w_view(&k)) > sizeof block ||
        rill_tls_identity_init(block, &rng, rill_w_view(&c), rill_w_view(&k), &id, NULL) < 0)
        abort();
    rill_tls_identity_free(ca);
    return id;
}

static void drain(struct rill_tls *x, int64_t now, size_t *said)
{
    uint8_t out[512];
    size_t n;
    while ((n = rill_tls_output(x, now, (struct rill_span){out, sizeof out})))
        *said += n;
    if (*said > SAID_MAX)
        abort();
}

/* Whatever is not taken must have a reason. */
static void hear(struct rill_tls *x, int64_t now, struct rill_view piece, size_t *said)
{
    uint8_t out[512];
    while (piece.n) {
        size_t took = rill_tls_input(x, now, piece), read = 0, n;
        if (took > piece.n)
            abort();
        piece = rill_view_at(piece.p + took, piece.n - took);
        while ((n = rill_tls_read(x, now, (struct rill_span){out, sizeof out})))
            read += n;
        size_t before = *said;
        if (took == 0 && read == 0) {
            drain(x, now, said);
            if (*said == before)
                abort();
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static max_align_t block[2048];
    struct rill_rng_seeded seed;
    rill_rng_seeded_init(&seed, 1);
    struct rill_rng rng = rill_rng_seeded(&seed);
    struct rill_reader r = rill_reader_of(rill_view_at(data, n));
    bool client = rill_r_u8(&r) & 1;
    struct rill_tls_config config = {.role = client ? RILL_TLS_CLIENT : RILL_TLS_SERVER,
                                     .identity = client ? NULL : identity(rng),
                                     .insecure = client,
                                     .rng = rng};
    if (rill_tls_size(&config) > sizeof block)
        abort();
    struct rill_tls *x = rill_tls_init(block, &config);
    if (!x)
        abort();
    int64_t now = RILL_SECOND;
    size_t said = 0;
    rill_tls_start(x, now);
    for (int i = 0; i < PIECES && rill_r_left(&r) > 2; i++) {
        size_t head = rill_r_u16(&r), want = head & 0x7fff, left = rill_r_left(&r);
        if (head & 0x8000)
            drain(x, now, &said);
        hear(x, now, rill_r_bytes(&r, want < left ? want : left), &said);
    }
    if (rill_tls_state(x) == RILL_TLS_OPEN)
        abort();
    rill_tls_ended(x, now);
    drain(x, now, &said);
    struct rill_tls_event e;
    if (!rill_tls_event(x, &e) || rill_tls_state(x) == RILL_TLS_HANDSHAKING)
        abort();
    rill_tls_free(x);
    return 0;
}
