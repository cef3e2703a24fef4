/* sockaddr: rill's addresses as the system's, and back. */
#include "reactor/private.h"

#include <netinet/in.h>
#include <string.h>

bool rill_sockaddr_from(const struct rill_addr *a, struct rill_sockaddr *out)
{
    memset(out, 0, sizeof *out);
    if (a->family == RILL_ADDR_IP4) {
        struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(a->port)};
        memcpy(&in.sin_addr, a->ip, 4);
        memcpy(&out->storage, &in, sizeof in);
        out->n = sizeof in;
        return true;
    }
    if (a->family == RILL_ADDR_IP6) {
        struct sockaddr_in6 in = {
            .sin6_family = AF_INET6, .sin6_port = htons(a->port), .sin6_scope_id = a->scope};
        memcpy(&in.sin6_addr, a->ip, 16);
        memcpy(&out->storage, &in, sizeof in);
        out->n = sizeof in;
        return true;
    }
    return false;
}

struct rill_addr rill_sockaddr_addr(const struct sockaddr_storage *s)
{
    struct rill_addr a = {0};
    if (s->ss_family == AF_INET) {
        struct sockaddr_in in;
        memcpy(&in, s, sizeof in);
        a.family = RILL_ADDR_IP4;
        a.port = ntohs(in.sin_port);
        memcpy(a.ip, &in.sin_addr, 4);
    } else if (s->ss_family == AF_INET6) {
        struct sockaddr_in6 in;
        memcpy(&in, s, sizeof in);
        a.family = RILL_ADDR_IP6;
        a.port = ntohs(in.sin6_port);
        a.scope = in.sin6_scope_id;
        memcpy(a.ip, &in.sin6_addr, 16);
    }
    return a;
}
