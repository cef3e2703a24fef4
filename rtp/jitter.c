/* jitter: the window of slots that both kinds share: where a packet goes, and when the window
 * moves. What may come out is said by jitter_video.c and jitter_audio.c.
 *
 *        next                          highest
 *   … out | P | P | hole | P | hole | P |          at most `packets` slots
 *
 * A packet costs at most one walk over the slots. */
#include "rtp/jitter_private.h"

#include "base/annexb.h"
#include "base/seq.h"
#include "rtp/payload.h"

#include <string.h>

/* The unwrapped numbers begin here, so that they stay positive. */
#define FIRST_CYCLE 65536
#define NO_SEQ 65537

static struct rill_rtp_jitter_config with_defaults(const struct rill_rtp_jitter_config *config)
{
    struct rill_rtp_jitter_config c = *config;
    bool video = rill_codec_kind(c.codec) == RILL_VIDEO;
    c.packets = c.packets ? c.packets : video ? 512 : 64;
    c.slot = c.slot ? c.slot : 1460;
    c.at_once = c.at_once && !video;
    c.wait = c.wait ? c.wait : (video ? 500 : c.at_once ? 1000 : 60) * RILL_MS;
    if (!video)
        c.frame_bytes = 0;
    else if (c.frame_bytes == 0)
        c.frame_bytes = 256 * 1024;
    return c;
}

/* Carves the machine out of the arena; j itself is NULL while counting. */
static struct rill_rtp_jitter *carve(struct rill_arena *a, const struct rill_rtp_jitter_config *c)
{
    struct rill_rtp_jitter *j = rill_arena_take(a, 1, sizeof *j);
    struct rill_rtp_slot *slots = rill_arena_take(a, c->packets, sizeof *slots);
    uint8_t *bytes = rill_arena_take_room(a, c->packets, c->slot);
    uint8_t *frame =
        rill_arena_take_room(a, c->frame_bytes ? c->frame_bytes + RILL_VP9_LAYERS_SIZE : 0, 1);
    if (!j || a->bad)
        return NULL;
    j->config = *c;
    j->slots = slots;
    j->bytes = bytes;
    j->frame = frame;
    return j;
}

size_t rill_rtp_jitter_size(const struct rill_rtp_jitter_config *config)
{
    struct rill_rtp_jitter_config c = with_defaults(config);
    struct rill_arena a = rill_arena_counting();
    (void)carve(&a, &c);
    return a.bad ? 0 : rill_arena_size(&a);
}

struct rill_rtp_jitter *rill_rtp_jitter_init(void *block,
                                             const struct rill_rtp_jitter_config *config)
{
    struct rill_rtp_jitter_config c = with_defaults(config);
    struct rill_arena a = rill_arena_over(block, rill_rtp_jitter_size(config));
    struct rill_rtp_jitter *j = carve(&a, &c);
    if (!j)
        return NULL;
    j->waiting_key = rill_rtp_jitter_is_video(j);
    j->odd = NO_SEQ;
    j->deadline = RILL_NEVER;
    return j;
}

void rill_rtp_jitter_pass(struct rill_rtp_jitter *j)
{
    j->next++;
    j->settled = true;
}

static void drop_frame(struct rill_rtp_jitter *j, uint32_t rtp_time, enum rill_rtp_jitter_why why)
{
    j->stats.frames_dropped++;
    if (j->n_dropped < RILL_RTP_JITTER_DROPPED)
        j->dropped[j->n_dropped++] = (struct rill_rtp_jitter_dropped){rtp_time, why};
}

void rill_rtp_jitter_drop(struct rill_rtp_jitter *j, enum rill_rtp_jitter_why why)
{
    const struct rill_rtp_slot *s = rill_rtp_jitter_slot(j, j->next);
    if (s->state == RILL_SLOT_HOLE)
        j->stats.packets_skipped++;
    if (s->state == RILL_SLOT_PACKET) {
        if (!j->dropping || s->timestamp != j->dropped_timestamp)
            drop_frame(j, s->timestamp, why);
        j->dropping = true;
        j->dropped_timestamp = s->timestamp;
    }
    rill_rtp_jitter_pass(j);
}

static void begin_sequence(struct rill_rtp_jitter *j, uint16_t seq)
{
    while (j->started && j->next <= j->highest)
        rill_rtp_jitter_drop(j, RILL_RTP_JITTER_BEGUN_ANEW);
    for (size_t i = 0; i < j->config.packets; i++)
        j->slots[i].state = RILL_SLOT_HOLE;
    j->next = j->highest = FIRST_CYCLE + seq;
    j->started = true;
    j->settled = false;
    j->odd = NO_SEQ;
    j->waiting_key = rill_rtp_jitter_is_video(j);
}

static void open_holes(struct rill_rtp_jitter *j, int64_t now, int64_t first, int64_t last)
{
    for (int64_t seq = first; seq <= last; seq++)
        *rill_rtp_jitter_slot(j, seq) =
            (struct rill_rtp_slot){.state = RILL_SLOT_HOLE, .time = now};
}

