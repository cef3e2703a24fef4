#include "media/replay.h"

#include "media/receiver.h"
#include "media/replay_guess.h"
#include "rtp/comfort_noise.h"
#include "rtp/jitter.h"
#include "rtp/rtcp.h"

#include <stdlib.h>

/* The clock of a file may jump as it likes; a gap in it is at most this long. */
#define STEP_MAX (10 * RILL_SECOND)
/* Behind the last packet: what is still waited for is given up. */
#define AFTER (60 * RILL_SECOND)
#define JITTER_PACKETS 1024
/* So often the clock is looked at while packets are read. */
#define READ_AT_ONCE 1024

struct replay {
    struct rill_replay *out;
    struct rill_replay_guess guesses[RILL_REPLAY_STREAMS_MAX];
    int64_t (*now)(void);
    int64_t until;
};

static bool is_over(struct replay *r)
{
    r->out->over = r->out->over || r->now() >= r->until;
    return r->out->over;
}

/* --- the first reading: what is there ----------------------------------------------------- */

static bool is_whole_rtcp(struct rill_view bytes)
{
    struct rill_rtcp_packet p;
    size_t at = 0;
    int rc;
    while ((rc = rill_rtcp_next(bytes, &at, &p, NULL)) > 0)
        ;
    return rc == 0;
}

static size_t stream_of(struct rill_replay *out, const struct rill_rtp_packet *p)
{
    size_t i = 0;
    while (i < out->n_streams && out->streams[i].ssrc != p->ssrc)
        i++;
    if (i == out->n_streams && i < RILL_REPLAY_STREAMS_MAX)
        out->streams[out->n_streams++] = (struct rill_replay_stream){.ssrc = p->ssrc, .pt = p->pt};
    return i;
}

/* RFC 7983 §7: what is no STUN, DTLS or TURN. */
static bool is_media(struct rill_view bytes)
{
    return bytes.n > 0 && bytes.p[0] >> 6 == 2;
}

static void count(struct replay *r, const struct rill_packet_file_datagram *d)
{
    struct rill_rtp_packet p;
    struct rill_replay *out = r->out;
    struct rill_view bytes = d->bytes;
    out->packets++;
    if (d->has_twin && is_media(bytes)) {
        out->twins++;
        return;
    }
    if (rill_rtp_is_rtcp(bytes)) {
        if (is_whole_rtcp(bytes))
            out->rtcp++;
        else
            out->other++;
        return;
    }
    if (rill_rtp_parse(bytes, &p, NULL) < 0) {
        out->other++;
        return;
    }
    out->rtp_ok++;
    size_t i = stream_of(out, &p);
    if (i == RILL_REPLAY_STREAMS_MAX)
        return;
    out->streams[i].packets++;
    rill_replay_guess_packet(&r->guesses[i], &p);
}

static void survey(struct replay *r, struct rill_packet_file *file)
{
    struct rill_packet_file_datagram d;
    for (size_t n = 0; rill_packet_file_next(file, &d); n++) {
        if (n % READ_AT_ONCE == 0 && is_over(r))
            break;
        count(r, &d);
    }
    r->out->passed = file->passed;
    r->out->cut = file->cut;
    for (size_t i = 0; i < r->out->n_streams; i++) {
        struct rill_replay_stream *s = &r->out->streams[i];
        s->codec = rill_replay_guess_codec(&r->guesses[i]);
        if (s->codec != RILL_CODEC_NONE)
            s->pt = r->guesses[i].pts[s->codec];
    }
}

/* --- the second: frames and pictures ------------------------------------------------------ */

static void take_frames(struct replay *r, struct rill_replay_stream *s,
                        struct rill_rtp_jitter *jitter, struct rill_receiver *receiver, int64_t at)
{
    struct rill_frame frame;
    while (!is_over(r) && rill_rtp_jitter_pop(jitter, at, &frame)) {
        s->width = frame.width ? frame.width : s->width;
        s->height = frame.height ? frame.height : s->height;
        (void)rill_receiver_frame(receiver, at, &frame);
        (void)rill_receiver_tick(receiver, at);
    }
}

