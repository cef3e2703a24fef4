/* http: heads that are read, heads that are refused, paths, and the WebSocket handshake. */
#include "tests/rill_test.h"

#include "signaling/http.h"

#include <stdio.h>

#ifndef RILL_ROW
#define RILL_ROW(row) RILL_##row
#endif

static struct rill_http_head head;
static struct rill_err why;

static long parse(const char *text)
{
    return rill_http_parse(rill_view_of(text), false, &head, &why);
}

static void assert_view(struct rill_view v, const char *text)
{
    assert_int_equal(v.n, strlen(text));
    assert_memory_equal(v.p, text, v.n);
}

static void http_reads_a_request(void **state)
{
    (void)state;
    const char *text =
        "GET /a?b=c HTTP/1.1\r\nHost: x:1\r\nAccept:\t a, b \t\r\nEmpty:\r\n\r\nrest";
    assert_int_equal(parse(text), strlen(text) - 4);
    assert_view(head.method, "GET");
    assert_view(head.target, "/a?b=c");
    assert_int_equal(head.minor, 1);
    assert_int_equal(head.n_headers, 3);
    assert_view(rill_http_find(&head, "ACCEPT"), "a, b");
    assert_non_null(rill_http_find(&head, "empty").p);
    assert_null(rill_http_find(&head, "Missing").p);
    assert_true(head.keep_alive);
    assert_false(head.has_length);
}

static void http_reads_a_response(void **state)
{
    (void)state;
    const char *text = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n";
    assert_int_equal(rill_http_parse(rill_view_of(text), true, &head, &why), strlen(text));
    assert_int_equal(head.status, 101);
}

static void http_wants_more_at_every_cut_of_a_good_head(void **state)
{
    (void)state;
    struct rill_view v = rill_view_of("\r\nGET / HTTP/1.1\r\nHost: x\r\nA: b\r\n\r\n");
    for (size_t n = 0; n < v.n; n++)
        assert_int_equal(rill_http_parse(rill_view_sub(v, 0, n), false, &head, &why), 0);
    assert_int_equal(rill_http_parse(v, false, &head, &why), v.n);
}

#define HOST "Host: x\r\n"