static struct rill_rtp_jitter_head head_of(struct rill_rtp_jitter *j, int64_t now)
{
    return rill_rtp_jitter_is_video(j) ? rill_rtp_jitter_video_head(j, now)
                                       : rill_rtp_jitter_audio_head(j, now);
}

/* Moves next on until seq lies in the window: a gap that holds up a whole window is given up
 * before its time. False when what is first could be handed out. */
static bool make_room(struct rill_rtp_jitter *j, int64_t now, int64_t seq)
{
    int64_t cap = (int64_t)j->config.packets;
    bool video = rill_rtp_jitter_is_video(j);
    if (seq - j->next < cap)
        return true;
    if (head_of(j, now).kind == RILL_HEAD_FRAME)
        return seq - j->next < cap;
    while (seq - j->next >= cap) {
        if (!video && rill_rtp_jitter_slot(j, j->next)->state == RILL_SLOT_PACKET)
            return false;
        j->waiting_key = video;
        rill_rtp_jitter_drop(j, RILL_RTP_JITTER_CROWDED);
    }
    return true;
}

static int refuse(int code, uint64_t value, uint64_t *counter, struct rill_err *why)
{
    if (counter)
        (*counter)++;
    return rill_err_set(&rill_rtp_errors, code, 0, value, why);
}

/* seq lies before next. */
static int place_behind(struct rill_rtp_jitter *j, int64_t now, int64_t at, uint16_t seq,
                        struct rill_err *why)
{
    int64_t cap = (int64_t)j->config.packets;
    /* Nothing came out yet: the first to arrive was not the first to be sent. */
    if (!j->settled && j->highest - at < cap) {
        open_holes(j, now, at + 1, j->next - 1);
        j->next = at;
        return 0;
    }
    if (j->next - at > cap) {
        /* RFC 3550 §A.1: a second packet in sequence means the source began again. */
        if (seq == j->odd) {
            begin_sequence(j, seq);
            return 0;
        }
        j->odd = (uint16_t)(seq + 1);
    }
    /* The ring still tells what of the last window came. */
    if (j->highest - at < cap && rill_rtp_jitter_slot(j, at)->state != RILL_SLOT_HOLE)
        return refuse(RILL_RTP_JITTER_DUPLICATE, seq, &j->stats.duplicates, why);
    return refuse(RILL_RTP_JITTER_LATE, seq, &j->stats.late, why);
}

/* Makes the window hold seq; *at becomes its unwrapped number. */
static int place(struct rill_rtp_jitter *j, int64_t now, uint16_t seq, int64_t *at,
                 struct rill_err *why)
{
    int64_t got = rill_seq16_unwrap(j->highest, seq);
    int rc = 0;
    if (!j->started || got - j->highest > (int64_t)j->config.packets) {
        begin_sequence(j, seq);
    } else if (got < j->next) {
        rc = place_behind(j, now, got, seq, why);
    } else if (got > j->highest) {
        if (!make_room(j, now, got))
            return refuse(RILL_RTP_JITTER_FULL, seq, &j->stats.full, why);
        open_holes(j, now, j->highest + 1, got - 1);
        j->highest = got;
    } else if (rill_rtp_jitter_slot(j, got)->state != RILL_SLOT_HOLE) {
        return refuse(RILL_RTP_JITTER_DUPLICATE, seq, &j->stats.duplicates, why);
    }
    *at = rill_seq16_unwrap(j->highest, seq);
    return rc;
}

/* What of the payload is kept, and what is known of it. */
static int read_payload(const struct rill_rtp_jitter *j, const struct rill_rtp_packet *p,
                        struct rill_rtp_slot *s, struct rill_view *data, struct rill_err *why)
{
    struct rill_rtp_payload read;
    if (p->payload.n == 0)
        return 0;
    int rc = rill_rtp_payload_read(s->codec, p->payload, &read, why);
    if (rc < 0)
        return rc;
    if (read.data.n > j->config.slot || read.adds > UINT16_MAX)
        return refuse(RILL_RTP_JITTER_TOO_LARGE, read.data.n, NULL, why);
    *data = read.data;
    s->state = RILL_SLOT_PACKET;
    s->size = (uint16_t)read.data.n;
    s->adds = (uint16_t)read.adds;
    s->start = read.start;
    s->keyframe = read.keyframe;
    s->parts = read.parts;
    s->has_picture_id = read.has_picture_id;
    s->long_picture_id = read.long_picture_id;
    s->picture_id = read.picture_id;
    s->layered = read.layered;
    s->layer = read.layer;
    return 0;
}

int rill_rtp_jitter_insert(struct rill_rtp_jitter *j, int64_t now, const struct rill_rtp_packet *p,
                           struct rill_err *why)
{
    struct rill_rtp_slot s = {.state = RILL_SLOT_SPENT,
                              .time = now,
                              .timestamp = p->timestamp,
                              .codec = p->codec ? p->codec : j->config.codec,
                              .marker = p->marker,
                              .redundant = p->redundant,
                              .comfort_noise = p->comfort_noise,
                              .filler = p->payload.n == 0};
    struct rill_view data = {0};
    int64_t at = 0;

