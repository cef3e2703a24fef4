/* jitter_video_test: VP8 packets in any order in, whole frames in decoding order out. */
#include "rtp/jitter.h"
#include "tests/rill_test.h"

#define MS RILL_MS
#define WAIT (500 * MS)

/* A sender of small VP8 frames, and the buffer that receives them. */
struct bench {
    struct rill_rtp_jitter *j;
    void *block;
    int64_t now;
    uint16_t seq;
    uint32_t timestamp;
    uint16_t picture_id;
    uint8_t first_byte; /* X, S … of the descriptor's other bits */
};

struct sent {
    uint8_t bytes[64];
    size_t n;
    struct rill_rtp_packet p;
};

static struct bench bench_of(size_t packets, size_t frame_bytes)
{
    struct rill_rtp_jitter_config config = {
        .codec = RILL_CODEC_VP8, .packets = packets, .slot = 40, .frame_bytes = frame_bytes};
    struct bench b = {.seq = 1000, .timestamp = 90000, .picture_id = 10, .now = RILL_SECOND};
    b.block = malloc(rill_rtp_jitter_size(&config));
    b.j = rill_rtp_jitter_init(b.block, &config);
    assert_non_null(b.j);
    return b;
}

/* The next packet of the sender: `begins` and `ends` a frame. Key frames are 64x48. */
static struct sent make(struct bench *b, bool key, bool begins, bool ends)
{
    struct sent s = {0};
    struct rill_writer w = rill_writer_of((struct rill_span){s.bytes, sizeof s.bytes});
    rill_w_u8(&w, begins ? 0x90 : 0x80);
    rill_w_u8(&w, 0x80); /* I */
    rill_w_u16(&w, 0x8000 | (b->picture_id & 0x7fff));
    if (begins && key)
        rill_w_bytes(&w, rill_view_at("\x10\x02\x00\x9d\x01\x2a\x40\x00\x30\x00", 10));
    else
        rill_w_u8(&w, 0x31);
    rill_w_u16(&w, b->seq); /* so that each payload differs */
    s.n = w.at;
    s.p = (struct rill_rtp_packet){.seq = b->seq++, .timestamp = b->timestamp, .marker = ends};
    if (ends) {
        b->timestamp += 3000;
        b->picture_id++;
    }
    return s;
}

static struct sent whole(struct bench *b, bool key)
{
    return make(b, key, true, true);
}

static struct sent padding(struct bench *b)
{
    struct sent s = {0};
    s.p = (struct rill_rtp_packet){.seq = b->seq++, .timestamp = b->timestamp - 3000};
    return s;
}

static int give(struct bench *b, struct sent *s)
{
    s->p.payload = rill_view_at(s->bytes, s->n);
    return rill_rtp_jitter_insert(b->j, b->now, &s->p, NULL);
}

static bool pop(struct bench *b, struct rill_frame *f)
{
    return rill_rtp_jitter_pop(b->j, b->now, f);
}

/* Pops all; returns how many, their timestamps in ascending order. */
static size_t drain(struct bench *b)
{
    struct rill_frame f;
    size_t n = 0;
    uint32_t last = 0;
    while (pop(b, &f)) {
        assert_true(n == 0 || (int32_t)(f.rtp_time - last) > 0);
        last = f.rtp_time;
        n++;
    }
    return n;
}

static struct rill_rtp_jitter_stats stats(const struct bench *b)
{
    struct rill_rtp_jitter_stats s;
    rill_rtp_jitter_stats(b->j, &s);
    return s;
}

/* So many frames were dropped since it was asked last, each for this reason. */
static void assert_dropped(struct bench *b, size_t n, const enum rill_rtp_jitter_why *whys)
{
    struct rill_rtp_jitter_dropped d[RILL_RTP_JITTER_DROPPED];
    assert_int_equal(rill_rtp_jitter_dropped(b->j, d), n);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(d[i].why, whys[i]);
        assert_true(i == 0 || d[i].rtp_time != d[i - 1].rtp_time);
    }
    assert_int_equal(rill_rtp_jitter_dropped(b->j, d), 0);
}

