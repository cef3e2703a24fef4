/* The two headers in the clear: parser, table and refusals. */
#include "dtls/record.h"
#include "tests/rill_test.h"

/* handshake, DTLS 1.0, epoch 2, number 0x010203040506, 14 bytes: a HelloRequest with 2 bytes */
#define RECORD "16 feff 0002 010203040506 000e"
#define MESSAGE "01 000002 0007 000000 000002 aabb"

static void dtls_record_is_read_field_by_field(void **state)
{
    (void)state;
    uint8_t bytes[64];
    struct rill_view v = rill_test_hex(RECORD MESSAGE "99", bytes, sizeof bytes);
    struct rill_dtls_record r;
    assert_int_equal(rill_dtls_record_read(&v, &r, NULL), 0);
    assert_int_equal(r.type, 22);
    assert_int_equal(r.version, 0xfeff);
    assert_int_equal(r.epoch, 2);
    assert_true(r.number == 0x010203040506);
    assert_int_equal(r.body.n, 14);
    assert_int_equal(r.whole.n, 27);
    assert_int_equal(v.n, 1);
}

static void dtls_record_table_names_what_the_parser_reads(void **state)
{
    (void)state;
    static const char *const names[] = {"type", "version", "epoch", "sequence_number", "length"};
    assert_int_equal(rill_dtls_record_fields.n, 5);
    size_t bits = 0;
    for (size_t i = 0; i < 5; i++) {
        assert_string_equal(rill_dtls_record_fields.fields[i].name, names[i]);
        assert_int_equal(rill_dtls_record_fields.fields[i].bit, bits);
        bits += rill_dtls_record_fields.fields[i].bits;
    }
    assert_int_equal(bits, 8 * RILL_DTLS_RECORD_HEADER);
}

static void dtls_message_table_covers_the_header(void **state)
{
    (void)state;
    size_t bits = 0;
    for (size_t i = 0; i < rill_dtls_message_fields.n; i++) {
        assert_int_equal(rill_dtls_message_fields.fields[i].bit, bits);
        bits += rill_dtls_message_fields.fields[i].bits;
    }
    assert_int_equal(bits, 8 * RILL_DTLS_MESSAGE_HEADER);
}

static void dtls_record_written_is_the_record_read(void **state)
{
    (void)state;
    uint8_t bytes[64], out[64];
    struct rill_view all = rill_test_hex(RECORD MESSAGE, bytes, sizeof bytes), v = all;
    struct rill_dtls_record r;
    assert_int_equal(rill_dtls_record_read(&v, &r, NULL), 0);
    struct rill_writer w = rill_writer_of((struct rill_span){out, sizeof out});
    rill_dtls_record_write(&w, &r, r.body);
    assert_true(rill_view_equal(rill_w_view(&w), all));
}

static int record(const char *hex, struct rill_err *why)
{
    uint8_t bytes[64];
    struct rill_view v = rill_test_hex(hex, bytes, sizeof bytes);
    struct rill_dtls_record r;
    int rc = rill_dtls_record_read(&v, &r, why);
    assert_int_equal(v.n, 0);
    return rc;
}

static void dtls_record_refuses_half_a_header(void **state)
{
    (void)state;
    struct rill_err why;
    assert_row(record("16 feff 0000 000000000000 00", &why), DTLS_RECORD_TOO_SHORT);
    assert_int_equal(why.value, 12);
}

static void dtls_record_refuses_a_type_of_dtls_1_3(void **state)
{
    (void)state;
    struct rill_err why;
    assert_row(record("2f feff 0000 000000000000 0001 00", &why), DTLS_RECORD_TYPE);
    assert_int_equal(why.value, 0x2f);
    assert_row(record("18 feff 0000 000000000000 0001 00", NULL), DTLS_RECORD_TYPE);
}

static void dtls_record_refuses_a_version_that_is_not_dtls(void **state)
{
    (void)state;
    assert_row(record("16 0303 0000 000000000000 0001 00", NULL), DTLS_RECORD_VERSION);
    assert_row(record("16 fefc 0000 000000000000 0001 00", NULL), DTLS_RECORD_VERSION);
}

