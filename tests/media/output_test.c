/* What is kept of a call: 60 s in virtual time, whole, with loss, with another track half way,
 * and with a process that dies; then what other programs make of the files. */
#include "tests/capture/temp_file.h"

#include "capture/errors.h"
#include "media/receiver.h"
#include "media/sender.h"

#include <math.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define START (500 * RILL_SECOND)
#define WALL ((int64_t)3900000000 * RILL_SECOND - START)
#define FRAMES_MAX 4096

/* --- a call -------------------------------------------------------------------------------- */

static struct call {
    struct rill_sync sync;
    struct rill_output *outputs[8];
    size_t n_outputs;
    struct side {
        struct rill_sender *sender;
        struct rill_receiver *receiver;
        uint32_t rtp_start, clock_khz;
        int64_t late;        /* from capture to the receiver */
        int64_t report_next; /* of the sender */
        int64_t captured[FRAMES_MAX];
        size_t n; /* of what came, from the first that can be shown on */
        bool shown;
    } side[2]; /* pictures, sound */
    uint32_t seed;
    unsigned lost_percent;
} call;

static uint32_t chance(void)
{
    call.seed = call.seed * 1664525u + 1013904223u;
    return call.seed >> 8;
}

static void keep(const char *path)
{
    assert_int_equal(rill_output_new(path, 1, &call.outputs[call.n_outputs], NULL), 0);
    call.n_outputs++;
}

static void begin_side(struct side *s, const char *source, uint32_t rtp_start, uint32_t clock_khz,
                       int64_t late)
{
    *s = (struct side){.rtp_start = rtp_start, .clock_khz = clock_khz, .late = late};
    struct rill_sender_config sender = {.source = source,
                                        .rtp_time_start = rtp_start,
                                        .bitrate_bps = clock_khz == 90 ? 100000 : 24000};
    assert_int_equal(rill_sender_new(&sender, &s->sender, NULL), 0);
    struct rill_receiver_config receiver = {.codec = rill_sender_codec(s->sender),
                                            .sync = &call.sync,
                                            .outputs = call.outputs,
                                            .n_outputs = call.n_outputs};
    assert_int_equal(rill_receiver_new(&receiver, &s->receiver, NULL), 0);
    rill_sender_start(s->sender, START);
    s->report_next = START + RILL_SECOND / 2;
}

/* Pictures take longer on their way than sound, and both clocks wrap on the way. */
static void begin(void)
{
    call.seed = (uint32_t)rill_test_seed();
    begin_side(&call.side[0], "testsrc:size=160x120", 0xffff0000u, 90, 180 * RILL_MS);
    begin_side(&call.side[1], "sine", 0xfffc0000u, 48, 45 * RILL_MS);
}

static void start(void)
{
    memset(&call, 0, sizeof call);
}

static void tell_report(struct side *s, int64_t now)
{
    uint64_t us = (uint64_t)(WALL + now);
    uint64_t ntp = us / 1000000 << 32 | ((us % 1000000 << 32) / 1000000);
    rill_receiver_report(s->receiver, ntp,
                         s->rtp_start + (uint32_t)((now - START) * s->clock_khz / 1000));
    s->report_next += s->clock_khz == 90 ? RILL_SECOND : 5 * RILL_SECOND;
}

/* A lost picture takes those that build on it with it, as the jitter buffer does. */
static bool is_lost(struct side *s, const struct rill_frame *f)
{
    bool lost = chance() % 100 < call.lost_percent;
    if (f->kind == RILL_AUDIO)
        return lost;
    if (lost) {
        s->shown = false;
        rill_sender_want_keyframe(s->sender);
    } else if (f->keyframe) {
        s->shown = true;
    }
    return lost || !s->shown;
}

static void step(struct side *s)
{
    struct rill_frame f;
    int64_t now = rill_sender_deadline(s->sender);
    while (rill_sender_frame(s->sender, now, &f)) {
        int64_t jitter = chance() % 30 * RILL_MS;
        if (is_lost(s, &f))
            continue;
        if (now >= s->report_next)
            tell_report(s, now);
        assert_true(s->n < FRAMES_MAX);
        s->captured[s->n++] = f.time;
        f.time = now + s->late + jitter;
        assert_int_equal(rill_receiver_frame(s->receiver, f.time, &f), 0);
        assert_int_equal(rill_receiver_tick(s->receiver, now + s->late), 0);
    }
}

static int64_t next_of(const struct side *s)
{
    return rill_sender_deadline(s->sender) + s->late;
}

