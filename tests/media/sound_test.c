/* Sound from a sender to a receiver with the real coders between, in virtual time: what is lost,
 * and what is not sent (RFC 7587 §3.1.3, §6.1; RFC 6716 §2.1.7). */
#include "tests/rill_test.h"

#include "media/receiver.h"
#include "media/sender.h"
#include "rtp/opus.h"

#include <math.h>

#define TURN 6.283185307179586
#define START (20 * RILL_SECOND)
#define LATE (40 * RILL_MS)

static struct talk {
    struct rill_sender *sender;
    struct rill_receiver *receiver;
    struct rill_receiver_stats stats;
    uint16_t seq;
    bool lose_noise;
    int lose; /* each so manieth; 0: none */
    int sent, lost, talkspurts, redundant, noise;
    int64_t heard; /* until then */
} talk;

static void begin(enum rill_codec_id codec, const struct rill_opus_wishes *wishes)
{
    struct rill_sender_config from = {.source = "sine", .rtp_time_start = 0xffff0000};
    struct rill_receiver_config to = {.codec = codec};
    talk = (struct talk){.heard = START};
    assert_int_equal(rill_sender_new(&from, &talk.sender, NULL), 0);
    assert_true(rill_sender_set_codec(talk.sender, codec));
    assert_int_equal(rill_receiver_new(&to, &talk.receiver, NULL), 0);
    if (wishes)
        rill_sender_set_sound(talk.sender, wishes);
    rill_sender_start(talk.sender, START);
}

static void deliver(struct rill_frame *f, int64_t now)
{
    talk.sent++;
    talk.talkspurts += f->talkspurt;
    talk.noise += f->comfort_noise;
    talk.redundant += f->codec == RILL_CODEC_OPUS && rill_opus_has_redundancy(f->bytes);
    f->seq = talk.seq++;
    f->time = now + LATE;
    if ((talk.lose && talk.sent % talk.lose == 0) || (talk.lose_noise && f->comfort_noise))
        talk.lost++;
    else
        assert_int_equal(rill_receiver_frame(talk.receiver, now + LATE, f), 0);
}

static void run(int64_t us)
{
    for (int64_t end = talk.heard + us; talk.heard < end; talk.heard += RILL_MS) {
        struct rill_frame f;
        int64_t now = talk.heard - LATE;
        while (rill_sender_frame(talk.sender, now, &f))
            deliver(&f, now);
        assert_int_equal(rill_receiver_tick(talk.receiver, talk.heard), 0);
    }
}

static void finish(const char *what)
{
    rill_receiver_stats(talk.receiver, &talk.stats);
    print_message(
        "%-34s %3d packets sent, %2d lost; %d with redundancy, %d of use; %6.1f ms made up, "
        "%d times, %.1f ms of comfort\n",
        what, talk.sent, talk.lost, talk.redundant,
        (int)(talk.stats.fec_packets_received - talk.stats.fec_packets_discarded),
        (double)talk.stats.concealed_samples / 48, (int)talk.stats.concealment_events,
        (double)talk.stats.comfort_samples / 48);
    assert_int_equal(talk.stats.errors, 0);
    rill_sender_free(talk.sender);
    rill_receiver_free(talk.receiver);
}

/* 20 ms of something that a speech coder takes for a voice: harmonics that come and go. A steady
 * tone is noise to it, and has no redundancy. */
static void speak(uint32_t k, int16_t out[960])
{
    for (uint32_t i = 0; i < 960; i++) {
        double t = (k * 960 + i) / 48000.0, v = 0;
        for (int h = 1; h < 12; h++)
            v += sin(TURN * (140 + 20 * sin(TURN * 0.7 * t)) * h * t) / h;
        out[i] = (int16_t)(4000 * v * fmax(0, sin(TURN * 3 * t)));
    }
}

static void talk_with(const char *what, const struct rill_opus_wishes *wishes)
{
    struct rill_opus_encoder *e = NULL;
    uint8_t packet[1275];
    int16_t samples[960];
    begin(RILL_CODEC_OPUS, NULL);
    talk.lose = 10;
    assert_int_equal(rill_opus_encoder_new(1, 32000, &e), 0);
    rill_opus_encoder_wish(e, wishes);
    for (uint32_t k = 0; k < 500; k++, talk.heard += 20 * RILL_MS) {
        struct rill_pcm pcm = {.samples = samples, .frames = 960, .rate_hz = 48000, .channels = 1};
        speak(k, samples);
        int n = rill_opus_encode(e, &pcm, (struct rill_span){packet, sizeof packet});
        assert_true(n > 0);
        struct rill_frame f = {.codec = RILL_CODEC_OPUS,
                               .bytes = rill_view_at(packet, (size_t)n),
                               .rtp_time = k * 960};
        deliver(&f, talk.heard - LATE);
        assert_int_equal(rill_receiver_tick(talk.receiver, talk.heard), 0);
    }
    rill_opus_encoder_free(e);
    finish(what);
}

