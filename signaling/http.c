/* http: the head of a request or a response, read strictly.
 *
 * The idea: no head is read until it is whole, and no byte passes that two readers could
 * take for different things: lines end in CR LF only, names touch their colon, lines are not
 * folded, and the body has one length (RFC 9112 §11.2, request smuggling). */
#include "signaling/http.h"

#include <string.h>

static int refuse(int row, size_t offset, uint64_t value, struct rill_err *why)
{
    return rill_err_set(&rill_signaling_errors, row, offset, value, why);
}

/* RFC 9110 §5.6.2: tchar. */
static bool is_token_char(uint8_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           (c && strchr("!#$%&'*+-.^_`|~", c));
}

static bool is_token(struct rill_view v)
{
    for (size_t i = 0; i < v.n; i++)
        if (!is_token_char(v.p[i]))
            return false;
    return v.n > 0;
}

static bool is_visible(struct rill_view v)
{
    for (size_t i = 0; i < v.n; i++)
        if (v.p[i] <= 0x20 || v.p[i] >= 0x7f)
            return false;
    return v.n > 0;
}

/* RFC 9110 §5.5: visible characters, spaces, tabs and bytes from 0x80; no controls. */
static bool is_field_value(struct rill_view v)
{
    for (size_t i = 0; i < v.n; i++)
        if ((v.p[i] < 0x20 && v.p[i] != '\t') || v.p[i] == 0x7f)
            return false;
    return true;
}

static struct rill_view trimmed(struct rill_view v)
{
    while (v.n && (v.p[0] == ' ' || v.p[0] == '\t'))
        v = rill_view_sub(v, 1, v.n - 1);
    while (v.n && (v.p[v.n - 1] == ' ' || v.p[v.n - 1] == '\t'))
        v.n--;
    return v;
}

/* Bytes of the head, its blank line included; 0 while it is not whole.
 * RFC 9112 §2.2: "a recipient MAY recognize a single LF as a line terminator"; rill does not,
 * for what stands before it may not. A bare CR is invalid anyway. */
static long find_end(struct rill_view bytes, struct rill_err *why)
{
    size_t line = 0;
    for (size_t i = 0; i < bytes.n && i < RILL_HTTP_HEAD_MAX; i++) {
        if (bytes.p[i] != '\n' && bytes.p[i] != '\r')
            continue;
        if (bytes.p[i] == '\n')
            return refuse(RILL_SIGNALING_HTTP_LINE_END, i, 0, why);
        if (i + 1 == bytes.n)
            break;
        if (bytes.p[i + 1] != '\n')
            return refuse(RILL_SIGNALING_HTTP_LINE_END, i, 0, why);
        bool blank = i == line;
        i++;
        line = i + 1;
        /* RFC 9112 §2.2: an empty line before the request line is passed over, once. */
        if (blank && i > 1 && line <= RILL_HTTP_HEAD_MAX)
            return (long)line;
    }
    if (bytes.n >= RILL_HTTP_HEAD_MAX)
        return refuse(RILL_SIGNALING_HTTP_TOO_LARGE, RILL_HTTP_HEAD_MAX, RILL_HTTP_HEAD_MAX, why);
    return 0;
}

/* The line without its CR LF; *rest becomes what follows. */
static struct rill_view cut_line(struct rill_view *rest)
{
    struct rill_view line = rill_view_cut(*rest, '\n', rest);
    line.n--;
    return line;
}

/* RFC 9112 §2.3: HTTP-version = "HTTP/" DIGIT "." DIGIT, with case. */
static int read_version(struct rill_view v, unsigned *minor, size_t offset, struct rill_err *why)
{
    bool form = v.n == 8 && rill_view_starts(v, "HTTP/") && v.p[6] == '.' && v.p[5] >= '0' &&
                v.p[5] <= '9' && v.p[7] >= '0' && v.p[7] <= '9';
    if (!form)
        return refuse(RILL_SIGNALING_HTTP_LINE, offset, 0, why);
    if (v.p[5] != '1' || v.p[7] > '1')
        return refuse(RILL_SIGNALING_HTTP_VERSION, offset, 0, why);
    *minor = v.p[7] - '0';
    return 0;
}