/* Whose frame arrives first of those captured before the end; NULL when there is none. */
static struct side *first(int64_t end)
{
    struct side *found = NULL;
    for (int i = 0; i < 2; i++) {
        struct side *s = &call.side[i];
        if (rill_sender_deadline(s->sender) < START + end &&
            (!found || next_of(s) < next_of(found)))
            found = s;
    }
    return found;
}

static void run_until(int64_t end)
{
    for (struct side *s = first(end); s; s = first(end))
        step(s);
}

static void hang_up(void)
{
    for (int i = 0; i < 2; i++) {
        rill_receiver_end(call.side[i].receiver, START + 3600 * RILL_SECOND);
        rill_sender_free(call.side[i].sender);
        rill_receiver_free(call.side[i].receiver);
    }
    for (size_t i = 0; i < call.n_outputs; i++) {
        assert_int_equal(rill_output_close(call.outputs[i], NULL), 0);
        rill_output_free(call.outputs[i]);
    }
}

/* --- what ffprobe and ffmpeg say ------------------------------------------------------------- */

/* The times of a stream's packets, ms. */
static size_t packet_times(const char *path, const char *stream, double *out, size_t cap)
{
    char line[512];
    snprintf(line, sizeof line,
             "ffprobe -v error -select_streams %s -show_entries packet=pts_time -of csv=p=0 %s",
             stream, path);
    FILE *p = popen(line, "r");
    size_t n = 0;
    assert_non_null(p);
    while (n < cap && fgets(line, sizeof line, p))
        out[n++] = strtod(line, NULL) * 1000;
    assert_int_equal(pclose(p), 0);
    return n;
}

/* Each packet's time in the file less the time it was captured: the same for all, ms. */
static void assert_together(const char *path)
{
    static double times[FRAMES_MAX];
    double least = 1e9, most = -1e9;
    for (int i = 0; i < 2; i++) {
        const struct side *s = &call.side[i];
        assert_int_equal(packet_times(path, i ? "a" : "v", times, FRAMES_MAX), s->n);
        for (size_t k = 0; k < s->n; k++) {
            double offset = times[k] - (double)(s->captured[k] - START) / 1000;
            /* The first reports come within the first seconds. */
            if (s->captured[k] < START + 6 * RILL_SECOND)
                continue;
            /* Matroska's player is told to drop the first 6.5 ms of Opus. */
            offset += i ? 6.5 : 0;
            least = fmin(least, offset);
            most = fmax(most, offset);
        }
    }
    print_message("picture and sound apart by at most %.1f ms\n", most - least);
    assert_true(most - least < 20);
}

static double probe_number(const char *what, const char *path)
{
    char command[300];
    snprintf(command, sizeof command, "ffprobe -v error -show_entries %s -of csv=p=0 %%s", what);
    return strtod(temp_run(command, path), NULL);
}

static void assert_decodes(const char *path)
{
    assert_string_equal(
        temp_run("ffmpeg -v error -i %s -fps_mode passthrough -enc_time_base -1 -f null - 2>&1",
                 path),
        "");
}

static void assert_duration(const char *path, double seconds, double within)
{
    assert_true(fabs(probe_number("format=duration", path) - seconds) < within);
}

/* --- tests ----------------------------------------------------------------------------------- */

static void a_minute_is_kept_whole_and_together(void **state)
{
    (void)state;
    const char *webm = temp_path("minute.webm"), *mkv = temp_path("minute.mkv");
    start();
    keep(webm);
    keep(mkv);
    keep(temp_path("minute.wav"));
    keep(temp_path("minute.ogg"));
    begin();
    run_until(60 * RILL_SECOND);
    hang_up();
    /* The encoder's rate control leaves out a few. */
    assert_in_range(call.side[0].n, 1750, 1800);
    assert_int_equal(call.side[1].n, 3000);
    assert_together(webm);
    assert_together(mkv);
    assert_decodes(webm);
    assert_duration(webm, 60, 0.3);
    assert_duration(temp_path("minute.wav"), 60, 0.05);
    assert_duration(temp_path("minute.ogg"), 60, 0.05);
}

static void with_loss_and_another_track_half_way_gaps_are_kept(void **state)
{
    (void)state;
    const char *webm = temp_path("lossy.webm"), *wav = temp_path("lossy.wav");
    struct rill_source_config other = {.name = "testsrc:size=200x150:rate=15"};
    start();
    call.lost_percent = 5;
    keep(webm);
    keep(wav);
    keep(temp_path("lossy.ogg"));
    begin();
    run_until(30 * RILL_SECOND);
    assert_int_equal(
        rill_sender_replace_track(call.side[0].sender, START + 30 * RILL_SECOND, &other, NULL), 0);
    run_until(60 * RILL_SECOND);
    hang_up();
    assert_true(call.side[1].n < 2950);
    assert_together(webm);
    assert_decodes(webm);
    assert_duration(webm, 60, 0.4);
    assert_duration(wav, 60, 0.3);
    assert_duration(temp_path("lossy.ogg"), 60, 0.3);
    assert_decodes(temp_path("lossy.ogg"));
}

