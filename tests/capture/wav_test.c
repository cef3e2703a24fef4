/* WAVE: what is read, what is refused with which row, and the way to 48 kHz. */
#include "tests/rill_test.h"

#include "capture/resample.h"
#include "capture/wav.h"

#include <math.h>

#define RIFF "52494646 00000000 57415645" /* "RIFF" size "WAVE" */
#define FMT "666d7420 10000000"           /* "fmt " 16 */
#define DATA(size) "64617461" size        /* "data" */
/*      encoding channels rate byte-rate block bits */
#define PCM16_MONO_48K FMT "0100 0100 80bb0000 00770100 0200 1000"

static int open_bytes(struct rill_view bytes, struct rill_wav *w, struct rill_err *why)
{
    static struct rill_file file;
    file = rill_file_over(bytes);
    return rill_wav_open(w, &file, why);
}

static int open_hex(const char *hex, struct rill_wav *w, struct rill_err *why)
{
    static uint8_t bytes[1024];
    return open_bytes(rill_test_hex(hex, bytes, sizeof bytes), w, why);
}

static int refused(const char *hex)
{
    struct rill_wav w;
    return open_hex(hex, &w, NULL);
}

static void assert_next(struct rill_wav *w, int left, int right)
{
    int16_t s[2];
    assert_true(rill_wav_read(w, s));
    assert_int_equal(s[0], left);
    assert_int_equal(s[1], right);
}

static void sixteen_bits_are_read_as_they_are(void **state)
{
    (void)state;
    struct rill_wav w;
    int16_t s[2];
    assert_int_equal(open_hex(RIFF PCM16_MONO_48K DATA("06000000") "0100 ffff 0080", &w, NULL), 0);
    assert_int_equal(w.rate_hz, 48000);
    assert_int_equal(w.frames, 3);
    assert_next(&w, 1, 0);
    assert_next(&w, -1, 0);
    assert_next(&w, -32768, 0);
    assert_false(rill_wav_read(&w, s));
    assert_true(rill_wav_rewind(&w));
    assert_next(&w, 1, 0);
}

/* G.711: a byte is a sample, PCMU ff and PCMA d5 are the smallest. */
static void both_laws_of_g711_are_read(void **state)
{
    (void)state;
    struct rill_wav w;
    assert_int_equal(open_hex(RIFF FMT
                              "0700 0100 401f0000 401f0000 0100 0800" DATA("03000000") "ff 80 00",
                              &w, NULL),
                     0);
    assert_int_equal(w.rate_hz, 8000);
    assert_next(&w, 0, 0);
    assert_next(&w, 32124, 0);
    assert_next(&w, -32124, 0);
    assert_int_equal(open_hex(RIFF FMT
                              "0600 0100 401f0000 401f0000 0100 0800" DATA("02000000") "d5 aa",
                              &w, NULL),
                     0);
    assert_next(&w, 8, 0);
    assert_next(&w, 32256, 0);
    assert_row(refused(RIFF FMT "0700 0100 401f0000 803e0000 0200 1000" DATA("02000000") "ffff"),
               CAPTURE_WAV_BITS);
}

static void eight_bits_are_unsigned(void **state)
{
    (void)state;
    struct rill_wav w;
    assert_int_equal(open_hex(RIFF FMT "0100 0200 401f0000 803e0000 0200 0800"
                                       "64617461 04000000 80ff 0081",
                              &w, NULL),
                     0);
    assert_next(&w, 0, 32512);
    assert_next(&w, -32768, 256);
}

static void twenty_four_and_thirty_two_bits_keep_their_upper_half(void **state)
{
    (void)state;
    struct rill_wav w;
    assert_int_equal(open_hex(RIFF FMT "0100 0100 80bb0000 80320200 0300 1800"
                                       "64617461 06000000 ff3412 000080",
                              &w, NULL),
                     0);
    assert_next(&w, 0x1234, 0);
    assert_next(&w, -32768, 0);
    assert_int_equal(open_hex(RIFF FMT "0100 0200 80bb0000 00dc0500 0800 2000"
                                       "64617461 08000000 ffff3412 00000080",
                              &w, NULL),
                     0);
    assert_next(&w, 0x1234, -32768);
}

