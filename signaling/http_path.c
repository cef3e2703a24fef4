/* http_path: from a request target to the name of a file below the root.
 *
 * The idea: decode once, then judge what is left by segments; no "..", no hidden file, no
 * empty segment and no byte that a file system could read in its own way gets through. */
#include "base/utf8.h"
#include "signaling/http.h"

static int refuse(size_t offset, struct rill_err *why)
{
    return rill_err_set(&rill_signaling_errors, RILL_SIGNALING_HTTP_TARGET, offset, 0, why);
}

struct rill_view rill_http_authority(struct rill_view target)
{
    size_t from = rill_view_starts(target, "http://")    ? 7
                  : rill_view_starts(target, "https://") ? 8
                                                         : 0;
    size_t to = from;
    while (from && to < target.n && target.p[to] != '/' && target.p[to] != '?')
        to++;
    return from ? rill_view_sub(target, from, to - from) : (struct rill_view){0};
}

struct rill_view rill_http_target_path(struct rill_view target)
{
    struct rill_view authority = rill_http_authority(target), query;
    if (!authority.p)
        return rill_view_cut(target, '?', &query);
    size_t behind = (size_t)(authority.p - target.p) + authority.n;
    struct rill_view path =
        rill_view_cut(rill_view_sub(target, behind, target.n - behind), '?', &query);
    return path.n ? path : rill_view_of("/");
}

/* RFC 3986 §2.1. Bytes written, -1 when the escapes are wrong or out is too small. An escaped
 * slash is refused: it would become a separator that was none. */
static long decode(struct rill_view path, struct rill_span out)
{
    size_t n = 0;
    for (size_t i = 0; i < path.n; i++) {
        uint8_t c = path.p[i];
        if (n == out.n)
            return -1;
        if (c == '%') {
            if (rill_hex_decode(rill_view_sub(path, i + 1, 2), (struct rill_span){&c, 1}) != 1 ||
                c == '/')
                return -1;
            i += 2;
        }
        if (c < 0x20 || c == 0x7f || c == '\\' || (c == '#' && path.p[i] == '#'))
            return -1;
        out.p[n++] = c;
    }
    return (long)n;
}

/* "/a/b": each segment is something and does not begin with a dot. */
static bool segments_are_safe(struct rill_view path)
{
    if (path.n == 0 || path.p[0] != '/')
        return false;
    struct rill_view rest = rill_view_sub(path, 1, path.n - 1);
    while (rest.p) {
        struct rill_view segment = rill_view_cut(rest, '/', &rest);
        if (segment.n == 0 || segment.p[0] == '.')
            return false;
    }
    return true;
}

int rill_http_path(struct rill_view target, struct rill_span out, struct rill_err *why)
{
    struct rill_view path = rill_http_target_path(target);
    if (rill_view_is(path, "/"))
        path = rill_view_of("/index.html");
    if (out.n == 0)
        return refuse(0, why);
    /* The last byte is kept for the NUL. */
    long n = decode(path, (struct rill_span){out.p, out.n - 1});
    if (n < 0)
        return refuse(0, why);
    struct rill_view decoded = rill_view_at(out.p, (size_t)n);
    if (!segments_are_safe(decoded) || !rill_utf8_is_valid(decoded))
        return refuse(0, why);
    out.p[n] = 0;
    return (int)n;
}

const char *rill_http_content_type(struct rill_view path)
{
    static const struct {
        const char *ending, *type;
    } types[] = {
        {".html", "text/html; charset=utf-8"},
        {".css", "text/css; charset=utf-8"},
        {".js", "text/javascript; charset=utf-8"},
        {".mjs", "text/javascript; charset=utf-8"},
        {".json", "application/json"},
        {".svg", "image/svg+xml"},
        {".png", "image/png"},
        {".ico", "image/x-icon"},
        {".txt", "text/plain; charset=utf-8"},
        {".webmanifest", "application/manifest+json"},
        {".woff2", "font/woff2"},
    };
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        size_t n = rill_view_of(types[i].ending).n;
        if (path.n > n && rill_view_is_nocase(rill_view_sub(path, path.n - n, n), types[i].ending))
            return types[i].type;
    }
    return "application/octet-stream";
}
