#include "apps/trace_lens.h"

#include "apps/app.h"
#include "apps/trace_fragments.h"

#include <stdlib.h>
#include <string.h>

#define NODES_MAX 16384
#define BYTES_MAX (RILL_TRACE_RECORD_MAX / 2)
#define SCRATCH_MAX (4u << 20)
#define VALUE_MAX 120

struct rill_trace_lens {
    struct rill_dissect_hints hints;
    struct rill_trace_fragments fragments;
    struct rill_view earlier[RILL_TRACE_FRAGMENTS];
    unsigned step;
    struct rill_dissection d;
    struct rill_span room;
};

struct rill_trace_lens *rill_trace_lens_new(void)
{
    struct rill_trace_lens *x = calloc(1, sizeof *x);
    if (!x)
        return NULL;
    x->d.cap = NODES_MAX;
    x->d.nodes = malloc(NODES_MAX * sizeof *x->d.nodes);
    x->d.scratch = (struct rill_span){malloc(SCRATCH_MAX), SCRATCH_MAX};
    x->room = (struct rill_span){malloc(BYTES_MAX), BYTES_MAX};
    if (x->d.nodes && x->d.scratch.p && x->room.p)
        return x;
    rill_trace_lens_free(x);
    return NULL;
}

void rill_trace_lens_free(struct rill_trace_lens *x)
{
    if (!x)
        return;
    free(x->d.nodes);
    free(x->d.scratch.p);
    free(x->room.p);
    free(x);
}

/* --- what an event is ------------------------------------------------------------------------- */

static const struct {
    const char *name;
    enum rill_dissect_kind kind;
} packets[] = {
    {"peer:datagram_received", RILL_DISSECT_DATAGRAM},
    {"peer:datagram_sent", RILL_DISSECT_DATAGRAM},
    {"peer:rtp_received", RILL_DISSECT_RTP},
    {"peer:rtp_sent", RILL_DISSECT_RTP},
    {"peer:rtcp_received", RILL_DISSECT_RTCP},
    {"peer:rtcp_sent", RILL_DISSECT_RTCP},
    {"signaling:received", RILL_DISSECT_WEBSOCKET},
    {"signaling:sent", RILL_DISSECT_WEBSOCKET},
    {"mdns:datagram_received", RILL_DISSECT_DNS},
    {"mdns:datagram_sent", RILL_DISSECT_DNS},
    {"peer:description", RILL_DISSECT_SDP},
    {"peer:candidate_gathered", RILL_DISSECT_CANDIDATE},
    {"peer:candidate_added", RILL_DISSECT_CANDIDATE},
};

static bool kind_of(const struct rill_trace_event *e, enum rill_dissect_kind *out)
{
    struct rill_view proto = {0};
    for (size_t i = 0; i < sizeof packets / sizeof packets[0]; i++) {
        if (strcmp(e->name, packets[i].name) != 0)
            continue;
        *out = packets[i].kind;
        rill_trace_get_text(e->data, "proto", &proto);
        if (*out == RILL_DISSECT_WEBSOCKET && rill_view_is(proto, "http"))
            *out = RILL_DISSECT_HTTP;
        if (*out == RILL_DISSECT_DATAGRAM &&
            (rill_view_starts(proto, "tcp") || rill_view_is(proto, "tls")))
            *out = RILL_DISSECT_STREAM;
        return true;
    }
    return false;
}

static struct rill_trace_event event_of(struct rill_trace_lens *x,
                                        const struct rill_trace_record *r)
{
    struct rill_trace_event e = {
        .number = r->number, .time = r->time, .name = r->name, .data = r->data};
    rill_trace_get_addr(e.data, "local", &e.local);
    rill_trace_get_addr(e.data, "remote", &e.remote);
    e.has_packet =
        kind_of(&e, &e.kind) && (rill_trace_get_text(e.data, "text", &e.bytes) ||
                                 rill_trace_get_bytes(e.data, "bytes", x->room, &e.bytes));
    return e;
}

static bool is_sent(const struct rill_trace_event *e)
{
    size_t n = strlen(e->name);
    return n > 4 && !strcmp(e->name + n - 4, "sent");
}

static struct rill_trace_flow flow_of(const struct rill_trace_event *e)
{
    return (struct rill_trace_flow){e->local, e->remote, is_sent(e)};
}

/* What the payload types of its RTP mean. */
static void learn(struct rill_trace_lens *x, const struct rill_trace_event *e)
{
    static const char *const codecs[] = {"", "opus", "VP8", "VP9", "H264", "AV1", "PCMU", "PCMA"};
    struct rill_view codec;
    uint64_t n;
    if (!strcmp(e->name, "call:step") && rill_trace_get_u64(e->data, "number", &n))
        x->step = (unsigned)n;
    if (e->has_packet && e->kind == RILL_DISSECT_SDP)
        rill_dissect_hint(&x->hints, e->bytes);
    struct rill_trace_flow flow = flow_of(e);
    if (e->has_packet && e->kind == RILL_DISSECT_DATAGRAM)
        rill_trace_fragments_take(&x->fragments, e->number, &flow, e->bytes);
    if (!e->has_packet || e->kind != RILL_DISSECT_RTP || e->bytes.n < 2 ||
        !rill_trace_get_text(e->data, "codec", &codec))
        return;
    for (size_t i = 1; i < sizeof codecs / sizeof codecs[0]; i++)
        if (rill_view_is_nocase(codec, codecs[i]))
            x->hints.codecs[e->bytes.p[1] & 0x7f] = (enum rill_codec_id)i;
}

