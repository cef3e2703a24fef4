/* call_interfaces: this machine's addresses, and what becomes of them during the call. */
#include "apps/call.h"

#include <stdio.h>
#include <string.h>

void call_watch_interfaces(struct call *c)
{
    c->interface_fd = rill_posix_interface_watch();
    if (c->interface_fd >= 0)
        (void)rill_reactor_watch(c->reactor, c->interface_fd, 0, &c->interface_socket, NULL);
}

static bool among(const struct rill_addr *addrs, size_t n, const struct rill_addr *a)
{
    for (size_t i = 0; i < n; i++)
        if (rill_addr_same_ip(&addrs[i], a))
            return true;
    return false;
}

static void tell(struct call *c, const struct rill_addr *a, const char *what)
{
    char text[RILL_ADDR_TEXT_MAX + 16];
    snprintf(text, sizeof text, "%s %s", rill_addr_text(a).text, what);
    call_note(c, "interface", text);
}

/* All that are there are told each time: one whose socket could not be had, such as an IPv6 address
 * whose uniqueness was not certain yet, gets another try; the others are known. */
static void look(struct call *c, int64_t now, bool silent)
{
    struct rill_addr addrs[CALL_INTERFACES];
    size_t n = rill_ip_handling_addresses(c->options->ip_handling, c->stream_addrs,
                                          c->n_stream_addrs, addrs, CALL_INTERFACES);
    for (size_t i = 0; i < c->n_interfaces; i++) {
        if (among(addrs, n, &c->interfaces[i]))
            continue;
        tell(c, &c->interfaces[i], "is gone");
        (void)rill_peer_interface_down(c->peer, now, &c->interfaces[i]);
    }
    for (size_t i = 0; i < n; i++) {
        if (!silent && !among(c->interfaces, c->n_interfaces, &addrs[i]))
            tell(c, &addrs[i], "came");
        (void)rill_peer_interface_up(c->peer, now, &addrs[i]);
    }
    memcpy(c->interfaces, addrs, n * sizeof addrs[0]);
    c->n_interfaces = n;
}

void call_name_interfaces(struct call *c, int64_t now)
{
    look(c, now, true);
}

void call_interfaces_changed(struct call *c, int64_t now)
{
    if (!rill_posix_interface_changed(c->interface_fd) || !c->peer)
        return;
    look(c, now, false);
    rill_local_names_interfaces(&c->local, now);
}

void call_forget_interfaces(struct call *c)
{
    if (c->reactor && c->interface_socket)
        rill_reactor_close(c->reactor, c->interface_socket);
    rill_posix_interface_forget(c->interface_fd);
}
