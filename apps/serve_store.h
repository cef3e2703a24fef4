/* apps/serve_store: the store behind `rill serve`: where it is, and its two connections. */
#ifndef RILL_APPS_SERVE_STORE_H
#define RILL_APPS_SERVE_STORE_H

#include "base/addr.h"
#include "signaling/store.h"

/* redis://[USER:PASSWORD@]HOST:PORT/N; no host: the rooms are this server's alone. */
struct serve_store_url {
    char host[256];
    uint16_t port;
    char user[257], password[257];
    unsigned database;
};

/* "memory", or redis://…; false when it is neither. */
bool serve_store_parse(const char *text, struct serve_store_url *out);

#endif
