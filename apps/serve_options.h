/* apps/serve_options: the command line of `rill serve`. */
#ifndef RILL_APPS_SERVE_OPTIONS_H
#define RILL_APPS_SERVE_OPTIONS_H

#include "base/addr.h"

struct rill_serve_options {
    struct rill_addr listen;
    const char *www, *password;
    bool tcp, stun, stun_given, any_origin, json, echo;
    uint16_t stun_port;
    int64_t ping_interval, ping_timeout; /* µs; 0: the server's own */
    size_t max_payload;                  /* bytes; 0: the server's own */
};

/* An exit code when there is nothing more to do (help was shown, or a complaint), -1 to go on. */
int rill_serve_parse(int argc, char **argv, struct rill_serve_options *out);

#endif
