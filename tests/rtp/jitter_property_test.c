/* jitter_property_test: a sender, a lossy network and a receiver with history, NACK and jitter
 * buffer, in virtual time from a seed (RILL_SEED). Whatever the network does:
 *
 * - frames come out in order, each once, and byte for byte as they were sent;
 * - the first is a key frame, and after a gap the next one out is a key frame;
 * - the call goes on: with retransmissions nothing is lost, without them key frames mend it.
 */
#include "base/rng.h"
#include "rtp/history.h"
#include "rtp/jitter.h"
#include "rtp/nack.h"
#include "rtp/vp8.h"
#include "tests/rill_test.h"

#define MS RILL_MS
#define FRAMES 1500
#define FRAME_MAX 3000
#define PACKET_MAX 400
#define IN_FLIGHT 4096
#define RTT (40 * MS)

struct network {
    unsigned loss, duplicate, reorder; /* per 1000 */
    int64_t jitter;                    /* of those reordered */
    bool nack;
};

struct flying {
    int64_t arrival;
    size_t n;
    uint8_t bytes[PACKET_MAX];
};

struct call {
    struct rill_rng_seeded seeded;
    struct rill_rng rng;
    struct network net;
    int64_t now;
    /* sender */
    uint16_t seq;
    uint32_t timestamp;
    uint16_t picture_id;
    int frame; /* number of the next one */
    bool want_key;
    bool keys[FRAMES];
    uint64_t seed;
    struct rill_rtp_history history;
    /* between */
    struct flying flying[IN_FLIGHT];
    size_t n_flying;
    /* receiver */
    struct rill_rtp_nack nack;
    struct rill_rtp_jitter *jitter;
    int first_out, last_out;
    int out;
    int64_t last_request;
};

static struct call call;
static _Alignas(16) uint8_t block[4 << 20];

static bool chance(unsigned per_1000)
{
    return rill_rng_below(&call.rng, 1000) < per_1000;
}

/* The bytes of a frame follow from its number, so that the receiver can check them. */
static struct rill_view frame_bytes(int number, bool key)
{
    static uint8_t bytes[FRAME_MAX];
    uint32_t x = (uint32_t)number * 2654435761u + 1;
    size_t n = key ? 1500 + x % 1500 : 20 + x % 1200;
    for (size_t i = 0; i < n; i++) {
        x = x * 1664525 + 1013904223;
        bytes[i] = (uint8_t)(x >> 24);
    }
    if (key)
        memcpy(bytes, "\x10\x02\x00\x9d\x01\x2a\x40\x01\xf0\x00", 10);
    else
        bytes[0] |= 1;
    return rill_view_at(bytes, n);
}

static void fly(struct rill_view packet)
{
    int64_t delay = RTT / 2;
    if (chance(call.net.loss) || call.n_flying == IN_FLIGHT)
        return;
    if (chance(call.net.reorder))
        delay += rill_rng_below(&call.rng, (uint32_t)call.net.jitter);
    struct flying *f = &call.flying[call.n_flying++];
    f->arrival = call.now + delay;
    f->n = packet.n;
    memcpy(f->bytes, packet.p, packet.n);
}

static void send(struct rill_view packet)
{
    fly(packet);
    if (chance(call.net.duplicate))
        fly(packet);
}

static void send_packet(bool marker, size_t piece, size_t pieces, struct rill_view frame)
{
    struct rill_span room = rill_rtp_history_reserve(&call.history, call.seq);
    struct rill_writer w = rill_writer_of(room);
    rill_rtp_write(&w, marker, 96, call.seq, call.timestamp, 7, NULL, 0);
    if (pieces)
        rill_vp8_write_piece(&w, frame, call.picture_id, piece, pieces);
    assert_false(w.bad);
    rill_rtp_history_commit(&call.history, call.seq, w.at);
    rill_rtp_history_mark_sent(&call.history, call.seq, call.now);
    send(rill_w_view(&w));
    call.seq++;
}

