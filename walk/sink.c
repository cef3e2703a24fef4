/* sink: what a client's machines tell goes into the record and, when one is kept, into its trace;
 * and the entropy that they draw. */
#include "walk/world.h"

#include "trace/format.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t field_of(const struct rill_trace_point *p, const char *name)
{
    size_t i = 0;
    while (i < p->n && strcmp(p->fields[i].name, name) != 0)
        i++;
    return i;
}

static bool is(const struct rill_trace_point *p, const char *room, const char *name)
{
    return strcmp(p->room, room) == 0 && strcmp(p->name, name) == 0;
}

/* Packets in clear are rows of their own. */
static void keep_packet(struct walk_client *c, int64_t now, const struct rill_trace_point *p,
                        struct rill_view bytes)
{
    if (is(p, "peer", "rtp_sent"))
        walk_add(&c->world->record, now, WALK_RTP, c->place, "rtp", bytes);
    else if (is(p, "peer", "rtcp_sent"))
        walk_add(&c->world->record, now, WALK_RTCP, c->place, "rtcp", bytes);
}

/* A row has time, room and name apart from the values. */
static void keep_decision(struct walk_client *c, int64_t now, const struct rill_trace_point *p,
                          const union rill_trace_value *values)
{
    uint8_t line[1024];
    char what[64];
    struct rill_writer w = rill_writer_of((struct rill_span){line, sizeof line});
    snprintf(what, sizeof what, "%s %s", p->room, p->name);
    rill_trace_write_words(&w, p, values, true);
    struct rill_view text = rill_w_view(&w);
    if (rill_view_starts(text, what))
        text = rill_view_sub(text, strlen(what) + 1, text.n - strlen(what) - 1);
    walk_add(&c->world->record, now, WALK_DECISION, c->place, what, text);
}

/* What has bytes or a text is known from the wire, and the verbs (input:…) from what they did. */
static void emit(void *ctx, const struct rill_trace_point *p, int64_t now,
                 const union rill_trace_value *values)
{
    struct walk_client *c = ctx;
    now = now ? now : c->world->now; /* of who knows of no instant */
    size_t bytes = field_of(p, "bytes"), secret = field_of(p, "secret");
    walk_trace_point(c->file, p, now, values);
    if (strcmp(p->room, "input") == 0 || field_of(p, "text") < p->n)
        return;
    if (bytes < p->n)
        keep_packet(c, now, p, values[bytes].view);
    else if (secret < p->n)
        walk_add(&c->world->record, now, WALK_SECRET, c->place, p->name, values[secret].view);
    else
        keep_decision(c, now, p, values);
}

static void draw(void *ctx, uint8_t *out, size_t n)
{
    struct walk_client *c = ctx;
    struct rill_rng rng = rill_rng_seeded(&c->entropy);
    rill_rng_fill(&rng, out, n);
    walk_trace_entropy(c->file, c->world->now, rill_view_at(out, n));
}

void walk_sink_open(struct walk_client *c, uint64_t seed, bool keep_trace)
{
    c->trace = (struct rill_trace){c, emit};
    c->file = keep_trace ? walk_trace_open(c->place, WALK_WALL_US) : NULL;
    walk_trace_clock(c->file, WALK_WALL_US);
    rill_rng_seeded_init(&c->entropy, seed * 16 + (uint64_t)c->place);
    rill_rng_seeded_init(&c->signal_entropy, seed * 32 + (uint64_t)c->place);
    c->rng = (struct rill_rng){c, draw};
}

void walk_make_certificate(struct walk_client *c)
{
    walk_trace_certificate(c->file, c->world->now);
    c->cert_block = malloc(rill_dtls_cert_size());
    if (!c->cert_block || rill_dtls_cert_init(c->cert_block, &c->rng, &c->cert) < 0)
        walk_stop("the certificate", NULL);
}
