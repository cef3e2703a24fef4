/* Protection itself: known answers, both ways, and what a session refuses to send. */
#include "tests/srtp/ends.h"

#define SSRC 0xcafe1234u

/* What the oracle makes of the same packet. */
static size_t by_hand(const struct ends *e, uint16_t profile, struct packet *k, uint32_t roc)
{
    if (profile == RILL_SRTP_AES128_CM_HMAC_SHA1_80)
        return oracle_cm_rtp(&e->keys, k->p, 12, k->n, roc, 10);
    if (profile == RILL_SRTP_AES128_CM_HMAC_SHA1_32)
        return oracle_cm_rtp(&e->keys, k->p, 12, k->n, roc, 4);
    return oracle_gcm_rtp(&e->keys, k->p, 12, k->n, roc);
}

static size_t by_hand_rtcp(const struct ends *e, uint16_t profile, struct packet *k, uint32_t index)
{
    if (profile == RILL_SRTP_AEAD_AES_128_GCM || profile == RILL_SRTP_AEAD_AES_256_GCM)
        return oracle_gcm_rtcp(&e->keys, k->p, k->n, index);
    return oracle_cm_rtcp(&e->keys, k->p, k->n, index);
}

static void srtp_protects_rtp_as_done_by_hand(void **state)
{
    (void)state;
    for (size_t i = 0; i < ENDS_PROFILES; i++) {
        struct ends e = ends_open(ends_profiles[i], 0, 0);
        struct packet want = rtp_packet(SSRC, 1000), got = sent(&e, SSRC, 1000);
        want.n = by_hand(&e, ends_profiles[i], &want, 0);
        assert_int_equal(got.n, want.n);
        assert_memory_equal(got.p, want.p, want.n);
        ends_close(&e);
    }
}

static void srtp_protects_rtcp_as_done_by_hand_with_an_index_that_rises(void **state)
{
    (void)state;
    for (size_t i = 0; i < ENDS_PROFILES; i++) {
        struct ends e = ends_open(ends_profiles[i], 0, 0);
        for (uint32_t index = 1; index <= 3; index++) {
            struct packet want = rtcp_packet(SSRC), got = sent_rtcp(&e, SSRC);
            want.n = by_hand_rtcp(&e, ends_profiles[i], &want, index);
            assert_int_equal(got.n, want.n);
            assert_memory_equal(got.p, want.p, want.n);
        }
        ends_close(&e);
    }
}

static void srtp_takes_what_was_protected_by_hand(void **state)
{
    (void)state;
    for (size_t i = 0; i < ENDS_PROFILES; i++) {
        struct ends e = ends_open(ends_profiles[i], 0, 0);
        struct packet plain = rtp_packet(SSRC, 7), k = plain;
        k.n = by_hand(&e, ends_profiles[i], &k, 0);
        assert_int_equal(rill_srtp_unprotect_rtp(e.b, ends_span(&k)), plain.n);
        assert_memory_equal(k.p, plain.p, plain.n);
        plain = k = rtcp_packet(SSRC);
        k.n = by_hand_rtcp(&e, ends_profiles[i], &k, 0x1234);
        assert_int_equal(rill_srtp_unprotect_rtcp(e.b, ends_span(&k)), plain.n);
        assert_memory_equal(k.p, plain.p, plain.n);
        ends_close(&e);
    }
}

static void srtp_counts_the_rollover_as_done_by_hand(void **state)
{
    (void)state;
    struct ends e = ends_open(RILL_SRTP_AES128_CM_HMAC_SHA1_80, 0, 0);
    sent(&e, SSRC, 65535);
    struct packet want = rtp_packet(SSRC, 0), got = sent(&e, SSRC, 0);
    want.n = by_hand(&e, RILL_SRTP_AES128_CM_HMAC_SHA1_80, &want, 1);
    assert_memory_equal(got.p, want.p, want.n);
    ends_close(&e);
}