static void floats_are_scaled_clamped_and_never_not_a_number(void **state)
{
    (void)state;
    struct rill_wav w;
    assert_int_equal(open_hex(RIFF FMT "0300 0100 80bb0000 00ee0200 0400 2000"
                                       "64617461 14000000"
                                       "0000003f" /* 0.5 */
                                       "00000040" /* 2 */
                                       "000000c0" /* -2 */
                                       "0000c07f" /* not a number */
                                       "000080ff" /* minus infinity */,
                              &w, NULL),
                     0);
    assert_next(&w, 16383, 0);
    assert_next(&w, 32767, 0);
    assert_next(&w, -32768, 0);
    assert_next(&w, 0, 0);
    assert_next(&w, -32768, 0);
}

static void the_extensible_form_names_its_encoding_in_the_guid(void **state)
{
    (void)state;
    struct rill_wav w;
    static const char guid[] = "0000 0000 1000 8000 00aa00389b71";
    char hex[512] = RIFF "666d7420 28000000 feff 0100 80bb0000 00770100 0200 1000"
                         "1600 1000 04000000 0100";
    strcat(hex, guid);
    strcat(hex, "64617461 02000000 3412");
    assert_int_equal(open_hex(hex, &w, NULL), 0);
    assert_next(&w, 0x1234, 0);
}

static void other_chunks_are_passed_over_with_their_padding(void **state)
{
    (void)state;
    struct rill_wav w;
    assert_int_equal(open_hex(RIFF "4c495354 03000000 aabbcc 00" PCM16_MONO_48K
                                   "6e6f7465 00000000 64617461 02000000 0700",
                              &w, NULL),
                     0);
    assert_next(&w, 7, 0);
}

static void a_writer_that_could_not_seek_is_read_to_the_end(void **state)
{
    (void)state;
    struct rill_wav w;
    assert_int_equal(open_hex(RIFF PCM16_MONO_48K DATA("ffffffff") "0100 0200", &w, NULL), 0);
    assert_int_equal(w.frames, 2);
}

static void what_is_no_wave_is_refused(void **state)
{
    (void)state;
    assert_row(refused(""), CAPTURE_WAV_HEADER);
    assert_row(refused("52494646 00000000 574156"), CAPTURE_WAV_HEADER);
    assert_row(refused("52494646 00000000 41564920"), CAPTURE_WAV_HEADER);
    assert_row(refused("52463634 ffffffff 57415645"), CAPTURE_WAV_HEADER);
}

static void sound_without_a_whole_format_is_refused(void **state)
{
    (void)state;
    assert_row(refused(RIFF DATA("02000000") "0100"), CAPTURE_WAV_FORMAT);
    assert_row(refused(RIFF "666d7420 0e000000 0100 0100 80bb0000 00770100 0200"),
               CAPTURE_WAV_FORMAT);
    assert_row(refused(RIFF FMT "0100 0100"), CAPTURE_WAV_FORMAT);
}

static void other_encodings_are_refused(void **state)
{
    (void)state;
    struct rill_wav w;
    struct rill_err why = {0};
    assert_row(open_hex(RIFF FMT "5500 0100 80bb0000 00770100 0200 1000", &w, &why),
               CAPTURE_WAV_ENCODING);
    assert_int_equal(why.value, 0x55);
    /* Extensible, but no GUID follows. */
    assert_row(refused(RIFF FMT "feff 0100 80bb0000 00770100 0200 1000"), CAPTURE_WAV_ENCODING);
}

static void channels_other_than_one_and_two_are_refused(void **state)
{
    (void)state;
    assert_row(refused(RIFF FMT "0100 0000 80bb0000 00770100 0200 1000"), CAPTURE_WAV_CHANNELS);
    assert_row(refused(RIFF FMT "0100 0600 80bb0000 00770100 0c00 1000"), CAPTURE_WAV_CHANNELS);
}

