/* fuzz dissect: the first byte is a kind, the rest anything, or several datagrams of DTLS, of which
 * the last is told with what lies in the others. Whatever it is, the tree ends, its nodes lie
 * inside each other and one behind the other, and can be written. */
#include "dissect/dissect.h"

#include <stdlib.h>

#define NODES 4096

static struct rill_dissect_node nodes[NODES];
static uint8_t scratch[512 * 1024], out[4 * 1024 * 1024];
static struct rill_dissect_hints hints;

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void know(void)
{
    static const char description[] =
        "a=rtpmap:96 VP8/90000\na=rtpmap:97 rtx/90000\na=fmtp:97 apt=96\na=rtpmap:98 VP9/90000\n"
        "a=rtpmap:102 H264/90000\na=rtpmap:45 AV1/90000\na=rtpmap:111 opus/48000/2\n"
        "a=rtpmap:63 red/48000/2\na=rtpmap:126 telephone-event/8000\n"
        "a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level\n"
        "a=extmap:2 http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time\n"
        "a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid\n";
    rill_dissect_hint(&hints, rill_view_of(description));
}

/* Nodes in their order: the end of each open ancestor, and how far its children have come. */
static void judge(const struct rill_dissection *d, size_t n)
{
    uint64_t end[256], behind[256];
    for (size_t i = 0; i < d->n; i++) {
        const struct rill_dissect_node *node = &d->nodes[i];
        uint8_t depth = node->depth;
        uint64_t last = (uint64_t)node->bit + node->bits;
        must(node->name && node->inside == (node->bits > 0));
        must(i == 0 ? depth == 0 : depth <= d->nodes[i - 1].depth + 1);
        if (node->bits) {
            must(last <= (uint64_t)n * 8);
            must(depth == 0 || last <= end[depth - 1]);
            must((i == 0 || (depth == 0 && behind[0] <= node->bit)) || depth > 0);
            must(depth == 0 || behind[depth] <= node->bit);
            behind[depth] = last;
        } else {
            last = depth ? end[depth - 1] : (uint64_t)n * 8;
        }
        end[depth] = last;
        behind[depth + 1] = node->bits ? node->bit : 0;
    }
}

/* Datagrams that came before, each behind its length; what is left is the one at hand. */
static struct rill_view take_earlier(struct rill_view v)
{
    static struct rill_view earlier[64];
    struct rill_reader r = rill_reader_of(v);
    size_t n = 0, count = rill_r_u8(&r) % 64;
    while (n < count && !r.bad) {
        struct rill_view one = rill_r_bytes(&r, rill_r_u16(&r) % 2048);
        if (!r.bad)
            earlier[n++] = one;
    }
    hints.earlier = earlier;
    hints.n_earlier = n;
    return rill_view_sub(v, r.at, v.n - r.at);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    if (n == 0 || n > 65536)
        return 0;
    if (!hints.codecs[96])
        know();
    enum rill_dissect_kind kind = (enum rill_dissect_kind)(data[0] % 11);
    struct rill_dissection d = {
        .nodes = nodes, .cap = NODES, .scratch = {scratch, data[0] & 0x80 ? 0 : sizeof scratch}};
    struct rill_view bytes = rill_view_at(data + 1, n - 1);
    hints.n_earlier = 0;
    if (data[0] & 0x40) {
        kind = RILL_DISSECT_DATAGRAM;
        bytes = take_earlier(bytes);
        (void)rill_dissect_has_fragment(bytes);
    }
    rill_dissect(&d, kind, bytes, &hints);
    judge(&d, bytes.n);
    struct rill_writer w = rill_writer_of((struct rill_span){out, sizeof out});
    rill_dissect_write_json(&w, &d);
    must(!w.bad || d.n > 1000);
    w = rill_writer_of((struct rill_span){out, sizeof out});
    rill_dissect_write_summary(&w, kind, bytes, &hints);
    must(!w.bad);
    return 0;
}
