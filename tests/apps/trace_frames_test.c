/* A stream of signaling, told frame by frame however its bytes come. */
#include "tests/rill_test.h"

#include "apps/trace_frames.h"

#define HEAD "GET /ws HTTP/1.1\r\nHost: a\r\n\r\n"

static struct {
    size_t n;
    char protos[8][8];
    size_t sizes[8];
    uint8_t last[256], first[256];
} told;

static void emit(void *ctx, const struct rill_trace_point *point, int64_t now,
                 const union rill_trace_value *values)
{
    (void)ctx, (void)now;
    assert_string_equal(point->name, "sent");
    assert_true(told.n < 8);
    memcpy(told.protos[told.n], values[0].view.p, values[0].view.n);
    if (told.n == 0)
        memcpy(told.first, values[3].view.p, values[3].view.n < 256 ? values[3].view.n : 256);
    told.sizes[told.n++] = values[3].view.n;
    memcpy(told.last, values[3].view.p, values[3].view.n < 256 ? values[3].view.n : 256);
}

static const struct rill_trace trace = {NULL, emit};

/* All of it, `piece` bytes at a time. */
static void take(struct rill_trace_frames *x, const char *password, struct rill_view bytes,
                 size_t piece)
{
    const struct rill_trace_frames_told to = {
        .trace = &trace, .sent = true, .password = rill_view_of(password)};
    while (bytes.n) {
        size_t n = piece < bytes.n ? piece : bytes.n;
        rill_trace_frames_take(x, 1, &to, rill_view_sub(bytes, 0, n));
        bytes = rill_view_sub(bytes, n, bytes.n - n);
    }
}

static struct rill_trace_frames *fresh(void)
{
    struct rill_trace_frames *x = calloc(1, sizeof *x);
    assert_non_null(x);
    memset(&told, 0, sizeof told);
    return x;
}

static void a_head_and_frames_of_each_length_are_told_whole(void **state)
{
    static uint8_t stream[70000];
    struct rill_writer w = rill_writer_of((struct rill_span){stream, sizeof stream});
    (void)state;
    rill_w_str(&w, HEAD);
    rill_w_str(&w, "\x81\x02hi");
    rill_w_u16(&w, 0x827e);
    rill_w_u16(&w, 300);
    rill_w_zeros(&w, 300);
    rill_w_u16(&w, 0x827f);
    rill_w_u64(&w, 66000);
    rill_w_zeros(&w, 66000);
    rill_w_str(&w, "\x8a");
    rill_w_u8(&w, 0);
    assert_false(w.bad);
    static const size_t pieces[] = {1, 7, 1000, sizeof stream};
    for (size_t i = 0; i < 4; i++) {
        struct rill_trace_frames *x = fresh();
        take(x, NULL, rill_w_view(&w), pieces[i]);
        assert_int_equal(told.n, 5);
        assert_string_equal(told.protos[0], "http");
        assert_string_equal(told.protos[1], "ws");
        assert_int_equal(told.sizes[0], strlen(HEAD));
        assert_int_equal(told.sizes[1], 4);
        assert_int_equal(told.sizes[2], 304);
        assert_int_equal(told.sizes[3], 66010);
        assert_int_equal(told.sizes[4], 2);
        free(x);
    }
}

static void a_password_is_starred_out_under_the_mask(void **state)
{
    uint8_t frame[32];
    static const uint8_t key[] = {1, 2, 3, 4};
    struct rill_writer w = rill_writer_of((struct rill_span){frame, sizeof frame});
    (void)state;
    rill_w_u16(&w, 0x818b);
    rill_w_bytes(&w, rill_view_at(key, 4));
    for (size_t i = 0; i < 11; i++)
        rill_w_u8(&w, (uint8_t)("{\"sesame\":1"[i] ^ key[i % 4]));
    struct rill_trace_frames *x = fresh();
    take(x, NULL, rill_view_of(HEAD), 100);
    take(x, "sesame", rill_w_view(&w), 3);
    assert_int_equal(told.n, 2);
    for (size_t i = 0; i < 11; i++)
        assert_int_equal(told.last[6 + i] ^ key[i % 4], "{\"******\":1"[i]);
    free(x);
}

static void secrets_of_a_head_and_of_a_description_are_starred_out(void **state)
{
    static const char head[] = "GET /ws?sid=abc&a=b HTTP/1.1\r\nCookie: c=1\r\nHost: a\r\n\r\n";
    static const char bare[] = "GET /ws?sid=***&a=b HTTP/1.1\r\nCookie: ***\r\nHost: a\r\n\r\n";
    (void)state;
    struct rill_trace_frames *x = fresh();
    take(x, NULL, rill_view_of(head), 5);
    take(x, NULL,
         rill_view_of("\x81\x10"
                      "a=ice-pwd:x/y\\r\\n"),
         5);
    assert_int_equal(told.n, 2);
    assert_memory_equal(told.first, bare, sizeof bare - 1);
    assert_memory_equal(told.last + 2, "a=ice-pwd:xxx\\r\\n", 16);
    free(x);
}

static void a_frame_that_is_too_long_is_passed_over(void **state)
{
    static uint8_t zeros[4096];
    uint8_t header[10];
    struct rill_writer w = rill_writer_of((struct rill_span){header, sizeof header});
    (void)state;
    rill_w_u16(&w, 0x827f);
    rill_w_u64(&w, RILL_TRACE_FRAME_MAX);
    struct rill_trace_frames *x = fresh();
    take(x, NULL, rill_view_of(HEAD), 100);
    take(x, NULL, rill_w_view(&w), 10);
    for (size_t left = RILL_TRACE_FRAME_MAX; left;) {
        size_t n = left < sizeof zeros ? left : sizeof zeros;
        take(x, NULL, rill_view_at(zeros, n), n);
        left -= n;
    }
    assert_int_equal(told.n, 1);
    take(x, NULL, rill_view_of("\x81\x02hi"), 100);
    assert_int_equal(told.n, 2);
    assert_int_equal(told.sizes[1], 4);
    free(x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_head_and_frames_of_each_length_are_told_whole),
        cmocka_unit_test(a_password_is_starred_out_under_the_mask),
        cmocka_unit_test(secrets_of_a_head_and_of_a_description_are_starred_out),
        cmocka_unit_test(a_frame_that_is_too_long_is_passed_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