static void pictures_of_another_size_are_fitted_and_gaps_repeat_the_last(void **state)
{
    (void)state;
    const char *y4m = temp_path("sizes.y4m");
    struct rill_source_config other = {.name = "testsrc:size=320x240"};
    start();
    keep(y4m);
    begin();
    run_until(RILL_SECOND);
    assert_int_equal(
        rill_sender_replace_track(call.side[0].sender, START + RILL_SECOND, &other, NULL), 0);
    run_until(2 * RILL_SECOND);
    hang_up();
    assert_string_equal(
        temp_run("ffprobe -v error -show_entries stream=width,height -of csv=p=0 %s", y4m),
        "160,120");
    assert_decodes(y4m);
    assert_duration(y4m, 2, 0.15);
}

static void every_picture_is_a_png_of_its_own(void **state)
{
    (void)state;
    char pattern[400];
    snprintf(pattern, sizeof pattern, "%s/", temp_path("x"));
    snprintf(strrchr(pattern, 'x'), 20, "shot-%%03d.png");
    for (int k = 1; k <= 3; k++) {
        char name[32];
        snprintf(name, sizeof name, "shot-%03d.png", k);
        temp_path(name); /* goes when the test ends */
    }
    start();
    keep(pattern);
    begin();
    run_until(100 * RILL_MS);
    hang_up();
    assert_string_equal(
        temp_run("ffprobe -v error -show_entries stream=width,height -of csv=p=0 %s",
                 temp_path("shot-003.png")),
        "160,120");
}

/* Half an hour of silence on the wire, and a sender that stood still: the call's clock goes on. */
static void a_long_pause_stays_a_pause(void **state)
{
    (void)state;
    const char *webm = temp_path("pause.webm"), *ogg = temp_path("pause.ogg");
    const char *wav = temp_path("pause.wav"), *y4m = temp_path("pause.y4m");
    start();
    keep(webm);
    keep(ogg);
    keep(wav);
    keep(y4m);
    begin();
    run_until(RILL_SECOND);
    struct rill_frame f;
    for (int i = 0; i < 2; i++) {
        struct side *s = &call.side[i];
        int64_t now = rill_sender_deadline(s->sender);
        assert_true(rill_sender_frame(s->sender, now, &f));
        f.time = now + 1800 * RILL_SECOND;
        assert_int_equal(rill_receiver_frame(s->receiver, f.time, &f), 0);
    }
    hang_up();
    assert_duration(webm, 1801, 1);
    assert_duration(ogg, 1801, 1);
    assert_duration(wav, 1801, 1);
    assert_duration(y4m, 11, 0.5);
}

