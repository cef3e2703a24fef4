/* picture_size_test: the headers of real encoders (x264, libaom), and damage. */
#include "base/bits.h"
#include "base/picture_size.h"
#include "tests/rill_test.h"

#define SPS_322_242 "6742c00cd90150878888c044000003000400000300503c50a92000"
#define SPS_1080 "6742c028d900780227e5c044000003000400000300503c60c92000"
#define SPS_1080_INTERLACED "67640028acd94078044fde022000000300200000030283e2c5b2c000"
#define SPS_322_242_444 "67f4000c919b282a10f1f1f8088000000300800000 0a078a14cb"
#define AV1_322_242 "200000043d07c4daf92021a0"

static uint8_t bytes[64];

static struct rill_view hex(const char *text)
{
    return rill_test_hex(text, bytes, sizeof bytes);
}

static void an_sps_says_its_size_less_what_is_cropped(void **state)
{
    (void)state;
    static const struct {
        const char *sps;
        uint32_t width, height;
    } cases[] = {
        {SPS_322_242, 322, 242},
        {SPS_1080, 1920, 1080},
        {SPS_1080_INTERLACED, 1920, 1080}, /* fields, scaling lists */
        {SPS_322_242_444, 322, 242},       /* chroma as large as luma */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint32_t width = 0, height = 0;
        assert_true(rill_h264_sps_size(hex(cases[i].sps), &width, &height));
        assert_int_equal(width, cases[i].width);
        assert_int_equal(height, cases[i].height);
    }
}

static void a_sequence_header_says_its_size(void **state)
{
    (void)state;
    uint32_t width = 0, height = 0;
    struct rill_view v = hex(AV1_322_242);
    assert_true(rill_av1_sequence_size(v, &width, &height));
    assert_int_equal(width, 322);
    assert_int_equal(height, 242);
}

/* profile 0, still_picture, reduced_still_picture_header, seq_level_idx 01000, then 4 bits each
 * less one of the sizes' own lengths, and the sizes less one. */
static void a_reduced_header_says_it_sooner(void **state)
{
    (void)state;
    static const char *const bits = "000 1 1 01000 0111 0110 11000111 1100011 0";
    uint32_t width = 0, height = 0;
    uint8_t made[8] = {0};
    size_t n = 0;
    for (const char *c = bits; *c; c++)
        if (*c != ' ') {
            made[n / 8] |= (uint8_t)((*c - '0') << (7 - n % 8));
            n++;
        }
    assert_true(rill_av1_sequence_size(rill_view_at(made, sizeof made), &width, &height));
    assert_int_equal(width, 200);
    assert_int_equal(height, 100);
}

/* As they come in files: a delimiter first, and what is of no interest. */
static void a_frame_says_the_size_that_its_header_has(void **state)
{
    (void)state;
    uint32_t width = 1, height = 1;
    assert_true(rill_h264_unit_size(hex("00000001 0910 000001 " SPS_322_242 "00 000001 6588"),
                                    &width, &height));
    assert_int_equal(width, 322);
    assert_int_equal(height, 242);
    width = 1;
    /* a temporal delimiter, metadata with an extension, the header of 12 bytes */
    assert_true(rill_av1_unit_size(hex("1200 2e00020102 0a0c" AV1_322_242), &width, &height));
    assert_int_equal(width, 322);
    assert_false(rill_h264_unit_size(hex("000001 6588"), &width, &height));
    assert_false(rill_av1_unit_size(hex("1200 3200"), &width, &height));
    assert_false(rill_av1_unit_size(hex("0a0d" AV1_322_242), &width, &height));
    assert_false(rill_av1_unit_size(hex("0affffffffffffffffff"), &width, &height));
    assert_int_equal(width, 322);
}

static void what_is_cut_or_damaged_never_reads_past_its_end(void **state)
{
    (void)state;
    static const char *const headers[] = {SPS_322_242, SPS_1080_INTERLACED, SPS_322_242_444,
                                          AV1_322_242};
    uint32_t seed = (uint32_t)rill_test_seed();
    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++)
        for (int k = 0; k < 2000; k++) {
            uint32_t width = 7, height = 7;
            struct rill_view v = hex(headers[i]);
            seed = seed * 1664525u + 1013904223u;
            uint8_t *copy = malloc(v.n);
            memcpy(copy, v.p, v.n);
            copy[(seed >> 8) % v.n] ^= (uint8_t)(1u << (seed >> 4) % 8);
            struct rill_view cut = rill_view_at(copy, (seed >> 16) % (v.n + 1));
            bool ok = i < 3 ? rill_h264_sps_size(cut, &width, &height)
                            : rill_av1_sequence_size(cut, &width, &height);
            assert_true(ok ? width > 0 && height > 0 && width <= 131072 : width == 7);
            free(copy);
        }
    uint32_t width, height;
    assert_false(rill_h264_sps_size(hex("67"), &width, &height));
    assert_false(rill_h264_sps_size(rill_view_of(NULL), &width, &height));
    assert_false(rill_av1_sequence_size(rill_view_of(NULL), &width, &height));
}

/* §7.4.2.1.1.1: the first difference of a scaling list is 2^31 - 1, where 127 is the most. */
static void a_scaling_list_that_cannot_be_is_refused(void **state)
{
    (void)state;
    static const uint8_t sps[] = {0x67, 0x64, 0,    0,    0xad, 0x80, 0,   0,
                                  0,    0xff, 0xff, 0xff, 0xfe, 0xff, 0xff};
    uint32_t width, height;
    assert_false(rill_h264_sps_size(rill_view_at(sps, sizeof sps), &width, &height));
}

static void golomb_codes_are_read_up_to_32_zeros(void **state)
{
    (void)state;
    struct rill_bits b = {.v = hex("a6")}; /* 1 010 011 0 */
    assert_int_equal(rill_bits_golomb(&b), 0);
    assert_int_equal(rill_bits_golomb(&b), 1);
    assert_int_equal(rill_bits_golomb(&b), 2);
    (void)rill_bits_golomb(&b);
    assert_true(b.bad);
    b = (struct rill_bits){.v = hex("00000001ffffffff")}; /* 31 zeros, 1, 31 ones */
    assert_true(rill_bits_golomb(&b) == 0xfffffffe && !b.bad);
    b = (struct rill_bits){.v = hex("00000000ffffffffff")};
    (void)rill_bits_golomb(&b);
    assert_true(b.bad);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_sps_says_its_size_less_what_is_cropped),
        cmocka_unit_test(a_sequence_header_says_its_size),
        cmocka_unit_test(a_reduced_header_says_it_sooner),
        cmocka_unit_test(a_frame_says_the_size_that_its_header_has),
        cmocka_unit_test(what_is_cut_or_damaged_never_reads_past_its_end),
        cmocka_unit_test(a_scaling_list_that_cannot_be_is_refused),
        cmocka_unit_test(golomb_codes_are_read_up_to_32_zeros),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
