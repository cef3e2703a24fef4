/* YUV4MPEG2: what is read, and what is refused with which row. */
#include "tests/rill_test.h"

#include "capture/y4m.h"

/* A file in memory: the text, then n zero bytes, then more text and bytes. */
struct built {
    uint8_t bytes[4096];
    size_t n;
};

static void add_text(struct built *b, const char *text)
{
    memcpy(b->bytes + b->n, text, strlen(text));
    b->n += strlen(text);
}

static void add_bytes(struct built *b, uint8_t value, size_t n)
{
    memset(b->bytes + b->n, value, n);
    b->n += n;
}

static int open_built(const struct built *b, struct rill_err *why)
{
    struct rill_file file = rill_file_over(rill_view_at(b->bytes, b->n));
    struct rill_y4m y;
    int rc = rill_y4m_open(&y, &file, why);
    if (rc == 0)
        rill_y4m_close(&y);
    return rc;
}

/* The header, then one frame of 4×2 (12 bytes). */
static int open_header(const char *header, struct rill_err *why)
{
    struct built b = {.n = 0};
    add_text(&b, header);
    add_text(&b, "FRAME\n");
    add_bytes(&b, 1, 12);
    return open_built(&b, why);
}

static void a_file_of_three_frames_is_read(void **state)
{
    (void)state;
    struct rill_file file;
    struct rill_y4m y;
    static uint8_t pixels[64 * 48 * 3 / 2];
    assert_int_equal(rill_file_open("tests/data/media/bars.y4m", &file, NULL), 0);
    assert_int_equal(rill_y4m_open(&y, &file, NULL), 0);
    assert_int_equal(y.width, 64);
    assert_int_equal(y.height, 48);
    assert_int_equal(y.rate_numerator, 30);
    assert_int_equal(y.rate_denominator, 1);
    assert_int_equal(y.index.n, 3);
    for (size_t k = 0; k < 3; k++)
        assert_true(rill_y4m_read(&y, k, pixels));
    rill_y4m_close(&y);
    rill_file_close(&file);
}

static void planes_come_in_their_order_and_any_frame_can_be_read(void **state)
{
    (void)state;
    struct built b = {.n = 0};
    uint8_t pixels[12];
    add_text(&b, "YUV4MPEG2 W4 H2 F30000:1001\nFRAME\n");
    add_bytes(&b, 10, 8);
    add_bytes(&b, 20, 2);
    add_bytes(&b, 30, 2);
    add_text(&b, "FRAME Ip Xcomment\n");
    add_bytes(&b, 40, 12);
    struct rill_file file = rill_file_over(rill_view_at(b.bytes, b.n));
    struct rill_y4m y;
    assert_int_equal(rill_y4m_open(&y, &file, NULL), 0);
    assert_int_equal(y.rate_denominator, 1001);
    assert_true(rill_y4m_read(&y, 1, pixels));
    assert_int_equal(pixels[0], 40);
    assert_true(rill_y4m_read(&y, 0, pixels));
    assert_int_equal(pixels[7], 10);
    assert_int_equal(pixels[8], 20);
    assert_int_equal(pixels[10], 30);
    rill_y4m_close(&y);
}

static void odd_sizes_round_chroma_up(void **state)
{
    (void)state;
    struct built b = {.n = 0};
    add_text(&b, "YUV4MPEG2 W5 H3\nFRAME\n");
    add_bytes(&b, 1, 15 + 2 * 6);
    assert_int_equal(open_built(&b, NULL), 0);
    b.n--;
    assert_row(open_built(&b, NULL), CAPTURE_TRUNCATED);
}

static void mono_becomes_grey(void **state)
{
    (void)state;
    struct built b = {.n = 0};
    uint8_t pixels[12];
    add_text(&b, "YUV4MPEG2 W4 H2 Cmono\nFRAME\n");
    add_bytes(&b, 99, 8);
    struct rill_file file = rill_file_over(rill_view_at(b.bytes, b.n));
    struct rill_y4m y;
    assert_int_equal(rill_y4m_open(&y, &file, NULL), 0);
    assert_true(rill_y4m_read(&y, 0, pixels));
    assert_int_equal(pixels[7], 99);
    assert_int_equal(pixels[8], 128);
    assert_int_equal(pixels[11], 128);
    rill_y4m_close(&y);
}

