/* apps/serve_log: the access log of `rill serve`: a line a request, a WebSocket, a session. */
#ifndef RILL_APPS_SERVE_LOG_H
#define RILL_APPS_SERVE_LOG_H

#include "signaling/server.h"

#include <stdio.h>

struct serve_log {
    const char *path; /* "-": standard output; NULL: none */
    bool json;
    FILE *file;
};

/* False when the file cannot be opened, which is said; also to begin anew after it was moved. */
bool serve_log_open(struct serve_log *l);
void serve_log_write(struct serve_log *l, const struct rill_sig_access *a);
void serve_log_close(struct serve_log *l);

#endif
