/* dissect: a kind of bytes to the file that reads it. */
#include "dissect/payload.h"
#include "dissect/tree.h"

#include "sdp/sdp.h"

static const struct rill_dissect_hints no_hints;

static void payload(struct rill_tree *t, struct rill_part p)
{
    rill_dissect_payload(t, p, 0);
}

static rill_dissect_fn *const kinds[] = {
    [RILL_DISSECT_PAYLOAD] = payload,
    [RILL_DISSECT_DATAGRAM] = rill_dissect_datagram,
    [RILL_DISSECT_RTP] = rill_dissect_rtp,
    [RILL_DISSECT_RTCP] = rill_dissect_rtcp,
    [RILL_DISSECT_SDP] = rill_dissect_sdp,
    [RILL_DISSECT_CANDIDATE] = rill_dissect_candidate,
    [RILL_DISSECT_HTTP] = rill_dissect_http,
    [RILL_DISSECT_WEBSOCKET] = rill_dissect_websocket,
    [RILL_DISSECT_DNS] = rill_dissect_dns,
    [RILL_DISSECT_STREAM] = rill_dissect_stream,
    [RILL_DISSECT_FRAMED] = rill_dissect_framed,
};

/* Places are counted in bits, in 32 of them. */
#define BYTES_MAX (UINT32_MAX / 8)

void rill_dissect(struct rill_dissection *out, enum rill_dissect_kind kind, struct rill_view bytes,
                  const struct rill_dissect_hints *hints)
{
    struct rill_tree t = {.out = out, .hints = hints ? hints : &no_hints};
    struct rill_part all = {bytes, 0};
    out->n = 0;
    out->cut = bytes.n > BYTES_MAX;
    if ((size_t)kind < sizeof kinds / sizeof kinds[0] && !out->cut)
        kinds[kind](&t, all);
}

size_t rill_dissect_scratch(size_t n)
{
    return 2 * rill_sdp_arena_size(n < RILL_SDP_TEXT_MAX ? n : RILL_SDP_TEXT_MAX) + n + 64 +
           RILL_DISSECT_JOIN_SCRATCH;
}