static void rates_from_1000_to_384000_are_taken_and_no_others(void **state)
{
    (void)state;
    assert_int_equal(refused(RIFF FMT "0100 0100 e8030000 00000000 0200 1000 64617461 02000000 01"
                                      "00"),
                     0);
    assert_row(refused(RIFF FMT "0100 0100 e7030000 00000000 0200 1000"), CAPTURE_WAV_RATE);
    assert_int_equal(refused(RIFF FMT "0100 0100 00dc0500 00000000 0200 1000 64617461 02000000 01"
                                      "00"),
                     0);
    assert_row(refused(RIFF FMT "0100 0100 01dc0500 00000000 0200 1000"), CAPTURE_WAV_RATE);
}

static void widths_and_blocks_that_do_not_fit_are_refused(void **state)
{
    (void)state;
    assert_row(refused(RIFF FMT "0100 0100 80bb0000 00770100 0200 0c00"), CAPTURE_WAV_BITS);
    assert_row(refused(RIFF FMT "0300 0100 80bb0000 00770100 0200 1000"), CAPTURE_WAV_BITS);
    assert_row(refused(RIFF FMT "0100 0200 80bb0000 00770100 0200 1000"), CAPTURE_WAV_BITS);
}

static void a_file_without_a_sample_is_refused(void **state)
{
    (void)state;
    assert_row(refused(RIFF), CAPTURE_WAV_EMPTY);
    assert_row(refused(RIFF PCM16_MONO_48K), CAPTURE_WAV_EMPTY);
    assert_row(refused(RIFF PCM16_MONO_48K DATA("00000000")), CAPTURE_WAV_EMPTY);
    assert_row(refused(RIFF PCM16_MONO_48K DATA("01000000") "01"), CAPTURE_WAV_EMPTY);
    assert_row(refused(RIFF PCM16_MONO_48K "4c495354 ffffff7f 00"), CAPTURE_WAV_EMPTY);
}

static void sound_of_no_known_size_goes_to_the_end_of_the_file(void **state)
{
    (void)state;
    struct rill_wav w;
    /* Broken off, by pipe as ffmpeg and as GStreamer leave it. */
    assert_int_equal(open_hex(RIFF PCM16_MONO_48K DATA("08000000") "0100 0200 03", &w, NULL), 0);
    assert_int_equal(w.frames, 2);
    assert_int_equal(open_hex(RIFF PCM16_MONO_48K DATA("ffffffff") "0100 0200", &w, NULL), 0);
    assert_int_equal(w.frames, 2);
    assert_int_equal(
        open_hex("52494646 24000000 57415645" PCM16_MONO_48K DATA("00000000") "0100", &w, NULL), 0);
    assert_int_equal(w.frames, 1);
    /* What is beyond this is a chunk of its own. */
    assert_row(refused("52494646 30000000 57415645" PCM16_MONO_48K DATA("00000000")
                           DATA("04000000") "01000200"),
               CAPTURE_WAV_EMPTY);
    assert_row(refused(RIFF PCM16_MONO_48K DATA("04000000") "01"), CAPTURE_WAV_EMPTY);
}

static void the_field_table_reads_the_format(void **state)
{
    (void)state;
    uint8_t bytes[64];
    struct rill_view v = rill_test_hex(PCM16_MONO_48K, bytes, sizeof bytes);
    v = rill_view_sub(v, 8, 16);
    assert_string_equal(rill_wav_format_fields.fields[2].name, "rate");
    /* 80 bb 00 00, the low byte first. */
    assert_int_equal(rill_field_get(&rill_wav_format_fields.fields[2], v), 0x80bb0000);
}

/* --- to 48 kHz --------------------------------------------------------------------------- */

static void forty_eight_kilohertz_pass_unchanged(void **state)
{
    (void)state;
    struct rill_wav w;
    int16_t out[6];
    assert_int_equal(open_hex(RIFF PCM16_MONO_48K DATA("08000000") "0100 0200 0300 ff7f", &w, NULL),
                     0);
    struct rill_resample r;
    assert_true(rill_resample_init(&r, &w, false));
    rill_resample_fill(&r, out, 6);
    static const int16_t want[6] = {1, 2, 3, 32767, 0, 0};
    assert_memory_equal(out, want, sizeof want);
}

