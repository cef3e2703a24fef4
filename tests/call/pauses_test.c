/* A call in G.711 whose speaker pauses: what is sent, what is heard and what is counted of it (RFC
 * 3389, RFC 7874 §3). */
#include "media/noise.h"
#include "media/receiver.h"
#include "media/sender.h"
#include "srtp/srtp.h"
#include "tests/capture/temp_file.h"
#include "tests/sim/call.h"

#include <math.h>

#define TURN 6.283185307179586
#define HZ 8000
#define ROOM_DBOV (-50)
/* Seconds of the file: a voice, the room alone, a voice. */
#define PAUSE_FROM 3
#define PAUSE_UNTIL 8
#define END 11

static struct {
    struct rill_sender *sender;
    struct rill_receiver *receiver;
    struct rill_sync sync;
    struct rill_output *output;
    size_t sound, noise, talkspurts; /* sent, by payload type */
    size_t wrong_steps;              /* numbers with gaps, times that do not run on */
    uint16_t seq;
    uint32_t rtp_time;
    size_t frames; /* that came */
} talk;

/* --- what is said --------------------------------------------------------------------------- */

static void put(FILE *f, uint32_t v, int bytes)
{
    for (int i = 0; i < bytes; i++)
        fputc((int)(v >> (8 * i) & 255), f);
}

static const char *speaker(void)
{
    const char *path = temp_path("speaker.wav");
    FILE *f = fopen(path, "wb");
    uint32_t seed = 5, n = END * HZ;
    assert_non_null(f);
    fwrite("RIFF", 4, 1, f);
    put(f, 36 + 2 * n, 4);
    fwrite("WAVEfmt ", 8, 1, f);
    put(f, 16, 4);
    put(f, 1 | 1 << 16, 4); /* PCM, one channel */
    put(f, HZ, 4);
    put(f, 2 * HZ, 4);
    put(f, 2 | 16 << 16, 4);
    fwrite("data", 4, 1, f);
    put(f, 2 * n, 4);
    for (uint32_t i = 0; i < n; i++) {
        double t = i / (double)HZ, v = 0;
        seed = seed * 1664525u + 1013904223u;
        for (int h = 1; h < 8; h++)
            v += sin(TURN * 150 * h * t) / h;
        v *= t < PAUSE_FROM || t >= PAUSE_UNTIL ? 3000 * fmax(0, sin(TURN * 3 * t)) : 0;
        v += RILL_NOISE_LOUDEST * pow(10, ROOM_DBOV / 20.0) * sqrt(12) *
             ((double)(seed >> 8) / (1 << 24) - 0.5);
        put(f, (uint32_t)lrint(v) & 65535, 2);
    }
    fclose(f);
    return path;
}

/* --- the call ------------------------------------------------------------------------------- */

static void see_sent(void *ctx, const struct rill_trace_point *point, int64_t now,
                     const union rill_trace_value *values)
{
    (void)ctx;
    (void)now;
    if (strcmp(point->name, "rtp_sent") != 0)
        return;
    const uint8_t *p = values[3].view.p;
    uint16_t seq = (uint16_t)(p[2] << 8 | p[3]);
    uint32_t rtp_time = (uint32_t)p[4] << 24 | (uint32_t)p[5] << 16 | (uint32_t)p[6] << 8 | p[7];
    bool noise = rill_view_is(values[2].view, "CN"), first = talk.sound + talk.noise == 0;
    talk.wrong_steps += !first && (seq != (uint16_t)(talk.seq + 1) ||
                                   (rtp_time - talk.rtp_time) % 160 || rtp_time == talk.rtp_time);
    talk.wrong_steps += noise != ((p[1] & 127) == 13);
    talk.noise += noise;
    talk.sound += !noise;
    talk.talkspurts += p[1] >> 7;
    assert_false(noise && p[1] >> 7); /* RFC 3389 §4 */
    talk.seq = seq;
    talk.rtp_time = rtp_time;
}

