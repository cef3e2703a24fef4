/* server_origin: pages of which hosts may speak to the server (RFC 6454, RFC 6455 §10.2, and the
 * CORS protocol of the Fetch standard).
 *
 * The idea: a page of the server's own host, and whoever is no page, may always. Others are named
 * one by one, exactly as a browser writes an origin, or all are let in. */
#include "signaling/server_private.h"

#define ALLOWED_HEADERS_MAX 256

enum rill_server_origin rill_server_origin(const struct rill_sig_server *x,
                                           const struct rill_http_head *h)
{
    if (x->config.any_origin)
        return SERVER_ORIGIN_ANY;
    if (rill_http_is_same_origin(h))
        return SERVER_ORIGIN_OWN;
    struct rill_view origin;
    if (!rill_http_origin(h, &origin))
        return SERVER_ORIGIN_FOREIGN;
    for (size_t i = 0; i < x->config.n_origins; i++)
        if (rill_view_is(origin, x->config.origins[i]))
            return SERVER_ORIGIN_LISTED + (enum rill_server_origin)i;
    return SERVER_ORIGIN_FOREIGN;
}

void rill_server_write_origin(const struct rill_sig_server *x, struct rill_writer *w,
                              enum rill_server_origin o)
{
    if (o == SERVER_ORIGIN_ANY)
        rill_w_str(w, "Access-Control-Allow-Origin: *\r\n");
    if (o < SERVER_ORIGIN_LISTED)
        return;
    rill_w_str(w, "Access-Control-Allow-Origin: ");
    rill_w_str(w, x->config.origins[o - SERVER_ORIGIN_LISTED]);
    /* Whoever keeps the answer keeps it for this origin alone. */
    rill_w_str(w, "\r\nVary: Origin\r\n");
}

/* The header names that the page asks for, when they are nothing else. */
static struct rill_view asked_headers(const struct rill_http_head *h)
{
    struct rill_view v = rill_http_find(h, "Access-Control-Request-Headers");
    for (size_t i = 0; i < v.n; i++) {
        uint8_t c = v.p[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!letter && c != '-' && c != '_' && c != ',' && c != ' ')
            return (struct rill_view){0};
    }
    return v.n <= ALLOWED_HEADERS_MAX ? v : (struct rill_view){0};
}

bool rill_server_preflight(struct rill_sig_server *x, int64_t now, struct rill_server_conn *c,
                           const struct rill_http_head *h)
{
    uint8_t text[ALLOWED_HEADERS_MAX + 160];
    struct rill_writer w = rill_writer_of((struct rill_span){text, sizeof text});
    if (c->origin == SERVER_ORIGIN_OWN || c->origin == SERVER_ORIGIN_FOREIGN ||
        !rill_view_is(h->method, "OPTIONS") || h->content_length > 0)
        return false;
    struct rill_view headers = asked_headers(h);
    rill_w_str(&w, "Access-Control-Allow-Methods: GET, POST\r\n");
    if (headers.n) {
        rill_w_str(&w, "Access-Control-Allow-Headers: ");
        rill_w_bytes(&w, headers);
        rill_w_str(&w, "\r\n");
    }
    rill_w_str(&w, "Access-Control-Max-Age: 600\r\n");
    rill_w_end_text(&w);
    rill_server_reply(x, now, c, 204, "text/plain", (const char *)text, 0);
    return true;
}
