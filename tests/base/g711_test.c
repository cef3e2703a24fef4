/* G.711, both laws. */
#include "base/g711.h"
#include "tests/rill_test.h"

static void known_bytes_mean_known_samples(void **state)
{
    (void)state;
    static const struct {
        uint8_t byte;
        int16_t pcmu, pcma;
    } known[] = {
        /* as ITU-T G.711's tables give them, in 16 bits */
        {0x00, -32124, -5504}, {0x55, -716, -8},    {0x80, 32124, 5504}, {0xd5, 716, 8},
        {0x2a, -5372, -32256}, {0xaa, 5372, 32256}, {0x7f, 0, -848},     {0xff, 0, 848},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        assert_int_equal(rill_pcmu_decode(known[i].byte), known[i].pcmu);
        assert_int_equal(rill_pcma_decode(known[i].byte), known[i].pcma);
    }
}

static void every_byte_survives_the_way_there_and_back(void **state)
{
    (void)state;
    for (unsigned b = 0; b < 256; b++) {
        assert_int_equal(rill_pcma_encode(rill_pcma_decode((uint8_t)b)), b);
        /* PCMU has two zeros. */
        if (b != 0x7f)
            assert_int_equal(rill_pcmu_encode(rill_pcmu_decode((uint8_t)b)), b);
    }
}

/* The error is at most half a step, and a step is a sixteenth of the segment or 16. */
static void every_sample_comes_back_within_a_thirtieth(void **state)
{
    (void)state;
    for (int s = -32768; s <= 32767; s++) {
        int size = s < 0 ? -s : s;
        int u = rill_pcmu_decode(rill_pcmu_encode((int16_t)s)) - s;
        int a = rill_pcma_decode(rill_pcma_encode((int16_t)s)) - s;
        if (size < 32000)
            assert_in_range(u < 0 ? -u : u, 0, size / 30 + 8);
        assert_in_range(a < 0 ? -a : a, 0, size / 30 + 16);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_bytes_mean_known_samples),
        cmocka_unit_test(every_byte_survives_the_way_there_and_back),
        cmocka_unit_test(every_sample_comes_back_within_a_thirtieth),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
