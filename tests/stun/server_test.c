/* The basic STUN server: what it answers, and what it keeps silent about. */
#include "stun/server.h"

#include "tests/rill_test.h"
#include "tests/stun/vectors.h"

#define TXID "000102030405060708090a0b"

static uint8_t in[2048], out[512];

static size_t answer_to(const char *hex, const char *source, struct rill_err *why)
{
    struct rill_addr a;
    assert_true(rill_addr_parse(rill_view_of(source), &a));
    return rill_stun_server_answer(rill_test_hex(hex, in, sizeof in), &a,
                                   (struct rill_span){out, sizeof out}, why);
}

static struct rill_stun_msg answered(const char *hex, const char *source)
{
    struct rill_stun_msg m;
    struct rill_err why;
    size_t n = answer_to(hex, source, &why);
    assert_int_equal(rill_stun_decode(rill_view_at(out, n), &m, NULL), 0);
    assert_memory_equal(m.txid.p, in + 8, RILL_STUN_TXID);
    assert_int_equal(m.method, RILL_STUN_BINDING);
    return m;
}

/* The row for which nothing is answered. */
static int silent(const char *hex)
{
    struct rill_err why = {0};
    assert_int_equal(answer_to(hex, "192.0.2.7:4000", &why), 0);
    assert_non_null(why.row);
    return why.row->code;
}

static void stun_server_tells_the_source_address(void **state)
{
    (void)state;
    const char *sources[] = {"192.0.2.7:40000", "[2001:db8::7]:40000"};
    for (size_t i = 0; i < 2; i++) {
        struct rill_stun_msg m = answered("0001 0000 2112a442" TXID, sources[i]);
        struct rill_addr a;
        assert_int_equal(m.class, RILL_STUN_SUCCESS);
        assert_true(rill_stun_get_addr(&m, RILL_STUN_XOR_MAPPED_ADDRESS, &a));
        assert_string_equal(rill_addr_text(&a).text, sources[i]);
    }
}

static void stun_server_names_its_software(void **state)
{
    (void)state;
    struct rill_stun_msg m = answered("0001 0000 2112a442" TXID, "192.0.2.7:4000");
    struct rill_view v;
    assert_true(rill_stun_find(&m, RILL_STUN_SOFTWARE, &v));
    assert_true(rill_view_is(v, "rill"));
}

static void stun_server_ignores_unknown_attributes_that_are_optional(void **state)
{
    (void)state;
    struct rill_stun_msg m =
        answered("0001 0008 2112a442" TXID "c057 0004 00000001", "192.0.2.7:4");
    assert_int_equal(m.class, RILL_STUN_SUCCESS);
}

static void stun_server_answers_420_to_an_unknown_attribute_that_is_required(void **state)
{
    (void)state;
    struct rill_stun_msg m =
        answered("0001 0008 2112a442" TXID "7ffe 0000 7fff 0000", "192.0.2.7:4");
    unsigned code;
    struct rill_view v;
    const uint8_t types[] = {0x7f, 0xfe, 0x7f, 0xff};
    assert_int_equal(m.class, RILL_STUN_ERROR);
    assert_true(rill_stun_get_error(&m, &code, &v));
    assert_int_equal(code, 420);
    assert_true(rill_stun_find(&m, RILL_STUN_UNKNOWN_ATTRIBUTES, &v));
    assert_true(rill_view_equal(v, rill_view_at(types, 4)));
}

static void stun_server_fingerprints_its_answer_when_the_request_was(void **state)
{
    (void)state;
    uint8_t request[64];
    const uint8_t txid[RILL_STUN_TXID] = {9};
    struct rill_addr a = rill_addr_ip4(192, 0, 2, 7, 4000);
    struct rill_stun_writer s;
    struct rill_stun_msg m;
    rill_stun_begin(&s, (struct rill_span){request, sizeof request}, RILL_STUN_REQUEST,
                    RILL_STUN_BINDING, txid);
    rill_stun_put_fingerprint(&s);
    size_t n = rill_stun_end(&s);
    n = rill_stun_server_answer(rill_view_at(request, n), &a, (struct rill_span){out, sizeof out},
                                NULL);
    assert_int_equal(rill_stun_decode(rill_view_at(out, n), &m, NULL), 0);
    assert_int_equal(m.class, RILL_STUN_SUCCESS);
    assert_true(rill_stun_check_fingerprint(&m));
}

