/* server_http: one request at a time, answered by a file, a short page or a WebSocket.
 *
 * The idea: no file is read here. A request for one becomes an event; whoever owns the files
 * answers it, and the bytes go out from where they lie. */
#include "signaling/server_private.h"

#include <string.h>

static const struct rill_trace_point refused = {
    "signaling",
    "http_refused",
    "a request was answered with a refusal",
    3,
    {{"conn", RILL_TRACE_U64}, {"status", RILL_TRACE_U64}, {"why", RILL_TRACE_TEXT}}};
static const struct rill_trace_point upgraded = {
    "signaling", "upgraded", "a connection became a WebSocket", 1, {{"conn", RILL_TRACE_U64}}};

static const char no_cache[] = "Cache-Control: no-cache\r\n";
static const char no_store[] = "Cache-Control: no-store\r\n";

/* The page loads nothing from elsewhere, talks to this host, and is in nobody's frame. */
static const char page_policy[] =
    "default-src 'self'; connect-src 'self' ws: wss:; "
    "media-src 'self' blob:; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'";
static const char security_headers[] = "X-Content-Type-Options: nosniff\r\n"
                                       "Referrer-Policy: no-referrer\r\n"
                                       "Permissions-Policy: camera=(self), microphone=(self)\r\n";

static const char *phrase_of(unsigned status)
{
    switch (status) {
    case 200:
        return "OK";
    case 204:
        return "No Content";
    case 206:
        return "Partial Content";
    case 400:
        return "Bad Request";
    case 403:
        return "Forbidden";
    case 404:
        return "Not Found";
    case 405:
        return "Method Not Allowed";
    case 411:
        return "Length Required";
    case 413:
        return "Content Too Large";
    case 416:
        return "Range Not Satisfiable";
    case 426:
        return "Upgrade Required";
    case 431:
        return "Request Header Fields Too Large";
    case 501:
        return "Not Implemented";
    case 503:
        return "Service Unavailable";
    default:
        return "HTTP Version Not Supported";
    }
}

/* RFC 9110 §15.5.6, §15.5.22: what must go with these two. */
static const char *extra_of(unsigned status)
{
    return status == 405   ? "Allow: GET, HEAD\r\n"
           : status == 426 ? "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                           : "";
}

static void write_content(struct rill_writer *w, const char *type, size_t length)
{
    rill_w_str(w, "Content-Type: ");
    rill_w_str(w, type);
    rill_w_str(w, "\r\nContent-Length: ");
    rill_w_dec(w, length);
    rill_w_str(w, "\r\n");
}

void rill_server_reply(struct rill_sig_server *x, int64_t now, struct rill_server_conn *c,
                       unsigned status, const char *content_type, const char *headers,
                       size_t length)
{
    struct rill_writer w = rill_writer_of((struct rill_span){c->reply, SERVER_REPLY_MAX});
    rill_w_str(&w, "HTTP/1.1 ");
    rill_w_dec(&w, status);
    rill_w_char(&w, ' ');
    rill_w_str(&w, phrase_of(status));
    rill_w_str(&w, "\r\n");
    /* RFC 9110 §8.6: no Content-Length with 204. */
    if (status != 204)
        write_content(&w, content_type, length);
    rill_w_str(&w, extra_of(status));
    rill_server_write_origin(x, &w, c->origin);
    rill_w_str(&w, headers);
    rill_w_str(&w, security_headers);
    rill_w_str(&w, "Content-Security-Policy: ");
    rill_w_str(&w, c->policy ? c->policy : page_policy);
    rill_w_str(&w, "\r\n");
    c->policy = NULL;
    const char *upgrade = status == 426 ? "upgrade, " : "";
    rill_w_str(&w, "Connection: ");
    rill_w_str(&w, upgrade);
    rill_w_str(&w, c->keep_alive ? "keep-alive\r\n\r\n" : "close\r\n\r\n");
    c->n_reply = w.at;
    c->reply_at = 0;
    c->body = (struct rill_view){0};
    c->body_at = 0;
    c->state = SERVER_REPLY;
    c->deadline = now + SERVER_SEND_TIMEOUT;
    c->record.status = status;
    rill_server_count_status(x, status);
    rill_server_more(x, c);
}

void rill_server_reply_text(struct rill_server_conn *c, struct rill_view text)
{
    struct rill_writer w =
        rill_writer_of((struct rill_span){c->reply + c->n_reply, SERVER_REPLY_MAX - c->n_reply});
    if (c->head_only)
        return;
    rill_w_bytes(&w, text);
    c->n_reply += w.at;
}

void rill_server_refuse(struct rill_sig_server *x, int64_t now, struct rill_server_conn *c,
                        unsigned status, const char *sentence)
{
    RILL_TRACE(x->config.trace, now, refused, {.u = c->id}, {.u = status},
               {.view = rill_view_of(sentence)});
    struct rill_view text = rill_view_of(sentence);
    rill_server_reply(x, now, c, status, "text/plain; charset=utf-8", no_cache, text.n + 1);
    rill_server_reply_text(c, text);
    rill_server_reply_text(c, rill_view_of("\n"));
}

