/* Transport-wide feedback, from one end to the other. */
#include "rtp/twcc.h"
#include "tests/rill_test.h"

#include <stdlib.h>
#include <string.h>

#define CAP 1024

struct ends {
    struct rill_twcc_sender sender;
    struct rill_twcc_receiver receiver;
    void *block;
    uint8_t bytes[1500];
    size_t n;
    struct rill_bwe_packet told[CAP];
};

static struct ends *ends_new(void)
{
    struct ends *e = calloc(1, sizeof *e);
    struct rill_arena count = rill_arena_counting();
    rill_twcc_sender_init(&e->sender, &count, CAP);
    rill_twcc_receiver_init(&e->receiver, &count, CAP);
    size_t size = rill_arena_size(&count);
    e->block = malloc(size);
    struct rill_arena a = rill_arena_over(e->block, size);
    rill_twcc_sender_init(&e->sender, &a, CAP);
    rill_twcc_receiver_init(&e->receiver, &a, CAP);
    assert_false(a.bad);
    return e;
}

static void ends_free(struct ends *e)
{
    free(e->block);
    free(e);
}

/* The FCI of the feedback that the receiver writes now. */
static struct rill_view feedback(struct ends *e, int64_t now, size_t room)
{
    struct rill_writer w = rill_writer_of((struct rill_span){e->bytes, room});
    struct rill_rtcp_packet p;
    struct rill_view fci;
    size_t at = 0;
    uint32_t sender, media;
    rill_twcc_receiver_write(&e->receiver, now, &w, 0x11111111, 0x22222222);
    assert_false(w.bad);
    e->n = w.at;
    assert_int_equal(e->n % 4, 0);
    assert_int_equal(rill_rtcp_next(rill_w_view(&w), &at, &p, NULL), 1);
    assert_int_equal(p.pt, RILL_RTCP_RTPFB);
    assert_int_equal(p.count, RILL_RTCP_TWCC);
    assert_int_equal(rill_rtcp_parse_feedback(&p, &sender, &media, &fci, NULL), 0);
    assert_int_equal(sender, 0x11111111);
    assert_int_equal(media, 0x22222222);
    return fci;
}

static int tell(struct ends *e, struct rill_view fci)
{
    return rill_twcc_sender_feedback(&e->sender, fci, e->told, CAP, NULL);
}

static void twcc_tells_departure_arrival_and_size_of_each_packet(void **state)
{
    (void)state;
    struct ends *e = ends_new();
    for (int i = 0; i < 100; i++) {
        uint16_t seq = rill_twcc_sender_next(&e->sender, i * 5000, 1000 + (size_t)i, 0);
        rill_twcc_receiver_packet(&e->receiver, 7 * RILL_SECOND + i * 5250, seq);
    }
    assert_int_equal(rill_twcc_receiver_deadline(&e->receiver),
                     7 * RILL_SECOND + RILL_TWCC_INTERVAL);
    assert_int_equal(tell(e, feedback(e, 8 * RILL_SECOND, 1200)), 100);
    for (int i = 0; i < 100; i++) {
        assert_int_equal(e->told[i].sent, i * 5000);
        assert_int_equal(e->told[i].arrived, 7 * RILL_SECOND + i * 5250);
        assert_int_equal(e->told[i].bytes, 1000 + i);
    }
    assert_int_equal(rill_twcc_receiver_deadline(&e->receiver), RILL_NEVER);
    ends_free(e);
}