static void stun_server_is_silent_to_what_is_not_stun(void **state)
{
    (void)state;
    assert_row(silent("0001"), STUN_TOO_SHORT);
    assert_row(silent("4001 0000 2112a442" TXID), STUN_FIRST_BITS);
    assert_row(silent("0001 0000 2112a443" TXID), STUN_COOKIE_WRONG);
    assert_row(silent("0001 0004 2112a442" TXID), STUN_LENGTH_MISMATCH);
}

static void stun_server_is_silent_to_responses_and_indications(void **state)
{
    (void)state;
    assert_row(silent("0101 0000 2112a442" TXID), STUN_NOT_A_REQUEST);
    assert_row(silent("0111 0000 2112a442" TXID), STUN_NOT_A_REQUEST);
    assert_row(silent("0011 0000 2112a442" TXID), STUN_NOT_A_REQUEST);
}

static void stun_server_is_silent_to_other_methods(void **state)
{
    (void)state;
    assert_row(silent("0003 0000 2112a442" TXID), STUN_METHOD_UNKNOWN);
}

static void stun_server_is_silent_to_a_bad_fingerprint(void **state)
{
    (void)state;
    assert_row(silent("0001 0008 2112a442" TXID "8028 0004 00000000"), STUN_FINGERPRINT_BAD);
}

static void stun_server_is_silent_without_room_for_the_answer(void **state)
{
    (void)state;
    struct rill_addr a = rill_addr_ip4(192, 0, 2, 7, 4000);
    struct rill_view request = rill_test_hex("0001 0000 2112a442" TXID, in, sizeof in);
    struct rill_err why = {0};
    assert_int_equal(rill_stun_server_answer(request, &a, (struct rill_span){out, 40}, &why), 40);
    assert_int_equal(rill_stun_server_answer(request, &a, (struct rill_span){out, 39}, &why), 0);
    assert_row(why.row->code, STUN_NO_ROOM);
}

static void stun_server_never_answers_more_than_three_times_the_request(void **state)
{
    (void)state;
    struct rill_addr a;
    assert_true(rill_addr_parse(rill_view_of("[2001:db8::7]:40000"), &a));
    const uint8_t txid[RILL_STUN_TXID] = {9};
    for (unsigned n = 0; n < 40; n++) {
        for (int sealed = 0; sealed < 2; sealed++) {
            struct rill_stun_writer s;
            rill_stun_begin(&s, (struct rill_span){in, sizeof in}, RILL_STUN_REQUEST,
                            RILL_STUN_BINDING, txid);
            for (unsigned i = 0; i < n; i++)
                rill_stun_put(&s, (uint16_t)(0x4000 + i), (struct rill_view){0});
            if (sealed)
                rill_stun_put_fingerprint(&s);
            size_t asked = rill_stun_end(&s);
            size_t told = rill_stun_server_answer(rill_view_at(in, asked), &a,
                                                  (struct rill_span){out, sizeof out}, NULL);
            assert_true(told > 0);
            assert_true(told <= 3 * asked);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stun_server_tells_the_source_address),
        cmocka_unit_test(stun_server_names_its_software),
        cmocka_unit_test(stun_server_ignores_unknown_attributes_that_are_optional),
        cmocka_unit_test(stun_server_answers_420_to_an_unknown_attribute_that_is_required),
        cmocka_unit_test(stun_server_fingerprints_its_answer_when_the_request_was),
        cmocka_unit_test(stun_server_is_silent_to_what_is_not_stun),
        cmocka_unit_test(stun_server_is_silent_to_responses_and_indications),
        cmocka_unit_test(stun_server_is_silent_to_other_methods),
        cmocka_unit_test(stun_server_is_silent_to_a_bad_fingerprint),
        cmocka_unit_test(stun_server_is_silent_without_room_for_the_answer),
        cmocka_unit_test(stun_server_never_answers_more_than_three_times_the_request),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
