/* G.711 with losses between: no packet is too long, and nothing clicks. */
#include "tests/rill_test.h"

#include "base/g711.h"
#include "media/g711.h"
#include "media/sound_decoder.h"

#include <math.h>

#define TURN 6.283185307179586
#define HZ 440
#define PEAK 8000
/* The tone's own largest step, and a fifth more. */
#define SMOOTH (1.2 * PEAK * TURN * HZ / 48000)

static struct rill_view tone(uint32_t from, size_t n, uint8_t bytes[RILL_G711_PACKET_MAX + 1])
{
    for (size_t i = 0; i < n; i++)
        bytes[i] =
            rill_pcmu_encode((int16_t)lrint(PEAK * sin(TURN * HZ * (double)(from + i) / 8000)));
    return rill_view_at(bytes, n);
}

struct ear {
    double last, worst;
    bool heard;
};

static void listen(struct ear *e, const struct rill_pcm *pcm)
{
    for (size_t i = 0; i < pcm->frames; i++) {
        double s = pcm->samples[i * pcm->channels], step = fabs(s - e->last);
        e->worst = e->heard && step > e->worst ? step : e->worst;
        e->last = s;
        e->heard = true;
    }
}

/* Packets of so many bytes; of each five, two are lost that are not neighbours. */
static double worst_step(size_t bytes)
{
    uint8_t room[RILL_G711_PACKET_MAX + 1];
    struct rill_sound_decoder *d;
    struct rill_pcm pcm;
    struct ear ear = {0};
    assert_int_equal(rill_sound_decoder_new(RILL_CODEC_PCMU, &d), 0);
    struct rill_playout_decoder v = rill_sound_decoder_verbs(d);
    for (uint32_t k = 0; k < 100; k++) {
        struct rill_view packet = tone(k * (uint32_t)bytes, bytes, room);
        if (k % 5 == 2 || k % 5 == 4)
            assert_int_equal(v.conceal(v.ctx, (struct rill_view){0}, 480, &pcm), 480);
        else
            assert_int_equal(v.decode(v.ctx, packet, &pcm), v.frames(v.ctx, packet));
        listen(&ear, &pcm);
    }
    rill_sound_decoder_free(d);
    return ear.worst;
}

static void g711_does_not_click_where_packets_are_lost(void **state)
{
    (void)state;
    static const size_t bytes[] = {40, 80, 160, 240, 480, 800, 1460};
    for (size_t i = 0; i < sizeof bytes / sizeof bytes[0]; i++) {
        double step = worst_step(bytes[i]);
        print_message("%4zu bytes: worst step %.0f of %.0f\n", bytes[i], step, SMOOTH);
        assert_true(step < SMOOTH);
    }
}

/* RFC 3551 §4.2. */
static void a_packet_of_g711_has_up_to_200_ms(void **state)
{
    (void)state;
    uint8_t room[RILL_G711_PACKET_MAX + 1];
    struct rill_sound_decoder *d;
    struct rill_pcm pcm;
    assert_int_equal(rill_sound_decoder_new(RILL_CODEC_PCMA, &d), 0);
    struct rill_playout_decoder v = rill_sound_decoder_verbs(d);
    assert_int_equal(v.decode(v.ctx, tone(0, RILL_G711_PACKET_MAX, room), &pcm), 9600);
    assert_true(v.frames(v.ctx, tone(0, RILL_G711_PACKET_MAX + 1, room)) < 0);
    assert_true(v.decode(v.ctx, tone(0, RILL_G711_PACKET_MAX + 1, room), &pcm) < 0);
    rill_sound_decoder_free(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(g711_does_not_click_where_packets_are_lost),
        cmocka_unit_test(a_packet_of_g711_has_up_to_200_ms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
