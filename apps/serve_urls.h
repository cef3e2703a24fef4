/* serve_urls: under which URLs a listener can be reached. No interfaces are asked here: addresses
 * come in, texts go out. */
#ifndef RILL_APPS_SERVE_URLS_H
#define RILL_APPS_SERVE_URLS_H

#include "base/addr.h"

#define SERVE_URLS_MAX 64

struct serve_url {
    char text[RILL_ADDR_TEXT_MAX + 16]; /* "https://192.168.1.5:8181/" */
    char host[RILL_ADDR_TEXT_MAX];      /* without brackets and port */
    bool network;                       /* another machine, a phone, can open it */
};

/* at: the address that was bound, with its port; local: this machine's addresses. The unspecified
 * address stands for localhost and for each of local that is of its family and that a browser can
 * be told: no loopback, no link-local IPv6, which would need a zone. Any other address stands for
 * itself. The one for this machine comes first, then IPv4 in the order of local. Returns how many
 * were put into out. */
size_t serve_urls(const struct rill_addr *at, bool tls, const struct rill_addr *local, size_t n,
                  struct serve_url *out, size_t cap);

#endif
