/* apps/serve_options: the command line of `rill serve`. */
#ifndef RILL_APPS_SERVE_OPTIONS_H
#define RILL_APPS_SERVE_OPTIONS_H

#include "apps/serve_store.h"
#include "apps/trace_out.h"
#include "base/addr.h"

#define SERVE_LISTENERS_MAX 8
#define SERVE_ORIGINS_MAX 16

enum serve_tls {
    SERVE_TLS_AUTO, /* cert.crt and cert.key that lie here, or made */
    SERVE_TLS_OFF,
    SERVE_TLS_FILES,
};

struct rill_serve_options {
    struct rill_addr listen[SERVE_LISTENERS_MAX];
    bool no_tcp[SERVE_LISTENERS_MAX]; /* of each: STUN alone */
    size_t n_listen;
    enum serve_tls tls;
    char tls_cert[4096], tls_key[4096]; /* of SERVE_TLS_FILES */
    const char *ca;                     /* the folder of the CA; NULL: the usual one */
    const char *www, *password;
    const char *trace_dir; /* NULL: no trace is given */
    struct rill_trace_options trace;
    bool tcp, stun, stun_given, any_origin, json, echo;
    uint16_t stun_port;
    struct rill_addr stun_alternate;     /* family NONE: none; port 0: any */
    int64_t ping_interval, ping_timeout; /* µs; 0: the server's own */
    int64_t grace;                       /* µs; 0: the server's own; below: none */
    size_t max_payload;                  /* bytes; 0: the server's own */
    size_t connections;
    size_t per_address;                     /* 0: the server's own */
    const char *origins[SERVE_ORIGINS_MAX]; /* --allow-origin */
    size_t n_origins;
    const char *access_log; /* NULL: none */
    struct serve_store_url store;
    bool no_metrics;
    int64_t drain; /* µs after SIGTERM for those who are here */
};

/* An exit code when there is nothing more to do (help was shown, or a complaint), -1 to go on. */
int rill_serve_parse(int argc, char **argv, struct rill_serve_options *out);

#endif
