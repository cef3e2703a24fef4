/* serve: what the files of `rill serve` share.
 *
 *   serve_options.c  the command line
 *   serve.c          the loop, and the events of the signaling server
 *   serve_listen.c   the ports: TCP for pages and signaling, UDP for STUN
 *   serve_conn.c     connections: bytes between the sockets and the signaling server
 *   serve_files.c    the files of the page
 *   serve_print.c    the lines that are printed
 *   serve_signals.c  what signals ask for
 */
#ifndef RILL_APPS_SERVE_H
#define RILL_APPS_SERVE_H

#include "apps/serve_options.h"
#include "reactor/reactor.h"
#include "signaling/server.h"

#define SERVE_CHUNK 16384

/* One connection. While nothing waits for its socket it holds no buffer. */
struct serve_conn {
    uint32_t id; /* RILL_REACTOR_NO_SOCKET: free */
    uint8_t *file;
    uint8_t *rest; /* what the socket did not take, malloced: [rest_at, rest_n) */
    size_t rest_n, rest_at;
    bool closing;
};

struct serve {
    struct rill_serve_options options;
    struct rill_reactor *reactor;
    struct rill_sig_server *server;
    void *server_block;
    size_t server_size;
    int root, socketio; /* folders of the page, and of socket.io-client or -1 */
    uint32_t listener, stun;
    struct rill_addr stun_addr;
    struct serve_conn *conns; /* by the number of their sockets */
    size_t n_conns;
    uint8_t chunk[SERVE_CHUNK]; /* on its way to a socket; nobody's between two calls */
};

/* serve_listen.c: how many sockets the reactor needs; the ports, false when one cannot be had,
 * which is said. */
size_t serve_sockets(const struct serve *s);
bool serve_listen(struct serve *s);
/* Nobody new is let in. */
void serve_unlisten(struct serve *s);

/* serve_conn.c */
bool serve_conns_open(struct serve *s);
void serve_conns_close(struct serve *s);
/* NULL when there is none of this id any more. */
struct serve_conn *serve_conn_find(struct serve *s, uint32_t id);
void serve_conn_accepted(struct serve *s, const struct rill_reactor_event *e);
void serve_conn_read(struct serve *s, struct serve_conn *c, struct rill_view bytes);
/* Its socket takes bytes again. */
void serve_conn_writable(struct serve *s, struct serve_conn *c);
/* Writes until the server has no more, or the socket takes no more. */
void serve_conn_drain(struct serve *s, struct serve_conn *c);
/* The socket is closed. */
void serve_conn_closed(struct serve *s, struct serve_conn *c);
/* To be closed, now or when all is written. */
void serve_conn_end(struct serve *s, struct serve_conn *c, bool at_once);
void serve_conn_give_file(struct serve *s, const struct rill_sig_server_event *e);

/* serve_print.c: each is one line of text, or with --json one object. */
void serve_print_listening(const struct serve *s, const struct rill_addr *at);
void serve_print_stun(const struct serve *s);
void serve_print_said(const struct serve *s, const struct rill_sig_server_event *e);

/* serve_signals.c */
void serve_signals_catch(struct rill_reactor *r);
/* SIGINT or SIGTERM came. */
bool serve_signals_stop(void);

#endif