static void http_refuses_each_head_that_could_be_read_in_two_ways(void **state)
{
    (void)state;
    static const struct {
        int row;
        const char *text;
    } rows[] = {
        {RILL_ROW(SIGNALING_HTTP_LINE_END), "GET / HTTP/1.1\n" HOST "\r\n"},
        {RILL_ROW(SIGNALING_HTTP_LINE_END), "GET / HTTP/1.1\r\nHost: x\n\r\n"},
        {RILL_ROW(SIGNALING_HTTP_LINE_END), "GET / HTTP/1.1\r\n" HOST "A: b\rc\r\n\r\n"},
        {RILL_ROW(SIGNALING_HTTP_LINE), "GET /\r\n\r\n"},
        {RILL_ROW(SIGNALING_HTTP_LINE), "GET  / HTTP/1.1\r\n" HOST "\r\n"},
        {RILL_ROW(SIGNALING_HTTP_LINE), "GET / HTTP/1.1 \r\n" HOST "\r\n"},
        {RILL_ROW(SIGNALING_HTTP_LINE), " GET / HTTP/1.1\r\n" HOST "\r\n"},
        {RILL_ROW(SIGNALING_HTTP_LINE), "GET\t/ HTTP/1.1\r\n" HOST "\r\n"},
        {RILL_ROW(SIGNALING_HTTP_LINE), "G(T / HTTP/1.1\r\n" HOST "\r\n"},
        {RILL_ROW(SIGNALING_HTTP_LINE), "GETGETGETGETGETGET / HTTP/1.1\r\n" HOST "\r\n"},
        {RILL_ROW(SIGNALING_HTTP_LINE), "GET x HTTP/1.1\r\n" HOST "\r\n"},
        {RILL_ROW(SIGNALING_HTTP_LINE), "GET /\x7f HTTP/1.1\r\n" HOST "\r\n"},
        {RILL_ROW(SIGNALING_HTTP_LINE), "GET /\xc3\xa4 HTTP/1.1\r\n" HOST "\r\n"},
        {RILL_ROW(SIGNALING_HTTP_LINE), "GET / http/1.1\r\n" HOST "\r\n"},
        {RILL_ROW(SIGNALING_HTTP_LINE), "GET / HTTP/1.10\r\n" HOST "\r\n"},
        {RILL_ROW(SIGNALING_HTTP_LINE), "\r\n\r\n"},
        {RILL_ROW(SIGNALING_HTTP_VERSION), "GET / HTTP/2.0\r\n" HOST "\r\n"},
        {RILL_ROW(SIGNALING_HTTP_VERSION), "GET / HTTP/1.2\r\n" HOST "\r\n"},
        {RILL_ROW(SIGNALING_HTTP_FOLDED), "GET / HTTP/1.1\r\n" HOST "A: b\r\n c\r\n\r\n"},
        {RILL_ROW(SIGNALING_HTTP_FOLDED), "GET / HTTP/1.1\r\n\tHost: x\r\n\r\n"},
        {RILL_ROW(SIGNALING_HTTP_HEADER), "GET / HTTP/1.1\r\n" HOST "A : b\r\n\r\n"},
        {RILL_ROW(SIGNALING_HTTP_HEADER), "GET / HTTP/1.1\r\n" HOST "A\r\n\r\n"},
        {RILL_ROW(SIGNALING_HTTP_HEADER), "GET / HTTP/1.1\r\n" HOST ": b\r\n\r\n"},
        {RILL_ROW(SIGNALING_HTTP_HEADER), "GET / HTTP/1.1\r\n" HOST "A\xff: b\r\n\r\n"},
        {RILL_ROW(SIGNALING_HTTP_HEADER), "GET / HTTP/1.1\r\n" HOST "A: \x01\r\n\r\n"},
        {RILL_ROW(SIGNALING_HTTP_HOST), "GET / HTTP/1.1\r\n\r\n"},
        {RILL_ROW(SIGNALING_HTTP_HOST), "GET / HTTP/1.1\r\n" HOST HOST "\r\n"},
        {RILL_ROW(SIGNALING_HTTP_HOST), "GET / HTTP/1.1\r\nHost: a b\r\n\r\n"},
        {RILL_ROW(SIGNALING_HTTP_HOST), "GET / HTTP/1.1\r\nHost: a,b\r\n\r\n"},
        {RILL_ROW(SIGNALING_HTTP_HOST), "GET / HTTP/1.1\r\nHost: a@b\r\n\r\n"},
        {RILL_ROW(SIGNALING_HTTP_HOST), "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"},
        {RILL_ROW(SIGNALING_HTTP_HOST), "GET http://y/ HTTP/1.1\r\n" HOST "\r\n"},
        {RILL_ROW(SIGNALING_HTTP_HOST), "GET http://x@y/ HTTP/1.1\r\n" HOST "\r\n"},
        {RILL_ROW(SIGNALING_HTTP_HOST), "GET http://x:80/ HTTP/1.1\r\n" HOST "\r\n"},
        {RILL_ROW(SIGNALING_HTTP_HOST), "GET https://y?x/ HTTP/1.1\r\n" HOST "\r\n"},
        /* RFC 9112 §3.2.3: the authority form is CONNECT's, and nobody is a proxy here. */
        {RILL_ROW(SIGNALING_HTTP_LINE), "CONNECT x:80 HTTP/1.1\r\n" HOST "\r\n"},
        {RILL_ROW(SIGNALING_HTTP_LINE), "GET x:80 HTTP/1.1\r\n" HOST "\r\n"},
        {RILL_ROW(SIGNALING_HTTP_LINE), "GET ftp://x/ HTTP/1.1\r\n" HOST "\r\n"},
        {RILL_ROW(SIGNALING_HTTP_LINE), "GET HTTP://x/ HTTP/1.1\r\n" HOST "\r\n"},
        {RILL_ROW(SIGNALING_HTTP_LINE), "GET // /x HTTP/1.1\r\n" HOST "\r\n"},
        {RILL_ROW(SIGNALING_HTTP_LENGTH),
         "POST / HTTP/1.1\r\n" HOST "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n"},
        {RILL_ROW(SIGNALING_HTTP_LENGTH),
         "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n"},
        {RILL_ROW(SIGNALING_HTTP_LENGTH),
         "POST / HTTP/1.1\r\n" HOST "Content-Length: 3\r\ntransfer-encoding: x\r\n\r\n"},
        {RILL_ROW(SIGNALING_HTTP_LENGTH),
         "POST / HTTP/1.1\r\n" HOST "Content-Length: 3\r\ncontent-length: 4\r\n\r\n"},
        {RILL_ROW(SIGNALING_HTTP_LENGTH),
         "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n"},
        {RILL_ROW(SIGNALING_HTTP_LENGTH), "POST / HTTP/1.1\r\n" HOST "Content-Length: -3\r\n\r\n"},
        {RILL_ROW(SIGNALING_HTTP_LENGTH), "POST / HTTP/1.1\r\n" HOST "Content-Length: 3 3\r\n\r\n"},
        {RILL_ROW(SIGNALING_HTTP_HEADER),
         "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding\v: chunked\r\n\r\n"},
        {RILL_ROW(SIGNALING_HTTP_HEADER),
         "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: \vchunked\r\n\r\n"},
        {RILL_ROW(SIGNALING_HTTP_HEADER),
         "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding : chunked\r\n\r\n"},
        {RILL_ROW(SIGNALING_HTTP_FOLDED),
         "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding:\r\n chunked\r\n\r\n"},
        {RILL_ROW(SIGNALING_HTTP_FOLDED),
         "POST / HTTP/1.1\r\n" HOST " Transfer-Encoding: chunked\r\n\r\n"},
        {RILL_ROW(SIGNALING_HTTP_LINE_END),
         "POST / HTTP/1.1\r\n" HOST "A: b\nTransfer-Encoding: chunked\r\n\r\n"},
        {RILL_ROW(SIGNALING_HTTP_LINE_END),
         "POST / HTTP/1.1\r\n" HOST "A: b\rTransfer-Encoding: chunked\r\n\r\n"},
        {RILL_ROW(SIGNALING_HTTP_LINE_END),
         "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\r\n\r\n"},
        {RILL_ROW(SIGNALING_HTTP_LENGTH),
         "POST / HTTP/1.1\r\n" HOST "Content-Length: 3\r\nContent-Length: 3\r\n\r\n"},
        {RILL_ROW(SIGNALING_HTTP_LENGTH),
         "POST / HTTP/1.1\r\n" HOST "Content-Length: 3, 3\r\n\r\n"},
        {RILL_ROW(SIGNALING_HTTP_LENGTH), "POST / HTTP/1.1\r\n" HOST "Content-Length: +3\r\n\r\n"},
        {RILL_ROW(SIGNALING_HTTP_LENGTH), "POST / HTTP/1.1\r\n" HOST "Content-Length: 0x3\r\n\r\n"},
        {RILL_ROW(SIGNALING_HTTP_LENGTH), "POST / HTTP/1.1\r\n" HOST "Content-Length:\r\n\r\n"},
        {RILL_ROW(SIGNALING_HTTP_LENGTH),
         "POST / HTTP/1.1\r\n" HOST "Content-Length: 99999999999999999999\r\n\r\n"},
        {RILL_ROW(SIGNALING_HTTP_LENGTH), "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        long rc = parse(rows[i].text);
        if (rc != rows[i].row)
            fail_msg("row %zu: %ld, not %d", i, rc, rows[i].row);
        assert_ptr_equal(why.row, rill_err_find(&rill_signaling_errors, rows[i].row));
    }
}

/* RFC 9112 §3.2.2: "a server MUST accept the absolute-form in requests". */
static void http_takes_the_absolute_form_of_its_own_host(void **state)
{
    (void)state;
    static const struct {
        const char *target, *authority, *path;
    } rows[] = {
        {"http://x/a?b", "x", "/a"}, {"https://x", "x", "/"},  {"http://x?b", "x", "/"},
        {"/a?b", NULL, "/a"},        {"//x/a", NULL, "//x/a"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[128];
        snprintf(text, sizeof text, "GET %s HTTP/1.1\r\n" HOST "\r\n", rows[i].target);
        assert_true(parse(text) > 0);
        struct rill_view authority = rill_http_authority(head.target);
        assert_int_equal(authority.p != NULL, rows[i].authority != NULL);
        assert_true(!authority.p || rill_view_is(authority, rows[i].authority));
        assert_true(rill_view_is(rill_http_target_path(head.target), rows[i].path));
    }
}

static void http_refuses_a_nul_in_a_header(void **state)
{
    (void)state;
    static const char text[] = "GET / HTTP/1.1\r\nHost: x\0y\r\n\r\n";
    long rc = rill_http_parse(rill_view_at(text, sizeof text - 1), false, &head, &why);
    assert_row(rc, SIGNALING_HTTP_HEADER);
}

/* A head of exactly n bytes. */
static struct rill_view head_of(char *text, size_t n)
{
    int at = snprintf(text, n, "GET / HTTP/1.1\r\nHost: x\r\nA: ");
    memset(text + at, 'a', n - (size_t)at - 4);
    memcpy(text + n - 4, "\r\n\r\n", 4);
    return rill_view_at(text, n);
}

static void http_takes_a_head_exactly_as_large_as_the_limit(void **state)
{
    (void)state;
    static char text[RILL_HTTP_HEAD_MAX + 1];
    assert_int_equal(rill_http_parse(head_of(text, RILL_HTTP_HEAD_MAX), false, &head, &why),
                     RILL_HTTP_HEAD_MAX);
}

static void http_refuses_a_head_one_byte_over_the_limit(void **state)
{
    (void)state;
    static char text[RILL_HTTP_HEAD_MAX + 1];
    struct rill_view v = head_of(text, sizeof text);
    assert_row(rill_http_parse(v, false, &head, &why), SIGNALING_HTTP_TOO_LARGE);
    v.n = RILL_HTTP_HEAD_MAX;
    assert_row(rill_http_parse(v, false, &head, &why), SIGNALING_HTTP_TOO_LARGE);
}

static long parse_with_headers(size_t n)
{
    static char text[RILL_HTTP_HEAD_MAX];
    size_t at = (size_t)snprintf(text, sizeof text, "GET / HTTP/1.1\r\nHost: x\r\n");
    for (size_t i = 1; i < n; i++)
        at += (size_t)snprintf(text + at, sizeof text - at, "A%zu: b\r\n", i);
    snprintf(text + at, sizeof text - at, "\r\n");
    return parse(text);
}

static void http_takes_exactly_64_headers_and_not_one_more(void **state)
{
    (void)state;
    assert_true(parse_with_headers(RILL_HTTP_HEADERS_MAX) > 0);
    assert_row(parse_with_headers(RILL_HTTP_HEADERS_MAX + 1), SIGNALING_HTTP_TOO_LARGE);
}

static void http_connection_lives_on_as_version_and_header_say(void **state)
{
    (void)state;
    assert_true(parse("GET / HTTP/1.1\r\n" HOST "\r\n") > 0);
    assert_true(head.keep_alive);
    assert_true(parse("GET / HTTP/1.1\r\n" HOST "Connection: x, Close\r\n\r\n") > 0);
    assert_false(head.keep_alive);
    assert_true(parse("GET / HTTP/1.0\r\n\r\n") > 0);
    assert_false(head.keep_alive);
    assert_true(parse("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n") > 0);
    assert_true(head.keep_alive);
}

static void http_tokens_are_whole_words_without_case(void **state)
{
    (void)state;
    parse("GET / HTTP/1.1\r\n" HOST "Connection: keep-alive, UPGRADE\r\nConnection: te\r\n\r\n");
    assert_true(rill_http_has_token(&head, "Connection", "upgrade"));
    assert_true(rill_http_has_token(&head, "connection", "TE"));
    assert_false(rill_http_has_token(&head, "Connection", "keep"));
}

/* --- paths ---------------------------------------------------------------------------- */

static void http_path_names_files_below_the_root(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"/", "/index.html"},
        {"/?name=ann", "/index.html"},
        {"/app.js", "/app.js"},
        {"/a/b.css?x=/../y", "/a/b.css"},
        {"/a%20b", "/a b"},
        {"/%61pp.js", "/app.js"},
        {"/%C3%A4", "/\xc3\xa4"},
        {"/a..b", "/a..b"},
        {"/%252e%252e/x", "/%2e%2e/x"},
        {"http://host:1/x", "/x"},
        {"http://host", "/index.html"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t out[64];
        int n = rill_http_path(rill_view_of(rows[i][0]), (struct rill_span){out, sizeof out}, &why);
        assert_int_equal(n, strlen(rows[i][1]));
        assert_string_equal((char *)out, rows[i][1]);
    }
}

static void http_path_refuses_whatever_could_leave_the_root(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "/..",
        "/../x",
        "/a/../b",
        "/a/..",
        "/%2e%2e/x",
        "/%2E%2E",
        "/.%2e/x",
        "/.",
        "/./x",
        "/a/%2e",
        "//etc/x",
        "/a//b",
        "/a/",
        "/%2fetc",
        "/a%2f..%2fb",
        "/a%2Fb",
        "/%00",
        "/a%00.js",
        "/a\\b",
        "/%5c..",
        "/a%5Cb",
        "/%",
        "/%4",
        "/%zz",
        "/a#b",
        "/%0a",
        "/%7f",
        "/.git/x",
        "/%2egit",
        "/%ff",
        "/%c0%ae%c0%ae/x",
        "*",
        "x",
        "",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        uint8_t out[64];
        int rc = rill_http_path(rill_view_of(bad[i]), (struct rill_span){out, sizeof out}, &why);
        if (rc >= 0)
            fail_msg("%s gives %s", bad[i], out);
        assert_row(rc, SIGNALING_HTTP_TARGET);
    }
}