static void srtp_protects_the_same_packet_again_to_the_same_bytes(void **state)
{
    (void)state;
    for (size_t i = 0; i < ENDS_PROFILES; i++) {
        struct ends e = ends_open(ends_profiles[i], 0, 0);
        struct packet first = sent(&e, SSRC, 65530);
        for (unsigned k = 1; k < 1000; k++)
            sent(&e, SSRC, (uint16_t)(65530 + k));
        struct packet again = sent(&e, SSRC, 65530);
        assert_int_equal(again.n, first.n);
        assert_memory_equal(again.p, first.p, first.n);
        ends_close(&e);
    }
}

static void srtp_refuses_other_bytes_under_an_index_already_used(void **state)
{
    (void)state;
    struct ends e = ends_open(RILL_SRTP_AEAD_AES_128_GCM, 0, 0);
    for (uint16_t seq = 0; seq < 100; seq++)
        sent(&e, SSRC, seq);
    for (size_t at = 0; at < 32; at++) {
        if (at == 2 || at == 3 || (at >= 8 && at < 12))
            continue; /* another index or SSRC */
        struct packet k = rtp_packet(SSRC, 50);
        k.p[at] ^= 1;
        assert_row(rill_srtp_protect_rtp(e.a, ends_room(&k), k.n), SRTP_REUSED);
    }
    ends_close(&e);
}

static void srtp_takes_an_index_anew_after_the_sequence_wrapped(void **state)
{
    (void)state;
    struct ends e = ends_open(RILL_SRTP_AES128_CM_HMAC_SHA1_80, 0, 0);
    /* in steps that skip most slots, so that old ones stay */
    for (uint32_t seq = 0; seq < 65536; seq += 16384)
        sent(&e, SSRC, (uint16_t)seq);
    struct packet k = rtp_packet(SSRC, 0);
    k.p[20] ^= 1;
    assert_true(rill_srtp_protect_rtp(e.a, ends_room(&k), k.n) > 0);
    ends_close(&e);
}

static void srtp_refuses_to_send_what_is_older_than_the_window(void **state)
{
    (void)state;
    struct ends e = ends_open(RILL_SRTP_AES128_CM_HMAC_SHA1_80, 0, 64);
    for (uint16_t seq = 1; seq <= 65; seq++)
        sent(&e, SSRC, seq);
    struct packet in = rtp_packet(SSRC, 2), out = rtp_packet(SSRC, 1);
    assert_true(rill_srtp_protect_rtp(e.a, ends_room(&in), in.n) > 0);
    assert_row(rill_srtp_protect_rtp(e.a, ends_room(&out), out.n), SRTP_PROTECT);
    ends_close(&e);
}

static void srtp_refuses_to_protect_what_has_no_header(void **state)
{
    (void)state;
    struct ends e = ends_open(RILL_SRTP_AES128_CM_HMAC_SHA1_80, 0, 0);
    struct packet k = rtp_packet(SSRC, 1);
    assert_row(rill_srtp_protect_rtp(e.a, ends_room(&k), 11), SRTP_PROTECT);
    assert_row(rill_srtp_protect_rtcp(e.a, ends_room(&k), 7), SRTP_PROTECT);
    k.p[0] |= 0x0f; /* fifteen CSRCs that are not there */
    assert_row(rill_srtp_protect_rtp(e.a, ends_room(&k), k.n), SRTP_PROTECT);
    ends_close(&e);
}

static void srtp_asks_for_room_behind_the_packet(void **state)
{
    (void)state;
    struct ends e = ends_open(RILL_SRTP_AEAD_AES_256_GCM, 0, 0);
    struct packet k = rtp_packet(SSRC, 1), r = rtcp_packet(SSRC);
    struct rill_span room = {k.p, k.n + RILL_SRTP_TAIL - 1};
    assert_row(rill_srtp_protect_rtp(e.a, room, k.n), SRTP_NO_ROOM);
    room.n++;
    assert_int_equal(rill_srtp_protect_rtp(e.a, room, k.n), k.n + 16);
    room = (struct rill_span){r.p, r.n + RILL_SRTP_TAIL - 1};
    assert_row(rill_srtp_protect_rtcp(e.a, room, r.n), SRTP_NO_ROOM);
    room.n++;
    assert_int_equal(rill_srtp_protect_rtcp(e.a, room, r.n), r.n + RILL_SRTP_TAIL);
    room.n = 4;
    assert_row(rill_srtp_protect_rtp(e.a, room, k.n), SRTP_NO_ROOM);
    ends_close(&e);
}

