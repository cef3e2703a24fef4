/* blocks_dtls: the handshake, the certificate it shows, and the keys that come out of it. */
#include "walk/pages.h"

#include "base/digest.h"
#include "dtls/conn.h"
#include "peer/connection.h"
#include "peer/transport.h"
#include "srtp/srtp.h"
#include "walk/show.h"

#include <string.h>

static void datagram(FILE *out, const struct walk_world *w, const struct walk_block *b)
{
    size_t at = 0;
    const struct walk_row *row = NULL;
    for (size_t i = 0; i <= b->nth; i++)
        row = walk_next(&w->record, &at, WALK_DATAGRAM, b->who, "dtls");
    show_datagram(out, row, b->limit);
    show_fields(out, RILL_DISSECT_DATAGRAM, row->text, NULL, 0, b->deepest);
}

/* The DER of the certificate in the flight that brings it, and its digest beside the description's
 * line. */
static void fingerprint(FILE *out, const struct walk_world *w, const struct walk_block *b)
{
    struct rill_view der = rill_dtls_cert_der(w->clients[b->who].cert);
    const struct walk_row *row;
    uint8_t digest[RILL_SHA256_SIZE], text[128];
    size_t at = 0;
    while ((row = walk_next(&w->record, &at, WALK_DATAGRAM, b->who, "dtls")) != NULL)
        for (size_t i = 0; i + der.n <= row->text.n; i++) {
            if (memcmp(row->text.p + i, der.p, der.n) != 0)
                continue;
            rill_digest(RILL_SHA256, rill_view_at(row->text.p + i, der.n), digest);
            struct rill_writer t = rill_writer_of((struct rill_span){text, sizeof text});
            rill_dtls_fingerprint_write(&t, rill_view_at(digest, sizeof digest));
            const char *sdp =
                (const char *)walk_find(&w->record, WALK_DESCRIPTION, b->who, "local ")->text.p;
            const char *line = strstr(sdp, "a=fingerprint:");
            fprintf(out,
                    "```\nthe certificate    bytes %zu to %zu of the datagram\n"
                    "its SHA-256        %.*s\nits description    %.*s\n```\n",
                    i, i + der.n - 1, (int)t.at, (const char *)t.p, (int)strcspn(line, "\r"), line);
            return;
        }
}

static void key(FILE *out, const char *what, const uint8_t *p, size_t n)
{
    fprintf(out, "%s", what);
    show_bytes(out, rill_view_at(p, n), 0);
    fputc('\n', out);
}

static void keys(FILE *out, const struct walk_world *w, const struct walk_block *b)
{
    struct rill_dtls_srtp_keys k;
    fputs("```\n", out);
    key(out, "master secret         ", walk_find(&w->record, WALK_SECRET, b->who, NULL)->text.p,
        48);
    for (int i = 0; i < WALK_CLIENTS; i++) {
        if (rill_dtls_export_srtp(w->clients[i].peer->transports[0].components[0].dtls, &k) < 0)
            continue;
        fprintf(out, "%s, %s\n", walk_place_name((enum walk_place)i),
                rill_srtp_profile_name(k.profile));
        key(out, "  sends with     key  ", k.local_key, k.key_size);
        key(out, "                 salt ", k.local_salt, k.salt_size);
        key(out, "  receives with  key  ", k.remote_key, k.key_size);
        key(out, "                 salt ", k.remote_salt, k.salt_size);
    }
    fputs("```\n", out);
}

const struct walk_block walk_dtls_blocks[] = {
    {"client-hello", datagram, WALK_CLIENT2, NULL, 0, 0, 0},
    {"server-flight", datagram, WALK_CLIENT1, NULL, 0, 160, 2},
    {"fingerprint-1", fingerprint, WALK_CLIENT1, NULL, 0, 0, 0},
    {"fingerprint-2", fingerprint, WALK_CLIENT2, NULL, 0, 0, 0},
    {"srtp-keys", keys, WALK_CLIENT1, NULL, 0, 0, 0},
    {.name = NULL},
};