static void send_frame(void)
{
    bool key = call.want_key || call.frame == 0;
    struct rill_view frame = frame_bytes(call.frame, key);
    size_t pieces = rill_vp8_pieces(frame.n, PACKET_MAX - RILL_RTP_HEADER);
    call.keys[call.frame] = key;
    call.want_key = false;
    for (size_t i = 0; i < pieces; i++)
        send_packet(i + 1 == pieces, i, pieces, frame);
    if (chance(100)) /* padding, as a bandwidth probe sends it */
        send_packet(false, 0, 0, (struct rill_view){0});
    call.timestamp += 3000;
    call.picture_id++;
    call.frame++;
}

static int number_of(uint32_t timestamp, uint32_t first)
{
    return (int)((timestamp - first) / 3000);
}

static void check_frame(const struct rill_frame *f, uint32_t first_timestamp)
{
    int number = number_of(f->rtp_time, first_timestamp);
    assert_in_range(number, 0, call.frame - 1);
    if (f->keyframe != call.keys[number] || number <= call.last_out ||
        (!f->keyframe && number != call.last_out + 1))
        fail_msg("seed %llu: frame %d out after %d", (unsigned long long)call.seed, number,
                 call.last_out);
    if (!rill_view_equal(f->bytes, frame_bytes(number, f->keyframe)))
        fail_msg("seed %llu: frame %d differs", (unsigned long long)call.seed, number);
    if (call.out++ == 0)
        call.first_out = number;
    call.last_out = number;
}

static void receive_due(uint32_t first_timestamp)
{
    struct rill_frame f;
    for (size_t i = 0; i < call.n_flying;) {
        struct rill_rtp_packet p;
        if (call.flying[i].arrival > call.now) {
            i++;
            continue;
        }
        struct flying got = call.flying[i];
        memmove(&call.flying[i], &call.flying[i + 1],
                (call.n_flying - i - 1) * sizeof call.flying[0]);
        call.n_flying--;
        assert_int_equal(rill_rtp_parse(rill_view_at(got.bytes, got.n), &p, NULL), 0);
        rill_rtp_nack_received(&call.nack, call.now, p.seq);
        (void)rill_rtp_jitter_insert(call.jitter, call.now, &p, NULL);
        while (rill_rtp_jitter_pop(call.jitter, call.now, &f))
            check_frame(&f, first_timestamp);
    }
    while (rill_rtp_jitter_pop(call.jitter, call.now, &f))
        check_frame(&f, first_timestamp);
}

/* Feedback takes half a round trip too; it is spared here and added to the answer. */
static void feed_back(void)
{
    uint16_t seqs[64], oldest;
    if (rill_rtp_jitter_oldest_needed(call.jitter, &oldest))
        rill_rtp_nack_forget_before(&call.nack, oldest);
    size_t n = rill_rtp_nack_due(&call.nack, call.now, RTT, seqs, 64);
    for (size_t i = 0; call.net.nack && i < n; i++) {
        if (!rill_rtp_history_may_resend(&call.history, seqs[i], call.now, RTT / 2))
            continue;
        struct rill_view packet = rill_rtp_history_get(&call.history, seqs[i]);
        call.now += RTT / 2;
        send(packet);
        call.now -= RTT / 2;
    }
    bool gave_up = rill_rtp_nack_gave_up(&call.nack) && call.net.nack;
    if ((gave_up || rill_rtp_jitter_wants_keyframe(call.jitter)) &&
        call.now - call.last_request > 300 * MS) {
        call.want_key = true;
        call.last_request = call.now;
    }
}