static void a_frame_comes_out_at_once_on_an_ordered_network(void **state)
{
    (void)state;
    struct bench b = bench_of(16, 1000);
    struct sent p1 = make(&b, true, true, false), p2 = make(&b, true, false, true);
    struct rill_frame f;
    assert_int_equal(give(&b, &p1), 0);
    assert_false(pop(&b, &f));
    assert_int_equal(rill_rtp_jitter_deadline(b.j), RILL_NEVER);
    b.now += 2 * MS;
    assert_int_equal(give(&b, &p2), 0);
    assert_true(pop(&b, &f));
    assert_true(f.keyframe);
    assert_int_equal(f.kind, RILL_VIDEO);
    assert_int_equal(f.codec, RILL_CODEC_VP8);
    assert_int_equal(f.rtp_time, 90000);
    assert_int_equal(f.time, RILL_SECOND + 2 * MS);
    assert_int_equal(rill_rtp_jitter_deadline(b.j), b.now); /* there may be more */
    assert_int_equal(f.width, 64);
    assert_int_equal(f.height, 48);
    /* Without the descriptors: 10 + 2 bytes and 1 + 2. */
    assert_int_equal(f.bytes.n, 15);
    assert_memory_equal(f.bytes.p, "\x10\x02\x00\x9d\x01\x2a\x40\x00\x30\x00\x03\xe8\x31\x03\xe9",
                        15);
    assert_false(pop(&b, &f));
    for (int i = 0; i < 50; i++) {
        struct sent d = whole(&b, false);
        b.now += 33 * MS;
        assert_int_equal(give(&b, &d), 0);
        assert_true(pop(&b, &f));
        assert_false(f.keyframe);
        assert_int_equal(f.width, 0);
        assert_int_equal(f.time, b.now);
    }
    assert_int_equal(stats(&b).frames, 51);
    assert_int_equal(stats(&b).keyframes, 1);
    free(b.block);
}

static void the_first_frame_out_is_a_key_frame(void **state)
{
    (void)state;
    struct bench b = bench_of(16, 1000);
    struct rill_frame f;
    struct sent d1 = whole(&b, false), d2 = whole(&b, false), key = whole(&b, true);
    give(&b, &d1);
    assert_false(pop(&b, &f));
    /* The beginning may still be reordered. */
    assert_false(rill_rtp_jitter_wants_keyframe(b.j));
    b.now = rill_rtp_jitter_deadline(b.j);
    assert_int_equal(b.now, RILL_SECOND + 30 * MS);
    assert_false(pop(&b, &f));
    assert_true(rill_rtp_jitter_wants_keyframe(b.j));
    give(&b, &d2);
    assert_false(pop(&b, &f));
    give(&b, &key);
    assert_false(rill_rtp_jitter_wants_keyframe(b.j));
    assert_true(pop(&b, &f));
    assert_true(f.keyframe);
    assert_false(rill_rtp_jitter_wants_keyframe(b.j));
    assert_int_equal(stats(&b).frames_dropped, 2);
    free(b.block);
}

static void nothing_is_wanted_before_the_first_packet(void **state)
{
    (void)state;
    struct bench b = bench_of(16, 1000);
    uint16_t seq;
    assert_false(rill_rtp_jitter_wants_keyframe(b.j));
    assert_false(rill_rtp_jitter_oldest_needed(b.j, &seq));
    assert_int_equal(rill_rtp_jitter_deadline(b.j), RILL_NEVER);
    free(b.block);
}

static void packets_overtaken_at_the_very_beginning_are_taken(void **state)
{
    (void)state;
    struct bench b = bench_of(16, 1000);
    struct sent p[5];
    struct rill_frame f;
    for (int i = 0; i < 5; i++)
        p[i] = make(&b, true, i == 0, i == 4);
    for (int i = 4; i >= 1; i--) {
        assert_int_equal(give(&b, &p[i]), 0);
        assert_false(pop(&b, &f));
    }
    assert_false(rill_rtp_jitter_wants_keyframe(b.j));
    b.now += 10 * MS;
    assert_int_equal(give(&b, &p[0]), 0);
    assert_true(pop(&b, &f));
    assert_int_equal(f.bytes.n, 12 + 4 * 3);
    assert_int_equal(stats(&b).late, 0);
    free(b.block);
}

