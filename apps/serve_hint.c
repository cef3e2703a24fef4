#include "apps/serve_hint.h"

#include "apps/serve_files.h"
#include "signaling/http.h"

#define URL_MAX 1024

bool serve_hint_is_request(struct rill_view first)
{
    return first.n > 0 && first.p[0] >= 'A' && first.p[0] <= 'Z';
}

/* A host, perhaps with a port, that can stand in a page as it is. */
static bool is_plain_host(struct rill_view host)
{
    for (size_t i = 0; i < host.n; i++) {
        uint8_t c = host.p[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!letter && c != '.' && c != '-' && c != ':' && c != '[' && c != ']')
            return false;
    }
    return host.n > 0 && host.n <= 255;
}

static void write_escaped(struct rill_writer *w, struct rill_view v)
{
    for (size_t i = 0; i < v.n; i++) {
        if (v.p[i] == '&')
            rill_w_str(w, "&amp;");
        else if (v.p[i] == '<')
            rill_w_str(w, "&lt;");
        else if (v.p[i] == '"')
            rill_w_str(w, "&quot;");
        else
            rill_w_bytes(w, rill_view_at(v.p + i, 1));
    }
}

static void write_url(struct rill_writer *w, const struct rill_http_head *h)
{
    struct rill_view host = rill_http_find(h, "Host"), target = h->target;
    if (!is_plain_host(host))
        return;
    if (target.n == 0 || target.p[0] != '/' || target.n > URL_MAX)
        target = rill_view_of("/");
    rill_w_str(w, "https://");
    rill_w_bytes(w, host);
    write_escaped(w, target);
}

static void write_page(struct rill_writer *w, struct rill_view url, bool has_ca)
{
    rill_w_str(w, "<!doctype html>\n<meta charset=\"utf-8\">\n"
                  "<meta name=\"viewport\" content=\"width=device-width\">\n"
                  "<title>HTTPS here</title>\n<h1>This port speaks HTTPS</h1>\n<p>");
    if (url.n) {
        rill_w_str(w, "Open <a href=\"");
        rill_w_bytes(w, url);
        rill_w_str(w, "\">");
        rill_w_bytes(w, url);
        rill_w_str(w, "</a>.");
    } else {
        rill_w_str(w, "Use the same address with https:// before it.");
    }
    rill_w_str(w, " A WebSocket is wss:// here.</p>\n");
    if (has_ca)
        rill_w_str(w, "<p>If the browser warns there, this device does not know the server's "
                      "certification authority yet: <a href=\"/ca.crt\">ca.crt</a> is to be "
                      "installed and trusted first.</p>\n");
}

static void write_answer(struct rill_writer *w, const char *status, const char *type,
                         struct rill_view body, bool head_only)
{
    rill_w_str(w, "HTTP/1.1 ");
    rill_w_str(w, status);
    rill_w_str(w, "\r\nContent-Type: ");
    rill_w_str(w, type);
    rill_w_str(w, "\r\nContent-Length: ");
    rill_w_dec(w, body.n);
    rill_w_str(w, "\r\nConnection: close\r\nCache-Control: no-store\r\n"
                  "X-Content-Type-Options: nosniff\r\n"
                  "Content-Security-Policy: default-src 'none'\r\n\r\n");
    if (!head_only)
        rill_w_bytes(w, body);
}

bool serve_hint(struct rill_view request, struct rill_view ca, struct rill_writer *out)
{
    uint8_t url_text[6 * URL_MAX], page_text[SERVE_HINT_MAX];
    struct rill_writer url = rill_writer_of((struct rill_span){url_text, sizeof url_text});
    struct rill_writer page = rill_writer_of((struct rill_span){page_text, sizeof page_text});
    struct rill_http_head h;
    struct rill_err why;
    long n = rill_http_parse(request, false, &h, &why);
    if (n == 0 && request.n < RILL_HTTP_HEAD_MAX)
        return false;
    bool head = n > 0 && rill_view_is(h.method, "HEAD");
    if (n > 0 && ca.n && rill_view_is(h.target, "/ca.crt")) {
        write_answer(out, "200 OK", SERVE_CA_TYPE, ca, head);
        return true;
    }
    if (n > 0)
        write_url(&url, &h);
    /* A target that would fill the page is left out. */
    bool fits = !url.bad && 2 * url.at + 1024 < sizeof page_text;
    write_page(&page, fits ? rill_w_view(&url) : (struct rill_view){0}, ca.n > 0);
    write_answer(out, "400 HTTPS Is Spoken Here", "text/html; charset=utf-8", rill_w_view(&page),
                 head);
    return true;
}