static void http_path_fits_exactly_and_not_one_more(void **state)
{
    (void)state;
    uint8_t out[8];
    struct rill_span s = {out, sizeof out};
    assert_int_equal(rill_http_path(rill_view_of("/abcdef"), s, &why), 7);
    assert_row(rill_http_path(rill_view_of("/abcdefg"), s, &why), SIGNALING_HTTP_TARGET);
}

static void http_content_type_goes_by_the_ending(void **state)
{
    (void)state;
    assert_string_equal(rill_http_content_type(rill_view_of("/a.JS")),
                        "text/javascript; charset=utf-8");
    assert_string_equal(rill_http_content_type(rill_view_of("/a")), "application/octet-stream");
    assert_string_equal(rill_http_content_type(rill_view_of("/x/y.svg")), "image/svg+xml");
}

/* --- the WebSocket handshake ---------------------------------------------------------- */

#define UP "Upgrade: websocket\r\n"
#define CONN "Connection: keep-alive, Upgrade\r\n"
#define KEY "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
#define VERSION "Sec-WebSocket-Version: 13\r\n"

static int handshake(const char *text)
{
    struct rill_view key;
    assert_true(parse(text) > 0);
    return rill_http_ws_request(&head, &key, &why);
}

static void ws_handshake_is_taken(void **state)
{
    (void)state;
    struct rill_view key;
    assert_true(parse("GET /ws HTTP/1.1\r\n" HOST UP CONN KEY VERSION "\r\n") > 0);
    assert_int_equal(rill_http_ws_request(&head, &key, &why), 0);
    assert_view(key, "dGhlIHNhbXBsZSBub25jZQ==");
}