static void a_hole_inside_a_frame_is_waited_for(void **state)
{
    (void)state;
    struct bench b = bench_of(16, 1000);
    struct rill_frame f;
    struct sent key = whole(&b, true);
    struct sent p1 = make(&b, false, true, false), p2 = make(&b, false, false, false),
                p3 = make(&b, false, false, true), next = whole(&b, false);
    give(&b, &key);
    assert_true(pop(&b, &f));
    give(&b, &p1);
    give(&b, &p3);
    give(&b, &next);
    assert_false(pop(&b, &f));
    assert_int_equal(rill_rtp_jitter_deadline(b.j), b.now + WAIT);
    uint16_t seq;
    assert_true(rill_rtp_jitter_oldest_needed(b.j, &seq));
    assert_int_equal(seq, 1001);
    b.now += WAIT - 1;
    assert_false(pop(&b, &f));
    assert_false(rill_rtp_jitter_wants_keyframe(b.j));
    assert_int_equal(give(&b, &p2), 0); /* the retransmission */
    assert_int_equal(drain(&b), 2);
    assert_int_equal(stats(&b).packets_skipped, 0);
    assert_int_equal(stats(&b).frames_dropped, 0);
    free(b.block);
}

static void a_hole_that_is_open_has_the_wait_that_is_set_later(void **state)
{
    (void)state;
    struct bench b = bench_of(16, 1000);
    struct rill_frame f;
    struct sent key = whole(&b, true);
    struct sent p1 = make(&b, false, true, false), p2 = make(&b, false, false, false),
                p3 = make(&b, false, false, true);
    give(&b, &key);
    assert_true(pop(&b, &f));
    give(&b, &p1);
    give(&b, &p3);
    assert_false(pop(&b, &f));
    rill_rtp_jitter_set_wait(b.j, 3 * WAIT);
    assert_true(rill_rtp_jitter_deadline(b.j) <= b.now + 3 * WAIT);
    b.now += 2 * WAIT;
    assert_false(pop(&b, &f));
    assert_int_equal(rill_rtp_jitter_deadline(b.j), b.now + WAIT);
    give(&b, &p2);
    assert_true(pop(&b, &f));
    free(b.block);
}

static void a_hole_that_stays_open_is_given_up_until_a_key_frame(void **state)
{
    (void)state;
    struct bench b = bench_of(16, 1000);
    struct rill_frame f;
    struct sent key = whole(&b, true);
    struct sent p1 = make(&b, false, true, false), lost = make(&b, false, false, false),
                p3 = make(&b, false, false, true), next = whole(&b, false);
    give(&b, &key);
    assert_true(pop(&b, &f));
    give(&b, &p1);
    give(&b, &p3);
    give(&b, &next);
    assert_false(pop(&b, &f));
    b.now = rill_rtp_jitter_deadline(b.j);
    assert_false(pop(&b, &f));
    assert_true(rill_rtp_jitter_wants_keyframe(b.j));
    assert_int_equal(stats(&b).packets_skipped, 1);
    assert_int_equal(stats(&b).frames_dropped, 2);
    assert_dropped(
        &b, 2, (enum rill_rtp_jitter_why[]){RILL_RTP_JITTER_OVERDUE, RILL_RTP_JITTER_NEEDS_KEY});
    uint16_t seq;
    assert_true(rill_rtp_jitter_oldest_needed(b.j, &seq));
    assert_int_equal(seq, 1005);
    assert_row(give(&b, &lost), RTP_JITTER_LATE);
    struct sent again = whole(&b, true), after = whole(&b, false);
    give(&b, &again);
    give(&b, &after);
    assert_true(pop(&b, &f));
    assert_true(f.keyframe);
    assert_true(pop(&b, &f));
    assert_int_equal(stats(&b).late, 1);
    free(b.block);
}

static void a_lost_frame_is_a_hole_too(void **state)
{
    (void)state;
    struct bench b = bench_of(16, 1000);
    struct sent key = whole(&b, true), lost = whole(&b, false), next = whole(&b, false);
    give(&b, &key);
    give(&b, &next);
    assert_int_equal(drain(&b), 1);
    b.now += 100 * MS;
    give(&b, &lost);
    assert_int_equal(drain(&b), 2);
    free(b.block);
}

static void a_whole_key_frame_ends_the_wait_for_another(void **state)
{
    (void)state;
    struct bench b = bench_of(32, 1000);
    struct rill_frame f;
    struct sent k1 = make(&b, true, true, false), k2 = make(&b, true, false, false),
                k3 = make(&b, true, false, true);
    (void)k2;
    give(&b, &k1);
    give(&b, &k3);
    assert_false(pop(&b, &f));
    struct sent d = whole(&b, false), key = whole(&b, true);
    give(&b, &d);
    assert_false(pop(&b, &f));
    give(&b, &key);
    assert_true(pop(&b, &f));
    assert_int_equal(f.rtp_time, key.p.timestamp);
    assert_int_equal(stats(&b).frames_dropped, 2);
    free(b.block);
}

