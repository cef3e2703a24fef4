/* http_ws: the opening handshake of a WebSocket, both sides (RFC 6455 §4). */
#include "signaling/base64.h"
#include "signaling/http.h"
#include "signaling/ws.h"

static int refuse(int row, struct rill_err *why)
{
    return rill_err_set(&rill_signaling_errors, row, 0, 0, why);
}

static size_t count(const struct rill_http_head *h, const char *name)
{
    size_t n = 0;
    for (size_t i = 0; i < h->n_headers; i++)
        n += rill_view_is_nocase(h->headers[i].name, name);
    return n;
}

int rill_http_ws_request(const struct rill_http_head *h, struct rill_view *key,
                         struct rill_err *why)
{
    struct rill_view k = rill_http_find(h, "Sec-WebSocket-Key");
    /* RFC 6455 §4.2.1: GET, HTTP/1.1 or higher, Host, the upgrade, and a key that is base64 of
     * 16 bytes; none of them twice. */
    bool asks = rill_view_is(h->method, "GET") && h->minor >= 1 &&
                rill_http_has_token(h, "Upgrade", "websocket") &&
                rill_http_has_token(h, "Connection", "upgrade");
    bool once = count(h, "Sec-WebSocket-Key") == 1 && count(h, "Sec-WebSocket-Version") <= 1;
    if (!asks || !once || k.n != 24 || rill_base64_size(k) != 16 || h->content_length > 0 ||
        count(h, "Transfer-Encoding"))
        return refuse(RILL_SIGNALING_WS_HANDSHAKE, why);
    /* RFC 6455 §4.2.2: another version is answered with those that are spoken. */
    if (!rill_view_is(rill_http_find(h, "Sec-WebSocket-Version"), "13"))
        return refuse(RILL_SIGNALING_WS_VERSION, why);
    *key = k;
    return 0;
}

void rill_http_write_ws_accept(struct rill_writer *w, struct rill_view key)
{
    char accept[29];
    rill_ws_accept_key(key, accept);
    rill_w_str(w, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                  "Connection: Upgrade\r\nSec-WebSocket-Accept: ");
    rill_w_str(w, accept);
    rill_w_str(w, "\r\n\r\n");
}

void rill_http_write_ws_request(struct rill_writer *w, struct rill_view host, struct rill_view path,
                                const char key[25])
{
    rill_w_str(w, "GET ");
    rill_w_bytes(w, path);
    rill_w_str(w, " HTTP/1.1\r\nHost: ");
    rill_w_bytes(w, host);
    rill_w_str(w, "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: ");
    rill_w_bytes(w, rill_view_at(key, 24));
    rill_w_str(w, "\r\nSec-WebSocket-Version: 13\r\n\r\n");
}

int rill_http_ws_response(const struct rill_http_head *h, const char key[25], struct rill_err *why)
{
    char accept[29];
    rill_ws_accept_key(rill_view_at(key, 24), accept);
    /* RFC 6455 §4.1: 101, both upgrade headers, the right accept key, and nothing agreed that
     * was not asked for. */
    bool right =
        h->status == 101 && rill_http_has_token(h, "Upgrade", "websocket") &&
        rill_http_has_token(h, "Connection", "upgrade") && count(h, "Sec-WebSocket-Accept") == 1 &&
        rill_view_is(rill_http_find(h, "Sec-WebSocket-Accept"), accept) &&
        count(h, "Sec-WebSocket-Extensions") == 0 && count(h, "Sec-WebSocket-Protocol") == 0;
    return right ? 0 : refuse(RILL_SIGNALING_WS_HANDSHAKE, why);
}

/* "host[:port]" without the port that the scheme implies. */
static struct rill_view without_default_port(struct rill_view host, const char *port)
{
    size_t n = rill_view_of(port).n;
    if (host.n > n && rill_view_is(rill_view_sub(host, host.n - n, n), port))
        host.n -= n;
    return host;
}

static bool equal_nocase(struct rill_view a, struct rill_view b)
{
    if (a.n != b.n)
        return false;
    for (size_t i = 0; i < a.n; i++) {
        uint8_t x = a.p[i], y = b.p[i];
        x = x >= 'A' && x <= 'Z' ? (uint8_t)(x + 32) : x;
        y = y >= 'A' && y <= 'Z' ? (uint8_t)(y + 32) : y;
        if (x != y)
            return false;
    }
    return true;
}

bool rill_http_origin(const struct rill_http_head *h, struct rill_view *out)
{
    *out = rill_http_find(h, "Origin");
    return count(h, "Origin") == 1;
}

bool rill_http_is_same_origin(const struct rill_http_head *h)
{
    size_t origins = count(h, "Origin");
    if (origins == 0)
        return true;
    struct rill_view origin = rill_http_find(h, "Origin");
    bool tls = rill_view_starts(origin, "https://");
    size_t scheme = tls ? 8 : 7;
    if (origins > 1 || (!tls && !rill_view_starts(origin, "http://")))
        return false;
    const char *port = tls ? ":443" : ":80";
    struct rill_view host = rill_http_find(h, "Host");
    return equal_nocase(
        without_default_port(rill_view_sub(origin, scheme, origin.n - scheme), port),
        without_default_port(host, port));
}