static void ws_handshake_is_refused_with_anything_missing_or_wrong(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "POST / HTTP/1.1\r\n" HOST UP CONN KEY VERSION "\r\n",
        "GET / HTTP/1.0\r\n" HOST UP CONN KEY VERSION "\r\n",
        "GET / HTTP/1.1\r\n" HOST CONN KEY VERSION "\r\n",
        "GET / HTTP/1.1\r\n" HOST UP KEY VERSION "\r\n",
        "GET / HTTP/1.1\r\n" HOST UP CONN VERSION "\r\n",
        "GET / HTTP/1.1\r\n" HOST UP CONN KEY KEY VERSION "\r\n",
        "GET / HTTP/1.1\r\n" HOST UP CONN KEY VERSION VERSION "\r\n",
        "GET / HTTP/1.1\r\n" HOST UP CONN "Sec-WebSocket-Key: c2hvcnQ=\r\n" VERSION "\r\n",
        "GET / HTTP/1.1\r\n" HOST UP CONN "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZ!==\r\n" VERSION
        "\r\n",
        "GET / HTTP/1.1\r\n" HOST UP CONN KEY VERSION "Content-Length: 1\r\n\r\n",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_row(handshake(bad[i]), SIGNALING_WS_HANDSHAKE);
}

static void ws_handshake_of_another_version_is_told_so(void **state)
{
    (void)state;
    assert_row(handshake("GET / HTTP/1.1\r\n" HOST UP CONN KEY "Sec-WebSocket-Version: 8\r\n\r\n"),
               SIGNALING_WS_VERSION);
    assert_row(handshake("GET / HTTP/1.1\r\n" HOST UP CONN KEY "\r\n"), SIGNALING_WS_VERSION);
}