static bool hear(struct rill_sim_call *c, int side, const struct rill_peer_event *e)
{
    if (side != 1 || e->type != RILL_PEER_EVENT_FRAME)
        return false;
    talk.frames++;
    assert_int_equal(rill_receiver_frame(talk.receiver, c->now, &e->frame), 0);
    return true;
}

static struct rill_sim_call *begin(uint32_t jitter, bool dtx)
{
    static const enum rill_codec_id codecs[] = {RILL_CODEC_PCMU};
    static const struct rill_trace trace = {.emit = see_sent};
    struct rill_sim_call_options o = rill_sim_call_defaults();
    memset(&talk, 0, sizeof talk);
    o.no_clips = true;
    o.video[0].send = o.video[1].send = o.audio[1].send = false;
    o.config.codecs = codecs;
    o.config.n_codecs = 1;
    o.config.sound_at_once = true;
    o.config.dtx = dtx;
    o.link.jitter = jitter * RILL_MS;
    o.trace[0] = &trace;
    struct rill_sim_call *c = rill_sim_call_new(&o);
    assert_non_null(c);
    c->event = hear;
    rill_sim_call_start(c);
    assert_true(rill_sim_call_run_until(c, 5 * RILL_SECOND, rill_sim_call_both_connected));
    assert_true(rill_sim_call_run(c, c->now + 200 * RILL_MS));
    assert_int_equal(rill_output_new(temp_path("heard.wav"), 1, &talk.output, NULL), 0);
    struct rill_sender_config from = {.source = speaker(), .rtp_time_start = 0xffff0000};
    struct rill_receiver_config to = {
        .codec = RILL_CODEC_PCMU, .sync = &talk.sync, .outputs = &talk.output, .n_outputs = 1};
    assert_int_equal(rill_sender_new(&from, &talk.sender, NULL), 0);
    assert_true(rill_sender_set_codec(talk.sender, RILL_CODEC_PCMU));
    assert_int_equal(rill_receiver_new(&to, &talk.receiver, NULL), 0);
    return c;
}

/* As the loop of a program has it. */
static void run(struct rill_sim_call *c, int64_t until)
{
    int track = c->sides[0].audio.track;
    while (c->now < until) {
        struct rill_frame f;
        while (rill_sender_frame(talk.sender, c->now, &f))
            assert_int_equal(rill_peer_send_frame(c->sides[0].peer, c->now, track, &f), 0);
        assert_true(rill_sim_call_run(c, c->now + 5 * RILL_MS));
        assert_int_equal(rill_receiver_tick(talk.receiver, c->now), 0);
    }
}

static void start(struct rill_sim_call *c)
{
    struct rill_peer_sound sound;
    assert_true(rill_peer_sound(c->sides[0].peer, c->sides[0].audio.track, &sound));
    assert_int_equal(sound.dtx, c->options.config.dtx);
    rill_sender_set_sound(talk.sender, &(struct rill_opus_wishes){.dtx = sound.dtx});
    rill_sender_start(talk.sender, c->now);
}

static struct rill_receiver_stats figures(void)
{
    struct rill_receiver_stats s;
    rill_receiver_counts(talk.receiver, &s);
    return s;
}

static void finish(struct rill_sim_call *c)
{
    rill_receiver_end(talk.receiver, c->now);
    assert_int_equal(rill_output_close(talk.output, NULL), 0);
    rill_sender_free(talk.sender);
    rill_receiver_free(talk.receiver);
    rill_output_free(talk.output);
    rill_sim_call_free(c);
}

/* The level of what was kept, from and until, ms; 48 kHz, two channels. */
static double dbov_kept(int from, int until, double *seconds)
{
    static int16_t samples[2 * 48000 * (END + 1)];
    FILE *f = fopen(temp_path("heard.wav"), "rb");
    assert_non_null(f);
    fseek(f, 44, SEEK_SET);
    size_t n = fread(samples, 4, sizeof samples / 4, f);
    fclose(f);
    *seconds = (double)n / 48000;
    return rill_noise_dbov(samples + 96 * from, 96 * (size_t)(until - from));
}

