/* summary: a tree in one line.
 *
 * The idea: the tree is made once, not too deep, and read by the names of its nodes; so the line
 * says nothing that the tree does not. */
#include "dissect/dissect.h"

#define NODES 256
#define DEEPEST 6
#define SCRATCH 8192
#define TEXT_MAX 120

struct tree {
    const struct rill_dissection *d;
    struct rill_writer *w;
};

/* The end of the node's children. */
static size_t end_of(const struct tree *t, size_t i)
{
    uint8_t depth = t->d->nodes[i].depth;
    for (i++; i < t->d->n && t->d->nodes[i].depth > depth; i++)
        continue;
    return i;
}

static bool is(const struct rill_dissect_node *node, const char *name)
{
    return rill_view_is(rill_view_of(node->name), name);
}

/* Below node i; NULL when there is none. */
static const struct rill_dissect_node *find(const struct tree *t, size_t i, const char *name)
{
    for (size_t k = i + 1, end = end_of(t, i); k < end; k++)
        if (is(&t->d->nodes[k], name))
            return &t->d->nodes[k];
    return NULL;
}

static void value(const struct tree *t, const struct rill_dissect_node *node)
{
    struct rill_dissect_node cut = *node;
    cut.view.n = cut.view.n < TEXT_MAX ? cut.view.n : TEXT_MAX;
    rill_dissect_write_value(t->w, &cut);
}

static void text(const struct tree *t, const char *s)
{
    rill_w_str(t->w, s);
}

static void meaning_or_number(const struct tree *t, const struct rill_dissect_node *node)
{
    if (node && node->meaning && !node->bad)
        text(t, node->meaning);
    else if (node)
        value(t, node);
}

/* " name value", where it is there. */
static void named(const struct tree *t, size_t i, const char *name, const char *called)
{
    const struct rill_dissect_node *node = find(t, i, name);
    if (!node)
        return;
    text(t, called);
    value(t, node);
}

static void one(const struct tree *t, size_t i);

/* --- protocols ------------------------------------------------------------------------------- */