static const char key[25] = "dGhlIHNhbXBsZSBub25jZQ==";

static int answer(const char *text)
{
    assert_true(rill_http_parse(rill_view_of(text), true, &head, &why) > 0);
    return rill_http_ws_response(&head, key, &why);
}

#define ACCEPT "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"

static void ws_handshake_of_both_sides_fits(void **state)
{
    (void)state;
    uint8_t b[512];
    struct rill_writer w = rill_writer_of((struct rill_span){b, sizeof b});
    rill_http_write_ws_request(&w, rill_view_of("x:1"), rill_view_of("/ws"), key);
    struct rill_view k;
    assert_int_equal(rill_http_parse(rill_w_view(&w), false, &head, &why), w.at);
    assert_int_equal(rill_http_ws_request(&head, &k, &why), 0);
    uint8_t a[512];
    struct rill_writer v = rill_writer_of((struct rill_span){a, sizeof a});
    rill_http_write_ws_accept(&v, k);
    assert_int_equal(rill_http_parse(rill_w_view(&v), true, &head, &why), v.at);
    assert_int_equal(rill_http_ws_response(&head, key, &why), 0);
}

static void ws_answer_is_refused_when_it_is_not_the_one_to_the_question(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "HTTP/1.1 200 OK\r\n" UP CONN ACCEPT "\r\n",
        "HTTP/1.1 101 x\r\n" CONN ACCEPT "\r\n",
        "HTTP/1.1 101 x\r\n" UP ACCEPT "\r\n",
        "HTTP/1.1 101 x\r\n" UP CONN "\r\n",
        "HTTP/1.1 101 x\r\n" UP CONN ACCEPT ACCEPT "\r\n",
        "HTTP/1.1 101 x\r\n" UP CONN "Sec-WebSocket-Accept: AAAALMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n",
        "HTTP/1.1 101 x\r\n" UP CONN ACCEPT "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n",
        "HTTP/1.1 101 x\r\n" UP CONN ACCEPT "Sec-WebSocket-Protocol: chat\r\n\r\n",
    };
    assert_int_equal(answer("HTTP/1.1 101 x\r\n" UP CONN ACCEPT "\r\n"), 0);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_row(answer(bad[i]), SIGNALING_WS_HANDSHAKE);
}

