/* fuzz sdp: any text is refused or read; what was read can be answered, and what rill writes
 * it reads again. The first byte chooses a side: the tree is taken for an offer, or for an
 * answer to the offer that rill makes itself. */
#include "sdp/caps.h"

#include <stdlib.h>

/* Written and read again; the text is the caller's to free. */
static const struct rill_sdp *rewrite(const struct rill_sdp *s, struct rill_arena *arena,
                                      uint8_t *bytes, size_t cap)
{
    struct rill_writer w = rill_writer_of((struct rill_span){bytes, cap});
    const struct rill_sdp *again = NULL;
    struct rill_err why = {0};
    rill_sdp_write(&w, s);
    if (w.bad || w.at > RILL_SDP_TEXT_MAX)
        return NULL; /* attributes moved from the session to 64 media outgrow a text */
    int rc = rill_sdp_parse(rill_w_view(&w), arena, &again, &why);
    /* A line may outgrow its maximum in the same way; nothing else may be refused. */
    if (rc == RILL_SDP_LINE_TOO_LONG)
        return NULL;
    if (rc < 0 || again->n_media != s->n_media || again->attributes_rejected)
        abort();
    return again;
}

/* Nothing is named that is not there, and nothing is refused that lint does not name. */
static void judge(const struct rill_sdp *s, struct rill_view text)
{
    static uint8_t block[8 << 20];
    static struct rill_sdp_finding found[256];
    struct rill_arena arena = rill_arena_over(block, sizeof block);
    struct rill_err why = {0};
    size_t n = rill_sdp_lint(text, &arena, found, 256);
    int rc = rill_sdp_verify(s, &why);
    bool named = rc == 0 || n == 256;
    for (size_t i = 0; i < n; i++)
        named |= found[i].err.row->code == rc;
    if (!named)
        abort();
    (void)rill_sdp_compare(s, s, found, 256);
}

static void answer(const struct rill_sdp *offer, const struct rill_sdp_local *local,
                   struct rill_arena *arena, struct rill_arena *other, uint8_t *bytes, size_t cap)
{
    const struct rill_sdp *made, *read;
    struct rill_sdp_agreed rows[RILL_SDP_MEDIA_MAX];
    struct rill_err why;
    bool client;
    if (rill_sdp_create_answer(offer, local, arena, &made, &why) < 0)
        return;
    read = rewrite(made, other, bytes, cap);
    if (!read)
        return;
    /* Our own answer always fits. */
    if (rill_sdp_agree(offer, read, false, local, rows, RILL_SDP_MEDIA_MAX, &why) !=
        (int)offer->n_media)
        abort();
    for (size_t i = 0; i < read->n_media; i++)
        if (rill_sdp_tagged(read, i) == i &&
            rill_sdp_dtls_is_client(offer, read, i, false, &client, &why) < 0)
            abort();
}

static void take_for_answer(const struct rill_sdp *s, const struct rill_sdp_local *local,
                            struct rill_arena *arena)
{
    const struct rill_sdp *offer;
    struct rill_sdp_agreed rows[RILL_SDP_MEDIA_MAX];
    bool client;
    if (rill_sdp_create_offer(local, arena, &offer, NULL) < 0)
        abort();
    (void)rill_sdp_agree(offer, s, true, local, rows, RILL_SDP_MEDIA_MAX, NULL);
    (void)rill_sdp_dtls_is_client(offer, s, 0, true, &client, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    enum { TEXT = 4 * RILL_SDP_TEXT_MAX };
    static uint8_t block[4][4 << 20], text[2][TEXT];
    static const uint8_t digest[32];
    const struct rill_sdp_track tracks[] = {
        {.kind = RILL_AUDIO, .stream = rill_view_of("s"), .track = rill_view_of("a"), .ssrc = 1},
        {.kind = RILL_VIDEO, .stream = rill_view_of("s"), .track = rill_view_of("v"), .ssrc = 2},
    };
    const struct rill_sdp_transport transports[] = {
        {.ufrag = rill_view_of("abcd"), .pwd = rill_view_of("0123456789abcdefghijkl")},
        {.ufrag = rill_view_of("efgh"), .pwd = rill_view_of("0123456789abcdefghijkl")},
    };
    const struct rill_sdp_local local = {
        .transports = transports,
        .n_transports = 2,
        .rtcp_negotiable = true,
        .fingerprint = rill_view_at(digest, sizeof digest),
        .cname = rill_view_of("c"),
        .tracks = tracks,
        .n_tracks = 2,
        .caps = rill_sdp_default_caps(),
    };
    struct rill_arena arena[4];
    const struct rill_sdp *s;
    for (size_t i = 0; i < 4; i++)
        arena[i] = rill_arena_over(block[i], sizeof block[i]);
    if (n == 0)
        return 0;
    /* The promised size must do. */
    arena[0].n = rill_sdp_arena_size(n - 1) < arena[0].n ? rill_sdp_arena_size(n - 1) : arena[0].n;
    int rc = rill_sdp_parse(rill_view_at(data + 1, n - 1), &arena[0], &s, NULL);
    if (rc == RILL_SDP_NO_ROOM)
        abort();
    if (rc < 0)
        return 0;
    (void)rewrite(s, &arena[1], text[0], TEXT);
    judge(s, rill_view_at(data + 1, n - 1));
    if (data[0] & 1)
        take_for_answer(s, &local, &arena[2]);
    else
        answer(s, &local, &arena[2], &arena[3], text[1], TEXT);
    return 0;
}
