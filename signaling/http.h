/* signaling/http: the part of HTTP/1.1 that a page and a WebSocket handshake need (RFC 9112,
 * RFC 6455 §4); strict: what could be read in two ways is refused. */
#ifndef RILL_SIGNALING_HTTP_H
#define RILL_SIGNALING_HTTP_H

#include "base/bytes.h"
#include "signaling/errors.h"
#include "signaling/limits.h"

struct rill_http_header {
    struct rill_view name, value;
};

struct rill_http_head {
    bool is_response;
    struct rill_view method, target; /* request */
    unsigned status;                 /* response */
    unsigned minor;                  /* HTTP/1.minor */
    struct rill_http_header headers[RILL_HTTP_HEADERS_MAX];
    size_t n_headers;
    size_t size; /* bytes of the head, blank line included */
    bool has_length;
    uint64_t content_length;
    bool keep_alive;
};

/* > 0: bytes of a whole head; 0: more is needed; < 0: RILL_SIGNALING_HTTP_LINE, _VERSION,
 * _LINE_END, _FOLDED, _HEADER, _LENGTH, _HOST (also when the target names another), _TOO_LARGE
 * (answer 400, close).
 * Views point into bytes. */
long rill_http_parse(struct rill_view bytes, bool response, struct rill_http_head *out,
                     struct rill_err *why);
/* Case-insensitive; the first one, p == NULL when absent. */
struct rill_view rill_http_find(const struct rill_http_head *h, const char *name);
/* One of the comma-separated tokens of a header, without case. */
bool rill_http_has_token(const struct rill_http_head *h, const char *name, const char *token);

/* RFC 9110 §14.1.2: what "bytes=first-last" asks for. */
struct rill_http_range {
    uint64_t first, last; /* last UINT64_MAX: to the end */
};
/* False when no range is asked for, or in a form that is passed over (§14.2: a server may): from
 * the end, or several. */
bool rill_http_range(const struct rill_http_head *h, struct rill_http_range *out);

/* RFC 6455 §4.2.1: a request that asks for a WebSocket as it should. Errors:
 * RILL_SIGNALING_WS_HANDSHAKE, _WS_VERSION (answer 426). */
int rill_http_ws_request(const struct rill_http_head *h, struct rill_view *key,
                         struct rill_err *why);
void rill_http_write_ws_accept(struct rill_writer *w, struct rill_view key);
void rill_http_write_ws_request(struct rill_writer *w, struct rill_view host, struct rill_view path,
                                const char key[25]);
/* RFC 6455 §4.1: the server's answer to `key` is as it should be. */
int rill_http_ws_response(const struct rill_http_head *h, const char key[25], struct rill_err *why);
/* RFC 6455 §10.2: the page that asks came from the host it asks, or the asker is no page (no
 * Origin header). */
bool rill_http_is_same_origin(const struct rill_http_head *h);
/* The origin that the asker names; false when it names none, or several. */
bool rill_http_origin(const struct rill_http_head *h, struct rill_view *out);

/* What the absolute form names between its scheme and its path; p == NULL: it is no such form. */
struct rill_view rill_http_authority(struct rill_view target);
/* The path of either form, as it is written, without the query. */
struct rill_view rill_http_target_path(struct rill_view target);

/* A file name under a www root from a request target: decoded, no query, no "..", no hidden
 * file, no NUL, no backslash; "/" gives "/index.html". Returns its bytes, behind which out holds
 * a NUL. Errors: RILL_SIGNALING_HTTP_TARGET. */
int rill_http_path(struct rill_view target, struct rill_span out, struct rill_err *why);
const char *rill_http_content_type(struct rill_view path);

#endif