void rill_trace_lens_event(struct rill_trace_lens *x, const struct rill_trace_record *r,
                           struct rill_trace_event *out)
{
    *out = event_of(x, r);
    learn(x, out);
    out->step = x->step;
}

void rill_trace_lens_again(struct rill_trace_lens *x, const struct rill_trace_record *r,
                           unsigned step, struct rill_trace_event *out)
{
    *out = event_of(x, r);
    out->step = step;
}

/* --- what it says ----------------------------------------------------------------------------- */

const struct rill_dissection *rill_trace_lens_tree(struct rill_trace_lens *x,
                                                   const struct rill_trace_event *e)
{
    struct rill_trace_flow flow = flow_of(e);
    x->d.n = 0;
    x->hints.earlier = x->earlier;
    x->hints.n_earlier =
        e->has_packet && e->kind == RILL_DISSECT_DATAGRAM && rill_dissect_has_fragment(e->bytes)
            ? rill_trace_fragments_before(&x->fragments, e->number, &flow, x->earlier)
            : 0;
    if (e->has_packet)
        rill_dissect(&x->d, e->kind, e->bytes, &x->hints);
    return &x->d;
}

/* A peer's text moves no cursor. */
static void write_text(struct rill_writer *w, struct rill_view v)
{
    struct rill_dissect_node node = {.type = RILL_DISSECT_TEXT, .view = v};
    bool cut = v.n > VALUE_MAX;
    node.view.n = cut ? VALUE_MAX : v.n;
    rill_dissect_write_value(w, &node);
    rill_w_str(w, cut ? "…" : "");
}

static void write_value(struct rill_writer *w, const json_t *v)
{
    char number[64];
    if (json_is_string(v)) {
        write_text(w, rill_view_at(json_string_value(v), json_string_length(v)));
        return;
    }
    size_t n = json_dumpb(v, number, sizeof number, JSON_ENCODE_ANY | JSON_COMPACT);
    if (n <= sizeof number)
        write_text(w, rill_view_at(number, n));
    else
        rill_w_str(w, json_is_array(v) ? "[…]" : "{…}");
}

/* The row of an error by its name, for a number says nothing. */
static bool write_error(struct rill_writer *w, const char *name, const json_t *v)
{
    json_int_t code = json_is_integer(v) ? json_integer_value(v) : 0;
    const struct rill_err_row *row =
        !strcmp(name, "error") && code < 0 && code > INT32_MIN ? rill_app_err_row((int)code) : NULL;
    if (row) {
        rill_w_str(w, row->name);
        rill_w_str(w, " (");
        rill_w_str(w, row->clause);
        rill_w_char(w, ')');
    }
    return row != NULL;
}

/* "sentence: member value, member value" */
static void write_data(struct rill_writer *w, const char *sentence, const json_t *data)
{
    const char *name;
    json_t *v;
    bool first = true;
    rill_w_str(w, sentence ? sentence : "");
    json_object_foreach((json_t *)data, name, v)
    {
        if (json_is_null(v))
            continue;
        rill_w_str(w, !first ? ", " : sentence ? ": " : "");
        write_text(w, rill_view_of(name));
        rill_w_char(w, ' ');
        if (!write_error(w, name, v))
            write_value(w, v);
        first = false;
    }
}

static void write_step(struct rill_writer *w, const struct rill_trace_event *e)
{
    struct rill_view sentence = {0};
    uint64_t client = 0;
    rill_trace_get_text(e->data, "sentence", &sentence);
    rill_trace_get_u64(e->data, "client", &client);
    rill_w_str(w, "step ");
    rill_w_dec(w, e->step);
    rill_w_str(w, ": CLIENT");
    rill_w_dec(w, client);
    rill_w_char(w, ' ');
    write_text(w, sentence);
}

static void write_addresses(struct rill_writer *w, const struct rill_trace_event *e)
{
    if (!e->local.family || !e->remote.family)
        return;
    rill_addr_write(w, &e->local);
    rill_w_str(w, is_sent(e) ? " > " : " < ");
    rill_addr_write(w, &e->remote);
    rill_w_char(w, ' ');
}

void rill_trace_lens_write(struct rill_trace_lens *x, const struct rill_trace_event *e,
                           struct rill_writer *w)
{
    struct rill_view side;
    if (!strcmp(e->name, "call:step")) {
        write_step(w, e);
        return;
    }
    if (!e->has_packet) {
        bool note = !strcmp(e->name, "call:note") || !strcmp(e->name, "call:failed");
        write_data(w, note ? NULL : rill_trace_sentence(e->name), e->data);
        return;
    }
    write_addresses(w, e);
    for (size_t i = 0; i < 2; i++)
        if (rill_trace_get_text(e->data, i ? "type" : "side", &side)) {
            write_text(w, side);
            rill_w_char(w, ' ');
        }
    rill_dissect_write_summary_of(w, rill_trace_lens_tree(x, e));
}

bool rill_trace_lens_match(struct rill_trace_lens *x, const struct rill_trace_event *e,
                           struct rill_view text, const struct rill_filter *f)
{
    struct rill_filter_event asked = {
        .name = rill_view_of(e->name),
        .time = e->time,
        .step = e->step,
        .local = e->local,
        .remote = e->remote,
        .text = text,
    };
    if (e->has_packet && rill_filter_needs_packet(f))
        asked.packet = rill_trace_lens_tree(x, e);
    return rill_filter_match(f, &asked);
}
