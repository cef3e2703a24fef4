/* blocks_rtp: media on the wire and in clear, RTCP, and what came of it. */
#include "walk/pages.h"

#include "rtp/packet.h"
#include "walk/show.h"

#include <inttypes.h>
#include <string.h>

#define PT_OPUS 111
#define PT_VP8 96

/* As the two descriptions have it. */
static void hints_of(const struct walk_world *w, struct rill_dissect_hints *h)
{
    *h = (struct rill_dissect_hints){0};
    rill_dissect_hint(h,
                      walk_find(&w->record, WALK_DESCRIPTION, WALK_CLIENT1, "local offer")->text);
    rill_dissect_hint(h,
                      walk_find(&w->record, WALK_DESCRIPTION, WALK_CLIENT2, "local answer")->text);
}

/* The nth packet in clear that b->who sent, of a payload type or, for RTCP, of at least so many
 * bytes; and the row of the datagram it left in. */
static const struct walk_row *packet(const struct walk_world *w, const struct walk_block *b,
                                     const struct walk_row **datagram)
{
    bool rtcp = strcmp(b->what, "rtcp") == 0;
    uint8_t pt = strcmp(b->what, "video") == 0 ? PT_VP8 : PT_OPUS;
    size_t n = 0;
    for (size_t i = 0; i < w->record.n; i++) {
        const struct walk_row *row = &w->record.rows[i];
        if (row->who != b->who || row->kind != (rtcp ? WALK_RTCP : WALK_RTP))
            continue;
        if (rtcp ? row->text.p[1] != 200 : (row->text.p[1] & 0x7f) != pt)
            continue;
        if (n++ < b->nth)
            continue;
        *datagram = walk_next(&w->record, &i, WALK_DATAGRAM, b->who, NULL);
        return row;
    }
    return NULL;
}

static void protected(FILE *out, const struct walk_world *w, const struct walk_block *b)
{
    const struct walk_row *datagram = NULL;
    packet(w, b, &datagram);
    show_datagram(out, datagram, b->limit);
}

static void clear(FILE *out, const struct walk_world *w, const struct walk_block *b)
{
    const struct walk_row *datagram = NULL, *row = packet(w, b, &datagram);
    struct rill_dissect_hints hints;
    hints_of(w, &hints);
    fprintf(out, "In clear, %zu bytes; the datagram of ", row->text.n);
    show_time(out, row->at);
    fprintf(out, " has %zu:\n\n", datagram->text.n);
    show_hex(out, row->text, b->limit);
    show_fields(out, row->kind == WALK_RTCP ? RILL_DISSECT_RTCP : RILL_DISSECT_RTP, row->text,
                &hints, b->limit, b->deepest);
}

/* The packets of the first picture. */
static void pieces(FILE *out, const struct walk_world *w, const struct walk_block *b)
{
    struct rill_rtp_packet p;
    uint32_t first = 0;
    bool any = false;
    fputs("| left at | sequence number | timestamp | marker | bytes of payload |\n"
          "|---|---|---|---|---|\n",
          out);
    for (size_t i = 0; i < w->record.n; i++) {
        const struct walk_row *row = &w->record.rows[i];
        if (row->kind != WALK_RTP || row->who != b->who ||
            rill_rtp_parse(row->text, &p, NULL) < 0 || p.pt != PT_VP8)
            continue;
        if (any && p.timestamp != first)
            continue;
        any = true;
        first = p.timestamp;
        fputs("| ", out);
        show_time(out, row->at);
        fprintf(out, " | %u | %" PRIu32 " | %d | %zu |\n", p.seq, p.timestamp, p.marker,
                p.payload.n);
    }
}

static size_t count(const struct walk_world *w, enum walk_kind kind, enum walk_place who,
                    const char *what)
{
    size_t at = 0, n = 0;
    while (walk_next(&w->record, &at, kind, who, what))
        n++;
    return n;
}

static void flows(FILE *out, const struct walk_world *w, const struct walk_block *b)
{
    static const char *const kinds[] = {"audio", "video"};
    (void)b;
    fputs("| from | what | frames given to the peer | frames the other played | the first at |\n"
          "|---|---|---|---|---|\n",
          out);
    for (int i = 0; i < WALK_CLIENTS; i++)
        for (int k = 0; k < 2; k++) {
            enum walk_place from = (enum walk_place)i, to = (enum walk_place)(1 - i);
            fprintf(out, "| %s | %s | %zu | %zu | ", walk_place_name(from), kinds[k],
                    count(w, WALK_FRAME, from, kinds[k]), count(w, WALK_PLAYED, to, kinds[k]));
            show_time(out, walk_find(&w->record, WALK_PLAYED, to, kinds[k])->at);
            fputs(" |\n", out);
        }
}

static void summary(FILE *out, const struct walk_world *w, const struct walk_block *b)
{
    (void)b;
    fputs("| | CLIENT1 | CLIENT2 |\n|---|---|---|\n", out);
    static struct rill_peer_stats s[WALK_CLIENTS];
    for (int i = 0; i < WALK_CLIENTS; i++)
        rill_peer_stats(w->clients[i].peer, &s[i]);
    const struct rill_peer_transport_stats *x = &s[0].transports[0], *y = &s[1].transports[0];
    fprintf(out, "| local candidate | `%s` | `%s` |\n", x->local_candidate, y->local_candidate);
    fprintf(out, "| remote candidate | `%s` | `%s` |\n", x->remote_candidate, y->remote_candidate);
    fprintf(out, "| round trip | %" PRId64 " ms | %" PRId64 " ms |\n", x->pair_rtt_us / RILL_MS,
            y->pair_rtt_us / RILL_MS);
    fprintf(out, "| DTLS | %s, %s | %s, %s |\n", x->dtls_version, x->dtls_role, y->dtls_version,
            y->dtls_role);
    fprintf(out, "| cipher | %s | %s |\n", x->dtls_cipher, y->dtls_cipher);
    fprintf(out, "| SRTP | %s | %s |\n", x->srtp_profile, y->srtp_profile);
    fprintf(out, "| datagrams sent | %" PRIu64 " | %" PRIu64 " |\n", s[0].datagrams_out,
            s[1].datagrams_out);
}

const struct walk_block walk_rtp_blocks[] = {
    {"srtp-audio", protected, WALK_CLIENT1, "audio", 0, 64, 0},
    {"rtp-audio", clear, WALK_CLIENT1, "audio", 0, 64, 0},
    {"rtp-video", clear, WALK_CLIENT1, "video", 0, 64, 0},
    {"pieces", pieces, WALK_CLIENT1, NULL, 0, 0, 0},
    {"sender-report", clear, WALK_CLIENT1, "rtcp", 0, 0, 0},
    {"flows", flows, WALK_CLIENT1, NULL, 0, 0, 0},
    {"summary", summary, WALK_CLIENT1, NULL, 0, 0, 0},
    {.name = NULL},
};