/* Moves *at on by what the file says has passed. */
static void step(int64_t *at, int64_t time, int64_t *last)
{
    int64_t by = time > *last ? time - *last : 0;
    *last = time;
    *at += by < STEP_MAX ? by : STEP_MAX;
}

static void play(struct replay *r, struct rill_packet_file file, struct rill_replay_stream *s,
                 struct rill_rtp_jitter *jitter, struct rill_receiver *receiver)
{
    struct rill_packet_file_datagram d;
    struct rill_rtp_packet p;
    int64_t at = 0, last = INT64_MAX;
    for (size_t n = 0; rill_packet_file_next(&file, &d); n++) {
        if (n % READ_AT_ONCE == 0 && is_over(r))
            break;
        if (d.has_twin || rill_rtp_is_rtcp(d.bytes) || rill_rtp_parse(d.bytes, &p, NULL) < 0 ||
            p.ssrc != s->ssrc)
            continue;
        step(&at, d.time, &last);
        /* Of another payload type (repair) its place in the sequence is taken. */
        p.comfort_noise = p.pt == RILL_COMFORT_NOISE_PT && rill_codec_clock_hz(s->codec) == 8000;
        if (p.pt != s->pt && !p.comfort_noise)
            p.payload.n = 0;
        (void)rill_rtp_jitter_insert(jitter, at, &p, NULL);
        take_frames(r, s, jitter, receiver, at);
        if (r->out->over)
            return;
    }
    take_frames(r, s, jitter, receiver, at + AFTER);
    rill_receiver_end(receiver, at + AFTER);
}

static void tell(struct rill_replay_stream *s, const struct rill_rtp_jitter *jitter,
                 const struct rill_receiver *receiver)
{
    struct rill_rtp_jitter_stats j;
    struct rill_receiver_stats m;
    rill_rtp_jitter_stats(jitter, &j);
    rill_receiver_stats(receiver, &m);
    s->frames = j.frames;
    s->keyframes = j.keyframes;
    s->frames_dropped = j.frames_dropped;
    s->decoded = m.decoded;
    s->errors = m.errors;
    s->undecoded = m.undecoded;
    s->width = m.width ? m.width : s->width;
    s->height = m.height ? m.height : s->height;
}

static void replay_stream(struct replay *r, const struct rill_packet_file *file,
                          struct rill_replay_stream *s)
{
    struct rill_rtp_jitter_config config = {
        .codec = s->codec, .packets = JITTER_PACKETS, .frame_bytes = RILL_VIDEO_FRAME_MAX};
    struct rill_receiver *receiver = NULL;
    void *block = malloc(rill_rtp_jitter_size(&config));
    struct rill_rtp_jitter *jitter = block ? rill_rtp_jitter_init(block, &config) : NULL;
    if (jitter && rill_receiver_new(&(struct rill_receiver_config){.codec = s->codec}, &receiver,
                                    NULL) == 0) {
        play(r, *file, s, jitter, receiver);
        tell(s, jitter, receiver);
        rill_receiver_free(receiver);
    }
    free(block);
}

int rill_replay(struct rill_view bytes, int64_t (*now)(void), int64_t until,
                struct rill_replay *out, struct rill_err *why)
{
    struct replay r = {.out = out, .now = now, .until = until};
    struct rill_packet_file file, start;
    int rc = rill_packet_file_open(&file, bytes, why);
    if (rc < 0)
        return rc;
    *out = (struct rill_replay){0};
    start = file;
    survey(&r, &file);
    for (size_t i = 0; i < out->n_streams && !is_over(&r); i++)
        if (out->streams[i].codec != RILL_CODEC_NONE)
            replay_stream(&r, &start, &out->streams[i]);
    return 0;
}