static void dtls_record_refuses_a_length_that_runs_past_the_datagram(void **state)
{
    (void)state;
    assert_row(record("16 feff 0000 000000000000 0002 00", NULL), DTLS_RECORD_LENGTH);
    assert_row(record("16 feff 0000 000000000000 0000", NULL), DTLS_RECORD_LENGTH);
}

static int message(const char *hex, struct rill_dtls_message *m)
{
    uint8_t bytes[64];
    struct rill_view v = rill_test_hex(hex, bytes, sizeof bytes);
    return rill_dtls_message_read(&v, m, NULL);
}

static void dtls_message_is_read_field_by_field(void **state)
{
    (void)state;
    struct rill_dtls_message m;
    assert_int_equal(message("0b 000010 0005 000003 000002 aabb", &m), 0);
    assert_int_equal(m.type, 11);
    assert_int_equal(m.length, 16);
    assert_int_equal(m.seq, 5);
    assert_int_equal(m.offset, 3);
    assert_int_equal(m.fragment.n, 2);
    assert_int_equal(m.whole.n, 14);
    assert_false(rill_dtls_message_is_whole(&m));
}

static void dtls_message_refuses_half_a_header(void **state)
{
    (void)state;
    struct rill_dtls_message m;
    assert_row(message("0b 000010 0005 000003 0000", &m), DTLS_MESSAGE_TOO_SHORT);
}

static void dtls_message_refuses_a_fragment_past_its_message_or_record(void **state)
{
    (void)state;
    struct rill_dtls_message m;
    assert_row(message("0b 000002 0005 000003 000000", &m), DTLS_FRAGMENT_BOUNDS);
    assert_row(message("0b 000002 0005 000001 000002 aabb", &m), DTLS_FRAGMENT_BOUNDS);
    assert_row(message("0b 000002 0005 000000 000002 aa", &m), DTLS_FRAGMENT_BOUNDS);
    assert_row(message("0b ffffff 0005 fffffe ffffff aabb", &m), DTLS_FRAGMENT_BOUNDS);
}

static void dtls_message_refuses_an_empty_fragment_and_moves_on(void **state)
{
    (void)state;
    uint8_t bytes[64];
    struct rill_view v = rill_test_hex("01 000002 0000 000001 000000" MESSAGE, bytes, sizeof bytes);
    struct rill_dtls_message m;
    assert_row(rill_dtls_message_read(&v, &m, NULL), DTLS_FRAGMENT_EMPTY);
    assert_int_equal(v.n, 14);
}

static void dtls_message_may_be_whole_and_empty(void **state)
{
    (void)state;
    struct rill_dtls_message m;
    assert_int_equal(message("0e 000000 0004 000000 000000", &m), 0);
    assert_true(rill_dtls_message_is_whole(&m));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dtls_record_is_read_field_by_field),
        cmocka_unit_test(dtls_record_table_names_what_the_parser_reads),
        cmocka_unit_test(dtls_message_table_covers_the_header),
        cmocka_unit_test(dtls_record_written_is_the_record_read),
        cmocka_unit_test(dtls_record_refuses_half_a_header),
        cmocka_unit_test(dtls_record_refuses_a_type_of_dtls_1_3),
        cmocka_unit_test(dtls_record_refuses_a_version_that_is_not_dtls),
        cmocka_unit_test(dtls_record_refuses_a_length_that_runs_past_the_datagram),
        cmocka_unit_test(dtls_message_is_read_field_by_field),
        cmocka_unit_test(dtls_message_refuses_half_a_header),
        cmocka_unit_test(dtls_message_refuses_a_fragment_past_its_message_or_record),
        cmocka_unit_test(dtls_message_refuses_an_empty_fragment_and_moves_on),
        cmocka_unit_test(dtls_message_may_be_whole_and_empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
