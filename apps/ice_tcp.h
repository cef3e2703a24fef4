/* ice_tcp: --ice-tcp, as call and gather take it. */
#ifndef RILL_APPS_ICE_TCP_H
#define RILL_APPS_ICE_TCP_H

#include "ice/agent.h"

#include <string.h>

#define RILL_ICE_TCP_HELP                                                                          \
    "  --ice-tcp HOW     off, on (active and passive candidates beside UDP's; the default), so\n"  \
    "                    (simultaneous-open ones too), only (no UDP)"

static inline bool rill_ice_tcp_read(const char *word, enum rill_ice_tcp *out)
{
    static const char *const words[] = {"off", "on", "so", "only"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (!strcmp(word, words[i])) {
            *out = (enum rill_ice_tcp)i;
            return true;
        }
    return false;
}

#endif