static void twcc_tells_what_did_not_arrive_once_and_what_came_late_as_arrived(void **state)
{
    (void)state;
    struct ends *e = ends_new();
    for (int i = 0; i < 40; i++) {
        uint16_t seq = rill_twcc_sender_next(&e->sender, i * 1000, 500, 0);
        rill_twcc_sender_is_of(&e->sender, seq, 7000 + (uint32_t)i);
        if (i % 7 != 3)
            rill_twcc_receiver_packet(&e->receiver, 900000 + i * 1000, seq);
    }
    assert_int_equal(tell(e, feedback(e, RILL_SECOND, 1200)), 40);
    for (int i = 0; i < 40; i++)
        assert_int_equal(e->told[i].arrived == RILL_NEVER, i % 7 == 3);
    for (uint32_t i = 0; i < 40; i++)
        assert_true(e->told[i].stream == 7000 + i && !e->told[i].late);
    /* Number 10 was only overtaken: the next feedback begins there, and tells nothing twice. */
    uint16_t seq = rill_twcc_sender_next(&e->sender, 50000, 500, 0);
    rill_twcc_receiver_packet(&e->receiver, 1100000, 10);
    rill_twcc_receiver_packet(&e->receiver, 1101000, seq);
    struct rill_view fci = feedback(e, 1200000, 1200);
    assert_int_equal(fci.p[1], 10);
    assert_int_equal(tell(e, fci), 2);
    assert_int_equal(e->told[0].sent, 10000);
    assert_int_equal(e->told[0].arrived, 1100000);
    assert_true(e->told[0].late && !e->told[1].late);
    assert_int_equal(e->told[1].arrived, 1101000);
    assert_true(e->told[0].late && !e->told[1].late);
    ends_free(e);
}

static void twcc_writes_the_bytes_of_the_draft(void **state)
{
    (void)state;
    struct ends *e = ends_new();
    /* 64 ms × 16 and 500 µs; then 10 ms later; one is missing; then 100 ms later; one overtaken. */
    rill_twcc_receiver_packet(&e->receiver, 1024500, 0x1001);
    rill_twcc_receiver_packet(&e->receiver, 1034500, 0x1002);
    rill_twcc_receiver_packet(&e->receiver, 1134500, 0x1004);
    rill_twcc_receiver_packet(&e->receiver, 1134250, 0x1005);
    static const uint8_t expected[] = {
        0x8f, 205,  0,    6,    /* FMT 15, 7 words */
        0x11, 0x11, 0x11, 0x11, /* sender */
        0x22, 0x22, 0x22, 0x22, /* media */
        0x10, 0x01, 0,    5,    /* base, count */
        0,    0,    16,   0,    /* reference time, feedback count */
        0xd4, 0xa0,             /* vector of 2-bit symbols: 1 1 0 2 2 0 0 */
        2,    40,               /* 500 µs, 10 ms */
        0x01, 0x90, 0xff, 0xff, /* 100 ms, -250 µs */
    };
    feedback(e, 1200000, 1200);
    assert_int_equal(e->n, sizeof expected);
    assert_memory_equal(e->bytes, expected, sizeof expected);
    ends_free(e);
}

static void twcc_numbers_and_times_wrap(void **state)
{
    (void)state;
    struct ends *e = ends_new();
    /* The 24 bits of 64 ms end after 12.4 days. */
    int64_t wrap = ((int64_t)1 << 24) * 64 * RILL_MS, at = wrap - RILL_SECOND;
    size_t all = 0;
    e->sender.next = 65000;
    int64_t first = 0;
    for (int round = 0; round < 20; round++) {
        for (int i = 0; i < 50; i++, at += 2000) {
            uint16_t seq = rill_twcc_sender_next(&e->sender, at, 100, 0);
            rill_twcc_receiver_packet(&e->receiver, at, seq);
        }
        int n = tell(e, feedback(e, at, 1200));
        assert_int_equal(n, 50);
        for (int i = 0; i < n; i++, all++) {
            if (all == 0)
                first = e->told[0].arrived;
            assert_int_equal(e->told[i].arrived - first, (int64_t)all * 2000);
        }
    }
    ends_free(e);
}

static void twcc_a_feedback_fits_its_room_and_the_rest_follows(void **state)
{
    (void)state;
    struct ends *e = ends_new();
    size_t told = 0;
    for (int i = 0; i < 1000; i++) {
        uint16_t seq = rill_twcc_sender_next(&e->sender, i * 1000, 100, 0);
        if (i % 3)
            rill_twcc_receiver_packet(&e->receiver, i * 70000, seq);
    }
    for (int i = 0; i < 60 && rill_twcc_receiver_deadline(&e->receiver) != RILL_NEVER; i++) {
        told += (size_t)tell(e, feedback(e, RILL_SECOND, 150));
        assert_true(e->n <= 150);
    }
    assert_int_equal(rill_twcc_receiver_deadline(&e->receiver), RILL_NEVER);
    assert_int_equal(told, 998); /* 0 and 999: nothing came before, nothing behind */
    ends_free(e);
}