static void a_whole_key_frame_is_not_kept_waiting_by_what_is_missing_before_it(void **state)
{
    (void)state;
    struct bench b = bench_of(32, 1000);
    struct rill_frame f;
    struct sent first = whole(&b, true), d1 = make(&b, false, true, false),
                d2 = make(&b, false, false, true), d3 = whole(&b, false), key = whole(&b, true);
    give(&b, &first);
    assert_true(pop(&b, &f));
    give(&b, &d1);
    give(&b, &d3);
    assert_false(pop(&b, &f));
    give(&b, &key);
    /* It may have been overtaken only. */
    assert_false(pop(&b, &f));
    b.now += 33 * MS;
    assert_true(pop(&b, &f));
    assert_int_equal(f.rtp_time, key.p.timestamp);
    assert_false(rill_rtp_jitter_wants_keyframe(b.j));
    assert_true(give(&b, &d2) < 0);
    free(b.block);
}

static void a_picture_id_that_skips_frames_waits_for_a_key_frame(void **state)
{
    (void)state;
    struct bench b = bench_of(16, 1000);
    struct rill_frame f;
    struct sent key = whole(&b, true);
    b.picture_id++; /* a frame that was never packed, no sequence number is missing */
    struct sent d = whole(&b, false), again = whole(&b, true);
    give(&b, &key);
    assert_int_equal(drain(&b), 1);
    give(&b, &d);
    assert_false(pop(&b, &f));
    assert_true(rill_rtp_jitter_wants_keyframe(b.j));
    give(&b, &again);
    assert_int_equal(drain(&b), 1);
    free(b.block);
}

static void a_layered_stream_may_skip_picture_ids(void **state)
{
    (void)state;
    struct bench b = bench_of(16, 1000);
    struct sent key = whole(&b, true);
    b.picture_id++;
    struct sent d = whole(&b, false);
    /* X S | I T | 15-bit id | TID 0 | frame */
    uint8_t layered[] = {0x90, 0xa0, 0x80, 12, 0x00, 0x31, 0x32};
    memcpy(d.bytes, layered, sizeof layered);
    d.n = sizeof layered;
    give(&b, &key);
    give(&b, &d);
    assert_int_equal(drain(&b), 2);
    free(b.block);
}

static void picture_ids_wrap_at_15_bits(void **state)
{
    (void)state;
    struct bench b = bench_of(16, 1000);
    b.picture_id = 0x7ffe;
    for (int i = 0; i < 4; i++) {
        struct sent s = whole(&b, i == 0);
        give(&b, &s);
        assert_int_equal(drain(&b), 1);
    }
    free(b.block);
}

static void picture_ids_of_7_bits_wrap_and_may_grow_to_15(void **state)
{
    (void)state;
    struct bench b = bench_of(16, 1000);
    const uint8_t heads[][4] = {
        {0x90, 0x80, 126, 0x30}, /* key frame */
        {0x90, 0x80, 127, 0x31},
        {0x90, 0x80, 0, 0x31},
        {0x90, 0x80, 1, 0x31},
    };
    for (size_t i = 0; i < 4; i++) {
        struct sent s = whole(&b, false);
        memcpy(s.bytes, heads[i], 4);
        s.n = 6;
        give(&b, &s);
        assert_int_equal(drain(&b), 1);
    }
    b.picture_id = 2;
    struct sent s = whole(&b, false);
    give(&b, &s);
    assert_int_equal(drain(&b), 1);
    /* Back to 7 bits: the two are not compared. */
    s = whole(&b, false);
    memcpy(s.bytes, "\x90\x80\x3c\x31", 4);
    s.n = 6;
    give(&b, &s);
    assert_int_equal(drain(&b), 1);
    free(b.block);
}

static void padding_between_frames_does_not_stall(void **state)
{
    (void)state;
    struct bench b = bench_of(16, 1000);
    struct sent key = whole(&b, true), pad = padding(&b), d = whole(&b, false);
    give(&b, &key);
    give(&b, &pad);
    give(&b, &d);
    assert_int_equal(drain(&b), 2);
    free(b.block);
}

static void lost_padding_between_frames_does_not_stall(void **state)
{
    (void)state;
    struct bench b = bench_of(16, 1000);
    struct sent key = whole(&b, true);
    (void)padding(&b);
    (void)padding(&b);
    struct sent d = whole(&b, false);
    give(&b, &key);
    give(&b, &d);
    /* The picture id of d follows that of key: no frame is missing. */
    assert_int_equal(drain(&b), 2);
    assert_int_equal(stats(&b).packets_skipped, 2);
    free(b.block);
}

