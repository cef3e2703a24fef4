#include "apps/serve_urls.h"

#include <stdio.h>

static void write_host(const struct rill_addr *a, char out[RILL_ADDR_TEXT_MAX])
{
    struct rill_writer w = rill_writer_of((struct rill_span){(uint8_t *)out, RILL_ADDR_TEXT_MAX});
    rill_addr_write_ip(&w, a);
    rill_w_end_text(&w);
}

static struct serve_url url_of(const struct rill_addr *a, bool tls)
{
    struct serve_url url = {.network = !rill_addr_is_loopback(a)};
    struct rill_addr_text text = rill_addr_text(a);
    snprintf(url.text, sizeof url.text, "%s://%s/", tls ? "https" : "http", text.text);
    write_host(a, url.host);
    return url;
}

static struct serve_url localhost(uint16_t port, bool tls)
{
    struct serve_url url = {.host = "localhost"};
    snprintf(url.text, sizeof url.text, "%s://localhost:%u/", tls ? "https" : "http",
             (unsigned)port);
    return url;
}

static bool is_reachable(const struct rill_addr *a)
{
    return !rill_addr_is_loopback(a) && !(a->family == RILL_ADDR_IP6 && rill_addr_is_link_local(a));
}

size_t serve_urls(const struct rill_addr *at, bool tls, const struct rill_addr *local, size_t n,
                  struct serve_url *out, size_t cap)
{
    size_t have = 0;
    if (cap == 0)
        return 0;
    if (!rill_addr_is_any(at)) {
        out[0] = url_of(at, tls);
        return 1;
    }
    out[have++] = localhost(at->port, tls);
    for (size_t i = 0; i < n && have < cap; i++) {
        struct rill_addr a = local[i];
        if (a.family != at->family || !is_reachable(&a))
            continue;
        a.port = at->port;
        a.scope = 0;
        out[have++] = url_of(&a, tls);
    }
    return have;
}