static void crash_in(const char *const *paths, size_t n)
{
    pid_t child = fork();
    if (child == 0) {
        start();
        for (size_t i = 0; i < n; i++)
            keep(paths[i]);
        begin();
        run_until(10 * RILL_SECOND);
        raise(SIGKILL);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
}

/* The last half second, and what holds a stream together, may be lost; nothing else. */
static void a_process_that_is_killed_leaves_files_that_play(void **state)
{
    (void)state;
    const char *paths[] = {temp_path("dead.webm"), temp_path("dead.mkv"), temp_path("dead.ivf"),
                           temp_path("dead.ogg"),  temp_path("dead.wav"), temp_path("dead.y4m")};
    static double times[FRAMES_MAX];
    crash_in(paths, 6);
    for (size_t i = 0; i < 6; i++)
        assert_decodes(paths[i]);
    for (size_t i = 0; i < 2; i++) {
        size_t n = packet_times(paths[i], "v", times, FRAMES_MAX);
        assert_true(n > 0 && times[n - 1] > 9000);
        n = packet_times(paths[i], "a", times, FRAMES_MAX);
        assert_true(n > 0 && times[n - 1] > 9000);
    }
    assert_duration(paths[3], 10, 0.1);
    assert_duration(paths[4], 10, 0.3);
    assert_duration(paths[5], 10, 0.4);
}

static int refused(const char *path, struct rill_err *why)
{
    struct rill_output *o = NULL;
    int rc = rill_output_new(path, 1, &o, why);
    assert_null(o);
    return rc;
}

static void files_that_cannot_be_opened_say_why(void **state)
{
    (void)state;
    static const char *const names[] = {"a.webm", "a.mkv", "a.ivf", "a.ogg", "a.wav", "a.y4m"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char path[64];
        struct rill_err why = {0};
        snprintf(path, sizeof path, "/nonexistent/%s", names[i]);
        assert_row(refused(path, &why), CAPTURE_OPEN);
        assert_int_equal(why.value, 2); /* ENOENT */
    }
    assert_row(refused("film.mp4", NULL), MEDIA_OUTPUT_NAME);
    assert_row(refused("%d%d.png", NULL), CAPTURE_PNG_PATTERN);
    assert_row(refused("%s-%d.png", NULL), CAPTURE_PNG_PATTERN);
    assert_false(rill_output_is_file("out"));
    assert_true(rill_output_is_file("OUT.WEBM"));
}

static void each_file_says_which_codecs_it_keeps(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        enum rill_codec_id takes, leaves;
    } cases[] = {
        {"t.ivf", RILL_CODEC_AV1, RILL_CODEC_H264},  {"t.h264", RILL_CODEC_H264, RILL_CODEC_VP8},
        {"t.webm", RILL_CODEC_VP9, RILL_CODEC_PCMU}, {"t.wav", RILL_CODEC_PCMA, RILL_CODEC_VP8},
        {"t.y4m", RILL_CODEC_VP8, RILL_CODEC_H264},  {"t.ogg", RILL_CODEC_OPUS, RILL_CODEC_PCMU},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct rill_output *o = NULL;
        assert_int_equal(rill_output_new(temp_path(cases[i].name), 1, &o, NULL), 0);
        assert_true(rill_output_takes(o, cases[i].takes));
        assert_false(rill_output_takes(o, cases[i].leaves));
        rill_output_free(o);
    }
}

/* A directory is not made of what was to be a film. */
static void a_name_with_an_ending_that_is_none_is_no_directory(void **state)
{
    (void)state;
    assert_true(rill_output_is_misnamed("k.avi"));
    assert_true(rill_output_is_misnamed("out.d/k.avi"));
    static const char *const right[] = {"k.ivf", "k.avi/", "out", "out.d/kept", ".kept", "..", "."};
    for (size_t i = 0; i < sizeof right / sizeof right[0]; i++)
        assert_false(rill_output_is_misnamed(right[i]));
}

/* On a full disk each kind of file ends by itself; the call never hears of it. */
static void a_disk_that_fills_ends_each_kind_of_file_once(void **state)
{
    (void)state;
    static const char *const names[] = {"f.webm", "f.mkv", "f.ivf", "f.ogg", "f.wav", "f.y4m"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct rill_err why = {0};
        int told = 0;
        start();
        keep(temp_path(names[i]));
        begin();
        temp_limit_file_size(6000);
        for (int k = 0; k < 300; k++) {
            struct rill_frame f;
            struct side *s = first(60 * RILL_SECOND);
            int64_t now = rill_sender_deadline(s->sender);
            while (rill_sender_frame(s->sender, now, &f))
                told += rill_receiver_frame(s->receiver, now, &f) == RILL_CAPTURE_WRITE;
            told += rill_receiver_tick(s->receiver, now) == RILL_CAPTURE_WRITE;
        }
        temp_unlimit_file_size();
        assert_int_equal(told, 1);
        assert_true(rill_output_failed(call.outputs[0], &why));
        assert_int_equal(why.value, 27); /* EFBIG */
        assert_row(rill_output_close(call.outputs[0], NULL), CAPTURE_WRITE);
        for (int k = 0; k < 2; k++) {
            rill_sender_free(call.side[k].sender);
            rill_receiver_free(call.side[k].receiver);
        }
        rill_output_free(call.outputs[0]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_minute_is_kept_whole_and_together),
        cmocka_unit_test(with_loss_and_another_track_half_way_gaps_are_kept),
        cmocka_unit_test(pictures_of_another_size_are_fitted_and_gaps_repeat_the_last),
        cmocka_unit_test(every_picture_is_a_png_of_its_own),
        cmocka_unit_test(a_long_pause_stays_a_pause),
        cmocka_unit_test(a_process_that_is_killed_leaves_files_that_play),
        cmocka_unit_test(files_that_cannot_be_opened_say_why),
        cmocka_unit_test(each_file_says_which_codecs_it_keeps),
        cmocka_unit_test(a_name_with_an_ending_that_is_none_is_no_directory),
        cmocka_unit_test(a_disk_that_fills_ends_each_kind_of_file_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