static void a_whole_turn_of_the_picture_ids_is_no_lost_padding(void **state)
{
    (void)state;
    struct bench b = bench_of(256, 1000);
    const uint8_t heads[][4] = {{0x90, 0x80, 5, 0x30}, {0x90, 0x80, 6, 0x31}};
    struct sent key = whole(&b, true);
    memcpy(key.bytes, heads[0], 4);
    key.n = 6;
    give(&b, &key);
    assert_int_equal(drain(&b), 1);
    b.seq = (uint16_t)(b.seq + 128); /* 128 frames, or padding? */
    struct sent d = whole(&b, false);
    memcpy(d.bytes, heads[1], 4);
    d.n = 6;
    give(&b, &d);
    assert_int_equal(drain(&b), 0);
    assert_int_equal(rill_rtp_jitter_deadline(b.j), b.now + WAIT);
    free(b.block);
}

static void a_packet_lost_among_the_first_ones_is_waited_for(void **state)
{
    (void)state;
    struct bench b = bench_of(16, 1000);
    struct sent p1 = make(&b, true, true, false), lost = make(&b, true, false, false),
                p3 = make(&b, true, false, true);
    give(&b, &p3);
    assert_int_equal(drain(&b), 0);
    b.now += 10 * MS;
    give(&b, &p1); /* overtaken by p3 */
    assert_int_equal(drain(&b), 0);
    assert_int_equal(rill_rtp_jitter_deadline(b.j), b.now + WAIT);
    give(&b, &lost);
    assert_int_equal(drain(&b), 1);
    free(b.block);
}

static void padding_inside_a_frame_is_left_out_of_it(void **state)
{
    (void)state;
    struct bench b = bench_of(16, 1000);
    struct rill_frame f;
    struct sent p1 = make(&b, true, true, false), pad = padding(&b),
                p2 = make(&b, true, false, true);
    give(&b, &p1);
    give(&b, &pad);
    give(&b, &p2);
    assert_true(pop(&b, &f));
    assert_int_equal(f.bytes.n, 15);
    free(b.block);
}

static void a_frame_without_a_marker_ends_where_the_next_one_starts(void **state)
{
    (void)state;
    struct bench b = bench_of(16, 1000);
    struct sent key = whole(&b, true), d = whole(&b, false);
    key.p.marker = false;
    give(&b, &key);
    assert_int_equal(drain(&b), 0);
    give(&b, &d);
    assert_int_equal(drain(&b), 2);
    free(b.block);
}

static void a_frame_that_changes_into_the_rest_of_another_is_dropped(void **state)
{
    (void)state;
    struct bench b = bench_of(16, 1000);
    struct rill_frame f;
    struct sent p1 = make(&b, true, true, false);
    b.timestamp += 3000;
    struct sent p2 = make(&b, true, false, true);
    give(&b, &p1);
    give(&b, &p2);
    assert_false(pop(&b, &f));
    assert_true(rill_rtp_jitter_wants_keyframe(b.j));
    assert_int_equal(stats(&b).frames_dropped, 2);
    free(b.block);
}

static void a_duplicate_is_refused(void **state)
{
    (void)state;
    struct bench b = bench_of(16, 1000);
    struct sent p1 = make(&b, true, true, false);
    assert_int_equal(give(&b, &p1), 0);
    assert_row(give(&b, &p1), RTP_JITTER_DUPLICATE);
    assert_int_equal(stats(&b).duplicates, 1);
    free(b.block);
}

static void a_packet_that_came_out_is_a_duplicate_within_the_window(void **state)
{
    (void)state;
    struct bench b = bench_of(16, 1000);
    struct sent key = whole(&b, true);
    give(&b, &key);
    assert_int_equal(drain(&b), 1);
    assert_row(give(&b, &key), RTP_JITTER_DUPLICATE);
    for (size_t i = 0; i < 16; i++) {
        struct sent p = whole(&b, false);
        give(&b, &p);
        assert_int_equal(drain(&b), 1);
    }
    assert_row(give(&b, &key), RTP_JITTER_LATE);
    assert_int_equal(stats(&b).duplicates, 1);
    assert_int_equal(stats(&b).late, 1);
    free(b.block);
}