static bool same_origin(const char *host, const char *origin)
{
    char text[256];
    snprintf(text, sizeof text, "GET / HTTP/1.1\r\nHost: %s\r\n%s\r\n", host, origin);
    assert_true(parse(text) > 0);
    return rill_http_is_same_origin(&head);
}

static void ws_origin_is_the_host_or_absent(void **state)
{
    (void)state;
    assert_true(same_origin("x:8181", ""));
    assert_true(same_origin("x:8181", "Origin: http://x:8181\r\n"));
    assert_true(same_origin("X:8181", "Origin: https://x:8181\r\n"));
    assert_true(same_origin("x", "Origin: http://x:80\r\n"));
    assert_true(same_origin("x:443", "Origin: https://x\r\n"));
    assert_false(same_origin("x:8181", "Origin: http://x\r\n"));
    assert_false(same_origin("x:8181", "Origin: http://y:8181\r\n"));
    assert_false(same_origin("x:8181", "Origin: http://x:8181.evil\r\n"));
    assert_false(same_origin("x:8181", "Origin: null\r\n"));
    assert_false(same_origin("x:8181", "Origin: ftp://x:8181\r\n"));
    assert_false(same_origin("x:8181", "Origin:\r\n"));
    assert_false(same_origin("x:1", "Origin: http://x:1\r\nOrigin: http://x:1\r\n"));
}