static void the_names_of_420_are_taken(void **state)
{
    (void)state;
    assert_int_equal(open_header("YUV4MPEG2 W4 H2 C420\n", NULL), 0);
    assert_int_equal(open_header("YUV4MPEG2 W4 H2 C420jpeg\n", NULL), 0);
    assert_int_equal(open_header("YUV4MPEG2 W4 H2 C420paldv\n", NULL), 0);
    assert_int_equal(open_header("YUV4MPEG2 W4 H2 C420mpeg2 XYSCSS=420MPEG2\n", NULL), 0);
}

static void other_chroma_is_refused_at_its_place(void **state)
{
    (void)state;
    static const char *const chroma[] = {
        "YUV4MPEG2 W4 H2 C422\n",    "YUV4MPEG2 W4 H2 C444\n",      "YUV4MPEG2 W4 H2 C420p10\n",
        "YUV4MPEG2 W4 H2 Cmono16\n", "YUV4MPEG2 W4 H2 C444alpha\n", "YUV4MPEG2 W4 H2 C\n",
    };
    for (size_t i = 0; i < sizeof chroma / sizeof chroma[0]; i++) {
        struct rill_err why = {0};
        assert_row(open_header(chroma[i], &why), CAPTURE_Y4M_CHROMA);
        assert_int_equal(why.offset, strlen("YUV4MPEG2 W4 H2 "));
    }
}

static void what_is_no_y4m_is_refused(void **state)
{
    (void)state;
    static const char *const headers[] = {"",       "YUV4MPEG2", "YUV4MPEG W4 H2\n",
                                          "RIFF\n", "\n",        "YUV4MPEG2X W4 H2\n"};
    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++) {
        struct built b = {.n = 0};
        add_text(&b, headers[i]);
        assert_row(open_built(&b, NULL), CAPTURE_Y4M_HEADER);
    }
}

static void a_header_line_may_have_1023_characters_and_no_more(void **state)
{
    (void)state;
    struct built b = {.n = 0};
    add_text(&b, "YUV4MPEG2 W4 H2 X");
    add_bytes(&b, 'x', 1023 - b.n);
    add_text(&b, "\nFRAME\n");
    add_bytes(&b, 1, 12);
    assert_int_equal(open_built(&b, NULL), 0);
    b.n = 0;
    add_text(&b, "YUV4MPEG2 W4 H2 X");
    add_bytes(&b, 'x', 1024 - b.n);
    add_text(&b, "\nFRAME\n");
    add_bytes(&b, 1, 12);
    assert_row(open_built(&b, NULL), CAPTURE_Y4M_HEADER);
}

static void sizes_missing_zero_or_too_large_are_refused(void **state)
{
    (void)state;
    static const char *const headers[] = {
        "YUV4MPEG2 W4\n",     "YUV4MPEG2 H2\n",          "YUV4MPEG2 W0 H2\n",
        "YUV4MPEG2 W4 H-2\n", "YUV4MPEG2 W16384 H2\n",   "YUV4MPEG2 W4 H99999999999999999999\n",
        "YUV4MPEG2 W4x H2\n", "YUV4MPEG2 W4097 H2304\n", "YUV4MPEG2\n",
    };
    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++)
        assert_row(open_header(headers[i], NULL), CAPTURE_Y4M_SIZE);
}

static void the_largest_size_is_taken_when_its_pixels_are_there(void **state)
{
    (void)state;
    static const char header[] = "YUV4MPEG2 W4096 H2304\nFRAME\n";
    size_t n = strlen(header) + 4096 * 2304 * 3 / 2;
    uint8_t *bytes = calloc(1, n);
    memcpy(bytes, header, strlen(header));
    struct rill_file file = rill_file_over(rill_view_at(bytes, n));
    struct rill_y4m y;
    assert_int_equal(rill_y4m_open(&y, &file, NULL), 0);
    rill_y4m_close(&y);
    free(bytes);
}