static void srtp_sends_as_many_streams_as_it_may_and_no_more(void **state)
{
    (void)state;
    struct ends e = ends_open(RILL_SRTP_AES128_CM_HMAC_SHA1_80, 3, 0);
    sent(&e, 1, 1);
    sent_rtcp(&e, 2);
    sent(&e, 3, 1);
    struct packet k = rtp_packet(4, 1), r = rtcp_packet(4);
    assert_row(rill_srtp_protect_rtp(e.a, ends_room(&k), k.n), SRTP_TOO_MANY_STREAMS);
    assert_row(rill_srtp_protect_rtcp(e.a, ends_room(&r), r.n), SRTP_TOO_MANY_STREAMS);
    sent(&e, 2, 1);
    ends_close(&e);
}

static void srtp_gives_the_place_of_a_stream_that_is_forgotten_to_another(void **state)
{
    (void)state;
    struct ends e = ends_open(RILL_SRTP_AES128_CM_HMAC_SHA1_80, 3, 0);
    for (uint32_t ssrc = 1; ssrc <= 3; ssrc++)
        sent(&e, ssrc, 1);
    rill_srtp_forget(e.a, 9);
    rill_srtp_forget(e.a, 1);
    sent(&e, 4, 1);
    struct packet k = rtp_packet(5, 1);
    assert_row(rill_srtp_protect_rtp(e.a, ends_room(&k), k.n), SRTP_TOO_MANY_STREAMS);
    /* The others are what they were, those that moved too. */
    for (uint32_t ssrc = 2; ssrc <= 4; ssrc++)
        sent(&e, ssrc, 2);
    k = rtp_packet(3, 1);
    k.p[20] ^= 1;
    assert_row(rill_srtp_protect_rtp(e.a, ends_room(&k), k.n), SRTP_REUSED);
    ends_close(&e);
}

static void srtp_of_one_direction_refuses_the_other(void **state)
{
    (void)state;
    struct ends e = ends_open(RILL_SRTP_AES128_CM_HMAC_SHA1_80, 0, 0);
    struct packet k = rtp_packet(SSRC, 1);
    assert_row(rill_srtp_protect_rtp(e.b, ends_room(&k), k.n), SRTP_NO_KEYS);
    assert_row(rill_srtp_protect_rtcp(e.b, ends_room(&k), k.n), SRTP_NO_KEYS);
    assert_row(rill_srtp_unprotect_rtp(e.a, ends_span(&k)), SRTP_NO_KEYS);
    assert_row(rill_srtp_unprotect_rtcp(e.a, ends_span(&k)), SRTP_NO_KEYS);
    ends_close(&e);
}

/* The answer to a configuration with `key_n` and `salt_n` bytes of remote keys. */
static int opened(struct rill_srtp_config c, size_t key_n, size_t salt_n)
{
    static const uint8_t bytes[32];
    c.remote_key = rill_view_at(bytes, key_n);
    c.remote_salt = rill_view_at(bytes, salt_n);
    void *block = malloc(rill_srtp_size(&c));
    struct rill_srtp *x = NULL;
    int rc = rill_srtp_init(block, &c, &x);
    rill_srtp_free(x);
    free(block);
    return rc;
}

static void srtp_refuses_a_profile_it_does_not_know(void **state)
{
    (void)state;
    assert_row(opened((struct rill_srtp_config){.profile = 0}, 16, 14), SRTP_PROFILE);
    assert_row(opened((struct rill_srtp_config){.profile = 5}, 16, 14), SRTP_PROFILE); /* NULL */
}

