/* large_test: the largest texts of each dear shape: each is read, answered and written, and
 * fits the arena that rill_sdp_arena_size promises. */
#include "tests/sdp/sdp_test.h"

static char text[RILL_SDP_TEXT_MAX + 1];

/* The opening, then `unit` (% becomes a running number) until the text is full. */
static struct rill_view fill(const char *opening, const char *unit)
{
    size_t at = strlen(opening);
    memcpy(text, opening, at);
    for (unsigned i = 0;; i++) {
        char one[64];
        size_t n = 0;
        for (const char *c = unit; *c; c++) {
            if (*c == '%')
                n += (size_t)snprintf(one + n, sizeof one - n, "%u", i);
            else
                one[n++] = *c;
        }
        if (at + n + 1 > RILL_SDP_TEXT_MAX)
            break;
        memcpy(text + at, one, n);
        at += n;
    }
    text[at++] = '\n';
    return rill_view_at(text, at);
}

/* Parsed in the promised arena, answered, written and parsed again. */
static size_t media_of(struct rill_view v, size_t *rejected)
{
    struct sdp_test t, answer, again;
    struct sdp_test_side side;
    sdp_test_side(&side);
    sdp_test_parse_view(&t, v);
    if (t.rc < 0)
        fail_msg("%.60s…: %s in line %zu", text, t.why.row->name, t.why.offset);
    size_t n = t.s->n_media;
    *rejected = t.s->attributes_rejected;
    sdp_test_answer(&answer, t.s, &side.local);
    if (answer.rc == 0) {
        sdp_test_reparse(&again, answer.s);
        assert_int_equal(again.rc, 0);
        assert_int_equal(again.s->n_media, n);
        sdp_test_close(&again);
    }
    sdp_test_close(&answer);
    sdp_test_close(&t);
    return n;
}

static void sdp_reads_full_texts_of_every_shape(void **state)
{
    (void)state;
    static const struct {
        const char *opening, *unit;
        bool all_taken;
    } shapes[] = {
        {SDP_HEAD SDP_AUDIO, "a=candidate:% 1 udp 1 1.2.3.4 9 typ host\n", true},
        {SDP_HEAD SDP_AUDIO, "a=ssrc:% a\n", true},
        {SDP_HEAD SDP_AUDIO, "a=ssrc:1 a\n", true},
        {SDP_HEAD SDP_AUDIO, "a=ssrc-group:A %\n", true},
        {SDP_HEAD SDP_AUDIO, "a=rtcp-fb:* a\n", true},
        {SDP_HEAD SDP_AUDIO, "a=extmap:1 a:b\n", true},
        {SDP_HEAD SDP_AUDIO, "a=msid:a\n", true},
        {SDP_HEAD SDP_AUDIO, "a=rid:a send\n", true},
        {SDP_HEAD SDP_AUDIO, "a=fingerprint:a AA\n", true},
        {SDP_HEAD SDP_AUDIO, "a=unknown\n", true},
        {SDP_HEAD SDP_AUDIO, "a=rtpmap:1 a/1\n", false},
        {SDP_HEAD SDP_AUDIO, "a=fmtp:1 a\n", false},
        {SDP_HEAD SDP_AUDIO, "a=\n", false},
        {SDP_HEAD SDP_AUDIO, "a=:\n", false},
        {SDP_HEAD, "a=group:A\n", true},
        {SDP_HEAD, "a=group:BUNDLE a\n", true},
        {SDP_HEAD, "x=\n", true},
    };
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        size_t rejected;
        struct rill_view v = fill(shapes[i].opening, shapes[i].unit);
        assert_true(v.n > RILL_SDP_TEXT_MAX - 64);
        (void)media_of(v, &rejected);
        assert_int_equal(rejected == 0, shapes[i].all_taken);
    }
}

/* Lists in one line, as long as a line may be. */
static struct rill_view fill_line(const char *opening, const char *unit, const char *closing)
{
    size_t at = strlen(opening), line = strlen(strrchr(opening, '\n') + 1);
    memcpy(text, opening, at);
    for (size_t n = strlen(unit); line + n <= RILL_SDP_LINE_MAX; line += n, at += n)
        memcpy(text + at, unit, n);
    text[at++] = '\n';
    memcpy(text + at, closing, strlen(closing));
    return rill_view_at(text, at + strlen(closing));
}

static void sdp_reads_full_lines_of_every_list(void **state)
{
    (void)state;
    static const struct {
        const char *opening, *unit;
    } shapes[] = {
        {SDP_HEAD "m=audio 9 UDP/TLS/RTP/SAVPF 111", " 0"},
        {SDP_HEAD "m=audio 9 UDP/TLS/RTP/SAVPF 111", " 111"},
        {SDP_HEAD "m=application 9 x a", " a"},
        {SDP_HEAD "a=group:BUNDLE", " a"},
        {SDP_HEAD SDP_AUDIO "a=ssrc-group:FID", " 1"},
        {SDP_HEAD SDP_AUDIO "a=ice-options:trickle", " a"},
        {SDP_HEAD SDP_AUDIO "a=simulcast:send a", ";a"},
        {SDP_HEAD SDP_AUDIO "a=fmtp:111 a", ";b=c"},
    };
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        size_t rejected;
        struct rill_view v =
            fill_line(shapes[i].opening, shapes[i].unit, "a=rtcp-mux\na=rtpmap:111 opus/48000/2\n");
        assert_true(v.n > RILL_SDP_LINE_MAX);
        (void)media_of(v, &rejected);
        assert_int_equal(rejected, 0);
    }
}

/* Many media with many bundles over them: nothing is looked up for each pair of the two. */
static void sdp_answers_as_many_media_as_fit(void **state)
{
    (void)state;
    size_t at = (size_t)snprintf(text, sizeof text, "%s", SDP_HEAD);
    for (int i = 0; i < 64; i++)
        at += (size_t)snprintf(text + at, sizeof text - at, "a=group:BUNDLE 63 62 61 %d\r\n", i);
    for (int i = 0; i < 64; i++)
        at += (size_t)snprintf(text + at, sizeof text - at,
                               SDP_AUDIO SDP_TRANSPORT "a=mid:%d\r\na=rtpmap:111 opus/48000/2\r\n",
                               i);
    size_t rejected;
    assert_int_equal(media_of(rill_view_at(text, at), &rejected), 64);
    assert_int_equal(rejected, 0);
}

/* The dearest tree a byte of text: the smallest media, each with every static codec. */
static void sdp_arena_size_holds_the_dearest_text(void **state)
{
    (void)state;
    for (size_t media = 1; media <= RILL_SDP_MEDIA_MAX; media *= 2) {
        size_t at = (size_t)snprintf(text, sizeof text, "%s", SDP_HEAD);
        for (size_t i = 0; i < media; i++)
            at += (size_t)snprintf(text + at, sizeof text - at,
                                   "m=a 9 RTP/b 0 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 25 26 "
                                   "28 31 32 33 34\n");
        size_t rejected;
        assert_int_equal(media_of(rill_view_at(text, at), &rejected), media);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sdp_reads_full_texts_of_every_shape),
        cmocka_unit_test(sdp_reads_full_lines_of_every_list),
        cmocka_unit_test(sdp_answers_as_many_media_as_fit),
        cmocka_unit_test(sdp_arena_size_holds_the_dearest_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