/* RFC 9112 §3: method SP request-target SP HTTP-version, one space each. */
static int read_request_line(struct rill_view line, struct rill_http_head *h, size_t offset,
                             struct rill_err *why)
{
    struct rill_view rest;
    h->method = rill_view_cut(line, ' ', &rest);
    h->target = rill_view_cut(rest, ' ', &rest);
    bool form = is_token(h->method) && h->method.n <= 16 && is_visible(h->target) &&
                (h->target.p[0] == '/' || rill_view_starts(h->target, "http://") ||
                 rill_view_starts(h->target, "https://") || rill_view_is(h->target, "*"));
    if (!form)
        return refuse(RILL_SIGNALING_HTTP_LINE, offset, 0, why);
    return read_version(rest, &h->minor, offset, why);
}

/* RFC 9112 §4: HTTP-version SP status-code SP [ reason-phrase ]. */
static int read_status_line(struct rill_view line, struct rill_http_head *h, size_t offset,
                            struct rill_err *why)
{
    struct rill_view rest;
    struct rill_view version = rill_view_cut(line, ' ', &rest);
    struct rill_view status = rill_view_cut(rest, ' ', &rest);
    uint64_t code;
    if (status.n != 3 || !rill_view_u64(status, 599, &code) || code < 100 || !is_field_value(rest))
        return refuse(RILL_SIGNALING_HTTP_LINE, offset, 0, why);
    h->status = (unsigned)code;
    return read_version(version, &h->minor, offset, why);
}

/* RFC 9112 §5: field-name ":" OWS field-value OWS. */
static int read_header(struct rill_view line, struct rill_http_head *h, size_t offset,
                       struct rill_err *why)
{
    /* RFC 9112 §5.2: "A server that receives an obs-fold in a request message … MUST either
     * reject the message … or replace" it. */
    if (line.p[0] == ' ' || line.p[0] == '\t')
        return refuse(RILL_SIGNALING_HTTP_FOLDED, offset, 0, why);
    struct rill_view value;
    struct rill_view name = rill_view_cut(line, ':', &value);
    /* RFC 9112 §5.1: "No whitespace is allowed between the field name and colon." */
    if (!value.p || !is_token(name) || !is_field_value(value))
        return refuse(RILL_SIGNALING_HTTP_HEADER, offset, 0, why);
    if (h->n_headers == RILL_HTTP_HEADERS_MAX)
        return refuse(RILL_SIGNALING_HTTP_TOO_LARGE, offset, RILL_HTTP_HEADERS_MAX, why);
    h->headers[h->n_headers++] = (struct rill_http_header){name, trimmed(value)};
    return 0;
}

static size_t count(const struct rill_http_head *h, const char *name)
{
    size_t n = 0;
    for (size_t i = 0; i < h->n_headers; i++)
        n += rill_view_is_nocase(h->headers[i].name, name);
    return n;
}

/* RFC 9112 §6.1, §6.3: Content-Length once and in digits, never beside Transfer-Encoding,
 * and no Transfer-Encoding in HTTP/1.0. */
static int read_length(struct rill_http_head *h, struct rill_err *why)
{
    size_t lengths = count(h, "Content-Length");
    size_t encodings = count(h, "Transfer-Encoding");
    struct rill_view text = rill_http_find(h, "Content-Length");
    bool two_ways =
        lengths > 1 || encodings > 1 || (lengths && encodings) || (encodings && h->minor == 0);
    if (two_ways || (lengths && !rill_view_u64(text, INT64_MAX, &h->content_length)))
        return refuse(RILL_SIGNALING_HTTP_LENGTH, 0, lengths, why);
    h->has_length = lengths == 1;
    return 0;
}