static void a_payload_larger_than_a_slot_is_refused(void **state)
{
    (void)state;
    struct bench b = bench_of(16, 1000);
    struct sent key = whole(&b, true);
    key.n = 4 + 40;
    assert_int_equal(give(&b, &key), 0);
    struct sent d = whole(&b, false);
    d.n = 4 + 41;
    assert_row(give(&b, &d), RTP_JITTER_TOO_LARGE);
    free(b.block);
}

static void a_payload_that_is_no_vp8_is_refused(void **state)
{
    (void)state;
    struct bench b = bench_of(16, 1000);
    struct sent s = whole(&b, true);
    s.n = 4;
    assert_row(give(&b, &s), VP8_NO_PAYLOAD);
    free(b.block);
}

static void whole_frames_that_nobody_takes_fill_the_slots(void **state)
{
    (void)state;
    struct bench b = bench_of(8, 1000);
    for (int i = 0; i < 8; i++) {
        struct sent s = whole(&b, i == 0);
        assert_int_equal(give(&b, &s), 0);
    }
    struct sent one_more = whole(&b, false);
    assert_row(give(&b, &one_more), RTP_JITTER_FULL);
    assert_int_equal(stats(&b).full, 1);
    struct rill_frame f;
    assert_true(pop(&b, &f));
    assert_int_equal(give(&b, &one_more), 0);
    assert_int_equal(drain(&b), 8);
    free(b.block);
}

static void a_gap_that_holds_up_the_whole_window_is_given_up(void **state)
{
    (void)state;
    struct bench b = bench_of(8, 1000);
    struct sent key = whole(&b, true);
    give(&b, &key);
    assert_int_equal(drain(&b), 1);
    b.picture_id++; /* a frame is lost */
    b.seq++;
    for (int i = 0; i < 7; i++) {
        struct sent s = whole(&b, false);
        assert_int_equal(give(&b, &s), 0);
        assert_int_equal(drain(&b), 0);
        assert_false(rill_rtp_jitter_wants_keyframe(b.j));
    }
    struct sent s = whole(&b, false);
    assert_int_equal(give(&b, &s), 0);
    assert_int_equal(drain(&b), 0);
    assert_true(rill_rtp_jitter_wants_keyframe(b.j));
    struct sent again = whole(&b, true);
    assert_int_equal(give(&b, &again), 0);
    assert_int_equal(drain(&b), 1);
    enum rill_rtp_jitter_why whys[8];
    for (size_t i = 0; i < 8; i++)
        whys[i] = RILL_RTP_JITTER_NEEDS_KEY;
    assert_dropped(&b, 8, whys);
    free(b.block);
}

static void more_dropped_frames_than_are_told_one_by_one_are_counted(void **state)
{
    (void)state;
    struct bench b = bench_of(64, 1000);
    for (int i = 0; i < RILL_RTP_JITTER_DROPPED + 4; i++) {
        struct sent s = whole(&b, false);
        give(&b, &s);
    }
    b.now += RILL_SECOND;
    assert_int_equal(drain(&b), 0);
    assert_int_equal(stats(&b).frames_dropped, RILL_RTP_JITTER_DROPPED + 4);
    enum rill_rtp_jitter_why whys[RILL_RTP_JITTER_DROPPED];
    for (size_t i = 0; i < RILL_RTP_JITTER_DROPPED; i++)
        whys[i] = RILL_RTP_JITTER_NEEDS_KEY;
    assert_dropped(&b, RILL_RTP_JITTER_DROPPED, whys);
    free(b.block);
}

static void a_frame_of_exactly_all_slots_comes_out_and_one_more_does_not(void **state)
{
    (void)state;
    for (int extra = 0; extra < 2; extra++) {
        struct bench b = bench_of(8, 1000);
        size_t frames = 0;
        for (int i = 0; i < 8 + extra; i++) {
            struct sent s = make(&b, true, i == 0, i == 7 + extra);
            assert_int_equal(give(&b, &s), 0);
            frames += drain(&b);
        }
        assert_int_equal(frames, 1 - extra);
        assert_int_equal(rill_rtp_jitter_wants_keyframe(b.j), extra);
        free(b.block);
    }
}

static void a_frame_of_exactly_the_frame_bytes_comes_out_and_one_more_does_not(void **state)
{
    (void)state;
    for (size_t less = 0; less < 2; less++) {
        struct bench b = bench_of(8, 15 - less);
        struct sent p1 = make(&b, true, true, false), p2 = make(&b, true, false, true);
        give(&b, &p1);
        give(&b, &p2);
        assert_int_equal(drain(&b), 1 - less);
        assert_int_equal(rill_rtp_jitter_wants_keyframe(b.j), less);
        free(b.block);
    }
}