static void of_a_pause_the_room_is_heard_and_nothing_is_missed(void **state)
{
    (void)state;
    for (uint32_t jitter = 0; jitter <= 20; jitter += 20) {
        struct rill_sim_call *c = begin(jitter, true);
        struct rill_receiver_stats before, after;
        struct rill_peer_stats peer;
        start(c);
        int64_t from = c->now;
        run(c, from + (PAUSE_FROM + 1) * RILL_SECOND);
        before = figures();
        size_t sound = talk.sound;
        run(c, from + (PAUSE_UNTIL - 1) * RILL_SECOND);
        after = figures();
        assert_int_equal(talk.sound, sound);
        double level = 10 * log10((after.total_audio_energy - before.total_audio_energy) /
                                  (after.total_samples_duration - before.total_samples_duration));
        run(c, from + (END - 1) * RILL_SECOND);
        after = figures();
        rill_peer_stats(c->sides[1].peer, &peer);
        print_message("jitter %2u ms: %zu packets of sound, %zu of noise; the pause is heard at "
                      "%.1f dBov, %.1f s of it; delay %.1f ms\n",
                      jitter, talk.sound, talk.noise, level, (double)after.comfort_samples / 48000,
                      (double)after.delay_us / 1000);
        assert_true(fabs(level - ROOM_DBOV) < 1.5);
        /* 10 s, 5 of them pause but its beginning. */
        assert_in_range(talk.sound, 240, 275);
        assert_in_range(talk.noise, 12, 20);
        assert_int_equal(talk.talkspurts, 1);
        assert_int_equal(talk.wrong_steps, 0);
        assert_int_equal(peer.received[0].lost, 0);
        assert_in_range(talk.frames, talk.sound + talk.noise - 3, talk.sound + talk.noise);
        /* W3C webrtc-stats: nothing was concealed, and all was received. */
        assert_int_equal(after.concealed_samples, 0);
        assert_int_equal(after.silent_concealed_samples, 0);
        assert_int_equal(after.concealment_events, 0);
        assert_int_equal(after.errors, 0);
        assert_in_range(after.comfort_samples, 48 * 4500, 48 * 5000);
        assert_in_range(after.total_samples_received, 48 * 9800, 48 * 10000);
        assert_in_range(after.delay_us, 10 * RILL_MS, (45 + 2 * jitter) * RILL_MS);
        finish(c);
        double seconds;
        level = dbov_kept(1000 * PAUSE_FROM + 500, 1000 * PAUSE_UNTIL - 500, &seconds);
        assert_true(fabs(level - ROOM_DBOV) < 1.5);
        assert_true(seconds > 9.8 && seconds < 10.1);
        assert_true(dbov_kept(8100, 9800, &seconds) > -35);
    }
}

/* Who does not leave them out sends all of it. */
static void without_the_wish_pauses_are_sent(void **state)
{
    (void)state;
    struct rill_sim_call *c = begin(0, false);
    start(c);
    run(c, c->now + 5 * RILL_SECOND);
    assert_in_range(talk.sound, 245, 251);
    assert_int_equal(talk.noise + talk.talkspurts, 0);
    finish(c);
}

/* A frame of it is refused where it was not agreed, and so is one of another clock. */
static void noise_that_was_not_agreed_is_not_sent(void **state)
{
    (void)state;
    static const uint8_t level = 50;
    struct rill_sim_call *c = begin(0, true);
    struct rill_frame f = {.kind = RILL_AUDIO,
                           .codec = RILL_CODEC_PCMU,
                           .comfort_noise = true,
                           .bytes = rill_view_at(&level, 1)};
    struct rill_peer *peer = c->sides[0].peer;
    assert_int_equal(rill_peer_send_frame(peer, c->now, 0, &f), 0);
    f.codec = RILL_CODEC_OPUS;
    assert_row(rill_peer_send_frame(peer, c->now, 0, &f), PEER_NOT_SENDING);
    finish(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_a_pause_the_room_is_heard_and_nothing_is_missed),
        cmocka_unit_test(without_the_wish_pauses_are_sent),
        cmocka_unit_test(noise_that_was_not_agreed_is_not_sent),
    };
    return cmocka_run_group_tests(tests, rill_sim_calls_begin, rill_sim_calls_end);
}