static void run(uint64_t seed, struct network net)
{
    struct rill_rtp_jitter_config config = {.codec = RILL_CODEC_VP8, .slot = PACKET_MAX};
    struct rill_arena arena = rill_arena_over(block, sizeof block);
    memset(&call, 0, sizeof call);
    call.seed = seed;
    call.net = net;
    rill_rng_seeded_init(&call.seeded, seed);
    call.rng = rill_rng_seeded(&call.seeded);
    call.seq = (uint16_t)rill_rng_u32(&call.rng);
    call.timestamp = rill_rng_u32(&call.rng);
    call.picture_id = (uint16_t)(rill_rng_u32(&call.rng) & 0x7fff);
    call.last_out = -1;
    call.last_request = -RILL_SECOND;
    rill_rtp_history_init(&call.history, &arena, 600, PACKET_MAX);
    rill_rtp_nack_init(&call.nack, &arena, 250);
    size_t n = rill_rtp_jitter_size(&config);
    call.jitter = rill_rtp_jitter_init(rill_arena_take(&arena, n, 1), &config);
    assert_non_null(call.jitter);
    assert_false(arena.bad);

    uint32_t first_timestamp = call.timestamp;
    int64_t next_frame = 0;
    while (call.frame < FRAMES || call.now < next_frame + 2 * RILL_SECOND) {
        if (call.now >= next_frame && call.frame < FRAMES) {
            send_frame();
            next_frame += 33 * MS;
        } else if (call.frame == FRAMES && call.now % (33 * MS) == 0) {
            /* So that the loss of the last frame is noticed. */
            send_packet(false, 0, 0, (struct rill_view){0});
        }
        receive_due(first_timestamp);
        feed_back();
        call.now += 1 * MS;
    }
}

static uint64_t seed_of(unsigned i)
{
    uint64_t seed = rill_test_seed() * 1000 + i;
    print_message("seed %llu\n", (unsigned long long)seed);
    return seed;
}

/* The very first packet may be lost or overtaken by far, and nobody can know that it was: then
 * the call begins with the key frame that is asked for. From there on nothing is missing. */
static void assert_all_from_the_first(void)
{
    assert_in_range(call.first_out, 0, 10);
    assert_int_equal(call.out, FRAMES - call.first_out);
}

static void an_ordered_network_loses_and_delays_nothing(void **state)
{
    (void)state;
    run(seed_of(0), (struct network){.nack = true});
    assert_int_equal(call.out, FRAMES);
    assert_int_equal(call.nack.requested, 0);
}

static void reordered_and_duplicated_packets_lose_nothing(void **state)
{
    (void)state;
    for (unsigned i = 1; i < 6; i++) {
        run(seed_of(i),
            (struct network){.duplicate = 50, .reorder = 300, .jitter = 100 * MS, .nack = true});
        assert_all_from_the_first();
    }
}

static void five_percent_of_loss_is_repaired_by_nack(void **state)
{
    (void)state;
    for (unsigned i = 10; i < 15; i++) {
        run(seed_of(i),
            (struct network){.loss = 50, .reorder = 100, .jitter = 30 * MS, .nack = true});
        assert_all_from_the_first();
    }
}

static void loss_without_nack_is_mended_by_key_frames(void **state)
{
    (void)state;
    for (unsigned i = 20; i < 25; i++) {
        run(seed_of(i), (struct network){.loss = 5, .nack = false});
        assert_true(call.out > FRAMES / 4);
        assert_true(call.last_out > FRAMES - 120);
    }
}

static void a_terrible_network_breaks_no_rule(void **state)
{
    (void)state;
    for (unsigned i = 30; i < 35; i++) {
        run(seed_of(i),
            (struct network){
                .loss = 250, .duplicate = 100, .reorder = 500, .jitter = 300 * MS, .nack = true});
        assert_true(call.out > FRAMES / 10);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_ordered_network_loses_and_delays_nothing),
        cmocka_unit_test(reordered_and_duplicated_packets_lose_nothing),
        cmocka_unit_test(five_percent_of_loss_is_repaired_by_nack),
        cmocka_unit_test(loss_without_nack_is_mended_by_key_frames),
        cmocka_unit_test(a_terrible_network_breaks_no_rule),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