static void rates_out_of_reason_are_refused(void **state)
{
    (void)state;
    static const char *const headers[] = {
        "YUV4MPEG2 W4 H2 F0:1\n",  "YUV4MPEG2 W4 H2 F30:0\n",         "YUV4MPEG2 W4 H2 F30\n",
        "YUV4MPEG2 W4 H2 F\n",     "YUV4MPEG2 W4 H2 F2000:1\n",       "YUV4MPEG2 W4 H2 F1:2000\n",
        "YUV4MPEG2 W4 H2 F-1:1\n", "YUV4MPEG2 W4 H2 F4294967296:1\n",
    };
    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++)
        assert_row(open_header(headers[i], NULL), CAPTURE_Y4M_RATE);
}

static void what_follows_a_frame_must_be_a_frame(void **state)
{
    (void)state;
    struct rill_err why = {0};
    struct built b = {.n = 0};
    add_text(&b, "YUV4MPEG2 W4 H2\nFRAME\n");
    add_bytes(&b, 1, 12);
    add_text(&b, "FRAMES\n");
    add_bytes(&b, 1, 12);
    assert_row(open_built(&b, &why), CAPTURE_Y4M_FRAME);
    assert_int_equal(why.offset, 16 + 6 + 12);
    assert_int_equal(why.value, 1);
}

static void a_frame_cut_short_is_refused_with_what_is_missing(void **state)
{
    (void)state;
    struct rill_err why = {0};
    struct built b = {.n = 0};
    add_text(&b, "YUV4MPEG2 W4 H2\nFRAME\n");
    add_bytes(&b, 1, 5);
    assert_row(open_built(&b, &why), CAPTURE_TRUNCATED);
    assert_int_equal(why.value, 7);
}

static void a_frame_cut_short_behind_others_is_left_out(void **state)
{
    (void)state;
    struct built b = {.n = 0};
    add_text(&b, "YUV4MPEG2 W4 H2\nFRAME\n");
    add_bytes(&b, 1, 12);
    add_text(&b, "FRAME\n");
    add_bytes(&b, 1, 11);
    struct rill_file file = rill_file_over(rill_view_at(b.bytes, b.n));
    struct rill_y4m y;
    assert_int_equal(rill_y4m_open(&y, &file, NULL), 0);
    assert_int_equal(y.index.n, 1);
    rill_y4m_close(&y);
}

static void a_frame_of_which_only_the_line_has_begun_is_left_out(void **state)
{
    (void)state;
    struct rill_err why = {0};
    struct built b = {.n = 0};
    add_text(&b, "YUV4MPEG2 W4 H2\nFRAME\n");
    add_bytes(&b, 1, 12);
    add_text(&b, "FRA");
    assert_int_equal(open_built(&b, NULL), 0);
    add_text(&b, "GMENT");
    assert_row(open_built(&b, &why), CAPTURE_Y4M_FRAME);
    b = (struct built){.n = 0};
    add_text(&b, "YUV4MPEG2 W4 H2\nFRAM");
    assert_row(open_built(&b, &why), CAPTURE_TRUNCATED);
}

static void a_header_alone_is_refused(void **state)
{
    (void)state;
    struct built b = {.n = 0};
    add_text(&b, "YUV4MPEG2 W4 H2\n");
    assert_row(open_built(&b, NULL), CAPTURE_NO_FRAMES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_of_three_frames_is_read),
        cmocka_unit_test(planes_come_in_their_order_and_any_frame_can_be_read),
        cmocka_unit_test(odd_sizes_round_chroma_up),
        cmocka_unit_test(mono_becomes_grey),
        cmocka_unit_test(the_names_of_420_are_taken),
        cmocka_unit_test(other_chroma_is_refused_at_its_place),
        cmocka_unit_test(what_is_no_y4m_is_refused),
        cmocka_unit_test(a_header_line_may_have_1023_characters_and_no_more),
        cmocka_unit_test(sizes_missing_zero_or_too_large_are_refused),
        cmocka_unit_test(the_largest_size_is_taken_when_its_pixels_are_there),
        cmocka_unit_test(rates_out_of_reason_are_refused),
        cmocka_unit_test(what_follows_a_frame_must_be_a_frame),
        cmocka_unit_test(a_frame_cut_short_is_refused_with_what_is_missing),
        cmocka_unit_test(a_frame_cut_short_behind_others_is_left_out),
        cmocka_unit_test(a_frame_of_which_only_the_line_has_begun_is_left_out),
        cmocka_unit_test(a_header_alone_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