static void a_frame_that_grows_too_large_is_given_up_before_its_end(void **state)
{
    (void)state;
    struct bench b = bench_of(8, 14);
    struct sent p1 = make(&b, true, true, false), p2 = make(&b, true, false, false);
    give(&b, &p1);
    assert_int_equal(drain(&b), 0);
    assert_false(rill_rtp_jitter_wants_keyframe(b.j));
    give(&b, &p2);
    assert_int_equal(drain(&b), 0);
    assert_true(rill_rtp_jitter_wants_keyframe(b.j));
    assert_dropped(&b, 1, (enum rill_rtp_jitter_why[]){RILL_RTP_JITTER_TOO_LONG});
    free(b.block);
}

static void a_key_frame_that_is_too_large_does_not_end_the_wait(void **state)
{
    (void)state;
    struct bench b = bench_of(8, 14);
    uint16_t oldest;
    struct sent p1 = make(&b, true, true, false), lost = make(&b, true, false, true);
    struct sent q1 = make(&b, true, true, false), q2 = make(&b, true, false, true);
    (void)lost;
    give(&b, &p1);
    give(&b, &q1);
    give(&b, &q2); /* 15 bytes */
    assert_int_equal(drain(&b), 0);
    assert_true(rill_rtp_jitter_oldest_needed(b.j, &oldest));
    assert_int_equal(oldest, 1000);
    free(b.block);
}

static void a_window_given_up_waits_for_a_key_frame_without_picture_ids_too(void **state)
{
    (void)state;
    struct bench b = bench_of(8, 1000);
    struct sent key = whole(&b, true);
    give(&b, &key);
    assert_int_equal(drain(&b), 1);
    b.seq++;
    for (int i = 0; i < 8; i++) {
        struct sent s = whole(&b, false);
        memcpy(s.bytes, "\x10\x31", 2); /* S alone */
        s.n = 4;
        assert_int_equal(give(&b, &s), 0);
        assert_int_equal(drain(&b), 0);
    }
    assert_true(rill_rtp_jitter_wants_keyframe(b.j));
    free(b.block);
}

static void sequence_numbers_and_timestamps_wrap(void **state)
{
    (void)state;
    struct bench b = bench_of(16, 1000);
    b.seq = 65530;
    b.timestamp = 0xffffffff - 4000;
    size_t frames = 0;
    for (int i = 0; i < 20; i++) {
        struct sent p1 = make(&b, i == 0, true, false), p2 = make(&b, i == 0, false, true);
        give(&b, &p2);
        give(&b, &p1);
        frames += drain(&b);
    }
    assert_int_equal(frames, 20);
    free(b.block);
}

static void a_jump_of_more_than_the_slots_starts_anew(void **state)
{
    (void)state;
    struct bench b = bench_of(16, 1000);
    struct sent key = whole(&b, true);
    give(&b, &key);
    assert_int_equal(drain(&b), 1);
    b.seq = (uint16_t)(b.seq + 16);
    b.picture_id = 99;
    struct sent d = whole(&b, false);
    assert_int_equal(give(&b, &d), 0);
    assert_int_equal(drain(&b), 0);
    b.now += 30 * MS;
    assert_int_equal(drain(&b), 0);
    assert_true(rill_rtp_jitter_wants_keyframe(b.j));
    assert_int_equal(stats(&b).packets_skipped, 0);
    struct sent again = whole(&b, true);
    give(&b, &again);
    assert_int_equal(drain(&b), 1);
    free(b.block);
}

static void a_jump_of_exactly_the_slots_is_a_gap(void **state)
{
    (void)state;
    struct bench b = bench_of(16, 1000);
    struct sent key = whole(&b, true);
    give(&b, &key);
    assert_int_equal(drain(&b), 1);
    b.seq = (uint16_t)(b.seq + 15);
    b.picture_id = 99;
    struct sent d = whole(&b, false);
    assert_int_equal(give(&b, &d), 0);
    assert_int_equal(drain(&b), 0);
    assert_false(rill_rtp_jitter_wants_keyframe(b.j));
    assert_int_equal(rill_rtp_jitter_deadline(b.j), b.now + WAIT);
    free(b.block);
}

