/* Every event of a real call with Chromium, through the lens. */
#include "tests/dissect/trees.h"

#include "apps/trace_lens.h"
#include "stun/errors.h"

#include <fcntl.h>
#include <unistd.h>

static struct tree t;

static bool is_text(enum rill_dissect_kind kind)
{
    return kind == RILL_DISSECT_SDP || kind == RILL_DISSECT_CANDIDATE;
}

/* Nodes of the lens as a tree of the tests. */
static void judge(struct rill_trace_lens *x, const struct rill_trace_event *e)
{
    const struct rill_dissection *d = rill_trace_lens_tree(x, e);
    assert_true(d->n > 0 && d->n <= NODES_MAX);
    memcpy(t.nodes, d->nodes, d->n * sizeof *d->nodes);
    t.d.n = d->n;
    t.bytes = e->bytes;
    assert_tidy(&t);
    assert_good(&t, is_text(e->kind));
}

static void packets_of_a_real_call_are_told_to_the_last_bit(void **state)
{
    (void)state;
    struct rill_trace_reader *r = rill_trace_reader_new();
    struct rill_trace_lens *x = rill_trace_lens_new();
    struct rill_trace_record record;
    struct rill_trace_event e;
    struct rill_filter key;
    struct rill_err why;
    int fd = open("tests/data/trace/chromium-call.sqlog", O_RDONLY), rc;
    size_t packets = 0, keys = 0;
    assert_non_null(r);
    assert_non_null(x);
    assert_true(fd >= 0);
    assert_int_equal(
        rill_filter_compile(&key, rill_view_of("vp8.frame_type == \"key frame\""), &why), 0);
    while (rill_trace_reader_fill(r, fd) > 0)
        while ((rc = rill_trace_reader_next(r, &record, &why)) != 0) {
            assert_int_equal(rc, 1);
            if (record.is_header)
                continue;
            rill_trace_lens_event(x, &record, &e);
            if (!rill_trace_sentence(e.name))
                fail_msg("%s has no sentence", e.name);
            keys += rill_trace_lens_match(x, &e, record.text, &key);
            if (!e.has_packet)
                continue;
            packets++;
            judge(x, &e);
        }
    assert_int_equal(packets, 59);
    assert_int_equal(keys, 2);
    assert_int_equal(e.step, 23);
    close(fd);
    rill_trace_reader_free(r);
    rill_trace_lens_free(x);
}

static void an_error_is_told_by_its_name(void **state)
{
    (void)state;
    struct rill_trace_lens *x = rill_trace_lens_new();
    char line[256];
    struct rill_writer w = rill_writer_of((struct rill_span){(uint8_t *)line, sizeof line});
    json_t *data = json_pack("{s:i,s:s}", "error", RILL_STUN_TOO_SHORT, "what", "a\x1b[2Jb");
    struct rill_trace_record r = {.name = "no:such", .data = data};
    struct rill_trace_event e;
    rill_trace_lens_event(x, &r, &e);
    rill_trace_lens_write(x, &e, &w);
    assert_true(rill_w_end_text(&w));
    assert_string_equal(line, "error STUN_TOO_SHORT (RFC 8489 §5), what a.[2Jb");
    json_decref(data);
    rill_trace_lens_free(x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packets_of_a_real_call_are_told_to_the_last_bit),
        cmocka_unit_test(an_error_is_told_by_its_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