static void a_loop_has_no_gap(void **state)
{
    (void)state;
    struct rill_wav w;
    int16_t out[7];
    assert_int_equal(open_hex(RIFF PCM16_MONO_48K DATA("06000000") "0100 0200 0300", &w, NULL), 0);
    struct rill_resample r;
    assert_true(rill_resample_init(&r, &w, true));
    rill_resample_fill(&r, out, 7);
    static const int16_t want[7] = {1, 2, 3, 1, 2, 3, 1};
    assert_memory_equal(out, want, sizeof want);
}

/* A tone of 1 kHz at rate_hz through the resampler, against the tone at 48 kHz. */
static double worst_error(uint32_t rate_hz)
{
    static uint8_t bytes[44 + 2 * 96000];
    static int16_t out[24000];
    rill_test_hex(RIFF PCM16_MONO_48K DATA("ffffffff"), bytes, 44);
    for (int i = 0; i < 4; i++)
        bytes[24 + i] = (uint8_t)(rate_hz >> 8 * i);
    for (uint32_t i = 0; i < rate_hz; i++) {
        uint16_t v = (uint16_t)lrint(16000 * sin(6.283185307179586 * 1000 * i / rate_hz));
        bytes[44 + 2 * i] = (uint8_t)v;
        bytes[45 + 2 * i] = (uint8_t)(v >> 8);
    }
    struct rill_wav w;
    assert_int_equal(open_bytes(rill_view_at(bytes, 44 + 2 * (size_t)rate_hz), &w, NULL), 0);
    struct rill_resample r;
    assert_true(rill_resample_init(&r, &w, false));
    rill_resample_fill(&r, out, 24000);
    rill_resample_free(&r);
    double worst = 0;
    for (uint32_t i = 480; i < 23000; i++)
        worst = fmax(worst, fabs(out[i] - 16000 * sin(6.283185307179586 * 1000 * i / 48000)));
    return worst / 16000;
}

static void a_tone_keeps_its_shape_and_never_drifts(void **state)
{
    (void)state;
    assert_true(worst_error(44100) < 0.001);
    assert_true(worst_error(96000) < 0.001);
    assert_true(worst_error(16000) < 0.001);
    assert_true(worst_error(8000) < 0.001);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sixteen_bits_are_read_as_they_are),
        cmocka_unit_test(both_laws_of_g711_are_read),
        cmocka_unit_test(eight_bits_are_unsigned),
        cmocka_unit_test(twenty_four_and_thirty_two_bits_keep_their_upper_half),
        cmocka_unit_test(floats_are_scaled_clamped_and_never_not_a_number),
        cmocka_unit_test(the_extensible_form_names_its_encoding_in_the_guid),
        cmocka_unit_test(other_chunks_are_passed_over_with_their_padding),
        cmocka_unit_test(a_writer_that_could_not_seek_is_read_to_the_end),
        cmocka_unit_test(what_is_no_wave_is_refused),
        cmocka_unit_test(sound_without_a_whole_format_is_refused),
        cmocka_unit_test(other_encodings_are_refused),
        cmocka_unit_test(channels_other_than_one_and_two_are_refused),
        cmocka_unit_test(rates_from_1000_to_384000_are_taken_and_no_others),
        cmocka_unit_test(widths_and_blocks_that_do_not_fit_are_refused),
        cmocka_unit_test(a_file_without_a_sample_is_refused),
        cmocka_unit_test(sound_of_no_known_size_goes_to_the_end_of_the_file),
        cmocka_unit_test(the_field_table_reads_the_format),
        cmocka_unit_test(forty_eight_kilohertz_pass_unchanged),
        cmocka_unit_test(a_loop_has_no_gap),
        cmocka_unit_test(a_tone_keeps_its_shape_and_never_drifts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
