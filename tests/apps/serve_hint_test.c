/* What those are told who speak plain HTTP to a port of HTTPS. */
#include "apps/serve_hint.h"
#include "tests/rill_test.h"

#include <stdio.h>

static char out[16384];

static const struct rill_view no_ca;

/* The answer as text, NULL when more is waited for. */
static const char *hint(struct rill_view request, struct rill_view ca)
{
    struct rill_writer w = rill_writer_of((struct rill_span){(uint8_t *)out, sizeof out - 1});
    if (!serve_hint(request, ca, &w))
        return NULL;
    assert_false(w.bad);
    out[w.at] = 0;
    return out;
}

static const char *ask(const char *target, const char *host)
{
    static char request[20000];
    snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: %s\r\n\r\n", target, host);
    return hint(rill_view_of(request), no_ca);
}

static void assert_whole(const char *answer)
{
    unsigned length;
    const char *body = strstr(answer, "\r\n\r\n");
    assert_non_null(body);
    assert_int_equal(sscanf(strstr(answer, "Content-Length: "), "Content-Length: %u", &length), 1);
    assert_int_equal(strlen(body + 4), length);
}

static void hint_names_the_https_url(void **state)
{
    (void)state;
    const char *answer = ask("/a?b=1&c=2", "192.168.1.5:8181");
    assert_whole(answer);
    assert_ptr_equal(strstr(answer, "HTTP/1.1 400 "), answer);
    assert_non_null(strstr(answer, "<a href=\"https://192.168.1.5:8181/a?b=1&amp;c=2\">"));
    assert_null(strstr(answer, "ca.crt"));
    assert_non_null(strstr(ask("/", "[2001:db8::5]:8181"), "\"https://[2001:db8::5]:8181/\""));
    assert_non_null(strstr(ask("http://x/y", "host"), "\"https://host/\""));
}

static void hint_repeats_nothing_that_could_be_markup(void **state)
{
    (void)state;
    assert_null(strstr(ask("/\"><script>", "host"), "<script>"));
    assert_null(strstr(ask("/<b>", "host"), "<b>"));
    assert_null(strstr(ask("/", "\"><script>"), "script"));
    assert_null(strstr(ask("/", "host/x"), "href"));
}

static void hint_waits_for_the_head_but_not_for_more_than_fits(void **state)
{
    (void)state;
    static char endless[8192];
    assert_null(hint(rill_view_of("GET / HTTP/1.1\r\nHost: h\r\n"), no_ca));
    memset(endless, 'a', sizeof endless);
    memcpy(endless, "GET /", 5);
    assert_null(hint(rill_view_at(endless, sizeof endless - 1), no_ca));
    assert_whole(hint(rill_view_at(endless, sizeof endless), no_ca));
}

static void hint_answers_what_is_no_request_too(void **state)
{
    (void)state;
    assert_whole(hint(rill_view_of("GET / FTP/1.1\r\n\r\n"), no_ca));
    assert_null(strstr(out, "href"));
    assert_whole(hint(rill_view_of("GET / HTTP/1.0\r\n\r\n"), no_ca));
    assert_null(strstr(out, "href"));
}

static void hint_leaves_out_a_target_that_would_fill_the_page(void **state)
{
    (void)state;
    static char target[7000];
    for (size_t n = 800; n < sizeof target; n += 150) {
        memset(target, '&', n);
        target[0] = '/';
        target[n] = 0;
        assert_whole(ask(target, "host"));
        assert_non_null(strstr(out, "</p>\n"));
    }
}

static void hint_gives_the_ca_to_who_does_not_trust_it_yet(void **state)
{
    (void)state;
    struct rill_view ca = rill_view_of("-----BEGIN CERTIFICATE-----\n");
    const char *answer = hint(rill_view_of("GET /ca.crt HTTP/1.1\r\nHost: h\r\n\r\n"), ca);
    assert_whole(answer);
    assert_ptr_equal(strstr(answer, "HTTP/1.1 200 "), answer);
    assert_non_null(strstr(answer, "\r\nContent-Type: application/x-x509-ca-cert\r\n"));
    assert_non_null(strstr(answer, "\r\n\r\n-----BEGIN CERTIFICATE-----\n"));
    answer = hint(rill_view_of("GET /ca.crt HTTP/1.1\r\nHost: h\r\n\r\n"), no_ca);
    assert_ptr_equal(strstr(answer, "HTTP/1.1 400 "), answer);
    assert_non_null(strstr(hint(rill_view_of("GET / HTTP/1.1\r\nHost: h\r\n\r\n"), ca), "/ca.crt"));
}

static void hint_is_for_what_begins_like_a_request(void **state)
{
    (void)state;
    assert_true(serve_hint_is_request(rill_view_of("G")));
    assert_false(serve_hint_is_request(rill_view_of("")));
    assert_false(serve_hint_is_request(rill_view_of("\x16\x03")));
    assert_false(serve_hint_is_request(rill_view_of("\r\n")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hint_names_the_https_url),
        cmocka_unit_test(hint_repeats_nothing_that_could_be_markup),
        cmocka_unit_test(hint_waits_for_the_head_but_not_for_more_than_fits),
        cmocka_unit_test(hint_answers_what_is_no_request_too),
        cmocka_unit_test(hint_leaves_out_a_target_that_would_fill_the_page),
        cmocka_unit_test(hint_gives_the_ca_to_who_does_not_trust_it_yet),
        cmocka_unit_test(hint_is_for_what_begins_like_a_request),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