/* RFC 3986 §3.2.2: what a host and its port are written with. */
static bool is_host_char(uint8_t c)
{
    return c > 0x20 && c < 0x7f && !strchr("/?#@,\"\\<>^`{|}", c);
}

/* RFC 9112 §3.2: an invalid Host is answered with 400; and the absolute form names the same host,
 * for who of two readers looks where is not known (§3.2.2 lets the target win). */
static bool host_is_good(const struct rill_http_head *h)
{
    struct rill_view host = rill_http_find(h, "Host");
    struct rill_view authority = rill_http_authority(h->target);
    for (size_t i = 0; i < host.n; i++)
        if (!is_host_char(host.p[i]))
            return false;
    return !authority.p || !host.p || rill_view_equal(authority, host);
}

static int judge(struct rill_http_head *h, struct rill_err *why)
{
    int rc = read_length(h, why);
    if (rc < 0)
        return rc;
    /* RFC 9112 §3.2: 400 to any HTTP/1.1 request that lacks Host or has more than one. */
    size_t hosts = count(h, "Host");
    if (!h->is_response && (hosts > 1 || (h->minor == 1 && hosts == 0) || !host_is_good(h)))
        return refuse(RILL_SIGNALING_HTTP_HOST, 0, hosts, why);
    /* RFC 9112 §9.3. */
    h->keep_alive = !rill_http_has_token(h, "Connection", "close") &&
                    (h->minor == 1 || rill_http_has_token(h, "Connection", "keep-alive"));
    return 0;
}

long rill_http_parse(struct rill_view bytes, bool response, struct rill_http_head *out,
                     struct rill_err *why)
{
    long size = find_end(bytes, why);
    if (size <= 0)
        return size;
    struct rill_http_head h = {.is_response = response, .size = (size_t)size};
    struct rill_view rest = rill_view_sub(bytes, 0, h.size);
    struct rill_view line = cut_line(&rest);
    if (line.n == 0)
        line = cut_line(&rest);
    size_t at = (size_t)(line.p - bytes.p);
    int rc = response ? read_status_line(line, &h, at, why) : read_request_line(line, &h, at, why);
    while (rc == 0) {
        line = cut_line(&rest);
        if (line.n == 0)
            break;
        rc = read_header(line, &h, (size_t)(line.p - bytes.p), why);
    }
    if (rc == 0)
        rc = judge(&h, why);
    if (rc < 0)
        return rc;
    *out = h;
    return size;
}

struct rill_view rill_http_find(const struct rill_http_head *h, const char *name)
{
    for (size_t i = 0; i < h->n_headers; i++)
        if (rill_view_is_nocase(h->headers[i].name, name))
            return h->headers[i].value;
    return (struct rill_view){0};
}

bool rill_http_has_token(const struct rill_http_head *h, const char *name, const char *token)
{
    for (size_t i = 0; i < h->n_headers; i++) {
        if (!rill_view_is_nocase(h->headers[i].name, name))
            continue;
        struct rill_view rest = h->headers[i].value;
        while (rest.p)
            if (rill_view_is_nocase(trimmed(rill_view_cut(rest, ',', &rest)), token))
                return true;
    }
    return false;
}

/* RFC 9110 §14.1.1: a last place before the first makes the range invalid, and §14.2: such a header
 * is passed over. */
bool rill_http_range(const struct rill_http_head *h, struct rill_http_range *out)
{
    struct rill_view v = rill_http_find(h, "Range"), last;
    if (!rill_view_starts(v, "bytes="))
        return false;
    struct rill_http_range r = {.last = UINT64_MAX};
    struct rill_view first = rill_view_cut(rill_view_sub(v, 6, v.n - 6), '-', &last);
    if (!rill_view_u64(first, INT64_MAX, &r.first) || !last.p ||
        (last.n && !rill_view_u64(last, INT64_MAX, &r.last)) || r.last < r.first)
        return false;
    *out = r;
    return true;
}
