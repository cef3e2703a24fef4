/* blocks_state: the 23 steps, who is where, states and decisions. */
#include "walk/pages.h"

#include "dtls/cert.h"
#include "walk/show.h"

#include <inttypes.h>
#include <string.h>

static const char *const chapters[RILL_STEPS] = {
    "01-capture",
    "02-peer-connection",
    "03-stun-servers",
    "04-tracks",
    "05-offer",
    "06-set-local-offer",
    "07-candidates",
    "08-emit-offer",
    "09-send-candidates",
    "10-client2-connects",
    "11-held-offer",
    "12-client2-captures",
    "13-client2-peer",
    "14-client2-tracks",
    "15-answer",
    "16-set-local-answer",
    "17-set-remote-offer",
    "18-client2-candidates",
    "19-emit-answer",
    "20-held-candidates",
    "21-answer-passed",
    "22-set-remote-answer",
    "23-connected",
};

/* The row of a step, and its number in the record. */
static const struct walk_row *find_step(const struct walk_world *w, int step, size_t *at)
{
    for (*at = 0; *at < w->record.n; ++*at)
        if (w->record.rows[*at].kind == WALK_STEP && w->record.rows[*at].step == step)
            return &w->record.rows[*at];
    return NULL;
}

static void steps(FILE *out, const struct walk_world *w, const struct walk_block *b)
{
    (void)b;
    fputs("| step | when | who | what |\n|---|---|---|---|\n", out);
    for (size_t i = 0; i < w->record.n; i++) {
        const struct walk_row *row = &w->record.rows[i];
        if (row->kind != WALK_STEP)
            continue;
        const struct rill_step *s = rill_step(row->step);
        fprintf(out, "| [%d](%s.md) | ", row->step, chapters[row->step - 1]);
        show_time(out, row->at);
        fprintf(out, " | %s | %s |\n",
                s->client == 0 ? "both, and the server" : walk_place_name(row->who), s->sentence);
    }
}

static void network(FILE *out, const struct walk_world *w, const struct walk_block *b)
{
    (void)b;
    static const char *const what[WALK_PLACES] = {
        "offers; at home, behind a NAT", "answers; its address is one of the internet",
        "tells whoever asks which address it sees", "passes on what the two say before they meet"};
    fputs("| who | address | what it does here |\n|---|---|---|\n", out);
    for (int p = 0; p < WALK_PLACES; p++) {
        struct rill_addr a = walk_address((enum walk_place)p);
        fprintf(out, "| %s | `", walk_place_name((enum walk_place)p));
        show_addr(out, &a);
        fprintf(out, "` | %s |\n", what[p]);
    }
    fputs("| CLIENT1's NAT | `", out);
    show_addr(out, &walk_nat_outside);
    fprintf(out,
            "` | gives each socket of CLIENT1 a port of this address |\n"
            "\nA datagram takes %" PRId64 " ms between the clients and %" PRId64
            " ms to the STUN server.\n",
            w->net.links[0][1].delay / RILL_MS, w->net.links[0][2].delay / RILL_MS);
}

static void states(FILE *out, const struct walk_world *w, const struct walk_block *b)
{
    size_t at;
    show_states(out, find_step(w, (int)b->nth, &at));
}

/* What was decided in a step: between the step before it and its own row. */
static void decisions(FILE *out, const struct walk_world *w, const struct walk_block *b)
{
    size_t end, at;
    if (!find_step(w, (int)b->nth, &end))
        return;
    for (at = end; at > 0 && w->record.rows[at - 1].kind != WALK_STEP;)
        at--;
    fputs("```\n", out);
    for (size_t i = at; i < end; i++)
        if (w->record.rows[i].kind == WALK_DECISION)
            show_decision(out, &w->record, at, i);
    fputs("```\n", out);
}

static void certificate(FILE *out, const struct walk_world *w, const struct walk_block *b)
{
    uint8_t text[128];
    const struct rill_dtls_cert *c = w->clients[b->who].cert;
    struct rill_writer t = rill_writer_of((struct rill_span){text, sizeof text});
    rill_dtls_fingerprint_write(&t, rill_dtls_cert_fingerprint(c));
    fprintf(out, "%s's certificate, DER, %zu bytes:\n\n", walk_place_name(b->who),
            rill_dtls_cert_der(c).n);
    show_hex(out, rill_dtls_cert_der(c), 64);
    fputs("\nSHA-256 over all of them, as `a=fingerprint` will have it:\n\n```\n", out);
    fwrite(t.p, 1, t.at, out);
    fputs("\n```\n", out);
}

static void transceivers(FILE *out, const struct walk_world *w, const struct walk_block *b)
{
    static const char *const codecs[] = {"Opus", "VP8"};
    const struct walk_client *c = &w->clients[b->who];
    struct rill_peer_transceiver_info t;
    struct rill_peer_stats s;
    rill_peer_stats(c->peer, &s);
    fputs("| index | kind | direction | sends | SSRC |\n|---|---|---|---|---|\n", out);
    for (int i = 0; rill_peer_transceiver(c->peer, i, &t); i++)
        fprintf(out, "| %d | %s | sendrecv | %s | `%" PRIu32 "` |\n", i, rill_kind_name(t.kind),
                codecs[t.kind == RILL_VIDEO], s.sent[i].ssrc);
}

const struct walk_block walk_state_blocks[] = {
    {.name = "steps", .show = steps},
    {.name = "network", .show = network},
    {.name = "states-2", .show = states, .nth = 2},
    {.name = "states-4", .show = states, .nth = 4},
    {.name = "states-6", .show = states, .nth = 6},
    {.name = "states-13", .show = states, .nth = 13},
    {.name = "states-17", .show = states, .nth = 17},
    {.name = "states-15", .show = states, .nth = 15},
    {.name = "states-16", .show = states, .nth = 16},
    {.name = "states-22", .show = states, .nth = 22},
    {.name = "states-23", .show = states, .nth = 23},
    {.name = "decisions-6", .show = decisions, .nth = 6},
    {.name = "decisions-17", .show = decisions, .nth = 17},
    {.name = "decisions-16", .show = decisions, .nth = 16},
    {.name = "decisions-22", .show = decisions, .nth = 22},
    {.name = "certificate-1", .show = certificate, .who = WALK_CLIENT1},
    {.name = "certificate-2", .show = certificate, .who = WALK_CLIENT2},
    {.name = "transceivers-1", .show = transceivers, .who = WALK_CLIENT1},
    {.name = "transceivers-2", .show = transceivers, .who = WALK_CLIENT2},
    {.name = NULL},
};
