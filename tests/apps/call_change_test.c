/* How a change in mid-call is said. */
#include "apps/call_inputs.h"

#include "tests/rill_test.h"

static struct call_change read_change(const char *text)
{
    struct call_change c = {.track = 77};
    assert_null(call_change_read(rill_view_of(text), &c));
    return c;
}

static void changes_of_a_source_go_to_its_worker(void **state)
{
    (void)state;
    struct call_change c = read_change("3:replace=testsrc:size=64x48");
    assert_int_equal(c.type, CALL_CHANGE_SOURCE);
    assert_int_equal(c.track, 3);
    assert_int_equal(c.command.type, RILL_WORKER_REPLACE);
    assert_string_equal(c.command.text, "testsrc:size=64x48");
    assert_int_equal(read_change("0:enable").command.value, 1);
    assert_int_equal(read_change("0:disable").command.value, 0);
    assert_int_equal(read_change("0:stop").command.type, RILL_WORKER_STOP);
    assert_false(call_change_negotiates(&c));
}

static void changes_of_a_transceiver_take_an_offer(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum call_change_type type;
        enum rill_sdp_direction direction;
    } all[] = {{"1:add", CALL_CHANGE_ADD, 0},
               {"1:remove", CALL_CHANGE_REMOVE, 0},
               {"1:hold", CALL_CHANGE_DIRECTION, RILL_SDP_INACTIVE},
               {"1:resume", CALL_CHANGE_DIRECTION, RILL_SDP_SENDRECV},
               {"1:direction=sendonly", CALL_CHANGE_DIRECTION, RILL_SDP_SENDONLY},
               {"1:direction=recvonly", CALL_CHANGE_DIRECTION, RILL_SDP_RECVONLY},
               {"1:stop-transceiver", CALL_CHANGE_STOP_TRANSCEIVER, 0},
               {"1:prefer=VP8", CALL_CHANGE_PREFER, 0}};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        struct call_change c = read_change(all[i].text);
        assert_int_equal(c.type, all[i].type);
        assert_int_equal(c.direction, all[i].direction);
        assert_int_equal(c.track, 1);
        assert_true(call_change_negotiates(&c) && call_change_is_of_track(&c));
    }
    assert_int_equal(read_change("1:prefer=opus").codec, RILL_CODEC_OPUS);
}

static void changes_of_the_call_name_no_track(void **state)
{
    (void)state;
    struct call_change restart = read_change("restart"), stats = read_change("stats");
    assert_int_equal(restart.type, CALL_CHANGE_RESTART);
    assert_int_equal(read_change("rollback").type, CALL_CHANGE_ROLLBACK);
    assert_true(call_change_negotiates(&restart));
    assert_false(call_change_negotiates(&stats));
    assert_false(call_change_is_of_track(&stats));
}

static void what_is_no_change_is_refused(void **state)
{
    (void)state;
    static const char *const none[] = {
        "",          "dance",     "0",         "0:",         "8:hold",      "x:hold",
        "0:dance",   "0:hold=1",  "0:replace", "0:prefer=x", "0:direction", "0:direction=up",
        "0:restart", "restart=1", "0:add="};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        struct call_change c = {.track = 77};
        assert_non_null(call_change_read(rill_view_of(none[i]), &c));
        assert_int_equal(c.track, 77);
    }
}

static void an_argument_has_room_or_is_refused(void **state)
{
    (void)state;
    char text[RILL_WORKER_TEXT_MAX + 16] = "0:replace=";
    size_t n = strlen(text), most = RILL_WORKER_TEXT_MAX - 1;
    struct call_change c;
    memset(text + n, 'f', most);
    assert_null(call_change_read(rill_view_of(text), &c));
    assert_int_equal(strlen(c.command.text), most);
    text[n + most] = 'f';
    assert_non_null(call_change_read(rill_view_of(text), &c));
}

static void a_track_whose_first_change_adds_it_comes_later(void **state)
{
    (void)state;
    static struct call_inputs in;
    assert_null(call_input_option(&in, CALL_INPUT, "sine"));
    assert_null(call_input_option(&in, CALL_INPUT, "testsrc"));
    assert_null(call_input_option(&in, CALL_INPUT_AT, "0.5:1:disable"));
    assert_false(call_inputs_negotiate(&in));
    assert_null(call_input_option(&in, CALL_INPUT_AT, "3:1:remove"));
    assert_false(call_input_is_added_later(&in, 1));
    assert_null(call_input_option(&in, CALL_INPUT_AT, "1.5:1:add"));
    assert_null(call_input_option(&in, CALL_INPUT_AT, "2:0:hold"));
    assert_true(call_input_is_added_later(&in, 1));
    assert_false(call_input_is_added_later(&in, 0));
    assert_true(call_inputs_negotiate(&in));
    assert_null(call_inputs_check(&in));
    assert_null(call_input_option(&in, CALL_INPUT_AT, "2:2:hold"));
    assert_non_null(call_inputs_check(&in));
}

static void there_is_room_for_thirty_two_changes(void **state)
{
    (void)state;
    static struct call_inputs in;
    for (int i = 0; i < CALL_ACTIONS; i++)
        assert_null(call_input_option(&in, CALL_INPUT_AT, "1:stats"));
    assert_non_null(call_input_option(&in, CALL_INPUT_AT, "1:stats"));
}

static void keys_are_said_with_their_times_or_without(void **state)
{
    (void)state;
    static const char *const wrong[] = {"0:dtmf",     "0:dtmf=12x",   "0:dtmf=1/6001",
                                        "0:dtmf=1/x", "0:dtmf=1/40/", "0:dtmf=1/40/30/2"};
    struct call_change c = read_change("1:dtmf=12#,*aD");
    assert_int_equal(c.type, CALL_CHANGE_DTMF);
    assert_string_equal(c.dtmf.tones, "12#,*aD");
    assert_int_equal(c.dtmf.duration + c.dtmf.gap, 0);
    assert_true(call_change_is_of_track(&c));
    assert_false(call_change_negotiates(&c));
    c = read_change("1:dtmf=5/250/60");
    assert_string_equal(c.dtmf.tones, "5");
    assert_int_equal(c.dtmf.duration, 250 * RILL_MS);
    assert_int_equal(c.dtmf.gap, 60 * RILL_MS);
    assert_string_equal(read_change("0:dtmf=").dtmf.tones, "");
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_non_null(call_change_read(rill_view_of(wrong[i]), &c));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(changes_of_a_source_go_to_its_worker),
        cmocka_unit_test(changes_of_a_transceiver_take_an_offer),
        cmocka_unit_test(changes_of_the_call_name_no_track),
        cmocka_unit_test(what_is_no_change_is_refused),
        cmocka_unit_test(an_argument_has_room_or_is_refused),
        cmocka_unit_test(a_track_whose_first_change_adds_it_comes_later),
        cmocka_unit_test(there_is_room_for_thirty_two_changes),
        cmocka_unit_test(keys_are_said_with_their_times_or_without),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