static void what_is_lost_is_in_the_next_packet_where_that_is_of_use(void **state)
{
    (void)state;
    talk_with("Opus, 10 % lost, FEC", &(struct rill_opus_wishes){.fec = true, .loss_percent = 10});
    int used = (int)(talk.stats.fec_packets_received - talk.stats.fec_packets_discarded);
    uint64_t made_up = talk.stats.concealed_samples;
    assert_int_equal(talk.lost, 50);
    /* It is there for what is spoken, not for the silence between. */
    assert_true(talk.redundant > 200 && used * 500 > talk.redundant * talk.lost * 6 / 10);
    talk_with("Opus, 10 % lost, no FEC",
              &(struct rill_opus_wishes){.fec = false, .loss_percent = 10});
    assert_int_equal(talk.redundant, 0);
    assert_in_range(talk.stats.concealed_samples, (uint64_t)talk.lost * 900,
                    (uint64_t)talk.lost * 1000);
    assert_in_range(talk.stats.concealment_events, talk.lost - 1, talk.lost);
    assert_true(made_up + (uint64_t)used * 900 < talk.stats.concealed_samples);
    talk_with("Opus, none reported lost, FEC", &(struct rill_opus_wishes){.fec = true});
    assert_int_equal(talk.redundant, 0);
}

static void no_more_is_sent_than_the_other_side_takes(void **state)
{
    (void)state;
    uint64_t bytes[2];
    for (int i = 0; i < 2; i++) {
        begin(RILL_CODEC_OPUS, &(struct rill_opus_wishes){.max_bps = i ? 12000 : 0});
        run(3 * RILL_SECOND);
        finish("Opus");
        bytes[i] = talk.stats.bytes;
    }
    assert_true(bytes[1] < 3 * 14000 / 8 && bytes[0] > 2 * bytes[1]);
}

static void a_pause_is_not_sent_and_not_missed(void **state)
{
    (void)state;
    begin(RILL_CODEC_OPUS, &(struct rill_opus_wishes){.fec = true, .dtx = true});
    run(2 * RILL_SECOND);
    for (int i = 0; i < 3; i++) {
        rill_track_set_enabled(rill_sender_track(talk.sender), false);
        run(5 * RILL_SECOND);
        rill_track_set_enabled(rill_sender_track(talk.sender), true);
        run(2 * RILL_SECOND);
    }
    finish("Opus, three pauses of 5 s, DTX");
    /* 400 of sound; in a pause one packet in 400 ms, and those of its beginning. */
    assert_in_range(talk.sent, 400, 520);
    assert_true(talk.talkspurts >= 3);
    assert_int_equal(talk.stats.concealed_samples, 0);
    assert_int_equal(talk.stats.concealment_events, 0);
    assert_true(talk.stats.comfort_samples > 48 * 12000);
    assert_in_range(talk.stats.total_samples_received, 48 * 22800, 48 * 23000);
    assert_in_range(talk.stats.delay_us, 10 * RILL_MS, 45 * RILL_MS);
    assert_in_range(talk.stats.tone_hz, 435, 445);
}

static void of_a_pause_in_g711_little_is_sent_and_nothing_missed(void **state)
{
    (void)state;
    begin(RILL_CODEC_PCMA, &(struct rill_opus_wishes){.dtx = true});
    run(2 * RILL_SECOND);
    for (int i = 0; i < 3; i++) {
        rill_track_set_enabled(rill_sender_track(talk.sender), false);
        run(5 * RILL_SECOND);
        rill_track_set_enabled(rill_sender_track(talk.sender), true);
        run(2 * RILL_SECOND);
    }
    finish("PCMA, three pauses of 5 s, DTX");
    /* 400 of sound, 12 behind it each time, and one of noise in 400 ms. */
    assert_in_range(talk.sent, 460, 490);
    assert_int_equal(talk.talkspurts, 3);
    assert_int_equal(talk.stats.concealed_samples, 0);
    assert_int_equal(talk.stats.concealment_events, 0);
    assert_true(talk.stats.comfort_samples > 48 * 13500);
    assert_in_range(talk.stats.total_samples_received, 48 * 22800, 48 * 23000);
    assert_in_range(talk.stats.delay_us, 10 * RILL_MS, 45 * RILL_MS);
    assert_in_range(talk.stats.tone_hz, 435, 445);
    /* What is lost is made up until the pause is told again. */
    begin(RILL_CODEC_PCMU, &(struct rill_opus_wishes){.dtx = true});
    run(2 * RILL_SECOND);
    talk.lose_noise = true;
    rill_track_set_enabled(rill_sender_track(talk.sender), false);
    while (!talk.noise)
        run(RILL_MS);
    talk.lose_noise = false;
    run(3 * RILL_SECOND);
    finish("PCMU, the packet that begins a pause is lost");
    assert_in_range(talk.stats.concealed_samples, 48 * 90, 48 * 120);
    assert_int_equal(talk.stats.concealment_events, 1);
    assert_true(talk.stats.comfort_samples > 48 * 2000);
}