static void a_jump_far_back_starts_anew_with_its_second_packet(void **state)
{
    (void)state;
    struct bench b = bench_of(16, 1000);
    struct sent key = whole(&b, true);
    give(&b, &key);
    assert_int_equal(drain(&b), 1);
    b.seq = 500;
    struct sent first = whole(&b, true), second = whole(&b, true), third = whole(&b, false);
    assert_row(give(&b, &first), RTP_JITTER_LATE);
    assert_int_equal(give(&b, &second), 0);
    assert_int_equal(give(&b, &third), 0);
    assert_int_equal(drain(&b), 2);
    free(b.block);
}

static void a_partition_start_is_not_a_frame_start(void **state)
{
    (void)state;
    struct bench b = bench_of(16, 1000);
    struct rill_frame f;
    struct sent p1 = make(&b, true, true, false), p2 = make(&b, true, false, true);
    p2.bytes[0] = 0x91; /* X, S, PID 1 */
    give(&b, &p1);
    give(&b, &p2);
    assert_true(pop(&b, &f));
    assert_int_equal(f.bytes.n, 15);
    free(b.block);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_frame_comes_out_at_once_on_an_ordered_network),
        cmocka_unit_test(the_first_frame_out_is_a_key_frame),
        cmocka_unit_test(nothing_is_wanted_before_the_first_packet),
        cmocka_unit_test(packets_overtaken_at_the_very_beginning_are_taken),
        cmocka_unit_test(a_hole_inside_a_frame_is_waited_for),
        cmocka_unit_test(a_hole_that_is_open_has_the_wait_that_is_set_later),
        cmocka_unit_test(a_hole_that_stays_open_is_given_up_until_a_key_frame),
        cmocka_unit_test(a_lost_frame_is_a_hole_too),
        cmocka_unit_test(a_whole_key_frame_ends_the_wait_for_another),
        cmocka_unit_test(a_whole_key_frame_is_not_kept_waiting_by_what_is_missing_before_it),
        cmocka_unit_test(a_picture_id_that_skips_frames_waits_for_a_key_frame),
        cmocka_unit_test(a_layered_stream_may_skip_picture_ids),
        cmocka_unit_test(picture_ids_wrap_at_15_bits),
        cmocka_unit_test(picture_ids_of_7_bits_wrap_and_may_grow_to_15),
        cmocka_unit_test(padding_between_frames_does_not_stall),
        cmocka_unit_test(lost_padding_between_frames_does_not_stall),
        cmocka_unit_test(a_whole_turn_of_the_picture_ids_is_no_lost_padding),
        cmocka_unit_test(a_packet_lost_among_the_first_ones_is_waited_for),
        cmocka_unit_test(padding_inside_a_frame_is_left_out_of_it),
        cmocka_unit_test(a_frame_without_a_marker_ends_where_the_next_one_starts),
        cmocka_unit_test(a_frame_that_changes_into_the_rest_of_another_is_dropped),
        cmocka_unit_test(a_duplicate_is_refused),
        cmocka_unit_test(a_packet_that_came_out_is_a_duplicate_within_the_window),
        cmocka_unit_test(a_payload_larger_than_a_slot_is_refused),
        cmocka_unit_test(a_payload_that_is_no_vp8_is_refused),
        cmocka_unit_test(whole_frames_that_nobody_takes_fill_the_slots),
        cmocka_unit_test(a_gap_that_holds_up_the_whole_window_is_given_up),
        cmocka_unit_test(more_dropped_frames_than_are_told_one_by_one_are_counted),
        cmocka_unit_test(a_frame_of_exactly_all_slots_comes_out_and_one_more_does_not),
        cmocka_unit_test(a_frame_of_exactly_the_frame_bytes_comes_out_and_one_more_does_not),
        cmocka_unit_test(a_frame_that_grows_too_large_is_given_up_before_its_end),
        cmocka_unit_test(a_key_frame_that_is_too_large_does_not_end_the_wait),
        cmocka_unit_test(a_window_given_up_waits_for_a_key_frame_without_picture_ids_too),
        cmocka_unit_test(sequence_numbers_and_timestamps_wrap),
        cmocka_unit_test(a_jump_of_more_than_the_slots_starts_anew),
        cmocka_unit_test(a_jump_of_exactly_the_slots_is_a_gap),
        cmocka_unit_test(a_jump_far_back_starts_anew_with_its_second_packet),
        cmocka_unit_test(a_partition_start_is_not_a_frame_start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
