/* serve: what the files of `rill serve` share.
 *
 *   serve_options.c  the command line
 *   serve.c          the loop, and the events of the signaling server
 *   serve_listen.c   the ports: TCP for pages and signaling, UDP for STUN
 *   serve_urls.c     under which URLs they can be reached
 *   serve_cert.c     the certificate, and its successors
 *   serve_conn.c     connections: bytes between the sockets and the signaling server
 *   serve_tls.c      TLS between the two
 *   serve_hint.c     what those are told who speak plain HTTP there
 *   serve_files.c    the files of the page
 *   serve_traces.c   the page of traces, and the traces of a folder
 *   serve_store.c    the store that several servers share, when there is one
 *   serve_print.c    the lines that are printed
 *   serve_qr.c       a QR code among them
 *   serve_signals.c  what signals ask for
 */
#ifndef RILL_APPS_SERVE_H
#define RILL_APPS_SERVE_H

#include "apps/serve_cert.h"
#include "apps/serve_log.h"
#include "apps/serve_store.h"
#include "apps/trace_out.h"
#include "dtls/tls.h"
#include "reactor/reactor.h"
#include "signaling/server.h"
#include "stun/behavior.h"

#define SERVE_CHUNK 16384

/* What a connection speaks below HTTP: by its first byte, where TLS is asked for.
 *
 *   UNKNOWN → TLS      a ClientHello
 *   UNKNOWN → HINT     a request in plain HTTP; else it is dropped
 */
enum serve_wire {
    SERVE_WIRE_CLEAR,
    SERVE_WIRE_UNKNOWN,
    SERVE_WIRE_TLS,
    SERVE_WIRE_HINT,
};

/* One connection. While nothing waits for its socket it holds no buffer but those of TLS. */
struct serve_conn {
    uint32_t id; /* RILL_REACTOR_NO_SOCKET: free */
    enum serve_wire wire;
    struct rill_tls *tls; /* in a block of its own */
    uint8_t *head;        /* HINT: what came of the request, RILL_HTTP_HEAD_MAX */
    size_t n_head;
    uint8_t *file;
    uint8_t *rest; /* what the socket did not take, malloced: [rest_at, rest_n) */
    size_t rest_n, rest_at;
    bool closing;
};

struct serve_store_conn {
    uint32_t socket; /* RILL_REACTOR_NO_SOCKET: none */
    bool is_connected, is_full;
    size_t at, n; /* what its socket did not take */
    uint8_t out[SERVE_CHUNK];
};

struct serve_store {
    struct rill_store *machine; /* NULL: there is none */
    void *block;
    size_t size;
    struct rill_addr at;
    struct serve_store_conn wires[RILL_STORE_WIRES];
};

/* NAT behaviour discovery (RFC 5780): STUN on two addresses and two ports of each. */
struct serve_stun {
    bool alternate;
    struct rill_stun_behavior behavior;
    uint32_t sockets[4];
};

struct serve {
    struct rill_serve_options options;
    struct rill_reactor *reactor;
    struct rill_sig_server *server;
    void *server_block;
    size_t server_size;
    int root, socketio; /* folders of the page, and of socket.io-client or -1 */
    int traces;         /* of --trace-dir, or -1 */
    struct serve_certs certs;
    struct rill_rng rng;
    uint32_t listeners[SERVE_LISTENERS_MAX];
    uint16_t stun_port; /* 0: none */
    struct serve_stun stun;
    struct serve_log log;
    struct rill_trace_out trace; /* of what the server decides */
    struct serve_store store;
    struct serve_conn *conns; /* by the number of their sockets */
    size_t n_conns;
    struct rill_addr bound[SERVE_LISTENERS_MAX];
    bool phone_told;            /* the URL that a phone can open, and its QR code */
    uint8_t chunk[SERVE_CHUNK]; /* on its way to a socket; nobody's between two calls */
};

/* serve_listen.c: how many sockets the reactor needs; the ports, false when one cannot be had,
 * which is said. Each is told. */
size_t serve_sockets(const struct serve *s);
bool serve_listen(struct serve *s);
/* Tells again where they can be reached: this machine's addresses have changed. */
void serve_listen_tell(struct serve *s);
/* Nobody new is let in. */
void serve_unlisten(struct serve *s);

/* serve_stun.c: the three sockets beside the first one, `bound`; false when one cannot be had,
 * which is said. */
bool serve_stun_alternate(struct serve *s, uint32_t socket, const struct rill_addr *bound);
void serve_stun_answer(struct serve *s, const struct rill_reactor_event *e);

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

/* serve_tls.c */
bool serve_tls_begin(struct serve *s, struct serve_conn *c);
void serve_tls_free(struct serve_conn *c);
/* Takes bytes of the wire and gives the server what is in them; how many were taken. Less than
 * all: what waits to be written has to go first. */
size_t serve_tls_input(struct serve *s, struct serve_conn *c, struct rill_view bytes);
/* Fills s->chunk with bytes for the wire; 0 when there are none. */
size_t serve_tls_output(struct serve *s, struct serve_conn *c);

/* serve_store.c: false when it cannot be begun, which is said. */
bool serve_store_open(struct serve *s);
void serve_store_close(struct serve *s);
/* True when there was something to do. */
bool serve_store_pump(struct serve *s);
/* True when the event was for it. */
bool serve_store_handle(struct serve *s, const struct rill_reactor_event *e);
/* Something has not come back from it yet. */
bool serve_store_waits(const struct serve *s);

/* serve.c: address space, not memory that has to be there; NULL when there is none. */
void *serve_reserve(size_t n);
void serve_release(void *p, size_t n);

/* serve_print.c: each is one line of text, or with --json one object. */
/* With every URL; and once a QR code, for the first that a phone can open. */
void serve_print_listening(struct serve *s, const struct rill_addr *at);
void serve_print_stun(const struct serve *s, const struct rill_addr *at);
/* The certificate that is shown from now on; why: "start", "reload", "renewal". */
void serve_print_certificate(const struct serve *s, const char *why);
/* The one that was is kept. */
void serve_print_kept(const struct serve *s);
void serve_print_store(const struct serve *s, const struct rill_store_event *e);
void serve_print_said(const struct serve *s, const struct rill_sig_server_event *e);

/* serve_signals.c */
void serve_signals_catch(struct rill_reactor *r);
/* How often SIGINT or SIGTERM came, up to twice. */
int serve_signals_stop(void);
/* The reactor is about to go; a signal may still come. */
void serve_signals_forget(void);
/* SIGHUP came since the last time this was asked. */
bool serve_signals_reload(void);

#endif
