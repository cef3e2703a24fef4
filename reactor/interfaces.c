/* interfaces: hearing that this machine's addresses have changed (rtnetlink(7)).
 *
 * The idea: what the kernel says is only a knock: who hears it asks for the list anew
 * (rill_posix_interfaces), so a message that was lost costs nothing. */
#define _GNU_SOURCE /* SOCK_CLOEXEC */
#include "reactor/private.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <unistd.h>

int rill_posix_interface_watch(void)
{
    struct sockaddr_nl at;
    memset(&at, 0, sizeof at);
    at.nl_family = AF_NETLINK;
    at.nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR;
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
    if (fd >= 0 && bind(fd, (struct sockaddr *)&at, sizeof at) < 0) {
        close(fd);
        return -1;
    }
    return fd;
}

bool rill_posix_interface_changed(int fd)
{
    uint8_t bytes[4096];
    bool any = false;
    /* ENOBUFS: more was said than fits; that is a knock too, and poll() tells of it. */
    while (recv(fd, bytes, sizeof bytes, MSG_DONTWAIT) > 0)
        any = true;
    return any;
}

void rill_posix_interface_forget(int fd)
{
    if (fd >= 0)
        close(fd);
}