static void http_reads_a_range_and_passes_over_what_is_none(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool good;
        uint64_t first, last;
    } rows[] = {
        {"bytes=0-0", true, 0, 0},
        {"bytes=5-", true, 5, UINT64_MAX},
        {"bytes=5-9", true, 5, 9},
        {"bytes=9223372036854775807-", true, INT64_MAX, UINT64_MAX},
        {"bytes=9223372036854775808-", false, 0, 0},
        {"bytes=9-5", false, 0, 0},
        {"bytes=-5", false, 0, 0},
        {"bytes=5", false, 0, 0},
        {"bytes=", false, 0, 0},
        {"bytes=0-1,4-5", false, 0, 0},
        {"bytes=0x1-2", false, 0, 0},
        {"lines=0-1", false, 0, 0},
        {"", false, 0, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[160];
        struct rill_http_range r = {0};
        snprintf(text, sizeof text, "GET / HTTP/1.1\r\n" HOST "Range: %s\r\n\r\n", rows[i].text);
        assert_true(parse(text) > 0);
        assert_int_equal(rill_http_range(&head, &r), rows[i].good);
        assert_int_equal(r.first, rows[i].first);
        assert_int_equal(r.last, rows[i].last);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(http_reads_a_request),
        cmocka_unit_test(http_reads_a_response),
        cmocka_unit_test(http_wants_more_at_every_cut_of_a_good_head),
        cmocka_unit_test(http_refuses_each_head_that_could_be_read_in_two_ways),
        cmocka_unit_test(http_takes_the_absolute_form_of_its_own_host),
        cmocka_unit_test(http_refuses_a_nul_in_a_header),
        cmocka_unit_test(http_takes_a_head_exactly_as_large_as_the_limit),
        cmocka_unit_test(http_refuses_a_head_one_byte_over_the_limit),
        cmocka_unit_test(http_takes_exactly_64_headers_and_not_one_more),
        cmocka_unit_test(http_connection_lives_on_as_version_and_header_say),
        cmocka_unit_test(http_tokens_are_whole_words_without_case),
        cmocka_unit_test(http_path_names_files_below_the_root),
        cmocka_unit_test(http_path_refuses_whatever_could_leave_the_root),
        cmocka_unit_test(http_path_fits_exactly_and_not_one_more),
        cmocka_unit_test(http_content_type_goes_by_the_ending),
        cmocka_unit_test(http_reads_a_range_and_passes_over_what_is_none),
        cmocka_unit_test(ws_handshake_is_taken),
        cmocka_unit_test(ws_handshake_is_refused_with_anything_missing_or_wrong),
        cmocka_unit_test(ws_handshake_of_another_version_is_told_so),
        cmocka_unit_test(ws_handshake_of_both_sides_fits),
        cmocka_unit_test(ws_answer_is_refused_when_it_is_not_the_one_to_the_question),
        cmocka_unit_test(ws_origin_is_the_host_or_absent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