static bool is_telling(const struct rill_dissect_node *node)
{
    static const char *const names[] = {
        "USERNAME",         "USE-CANDIDATE", "ERROR-CODE",     "XOR-MAPPED-ADDRESS",
        "XOR-PEER-ADDRESS", "LIFETIME",      "REALM",          "XOR-RELAYED-ADDRESS",
        "CHANNEL-NUMBER",   "NOMINATION",    "MAPPED-ADDRESS", "REQUESTED-TRANSPORT",
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (is(node, names[i]))
            return true;
    return false;
}

static void attribute(const struct tree *t, const struct rill_dissect_node *node)
{
    text(t, ", ");
    text(t, node->name);
    if (node->type != RILL_DISSECT_NONE)
        text(t, " ");
    value(t, node);
    if (node->meaning && !node->bad) {
        text(t, " ");
        text(t, node->meaning);
    }
}

/* The first node so many levels below node i, in a line of its own. */
static void inner(const struct tree *t, size_t i, unsigned levels)
{
    for (size_t k = i + 1, end = end_of(t, i); k < end; k++)
        if (t->d->nodes[k].depth == t->d->nodes[i].depth + levels) {
            text(t, ": ");
            one(t, k);
            return;
        }
}

static void stun(const struct tree *t, size_t i)
{
    uint8_t depth = t->d->nodes[i].depth;
    const struct rill_dissect_node *method = find(t, i, "method"), *class = find(t, i, "class");
    size_t end = end_of(t, i), data = end;
    text(t, "STUN ");
    meaning_or_number(t, method);
    text(t, " ");
    meaning_or_number(t, class);
    for (size_t k = i + 1; k < end; k++) {
        const struct rill_dissect_node *node = &t->d->nodes[k];
        if (node->depth == depth + 1 && is_telling(node))
            attribute(t, node);
        if (node->depth == depth + 1 && is(node, "DATA"))
            data = k;
    }
    if (data < end)
        inner(t, data, 2);
}

static void channel(const struct tree *t, size_t i)
{
    text(t, "TURN ChannelData");
    named(t, i, "channel", " ");
    inner(t, i, 2);
}

static void framed(const struct tree *t, size_t i)
{
    for (size_t k = i + 1, end = end_of(t, i); k < end; k++)
        if (t->d->nodes[k].depth == t->d->nodes[i].depth + 1 && !is(&t->d->nodes[k], "LENGTH")) {
            text(t, "framed ");
            one(t, k);
        }
}

static bool is_fragment(const struct tree *t, size_t i)
{
    const struct rill_dissect_node *length = find(t, i, "length");
    const struct rill_dissect_node *here = find(t, i, "fragment_length");
    return length && here && length->u != here->u;
}

static void record(const struct tree *t, size_t i)
{
    uint8_t depth = t->d->nodes[i].depth;
    bool alone = true;
    if (find(t, i, "encrypted")) {
        text(t, "encrypted ");
        text(t, t->d->nodes[i].name);
        return;
    }
    for (size_t k = i + 1, end = end_of(t, i); k < end && is(&t->d->nodes[i], "Handshake"); k++) {
        const struct rill_dissect_node *node = &t->d->nodes[k];
        if (node->depth != depth + 1 || node->type != RILL_DISSECT_NONE)
            continue;
        text(t, alone ? "" : ", ");
        text(t, node->name);
        if (is_fragment(t, k))
            text(t, find(t, k, "whole message") ? " (its last fragment)" : " (fragment)");
        alone = false;
    }
    if (!alone)
        return;
    text(t, t->d->nodes[i].name);
    if (!is(&t->d->nodes[i], "Alert"))
        return;
    text(t, " ");
    meaning_or_number(t, find(t, i, "level"));
    text(t, " ");
    meaning_or_number(t, find(t, i, "description"));
}

static void dtls(const struct tree *t, size_t i)
{
    uint8_t depth = t->d->nodes[i].depth;
    bool first = true;
    text(t, "DTLS ");
    for (size_t k = i + 1, end = end_of(t, i); k < end; k++) {
        if (t->d->nodes[k].depth != depth + 1)
            continue;
        text(t, first ? "" : ", ");
        first = false;
        record(t, k);
    }
}

static bool is_head(const struct rill_dissect_node *node)
{
    return is(node, "ssrc") || is(node, "CSRC") || is(node, "header extension");
}

/* What is behind the head: the payload, or nothing but padding. */
static void format(const struct tree *t, size_t i)
{
    uint8_t depth = t->d->nodes[i].depth;
    const struct rill_dissect_node *last = NULL;
    for (size_t k = i + 1, end = end_of(t, i); k < end; k++) {
        const struct rill_dissect_node *node = &t->d->nodes[k];
        if (node->depth == depth + 1 && !(last && !is_head(last) && is(node, "padding bytes")))
            last = node;
    }
    if (!last || is_head(last))
        return;
    text(t, " ");
    text(t, last->name);
    text(t, " ");
    rill_w_dec(t->w, last->bits / 8);
    text(t, " bytes");
}

static void rtp(const struct tree *t, size_t i)
{
    const struct rill_dissect_node *marker = find(t, i, "marker"), *type = find(t, i, "frame_type");
    text(t, t->d->nodes[i].name);
    named(t, i, "ssrc", " ssrc ");
    named(t, i, "pt", " pt ");
    named(t, i, "seq", " seq ");
    named(t, i, "timestamp", " time ");
    text(t, marker && marker->u ? " marker" : "");
    format(t, i);
    if (type && type->meaning && type->u == 0) {
        text(t, ", ");
        text(t, type->meaning);
    }
    named(t, i, "OSN", ", OSN ");
}

static void rtcp_packet(const struct tree *t, size_t i)
{
    text(t, t->d->nodes[i].name);
    named(t, i, "bitrate", " ");
    named(t, i, "PID", " PID ");
    named(t, i, "packet status count", " packets ");
    named(t, i, "fraction_lost", " lost/256 ");
    named(t, i, "reason for leaving", " ");
}

static void rtcp(const struct tree *t, size_t i)
{
    uint8_t depth = t->d->nodes[i].depth;
    bool first = true;
    text(t, "RTCP ");
    for (size_t k = i + 1, end = end_of(t, i); k < end; k++) {
        if (t->d->nodes[k].depth != depth + 1)
            continue;
        text(t, first ? "" : ", ");
        first = false;
        rtcp_packet(t, k);
    }
}

static void srtcp(const struct tree *t, size_t i)
{
    text(t, "SRTCP");
    named(t, i, "pt", " type ");
    named(t, i, "sender SSRC", " ssrc ");
}

static void sdp(const struct tree *t, size_t i)
{
    size_t lines = 0;
    text(t, "SDP");
    for (size_t k = i + 1, end = end_of(t, i); k < end; k++) {
        const struct rill_dissect_node *node = &t->d->nodes[k];
        lines += node->depth == t->d->nodes[i].depth + 1;
        const struct rill_dissect_node *media = is(node, "m") ? find(t, k, "media") : NULL;
        if (!media)
            continue;
        text(t, " ");
        value(t, media);
    }
    text(t, ", ");
    rill_w_dec(t->w, lines);
    text(t, t->d->cut ? " lines and more" : " lines");
}

static void candidate(const struct tree *t, size_t i)
{
    text(t, "candidate");
    if (!find(t, i, "foundation"))
        text(t, ": no more");
    named(t, i, "cand-type", " ");
    named(t, i, "transport", " ");
    named(t, i, "connection-address", " ");
    named(t, i, "port", " ");
    named(t, i, "raddr", " behind ");
}

static void http(const struct tree *t, size_t i)
{
    named(t, i, "request line", "HTTP ");
    named(t, i, "status line", "");
}

static void websocket(const struct tree *t, size_t i)
{
    const struct rill_dissect_node *payload = find(t, i, "payload");
    text(t, "WebSocket ");
    meaning_or_number(t, find(t, i, "opcode"));
    const struct rill_dissect_node *eio = find(t, i, "packet type"), *sio = find(t, i, "type");
    if (eio) {
        text(t, ", Engine.IO ");
        meaning_or_number(t, eio);
    }
    if (eio && sio) {
        text(t, ", Socket.IO ");
        meaning_or_number(t, sio);
    }
    named(t, i, "event", " ");
    const struct rill_dissect_node *code = find(t, i, "status code");
    if (code) {
        text(t, " ");
        value(t, code);
        text(t, " ");
        meaning_or_number(t, code);
    }
    text(t, ", ");
    rill_w_dec(t->w, payload ? payload->bits / 8 : 0);
    text(t, " bytes");
}

static void dns(const struct tree *t, size_t i)
{
    const struct rill_dissect_node *response = find(t, i, "qr");
    text(t, response && response->u ? "mDNS response" : "mDNS query");
    for (size_t k = i + 1, end = end_of(t, i); k < end; k++) {
        const struct rill_dissect_node *node = &t->d->nodes[k];
        if (!is(node, "question") && !is(node, "record"))
            continue;
        text(t, " ");
        value(t, node);
        text(t, node->meaning ? " " : "");
        text(t, node->meaning ? node->meaning : "");
        named(t, k, "RDATA", " ");
    }
}

/* --- one of them ----------------------------------------------------------------------------- */

static const struct {
    const char *name;
    void (*write)(const struct tree *t, size_t i);
} protocols[] = {
    {"RFC 4571 frame", framed},
    {"STUN", stun},
    {"TURN ChannelData", channel},
    {"DTLS", dtls},
    {"RTP", rtp},
    {"SRTP", rtp},
    {"RTCP", rtcp},
    {"SRTCP", srtcp},
    {"SDP", sdp},
    {"HTTP", http},
    {"candidate", candidate},
    {"mDNS", dns},
    {"WebSocket", websocket},
};

static void one(const struct tree *t, size_t i)
{
    for (size_t k = 0; k < sizeof protocols / sizeof protocols[0]; k++)
        if (is(&t->d->nodes[i], protocols[k].name)) {
            protocols[k].write(t, i);
            return;
        }
    text(t, t->d->nodes[i].name);
    text(t, ", ");
    rill_w_dec(t->w, t->d->nodes[i].bits / 8);
    text(t, " bytes");
}

static void complain(const struct tree *t)
{
    for (size_t i = 0; i < t->d->n; i++) {
        const struct rill_dissect_node *node = &t->d->nodes[i];
        if (!node->bad)
            continue;
        text(t, " (bad ");
        text(t, node->name);
        text(t, ": ");
        rill_dissect_write_meaning(t->w, node);
        text(t, ")");
        return;
    }
}

void rill_dissect_write_summary_of(struct rill_writer *w, const struct rill_dissection *d)
{
    struct tree t = {d, w};
    bool first = true;
    for (size_t i = 0; i < d->n; i = end_of(&t, i)) {
        text(&t, first ? "" : "; ");
        first = false;
        one(&t, i);
    }
    complain(&t);
}

void rill_dissect_write_summary(struct rill_writer *w, enum rill_dissect_kind kind,
                                struct rill_view bytes, const struct rill_dissect_hints *hints)
{
    struct rill_dissect_node nodes[NODES];
    uint8_t scratch[SCRATCH];
    struct rill_dissection d = {
        .nodes = nodes, .cap = NODES, .deepest = DEEPEST, .scratch = {scratch, sizeof scratch}};
    rill_dissect(&d, kind, bytes, hints);
    rill_dissect_write_summary_of(w, &d);
}
