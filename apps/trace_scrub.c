#include "apps/trace_scrub.h"

#include <string.h>
#include <strings.h>

static struct rill_view rest_of(struct rill_span text, size_t at)
{
    return rill_view_at(text.p + at, text.n - at);
}

static bool begins(struct rill_span text, size_t at, const char *word)
{
    size_t n = strlen(word);
    return n <= text.n - at && strncasecmp((const char *)text.p + at, word, n) == 0;
}

/* RFC 8259 §7: a line of a description that is in a string of JSON ends in \r or \n, spelled out,
 * or as \u000d or \u000a; a slash may have a backslash before it. */
static bool is_written_end(struct rill_span text, size_t at)
{
    return begins(text, at, "\\r") || begins(text, at, "\\n") || begins(text, at, "\\u000d") ||
           begins(text, at, "\\u000a") || begins(text, at, "\\\\");
}

static void cover_line(struct rill_span text, size_t at, uint8_t with)
{
    for (; at < text.n && text.p[at] >= 0x20 && text.p[at] != '"'; at++) {
        if (is_written_end(text, at))
            return;
        text.p[at] = with;
    }
}

/* --- heads of HTTP --------------------------------------------------------------------------- */

static void star_header(struct rill_span text, size_t at)
{
    for (; at < text.n && text.p[at] != '\r' && text.p[at] != '\n'; at++)
        text.p[at] = '*';
}

/* --- names with a value ---------------------------------------------------------------------- */

static const char *const names[] = {"password", "passwd", "pwd", "credential",
                                    "token",    "secret", "sid", "access_token"};

/* The name that stands here, with its end; 0: none of those. */
static size_t name_at(struct rill_span text, size_t at)
{
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (begins(text, at, names[i]))
            return strlen(names[i]);
    return 0;
}

static size_t skip_spaces(struct rill_span text, size_t at)
{
    while (at < text.n && (text.p[at] == ' ' || text.p[at] == '\t'))
        at++;
    return at;
}

/* JSON in a string of JSON has a backslash before each quotation mark. */
static size_t quote_at(struct rill_span text, size_t at)
{
    size_t to = at;
    while (to < text.n && text.p[to] == '\\')
        to++;
    return to < text.n && text.p[to] == '"' ? to + 1 - at : 0;
}

/* "name" : "value" */
static void star_member(struct rill_span text, size_t at)
{
    size_t quote = quote_at(text, at), n = quote ? name_at(text, at + quote) : 0;
    if (n == 0 || !quote_at(text, at + quote + n))
        return;
    at = skip_spaces(text, at + quote + n + quote_at(text, at + quote + n));
    if (at == text.n || text.p[at] != ':')
        return;
    at = skip_spaces(text, at + 1);
    n = quote_at(text, at);
    for (at += n; n && at < text.n;) {
        size_t inner = quote_at(text, at);
        if (inner == n)
            return;
        if (inner == 0 && text.p[at] != '\\')
            text.p[at] = '*';
        at += inner ? inner : 1;
    }
}

/* ?name=value& */
static void star_parameter(struct rill_span text, size_t at)
{
    size_t n = name_at(text, at + 1);
    if (n == 0 || at + 1 + n >= text.n || text.p[at + 1 + n] != '=')
        return;
    for (at += n + 2; at < text.n && text.p[at] > ' ' && !strchr("&#\"\\", text.p[at]); at++)
        text.p[at] = '*';
}

void rill_trace_scrub(struct rill_span text)
{
    static const struct {
        const char *begin;
        uint8_t with;
    } lines[] = {{"a=ice-pwd:", 'x'}, {"a=crypto:", '*'}};
    static const char *const headers[] = {
        "\nAuthorization:", "\nProxy-Authorization:", "\nCookie:", "\nSet-Cookie:"};
    for (size_t at = 0; at < text.n; at++) {
        uint8_t c = text.p[at];
        if (c == 'a')
            for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
                if (rill_view_starts(rest_of(text, at), lines[i].begin))
                    cover_line(text, at + strlen(lines[i].begin), lines[i].with);
        if (c == '\n')
            for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++)
                if (begins(text, at, headers[i]))
                    star_header(text, skip_spaces(text, at + strlen(headers[i])));
        if (c == '"' || c == '\\')
            star_member(text, at);
        if (c == '?' || c == '&')
            star_parameter(text, at);
    }
}