/* The head could not be read, so nobody knows where the next one begins. */
static void refuse_head(struct rill_sig_server *x, int64_t now, struct rill_server_conn *c,
                        const struct rill_err *why)
{
    unsigned status = 400;
    if (why->row->code == RILL_SIGNALING_HTTP_VERSION)
        status = 505;
    if (why->row->code == RILL_SIGNALING_HTTP_TOO_LARGE) {
        status = 431;
        x->counts.hits[SERVER_HIT_HEAD]++;
    }
    c->keep_alive = false;
    c->head_only = false;
    c->origin = SERVER_ORIGIN_OWN;
    rill_server_count_row(x, why->row->code);
    rill_server_log_begin(x, now, c, NULL);
    rill_server_refuse(x, now, c, status, why->row->sentence);
}

bool rill_server_upgrade(struct rill_sig_server *x, int64_t now, struct rill_server_conn *c,
                         const struct rill_http_head *h, enum rill_server_use use)
{
    struct rill_err why = {0};
    struct rill_view key;
    int rc = rill_http_ws_request(h, &key, &why);
    if (rc < 0) {
        rill_server_count_row(x, rc);
        bool asks = rill_http_has_token(h, "Upgrade", "websocket");
        bool version = rc == RILL_SIGNALING_WS_VERSION || !asks;
        rill_server_refuse(x, now, c, version ? 426 : 400, why.row->sentence);
        return false;
    }
    /* RFC 6455 §10.2: a server that is not meant for every page checks the Origin. */
    if (rill_server_origin(x, h) == SERVER_ORIGIN_FOREIGN) {
        rill_server_refuse(x, now, c, 403, "a page of another host may not use this server");
        return false;
    }
    if (x->draining) {
        rill_server_refuse(x, now, c, 503, "the server is about to go");
        return false;
    }
    struct rill_writer w = rill_writer_of((struct rill_span){c->reply, SERVER_REPLY_MAX});
    rill_http_write_ws_accept(&w, key);
    c->n_reply = w.at;
    c->reply_at = 0;
    rill_server_ws_begin(x, now, c, use);
    c->record.status = 101;
    c->record.kind = RILL_SIG_WEBSOCKET;
    rill_server_count_status(x, 101);
    RILL_TRACE(x->config.trace, now, upgraded, {.u = c->id});
    return true;
}

/* A short page of the server's own: what it tells of itself changes at every look. */
static void reply_page(struct rill_sig_server *x, int64_t now, struct rill_server_conn *c,
                       unsigned status, const char *content_type, struct rill_view text)
{
    rill_server_reply(x, now, c, status, content_type, no_store, text.n);
    if (!c->head_only)
        c->body = text;
}

static void reply_metrics(struct rill_sig_server *x, int64_t now, struct rill_server_conn *c)
{
    struct rill_writer w = rill_writer_of(c->block);
    rill_server_write_metrics(x, now, &w);
    if (w.bad)
        rill_server_refuse(x, now, c, 503, "there is not enough memory for the metrics");
    else
        reply_page(x, now, c, 200, "text/plain; version=0.0.4; charset=utf-8", rill_w_view(&w));
}

static void upgrade_to_vocabulary(struct rill_sig_server *x, int64_t now,
                                  struct rill_server_conn *c, const struct rill_http_head *h)
{
    struct rill_view query;
    rill_view_cut(h->target, '?', &query);
    rill_server_ask_room(&c->member, query);
    rill_server_upgrade(x, now, c, h, SERVER_USE_VOCABULARY);
}

/* What the server answers itself; false when the path is a file's. */
static bool request_own(struct rill_sig_server *x, int64_t now, struct rill_server_conn *c,
                        const struct rill_http_head *h, struct rill_view path)
{
    if (rill_view_is(path, "/ws"))
        upgrade_to_vocabulary(x, now, c, h);
    else if (x->config.echo && rill_view_is(path, "/echo"))
        rill_server_upgrade(x, now, c, h, SERVER_USE_ECHO);
    else if (rill_view_is(path, "/healthz"))
        reply_page(x, now, c, x->draining ? 503 : 200, "text/plain; charset=utf-8",
                   rill_view_of(x->draining ? "draining\n" : "ok\n"));
    else if (x->config.metrics && rill_view_is(path, "/metrics"))
        reply_metrics(x, now, c);
    else
        return false;
    return true;
}

