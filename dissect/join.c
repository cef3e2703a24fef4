/* join: handshake messages of DTLS that lie in several datagrams (RFC 6347 §4.2.3).
 *
 * The idea: nothing is kept between calls. At each fragment the datagrams before it are gone
 * through again, and what they have of the same message is laid out in the caller's scratch, with a
 * bit a byte for what is there; where the fragment at hand completes it the message is told whole.
 *
 * RFC 6347 §4.2.3: "DTLS implementations MUST be able to handle overlapping fragment ranges". A
 * fragment that says something else of bytes that are there already is believed in nothing; unless
 * it is the first: then another message of this number begins, for an association may be made anew.
 */
#include "dissect/tree.h"

#include "dtls/record.h"
#include "stun/msg.h"
#include "turn/channel.h"

#include <string.h>

static const struct rill_field joined = {"fragments joined", 0, 0, "RFC 6347 §4.2.3",
                                         "bytes of the message that have come so far"};
static const struct rill_field whole_message = {
    "whole message", 0, 0, "RFC 6347 §4.2.3",
    "put together from this fragment and those before it, in other datagrams too"};

/* Fragments of one datagram that are looked for among the earlier ones. */
#define JOINS_MAX 64
#define DATA 0x0013 /* RFC 8656 §18: what is relayed in an indication */

struct join {
    uint8_t type;
    uint16_t seq;
    uint32_t length;
    uint8_t *bytes, *have; /* have: a bit a byte */
    uint32_t n;
};

/* --- one fragment after another -------------------------------------------------------------- */

static bool has(const struct join *j, uint32_t at)
{
    return j->have[at / 8] >> at % 8 & 1;
}

static bool says_other(const struct join *j, const struct rill_dtls_message *m)
{
    for (uint32_t i = 0; i < m->fragment.n; i++)
        if (has(j, m->offset + i) && j->bytes[m->offset + i] != m->fragment.p[i])
            return true;
    return false;
}

/* False: it contradicts what is there. Its bounds were read by rill_dtls_message_read(). */
static bool lay(struct join *j, const struct rill_dtls_message *m)
{
    if (says_other(j, m)) {
        if (m->offset > 0)
            return false;
        memset(j->have, 0, (j->length + 7) / 8);
        j->n = 0;
    }
    for (uint32_t i = 0; i < m->fragment.n; i++) {
        uint32_t at = m->offset + i;
        j->n += !has(j, at);
        j->have[at / 8] = (uint8_t)(j->have[at / 8] | 1u << at % 8);
        j->bytes[at] = m->fragment.p[i];
    }
    return true;
}

static bool is_part(const struct join *j, const struct rill_dtls_message *m)
{
    return m->type == j->type && m->seq == j->seq && m->length == j->length;
}

/* The next message of a datagram's records that are in clear; false when there are no more. */
struct messages {
    struct rill_view records, body;
};

static bool next(struct messages *x, struct rill_dtls_message *m)
{
    struct rill_dtls_record r;
    for (;;) {
        while (x->body.n)
            if (rill_dtls_message_read(&x->body, m, NULL) == 0)
                return true;
        if (x->records.n == 0 || rill_dtls_record_read(&x->records, &r, NULL) < 0)
            return false;
        if (r.type == RILL_DTLS_HANDSHAKE_RECORD && r.epoch == 0)
            x->body = r.body;
    }
}

/* All that it has, up to the fragment whose bytes begin at `until`. */
static void lay_all(struct join *j, struct rill_view datagram, const uint8_t *until)
{
    struct messages in = {.records = datagram};
    struct rill_dtls_message m;
    while (next(&in, &m) && m.fragment.p != until)
        if (is_part(j, &m))
            lay(j, &m);
}

/* --- what TURN carries ----------------------------------------------------------------------- */

static bool is_dtls(struct rill_view v)
{
    return v.n && v.p[0] >= 20 && v.p[0] <= 63; /* RFC 7983 §7 */
}

static struct rill_view in_indication(struct rill_view v)
{
    struct rill_reader r = rill_reader_of(v);
    rill_r_skip(&r, 20);
    while (!r.bad && r.at < v.n) {
        uint16_t type = rill_r_u16(&r), n = rill_r_u16(&r);
        struct rill_view value = rill_r_bytes(&r, n);
        if (type == DATA && !r.bad)
            return value;
        rill_r_skip(&r, (4u - n % 4u) % 4u);
    }
    return (struct rill_view){0};
}

static struct rill_view dtls_of(struct rill_view v)
{
    struct rill_turn_channel_data d;
    struct rill_view inner = v;
    if (v.n && v.p[0] <= 3)
        inner = rill_stun_is(v) ? in_indication(v) : (struct rill_view){0};
    else if (v.n && v.p[0] >= 64 && v.p[0] <= 79)
        inner = rill_turn_channel_decode(v, &d, NULL) < 0 ? (struct rill_view){0} : d.data;
    return is_dtls(inner) ? inner : (struct rill_view){0};
}

bool rill_dissect_has_fragment(struct rill_view datagram)
{
    struct messages in = {.records = dtls_of(datagram)};
    struct rill_dtls_message m;
    while (next(&in, &m))
        if (!rill_dtls_message_is_whole(&m))
            return true;
    return false;
}

/* --- as nodes -------------------------------------------------------------------------------- */

/* What was put together lies in no datagram. */
static void tell_whole(struct rill_tree *t, const struct join *j)
{
    struct rill_dissection *d = t->out;
    size_t first = d->n;
    struct rill_part all = {rill_view_at(j->bytes, j->length), 0};
    rill_tree_open(t, &whole_message, all);
    rill_dissect_handshake(t, all, j->type);
    rill_tree_close(t);
    for (size_t i = first; i < d->n; i++) {
        d->nodes[i].bit = d->nodes[i].bits = 0;
        d->nodes[i].inside = false;
    }
}

static struct rill_dissect_node *tell(struct rill_tree *t, uint64_t n, const char *meaning)
{
    struct rill_dissect_node *node = rill_tree_told(t, &joined, n);
    node->meaning = meaning;
    return node;
}

static void lay_earlier(struct rill_tree *t, struct join *j, const uint8_t *until)
{
    for (size_t i = 0; i < t->hints->n_earlier; i++)
        lay_all(j, dtls_of(t->hints->earlier[i]), NULL);
    lay_all(j, t->datagram, until);
}

void rill_dissect_join(struct rill_tree *t, const struct rill_dtls_message *m)
{
    struct join j = {.type = m->type, .seq = m->seq, .length = m->length};
    size_t mask = (m->length + 7u) / 8u, scratch = t->scratch;
    if (t->joins++ == JOINS_MAX)
        return;
    if (m->length > RILL_DISSECT_JOIN_MAX) {
        tell(t, m->fragment.n, "the message is too long to be put together here");
        return;
    }
    struct rill_span room = rill_tree_scratch(t, m->length + mask);
    if (room.n == 0)
        return;
    j.bytes = room.p;
    j.have = room.p + m->length;
    memset(j.have, 0, mask);
    lay_earlier(t, &j, m->fragment.p);
    uint32_t before = j.n;
    bool agrees = lay(&j, m);
    if (!agrees)
        rill_tree_mark(tell(t, j.n, NULL), "a fragment before has other bytes at this place", 0);
    else if (j.n < j.length)
        tell(t, j.n, "the message is told whole where the last of them comes");
    else if (before == j.length)
        tell(t, j.n, "all of them came before; this one is sent again");
    else
        tell_whole(t, &j);
    if (before == j.length || j.n < j.length)
        t->scratch = scratch;
}
