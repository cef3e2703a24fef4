/* sdp_test: what the tests of this room share: text in, tree out, over one block each. */
#ifndef RILL_SDP_TEST_H
#define RILL_SDP_TEST_H

#include "tests/rill_test.h"

#include "sdp/caps.h"

#include <stdio.h>

/* A parsed or made description with the memory that it lies in. */
struct sdp_test {
    uint8_t *block;
    struct rill_arena arena;
    char *text;
    size_t n;
    const struct rill_sdp *s;
    struct rill_err why;
    int rc;
};

static inline void sdp_test_open(struct sdp_test *t, size_t text_bytes)
{
    size_t n = rill_sdp_arena_size(text_bytes);
    *t = (struct sdp_test){.block = malloc(n)};
    assert_non_null(t->block);
    t->arena = rill_arena_over(t->block, n);
}

static inline void sdp_test_close(struct sdp_test *t)
{
    free(t->block);
    free(t->text);
    *t = (struct sdp_test){0};
}

/* The text is copied into memory of exactly its size, so that the sanitizers see every byte
 * read beyond it. */
static inline void sdp_test_parse_view(struct sdp_test *t, struct rill_view text)
{
    sdp_test_open(t, text.n);
    t->text = malloc(text.n ? text.n : 1);
    assert_non_null(t->text);
    if (text.n)
        memcpy(t->text, text.p, text.n);
    t->n = text.n;
    t->rc = rill_sdp_parse(rill_view_at(t->text, text.n), &t->arena, &t->s, &t->why);
}

static inline void sdp_test_parse(struct sdp_test *t, const char *text)
{
    sdp_test_parse_view(t, rill_view_of(text));
}

static inline void sdp_test_parse_file(struct sdp_test *t, const char *name)
{
    static char bytes[RILL_SDP_TEXT_MAX];
    char path[512];
    snprintf(path, sizeof path, "tests/data/sdp/%s", name);
    FILE *f = fopen(path, "rb");
    if (!f)
        fail_msg("cannot open %s", path);
    size_t n = fread(bytes, 1, sizeof bytes, f);
    fclose(f);
    sdp_test_parse_view(t, rill_view_at(bytes, n));
}

/* The tree's text, parsed again. */
static inline void sdp_test_reparse(struct sdp_test *t, const struct rill_sdp *s)
{
    static uint8_t bytes[RILL_SDP_TEXT_MAX];
    struct rill_writer w = rill_writer_of((struct rill_span){bytes, sizeof bytes});
    rill_sdp_write(&w, s);
    assert_false(w.bad);
    sdp_test_parse_view(t, rill_w_view(&w));
}

#define assert_text(v, expected)                                                                   \
    do {                                                                                           \
        struct rill_view v_ = (v);                                                                 \
        if (!rill_view_is(v_, (expected)))                                                         \
            fail_msg("\"%.*s\" is not \"%s\"", (int)v_.n, (const char *)v_.p, (expected));         \
    } while (0)

/* What begins every description of these tests. */
#define SDP_HEAD "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
#define SDP_AUDIO "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n"
#define SDP_PRINT                                                                                  \
    "00:01:02:03:04:05:06:07:08:09:0A:0B:0C:0D:0E:0F:10:11:12:13:14:15:16:17:18:19:1A:1B:1C:1D:"   \
    "1E:1F"
/* What every m-line of a call carries. */
#define SDP_TRANSPORT                                                                              \
    "c=IN IP4 0.0.0.0\r\na=ice-ufrag:abcd\r\na=ice-pwd:0123456789abcdefghijkl\r\n"                 \
    "a=fingerprint:sha-256 " SDP_PRINT "\r\na=setup:actpass\r\na=rtcp-mux\r\n"

#define SDP_TEST_TRANSPORTS 4

/* A side of a call: one audio and one video track, both sent and received. */
struct sdp_test_side {
    struct rill_sdp_track tracks[2];
    struct rill_view candidate;
    struct rill_sdp_transport transports[SDP_TEST_TRANSPORTS]; /* one, unless a test wants more */
    struct rill_sdp_local local;
};

static inline void sdp_test_side(struct sdp_test_side *side)
{
    static const uint8_t digest[32] = {0xd8, 0x30, 0xa0, 0x04};
    *side = (struct sdp_test_side){
        .tracks =
            {
                {.kind = RILL_AUDIO,
                 .stream = rill_view_of("stream"),
                 .track = rill_view_of("mic"),
                 .ssrc = 1001},
                {.kind = RILL_VIDEO,
                 .stream = rill_view_of("stream"),
                 .track = rill_view_of("cam"),
                 .ssrc = 1002},
            },
        .candidate = rill_view_of("candidate:1 1 udp 2130706431 192.0.2.7 50000 typ host"),
        .local =
            {
                .session_id = 7,
                .session_version = 2,
                .fingerprint = rill_view_at(digest, sizeof digest),
                .cname = rill_view_of("cname"),
                .n_tracks = 2,
                .n_transports = 1,
            },
        .transports =
            {
                {.ufrag = rill_view_of("rill")},
                {.ufrag = rill_view_of("ril2")},
                {.ufrag = rill_view_of("ril3")},
                {.ufrag = rill_view_of("ril4")},
            },
    };
    for (size_t i = 0; i < SDP_TEST_TRANSPORTS; i++) {
        side->transports[i].pwd = rill_view_of("abcdefghijklmnopqrstuvwx");
        side->transports[i].candidates = &side->candidate;
        side->transports[i].n_candidates = 1;
    }
    side->local.transports = side->transports;
    side->local.tracks = side->tracks;
    side->local.caps = rill_sdp_default_caps();
}

static inline void sdp_test_answer(struct sdp_test *t, const struct rill_sdp *offer,
                                   const struct rill_sdp_local *local)
{
    sdp_test_open(t, 16384);
    t->rc = rill_sdp_create_answer(offer, local, &t->arena, &t->s, &t->why);
}

#endif
