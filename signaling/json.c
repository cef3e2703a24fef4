/* json: the tokens of RFC 8259.
 *
 *   expects      may come                     then
 *   VALUE        a value, an opening bracket  → COMMA, or ITEM / FIRST_KEY inside
 *   ITEM         the same, or ]               (just behind [)
 *   FIRST_KEY    "name" :, or }               (just behind {) → VALUE
 *   COMMA        , and what must follow it, or the closing bracket; outside of brackets nothing
 */
#include "signaling/json.h"

#include <string.h>

enum { VALUE, ITEM, FIRST_KEY, COMMA };

struct rill_json_reader rill_json_reader_of(struct rill_view text)
{
    return (struct rill_json_reader){.text = text};
}

static int peek(const struct rill_json_reader *r)
{
    return r->at < r->text.n ? r->text.p[r->at] : -1;
}

/* RFC 8259 §2: ws = *( space / tab / LF / CR ). */
static void skip_space(struct rill_json_reader *r)
{
    while (r->at < r->text.n && memchr(" \t\n\r", r->text.p[r->at], 4))
        r->at++;
}

static struct rill_json_token token(struct rill_json_reader *r, enum rill_json_type type,
                                    size_t from)
{
    if (type == RILL_JSON_BAD)
        r->bad = true;
    return (struct rill_json_token){type, rill_view_sub(r->text, from, r->at - from), r->depth};
}

static bool is_digit(int c)
{
    return c >= '0' && c <= '9';
}

static bool digits(struct rill_json_reader *r)
{
    size_t from = r->at;
    while (is_digit(peek(r)))
        r->at++;
    return r->at > from;
}

/* RFC 8259 §6: number = [ minus ] int [ frac ] [ exp ]; int has no leading zero. */
static bool number(struct rill_json_reader *r)
{
    if (peek(r) == '-')
        r->at++;
    if (peek(r) == '0')
        r->at++;
    else if (!digits(r))
        return false;
    if (peek(r) == '.') {
        r->at++;
        if (!digits(r))
            return false;
    }
    if (peek(r) != 'e' && peek(r) != 'E')
        return true;
    r->at++;
    if (peek(r) == '+' || peek(r) == '-')
        r->at++;
    return digits(r);
}

/* RFC 8259 §7: behind the backslash. */
static bool escape(struct rill_json_reader *r)
{
    int c = peek(r);
    if (c < 0)
        return false;
    r->at++;
    if (c != 'u')
        return c && strchr("\"\\/bfnrt", c);
    uint8_t two[2];
    bool hex = rill_hex_decode(rill_view_sub(r->text, r->at, 4), (struct rill_span){two, 2}) == 2;
    r->at += hex ? 4 : 0;
    return hex;
}

static bool string(struct rill_json_reader *r)
{
    r->at++;
    for (int c = peek(r); c >= 0x20; c = peek(r)) {
        r->at++;
        if (c == '"')
            return true;
        if (c == '\\' && !escape(r))
            return false;
    }
    return false;
}

static bool word(struct rill_json_reader *r, const char *text)
{
    size_t n = strlen(text);
    bool same = rill_view_is(rill_view_sub(r->text, r->at, n), text);
    r->at += same ? n : 0;
    return same;
}

static struct rill_json_token open_bracket(struct rill_json_reader *r, bool object)
{
    size_t from = r->at;
    if (r->depth == RILL_JSON_DEPTH_MAX)
        return token(r, RILL_JSON_BAD, from);
    r->at++;
    struct rill_json_token t = token(r, object ? RILL_JSON_OBJECT : RILL_JSON_ARRAY, from);
    uint32_t bit = (uint32_t)1 << r->depth;
    r->objects = object ? r->objects | bit : r->objects & ~bit;
    r->depth++;
    r->expects = object ? FIRST_KEY : ITEM;
    return t;
}

static bool in_object(const struct rill_json_reader *r)
{
    return r->depth && (r->objects >> (r->depth - 1) & 1);
}

static struct rill_json_token close_bracket(struct rill_json_reader *r)
{
    size_t from = r->at;
    bool object = in_object(r);
    r->at++;
    r->depth--;
    r->expects = COMMA;
    return token(r, object ? RILL_JSON_OBJECT_END : RILL_JSON_ARRAY_END, from);
}

static struct rill_json_token value(struct rill_json_reader *r)
{
    size_t from = r->at;
    int c = peek(r);
    if (c == '{' || c == '[')
        return open_bracket(r, c == '{');
    r->expects = COMMA;
    enum rill_json_type type = RILL_JSON_BAD;
    if (c == '"')
        type = string(r) ? RILL_JSON_STRING : RILL_JSON_BAD;
    else if (c == '-' || is_digit(c))
        type = number(r) ? RILL_JSON_NUMBER : RILL_JSON_BAD;
    else if (word(r, "true"))
        type = RILL_JSON_TRUE;
    else if (word(r, "false"))
        type = RILL_JSON_FALSE;
    else if (word(r, "null"))
        type = RILL_JSON_NULL;
    return token(r, type, from);
}

static struct rill_json_token key(struct rill_json_reader *r)
{
    size_t from = r->at;
    if (peek(r) != '"' || !string(r))
        return token(r, RILL_JSON_BAD, from);
    struct rill_json_token t = token(r, RILL_JSON_KEY, from);
    skip_space(r);
    if (peek(r) != ':')
        return token(r, RILL_JSON_BAD, r->at);
    r->at++;
    r->expects = VALUE;
    return t;
}

/* Behind a value: the comma is passed, and what must follow it is read. */
static struct rill_json_token behind(struct rill_json_reader *r)
{
    int c = peek(r);
    if (r->depth == 0)
        return token(r, c < 0 ? RILL_JSON_END : RILL_JSON_BAD, r->at);
    if (c == (in_object(r) ? '}' : ']'))
        return close_bracket(r);
    if (c != ',')
        return token(r, RILL_JSON_BAD, r->at);
    r->at++;
    skip_space(r);
    return in_object(r) ? key(r) : value(r);
}

struct rill_json_token rill_json_next(struct rill_json_reader *r)
{
    if (r->bad)
        return token(r, RILL_JSON_BAD, r->at);
    skip_space(r);
    if (r->expects == COMMA)
        return behind(r);
    if ((r->expects == ITEM && peek(r) == ']') || (r->expects == FIRST_KEY && peek(r) == '}'))
        return close_bracket(r);
    return r->expects == FIRST_KEY ? key(r) : value(r);
}

bool rill_json_item(struct rill_view *rest, struct rill_view *item)
{
    struct rill_view text = *rest;
    size_t from = 0;
    /* Past the bracket or the comma before it. */
    while (from < text.n && memchr(" \t\n\r[,", text.p[from], 6)) {
        bool bracket = text.p[from] == '[' || text.p[from] == ',';
        from++;
        if (bracket)
            break;
    }
    struct rill_json_reader r = rill_json_reader_of(rill_view_sub(text, from, text.n - from));
    skip_space(&r);
    size_t begin = r.at;
    if (peek(&r) == ']' || peek(&r) < 0)
        return false;
    do {
        if (rill_json_next(&r).type == RILL_JSON_BAD)
            return false;
    } while (r.depth);
    *item = rill_view_sub(r.text, begin, r.at - begin);
    *rest = rill_view_sub(r.text, r.at, r.text.n - r.at);
    return true;
}
