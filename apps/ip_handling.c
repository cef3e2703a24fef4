#include "apps/ip_handling.h"

#include <stdlib.h>
#include <string.h>

static bool has_proxy(void)
{
    static const char *const names[] = {"https_proxy", "HTTPS_PROXY", "http_proxy",
                                        "HTTP_PROXY",  "all_proxy",   "ALL_PROXY"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *value = getenv(names[i]);
        if (value && value[0])
            return true;
    }
    return false;
}

const char *rill_ip_handling_read(const char *word, enum rill_ip_handling *out)
{
    static const char *const words[] = {"all", "default-and-local", "default", "proxy"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strcmp(word, words[i]) != 0)
            continue;
        *out = (enum rill_ip_handling)i;
        /* RFC 8828 §5.2: "WebRTC media traffic MUST also be proxied". */
        return *out == RILL_IP_PROXY && has_proxy()
                   ? "a proxy is set in the environment, and rill cannot speak through one"
                   : NULL;
    }
    return "it is all, default-and-local, default or proxy";
}

/* RFC 8828 §6.2: "a well-known DNS name or IP address": a root server's. Nothing is sent to it. */
static struct rill_addr internet(enum rill_family family)
{
    struct rill_addr a;
    if (family == RILL_ADDR_IP4)
        return rill_addr_ip4(198, 41, 0, 4, 53);
    (void)rill_addr_parse(rill_view_of("[2001:503:ba3e::2:30]:53"), &a);
    return a;
}

static bool default_route(enum rill_family family, const struct rill_addr *toward, size_t n,
                          struct rill_addr *out)
{
    struct rill_addr to = internet(family);
    for (size_t i = n; i-- > 0;)
        if (toward[i].family == family && !rill_addr_is_loopback(&toward[i]))
            to = toward[i];
    return rill_posix_source(&to, out);
}

size_t rill_ip_handling_addresses(enum rill_ip_handling h, const struct rill_addr *toward,
                                  size_t n_toward, struct rill_addr *out, size_t cap)
{
    size_t n = 0;
    if (h == RILL_IP_ALL)
        return rill_posix_interfaces(out, cap);
    for (int i = 0; i < 2 && n < cap; i++)
        n += default_route(i ? RILL_ADDR_IP6 : RILL_ADDR_IP4, toward, n_toward, &out[n]);
    return n;
}
