/* datagram: which protocol a datagram is of (RFC 7983 §7), and the chunks of streams. */
#include "dissect/tree.h"

#include "rtp/packet.h"
#include "stun/msg.h"
#include "turn/channel.h"

static const struct rill_field unknown = {"unknown", 0, 0, "RFC 7983 §7",
                                          "the first byte belongs to none of the protocols"};
static const struct rill_field empty = {"empty", 0, 0, "RFC 7983 §7", "a datagram of no bytes"};
static const struct rill_field channel = {
    "TURN ChannelData", 0, 0, "RFC 8656 §12.4",
    "a datagram for or from the peer of a channel, four bytes in front"};
static const struct rill_field padding = {"padding", 0, 0, "RFC 8656 §12.5",
                                          "over a stream up to a multiple of 4 bytes"};
static const struct rill_field framed = {"RFC 4571 frame", 0, 0, "RFC 4571 §2",
                                         "a datagram on a stream, its length in front"};
static const struct rill_field frame_length = {"LENGTH", 0, 16, "RFC 4571 §2",
                                               "bytes of the datagram behind it"};
static const struct rill_field cut = {"part of a message", 0, 0, "RFC 4571 §2",
                                      "the rest of it is in another chunk of the stream"};

void rill_dissect_datagram(struct rill_tree *t, struct rill_part p)
{
    uint8_t first = p.v.n ? p.v.p[0] : 0;
    if (p.v.n == 0) {
        rill_tree_add(t, &empty, p, 0, 0);
    } else if (first <= 3) {
        rill_dissect_stun(t, p);
    } else if (first >= 20 && first <= 63) {
        rill_dissect_dtls(t, p);
    } else if (first >= 64 && first <= 79) {
        rill_dissect_channel(t, p);
    } else if (first >= 128 && first <= 191) {
        if (rill_rtp_is_rtcp(p.v))
            rill_dissect_srtcp(t, p);
        else
            rill_dissect_srtp(t, p);
    } else {
        struct rill_dissect_node *node = rill_tree_bytes(t, &unknown, p);
        rill_tree_mark(node, "a first byte of {} belongs to no protocol of a call", first);
    }
}

static void nested(struct rill_tree *t, struct rill_part p)
{
    if (t->nested == RILL_DISSECT_NESTED_MAX || p.v.n == 0)
        return;
    t->nested++;
    rill_dissect_datagram(t, p);
    t->nested--;
}

void rill_dissect_channel(struct rill_tree *t, struct rill_part p)
{
    const struct rill_field *rows = rill_turn_channel_fields.fields;
    struct rill_scan s = rill_scan_of(t, p);
    struct rill_turn_channel_data d;
    struct rill_err why;
    size_t first = t->out->n;
    rill_tree_open(t, &channel, p);
    struct rill_part head =
        rill_scan_table(&s, &rill_turn_channel_fields, RILL_TURN_CHANNEL_HEADER);
    size_t n = (size_t)rill_field_get(&rows[1], head.v);
    if (!s.bad && n) {
        struct rill_part data = rill_scan_take(&s, &rows[2], n);
        if (!s.bad) {
            rill_tree_bytes(t, &rows[2], data);
            t->depth++;
            nested(t, data);
            t->depth--;
        }
    }
    rill_scan_end(&s, &padding);
    if (rill_turn_channel_decode(p.v, &d, &why) < 0)
        rill_tree_blame(t, first, p, &why);
    rill_tree_close(t);
}

/* Bytes of the frame that begins here; 0 when none does that could be told. */
static size_t frame_size(struct rill_view v)
{
    size_t n = (size_t)rill_field_get(&frame_length, v);
    struct rill_view in = rill_view_sub(v, 2, v.n > 2 ? v.n - 2 : 0);
    bool known = rill_stun_is(in) ||
                 (in.n && ((in.p[0] >= 20 && in.p[0] <= 63) || (in.p[0] >= 128 && in.p[0] <= 191)));
    return n && n <= in.n && known ? 2 + n : 0;
}

static void one_frame(struct rill_tree *t, struct rill_part whole)
{
    rill_tree_open(t, &framed, whole);
    rill_tree_field(t, &frame_length, whole);
    nested(t, rill_part_from(whole, 2));
    rill_tree_close(t);
}

/* The same stream may be a server's or another peer's: what begins here decides. */
void rill_dissect_stream(struct rill_tree *t, struct rill_part p)
{
    while (p.v.n) {
        size_t framed_n = rill_stun_is(p.v) ? 0 : frame_size(p.v);
        long n = framed_n ? (long)framed_n : rill_turn_message_size(p.v, NULL);
        if (n <= 0 || (size_t)n > p.v.n)
            break;
        struct rill_part one = rill_part_sub(p, 0, (size_t)n);
        if (framed_n)
            one_frame(t, one);
        else
            rill_dissect_datagram(t, one);
        p = rill_part_from(p, (size_t)n);
    }
    if (p.v.n)
        rill_tree_bytes(t, &cut, p);
}

void rill_dissect_framed(struct rill_tree *t, struct rill_part p)
{
    while (p.v.n) {
        size_t n = (size_t)rill_field_get(&frame_length, p.v);
        if (p.v.n < 2 || n > p.v.n - 2)
            break;
        one_frame(t, rill_part_sub(p, 0, 2 + n));
        p = rill_part_from(p, 2 + n);
    }
    if (p.v.n)
        rill_tree_bytes(t, &cut, p);
}