static void srtp_refuses_keys_that_do_not_fit_the_profile(void **state)
{
    (void)state;
    struct rill_srtp_config c = {.profile = RILL_SRTP_AES128_CM_HMAC_SHA1_80};
    assert_int_equal(opened(c, 16, 14), 0);
    assert_row(opened(c, 15, 14), SRTP_SETUP);
    assert_row(opened(c, 16, 12), SRTP_SETUP);
    assert_row(opened(c, 32, 14), SRTP_SETUP);
    c.profile = RILL_SRTP_AEAD_AES_256_GCM;
    assert_int_equal(opened(c, 32, 12), 0);
    assert_row(opened(c, 16, 12), SRTP_SETUP);
}

static void srtp_refuses_caps_out_of_their_range(void **state)
{
    (void)state;
    struct rill_srtp_config c = {.profile = RILL_SRTP_AES128_CM_HMAC_SHA1_80, .streams = 64};
    assert_int_equal(opened(c, 16, 14), 0);
    c.streams = 65;
    assert_row(opened(c, 16, 14), SRTP_SETUP);
    c.streams = 0;
    c.window = 64;
    assert_int_equal(opened(c, 16, 14), 0);
    c.window = 63;
    assert_row(opened(c, 16, 14), SRTP_SETUP);
    c.window = 32767;
    assert_int_equal(opened(c, 16, 14), 0);
    c.window = 32768;
    assert_row(opened(c, 16, 14), SRTP_SETUP);
}

static void srtp_profiles_have_sizes_and_names(void **state)
{
    (void)state;
    assert_string_equal(rill_srtp_profile_name(1), "SRTP_AES128_CM_HMAC_SHA1_80");
    assert_string_equal(rill_srtp_profile_name(7), "SRTP_AEAD_AES_128_GCM");
    assert_null(rill_srtp_profile_name(0x00ff));
    assert_int_equal(rill_srtp_key_size(8), 32);
    assert_int_equal(rill_srtp_salt_size(8), 12);
    assert_int_equal(rill_srtp_salt_size(1), 14);
    assert_int_equal(rill_srtp_key_size(0x00ff), 0);
    assert_int_equal(rill_srtp_profile_by_name(rill_view_of("SRTP_AEAD_AES_256_GCM")), 8);
    assert_int_equal(rill_srtp_profile_by_name(rill_view_of("SRTP_NULL_HMAC_SHA1_80")), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(srtp_protects_rtp_as_done_by_hand),
        cmocka_unit_test(srtp_protects_rtcp_as_done_by_hand_with_an_index_that_rises),
        cmocka_unit_test(srtp_takes_what_was_protected_by_hand),
        cmocka_unit_test(srtp_counts_the_rollover_as_done_by_hand),
        cmocka_unit_test(srtp_protects_the_same_packet_again_to_the_same_bytes),
        cmocka_unit_test(srtp_refuses_other_bytes_under_an_index_already_used),
        cmocka_unit_test(srtp_takes_an_index_anew_after_the_sequence_wrapped),
        cmocka_unit_test(srtp_refuses_to_send_what_is_older_than_the_window),
        cmocka_unit_test(srtp_refuses_to_protect_what_has_no_header),
        cmocka_unit_test(srtp_asks_for_room_behind_the_packet),
        cmocka_unit_test(srtp_sends_as_many_streams_as_it_may_and_no_more),
        cmocka_unit_test(srtp_gives_the_place_of_a_stream_that_is_forgotten_to_another),
        cmocka_unit_test(srtp_of_one_direction_refuses_the_other),
        cmocka_unit_test(srtp_refuses_a_profile_it_does_not_know),
        cmocka_unit_test(srtp_refuses_keys_that_do_not_fit_the_profile),
        cmocka_unit_test(srtp_refuses_caps_out_of_their_range),
        cmocka_unit_test(srtp_profiles_have_sizes_and_names),
    };
    return cmocka_run_group_tests(tests, ends_setup, ends_teardown);
}