static void noise_that_makes_no_sense_is_an_error_and_of_opus_there_is_none(void **state)
{
    (void)state;
    static const uint8_t reserved[] = {50, 255};
    struct rill_frame f = {.codec = RILL_CODEC_PCMU,
                           .comfort_noise = true,
                           .bytes = rill_view_at(reserved, sizeof reserved)};
    begin(RILL_CODEC_PCMU, NULL);
    run(RILL_SECOND);
    f.rtp_time = 0xffff0000 + 8000;
    f.seq = talk.seq++;
    f.time = talk.heard;
    assert_int_equal(rill_receiver_frame(talk.receiver, talk.heard, &f), 0);
    for (int i = 0; i < 100; i++)
        (void)rill_receiver_tick(talk.receiver, talk.heard += RILL_MS);
    rill_receiver_stats(talk.receiver, &talk.stats);
    assert_int_equal(talk.stats.errors, 1);
    rill_receiver_free(talk.receiver);
    rill_sender_free(talk.sender);
    begin(RILL_CODEC_OPUS, NULL);
    f.codec = RILL_CODEC_OPUS;
    assert_row(rill_receiver_frame(talk.receiver, talk.heard, &f), MEDIA_OTHER_CODEC);
    rill_receiver_free(talk.receiver);
    rill_sender_free(talk.sender);
}

static void without_the_wish_all_of_a_pause_is_sent(void **state)
{
    (void)state;
    begin(RILL_CODEC_OPUS, NULL);
    rill_track_set_enabled(rill_sender_track(talk.sender), false);
    run(4 * RILL_SECOND);
    finish("Opus, a pause, no DTX");
    assert_in_range(talk.sent, 195, 200);
    assert_int_equal(talk.talkspurts, 0);
    assert_int_equal(talk.stats.comfort_samples, 0);
}

static void g711_goes_on_with_its_last_period(void **state)
{
    (void)state;
    begin(RILL_CODEC_PCMU, NULL);
    talk.lose = 10;
    run(10 * RILL_SECOND);
    finish("PCMU, 10 % lost");
    assert_in_range(talk.stats.concealed_samples, (uint64_t)talk.lost * 900,
                    (uint64_t)talk.lost * 1000);
    assert_int_equal(talk.stats.silent_concealed_samples, 0);
    /* As loud as if nothing were missing: -30 dB would be the tone's share of a silence. */
    assert_in_range(talk.stats.tone_hz, 435, 445);
    double mean = talk.stats.total_audio_energy / talk.stats.total_samples_duration;
    begin(RILL_CODEC_PCMU, NULL);
    run(10 * RILL_SECOND);
    finish("PCMU, nothing lost");
    double whole = talk.stats.total_audio_energy / talk.stats.total_samples_duration;
    assert_true(mean > 0.95 * whole && mean < 1.05 * whole);
    assert_true(talk.stats.audio_level > 0.05 && talk.stats.audio_level < 1);
}

static void what_is_no_opus_has_no_redundancy(void **state)
{
    (void)state;
    static const uint8_t celt[] = {31 << 3, 0xff, 0xff}, cut[] = {1 << 3 | 3},
                         silk[] = {1 << 3, 0x40}, stereo[] = {1 << 3 | 4, 0x10},
                         counted[] = {1 << 3 | 3, 1, 0x40}, unequal[] = {1 << 3 | 2, 1, 0x40, 0};
    assert_false(rill_opus_has_redundancy((struct rill_view){0}));
    assert_false(rill_opus_has_redundancy(rill_view_at(celt, sizeof celt)));
    assert_false(rill_opus_has_redundancy(rill_view_at(cut, sizeof cut)));
    assert_false(rill_opus_has_redundancy(rill_view_at(silk, 1)));
    assert_true(rill_opus_has_redundancy(rill_view_at(silk, sizeof silk)));
    assert_true(rill_opus_has_redundancy(rill_view_at(stereo, sizeof stereo)));
    assert_true(rill_opus_has_redundancy(rill_view_at(counted, sizeof counted)));
    assert_true(rill_opus_has_redundancy(rill_view_at(unequal, sizeof unequal)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_lost_is_in_the_next_packet_where_that_is_of_use),
        cmocka_unit_test(no_more_is_sent_than_the_other_side_takes),
        cmocka_unit_test(a_pause_is_not_sent_and_not_missed),
        cmocka_unit_test(of_a_pause_in_g711_little_is_sent_and_nothing_missed),
        cmocka_unit_test(noise_that_makes_no_sense_is_an_error_and_of_opus_there_is_none),
        cmocka_unit_test(without_the_wish_all_of_a_pause_is_sent),
        cmocka_unit_test(g711_goes_on_with_its_last_period),
        cmocka_unit_test(what_is_no_opus_has_no_redundancy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