static void twcc_what_was_never_sent_is_passed_over(void **state)
{
    (void)state;
    struct ends *e = ends_new();
    /* Base 60000, 65535 packets, all of them "received", in nine runs without a delta each. */
    uint8_t lie[8 + 2 * 9] = {0xea, 0x60, 0xff, 0xff, 0x7f, 0xff, 0xff, 0};
    for (int i = 0; i < 9; i++) {
        unsigned run = i < 8 ? 8191 : 65535 - 8 * 8191;
        lie[8 + 2 * i] = (uint8_t)(0x60 | run >> 8);
        lie[9 + 2 * i] = (uint8_t)run;
    }
    for (int i = 0; i < 10; i++)
        rill_twcc_sender_next(&e->sender, i * 1000, 100, 0);
    assert_int_equal(tell(e, rill_view_at(lie, sizeof lie)), 0);
    /* Cut short it is refused. */
    struct rill_err why = {0};
    int rc = rill_twcc_sender_feedback(&e->sender, rill_view_at(lie, 15), e->told, CAP, &why);
    assert_row(rc, RTCP_TWCC_CHUNKS);
    ends_free(e);
}

/* A copy of it may arrive: that it was lost is told once, and no way of half a second. */
static void twcc_what_left_again_under_its_number_counts_as_lost(void **state)
{
    (void)state;
    struct ends *e = ends_new();
    for (int i = 0; i < 3; i++)
        rill_twcc_sender_next(&e->sender, i * 1000, 500, 0);
    rill_twcc_sender_again(&e->sender, 1);
    rill_twcc_sender_again(&e->sender, 3); /* nobody has sent it */
    rill_twcc_receiver_packet(&e->receiver, 900000, 0);
    rill_twcc_receiver_packet(&e->receiver, 902000, 2);
    rill_twcc_receiver_packet(&e->receiver, 940000, 1);
    assert_int_equal(tell(e, feedback(e, RILL_SECOND, 1200)), 3);
    assert_int_equal(e->told[0].arrived, 900000);
    assert_true(e->told[1].arrived == RILL_NEVER);
    assert_int_equal(e->told[2].arrived, 902000);
    rill_twcc_receiver_packet(&e->receiver, 1100000, 1);
    assert_int_equal(tell(e, feedback(e, 1200000, 1200)), 0);
    ends_free(e);
}

static void twcc_a_jump_ahead_forgets_what_can_not_be_told_any_more(void **state)
{
    (void)state;
    struct ends *e = ends_new();
    rill_twcc_receiver_packet(&e->receiver, 1000, 5);
    rill_twcc_receiver_packet(&e->receiver, 2000, 20000);
    struct rill_view fci = feedback(e, RILL_SECOND, 1200);
    assert_int_equal(fci.p[0] << 8 | fci.p[1], 20000);
    assert_int_equal(fci.p[2] << 8 | fci.p[3], 1);
    ends_free(e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(twcc_tells_departure_arrival_and_size_of_each_packet),
        cmocka_unit_test(twcc_tells_what_did_not_arrive_once_and_what_came_late_as_arrived),
        cmocka_unit_test(twcc_writes_the_bytes_of_the_draft),
        cmocka_unit_test(twcc_numbers_and_times_wrap),
        cmocka_unit_test(twcc_a_feedback_fits_its_room_and_the_rest_follows),
        cmocka_unit_test(twcc_what_was_never_sent_is_passed_over),
        cmocka_unit_test(twcc_what_left_again_under_its_number_counts_as_lost),
        cmocka_unit_test(twcc_a_jump_ahead_forgets_what_can_not_be_told_any_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