static void request_file(struct rill_sig_server *x, int64_t now, struct rill_server_conn *c,
                         const struct rill_http_head *h, bool has_body)
{
    if (!c->head_only && !rill_view_is(h->method, "GET")) {
        c->keep_alive = false;
        rill_server_refuse(x, now, c, 405, "only GET and HEAD are answered here");
        return;
    }
    if (has_body) {
        bool coded = !h->has_length;
        rill_server_refuse(x, now, c, coded ? 501 : 413, "a request for a page has no body");
        return;
    }
    struct rill_err why = {0};
    int n = rill_http_path(h->target, (struct rill_span){c->reply, SERVER_PATH_MAX}, &why);
    if (n < 0) {
        rill_server_count_row(x, n);
        rill_server_refuse(x, now, c, 404, why.row->sentence);
        return;
    }
    c->n_path = (size_t)n;
    c->n_reply = c->reply_at = 0;
    if (request_own(x, now, c, h, rill_view_at(c->reply, c->n_path)))
        return;
    c->state = SERVER_ASKED;
    c->tell_file = true;
    c->deadline = now + SERVER_SEND_TIMEOUT;
    rill_server_touch(x, &c->member);
}

static void request(struct rill_sig_server *x, int64_t now, struct rill_server_conn *c,
                    const struct rill_http_head *h)
{
    struct rill_view query;
    bool has_body = rill_http_find(h, "Transfer-Encoding").p || h->content_length > 0;
    c->head_only = rill_view_is(h->method, "HEAD");
    /* RFC 9110 §14.2: only a GET has ranges. */
    c->has_range = rill_view_is(h->method, "GET") && rill_http_range(h, &c->range);
    /* A body that is not read hides where the next request begins. */
    c->keep_alive = h->keep_alive && !has_body;
    c->origin = SERVER_ORIGIN_OWN;
    rill_server_log_begin(x, now, c, h);
    if (rill_eio_target(h->target, "/socket.io/", &query))
        rill_server_eio_request(x, now, c, h, query, true);
    else if (x->config.echo && rill_eio_target(h->target, "/engine.io/", &query))
        rill_server_eio_request(x, now, c, h, query, false);
    else
        request_file(x, now, c, h, has_body);
}

/* As much of the body as has come. Returns how many bytes were taken. */
size_t rill_server_http_body(struct rill_sig_server *x, int64_t now, struct rill_server_conn *c,
                             struct rill_view bytes)
{
    size_t want = c->block_want - c->n_block;
    size_t n = bytes.n < want ? bytes.n : want;
    if (n)
        memcpy(c->block.p + c->n_block, bytes.p, n);
    c->n_block += n;
    if (c->n_block == c->block_want)
        rill_server_eio_body(x, now, c);
    return n;
}

/* Bytes that have been understood leave c->in. */
static void consume(struct rill_server_conn *c, size_t n)
{
    c->n_in -= n;
    memmove(c->in.p, c->in.p + n, c->n_in);
    if (c->n_in == 0)
        rill_elastic_reset(&c->in);
}

void rill_server_http(struct rill_sig_server *x, int64_t now, struct rill_server_conn *c)
{
    struct rill_http_head h;
    struct rill_err why = {0};
    if (c->state != SERVER_HEAD)
        return;
    long size = rill_http_parse(rill_view_at(c->in.p, c->n_in), false, &h, &why);
    if (size < 0) {
        c->n_in = 0;
        refuse_head(x, now, c, &why);
        return;
    }
    if (size == 0)
        return;
    request(x, now, c, &h);
    consume(c, (size_t)size);
    if (c->state == SERVER_BODY)
        consume(c, rill_server_http_body(x, now, c, rill_view_at(c->in.p, c->n_in)));
}

/* RFC 9110 §14.4 */
static void write_content_range(struct rill_writer *w, const struct rill_sig_file *file)
{
    rill_w_str(w, "Content-Range: bytes ");
    if (file->body.n) {
        rill_w_dec(w, file->first);
        rill_w_char(w, '-');
        rill_w_dec(w, file->first + file->body.n - 1);
    } else {
        rill_w_char(w, '*');
    }
    rill_w_char(w, '/');
    rill_w_dec(w, file->total);
    rill_w_str(w, "\r\n");
}

void rill_server_http_file(struct rill_sig_server *x, int64_t now, struct rill_server_conn *c,
                           const struct rill_sig_file *file)
{
    char headers[160];
    struct rill_writer w = rill_writer_of((struct rill_span){(uint8_t *)headers, sizeof headers});
    if (!file->body.p) {
        rill_server_refuse(x, now, c, 404, "there is no such file");
        return;
    }
    rill_w_str(&w, no_cache);
    if (file->ranges)
        rill_w_str(&w, "Accept-Ranges: bytes\r\n");
    if (file->is_part)
        write_content_range(&w, file);
    rill_w_end_text(&w);
    c->policy = file->policy;
    unsigned status = !file->is_part ? 200 : file->body.n ? 206 : 416;
    rill_server_reply(x, now, c, status, file->content_type, headers, file->body.n);
    if (!c->head_only)
        c->body = file->body;
}