    int rc = read_payload(j, p, &s, &data, why);
    if (rc < 0)
        return rc;
    rc = place(j, now, p->seq, &at, why);
    if (rc < 0)
        return rc;
    *rill_rtp_jitter_slot(j, at) = s;
    if (data.n)
        memcpy(j->bytes + (size_t)at % j->config.packets * j->config.slot, data.p, data.n);
    j->stats.packets++;
    if (s.start)
        rill_rtp_jitter_note_arrival(j, now, s.timestamp);
    j->deadline = now; /* until pop has looked at it */
    return 0;
}

/* How far behind what brings it once more a packet is looked for. */
#define LOOK_BACK 16

static bool has_time(const struct rill_rtp_jitter *j, int64_t from, uint32_t timestamp)
{
    for (int64_t at = from; at <= j->highest; at++) {
        const struct rill_rtp_slot *s = rill_rtp_jitter_slot(j, at);
        if (s->state != RILL_SLOT_HOLE && !s->filler && s->timestamp == timestamp)
            return true;
    }
    return false;
}

bool rill_rtp_jitter_lacks(const struct rill_rtp_jitter *j, uint16_t last, uint32_t timestamp,
                           uint16_t *seq)
{
    *seq = last;
    if (!j->started)
        return true;
    int64_t at = rill_seq16_unwrap(j->highest, last);
    int64_t first = at - LOOK_BACK > j->next ? at - LOOK_BACK : j->next;
    if (has_time(j, first, timestamp))
        return false;
    while (at >= first && at <= j->highest && rill_rtp_jitter_slot(j, at)->state != RILL_SLOT_HOLE)
        at--;
    *seq = (uint16_t)at;
    return at >= first || (!j->settled && j->highest - at < (int64_t)j->config.packets);
}

/* The whole frame that is next has time; not when the slots are three quarters full. */
static bool is_early(struct rill_rtp_jitter *j, int64_t now)
{
    int64_t at = rill_rtp_jitter_playout(j, rill_rtp_jitter_slot(j, j->next)->timestamp);
    if (now >= at || (j->highest - j->next) * 4 >= (int64_t)j->config.packets * 3)
        return false;
    j->deadline = at;
    return true;
}

bool rill_rtp_jitter_pop(struct rill_rtp_jitter *j, int64_t now, struct rill_frame *out)
{
    struct rill_rtp_jitter_head head = head_of(j, now);
    j->deadline = head.kind == RILL_HEAD_WAITS ? head.deadline : RILL_NEVER;
    if (head.kind != RILL_HEAD_FRAME || is_early(j, now))
        return false;
    if (rill_rtp_jitter_is_video(j))
        rill_rtp_jitter_video_take(j, head.end, out);
    else
        rill_rtp_jitter_audio_take(j, head.end, out);
    j->dropping = false;
    j->stats.frames++;
    j->stats.delay += now > out->began ? now - out->began : 0;
    j->stats.target += j->delay_least;
    j->deadline = now; /* there may be more */
    return true;
}

void rill_rtp_jitter_set_wait(struct rill_rtp_jitter *j, int64_t wait)
{
    wait = rill_rtp_jitter_limited_wait(j, wait);
    if (wait == j->config.wait)
        return;
    j->config.wait = wait;
    /* Until pop has looked at it again. */
    if (j->deadline != RILL_NEVER)
        j->deadline = 0;
}

int64_t rill_rtp_jitter_deadline(const struct rill_rtp_jitter *j)
{
    return j->deadline;
}

/* One has begun to come; what it misses is asked for, until its holes are given up. */
static bool keyframe_comes(const struct rill_rtp_jitter *j)
{
    for (int64_t seq = j->next; seq <= j->highest; seq++) {
        const struct rill_rtp_slot *s = rill_rtp_jitter_slot(j, seq);
        bool key = s->keyframe || s->parts & RILL_ANNEXB_SPS;
        if (s->state == RILL_SLOT_PACKET && s->start && key)
            return true;
    }
    return false;
}

bool rill_rtp_jitter_wants_keyframe(const struct rill_rtp_jitter *j)
{
    return j->started && j->settled && j->waiting_key && !keyframe_comes(j);
}

bool rill_rtp_jitter_oldest_needed(const struct rill_rtp_jitter *j, uint16_t *seq)
{
    if (!j->started)
        return false;
    *seq = (uint16_t)j->next;
    return true;
}

void rill_rtp_jitter_stats(const struct rill_rtp_jitter *j, struct rill_rtp_jitter_stats *out)
{
    *out = j->stats;
    out->wait = j->config.wait;
    out->least = j->delay_least;
}

size_t rill_rtp_jitter_dropped(struct rill_rtp_jitter *j,
                               struct rill_rtp_jitter_dropped out[RILL_RTP_JITTER_DROPPED])
{
    size_t n = j->n_dropped;
    for (size_t i = 0; i < n; i++)
        out[i] = j->dropped[i];
    j->n_dropped = 0;
    return n;
}
