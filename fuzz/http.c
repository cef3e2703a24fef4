/* fuzz/http: a head is read the same whatever follows it, never before it is whole, and what a
 * target names stays below the root. */
#include "signaling/http.h"

#include <stdlib.h>
#include <string.h>

static void check_views(struct rill_view bytes, const struct rill_http_head *h)
{
    for (size_t i = 0; i < h->n_headers; i++) {
        struct rill_view name = h->headers[i].name, value = h->headers[i].value;
        if (name.n == 0 || name.p < bytes.p || value.p + value.n > bytes.p + h->size)
            abort();
        if (memchr(value.p, '\n', value.n) || memchr(value.p, '\r', value.n))
            abort();
    }
    rill_http_has_token(h, "Connection", "upgrade");
    rill_http_is_same_origin(h);
    rill_http_origin(h, &(struct rill_view){0});
}

/* One request names one host. */
static void check_host(const struct rill_http_head *h)
{
    struct rill_view host = rill_http_find(h, "Host"), a = rill_http_authority(h->target);
    if (a.p && host.p && !rill_view_equal(a, host))
        abort();
    if (rill_http_target_path(h->target).n == 0)
        abort();
}

static void check_path(struct rill_view target)
{
    uint8_t out[256];
    int n = rill_http_path(target, (struct rill_span){out, sizeof out}, NULL);
    if (n < 0)
        return;
    if (out[0] != '/' || out[n] != 0 || strlen((char *)out) != (size_t)n ||
        strstr((char *)out, "/.") || strstr((char *)out, "//"))
        abort();
    rill_http_content_type(rill_view_at(out, (size_t)n));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct rill_http_head h, again;
    struct rill_view key, bytes = rill_view_at(data, n);
    for (int response = 0; response < 2; response++) {
        long size = rill_http_parse(bytes, response, &h, NULL);
        if (size <= 0)
            continue;
        check_views(bytes, &h);
        if (rill_http_parse(rill_view_sub(bytes, 0, (size_t)size), response, &again, NULL) != size)
            abort();
        if (rill_http_parse(rill_view_sub(bytes, 0, (size_t)size - 1), response, &again, NULL) != 0)
            abort();
        if (response)
            rill_http_ws_response(&h, "dGhlIHNhbXBsZSBub25jZQ==", NULL);
        else if (rill_http_ws_request(&h, &key, NULL) == 0 && key.n != 24)
            abort();
        if (!response) {
            check_host(&h);
            check_path(h.target);
        }
    }
    check_path(bytes);
    return 0;
}
