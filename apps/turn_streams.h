/* turn_streams: the TURN servers that a command line names, the streams to those that are spoken to
 * over TCP or TLS, and the connections of ICE-TCP.
 *
 * The idea: the machine below (a peer, an agent) asks for a socket; here it gets one that stands,
 * TLS included. A message that finds no room on its way is lost whole, as a datagram would be:
 * half of one would cost the stream. */
#ifndef RILL_APPS_TURN_STREAMS_H
#define RILL_APPS_TURN_STREAMS_H

#include "apps/cert_roots.h"
#include "base/limits.h"
#include "dtls/tls.h"
#include "ice/agent.h"
#include "reactor/reactor.h"
#include "turn/uri.h"

#define RILL_TURN_STREAMS (RILL_ICE_SERVERS_MAX + RILL_ICE_STREAMS_MAX)

struct rill_turn_stream {
    bool used, stands; /* stands: the machine was told */
    uint32_t socket, request;
    struct rill_tls *tls; /* NULL over TCP */
    uint8_t out[32768];
    size_t at, n;
};

/* How the machine is told; ctx is its owner. */
struct rill_turn_sink {
    void (*opened)(void *ctx, int64_t now, uint32_t request, uint32_t socket);
    void (*open_failed)(void *ctx, int64_t now, uint32_t request);
    void (*closed)(void *ctx, int64_t now, uint32_t socket);
    void (*input)(void *ctx, int64_t now, const struct rill_path *path, struct rill_span bytes);
    void (*note)(void *ctx, const char *text);
};

/* The first members are the owner's to fill. */
struct rill_turn_streams {
    struct rill_reactor *reactor;
    const char *ca;
    bool insecure;
    enum rill_turn_family { RILL_TURN_IP4, RILL_TURN_IP6, RILL_TURN_BOTH } family; /* asked for */
    struct rill_cert_roots *roots;  /* loaded when the first TLS stream wants them */
    const struct rill_trace *trace; /* of their TLS; NULL: none */
    const struct rill_turn_sink *sink;
    void *ctx;

    struct rill_turn_uri uris[RILL_ICE_SERVERS_MAX];
    struct rill_ice_turn_server servers[RILL_ICE_SERVERS_MAX];
    size_t n;
    struct rill_turn_stream streams[RILL_TURN_STREAMS];
};

/* NULL, or what is wrong with the word: ip4, ip6 or both. */
const char *rill_turn_streams_family(const char *word, enum rill_turn_family *out);
#define RILL_TURN_FAMILY_HELP                                                                      \
    "  --turn-family F   the relayed addresses asked for: ip4, ip6, or both, which a server may\n" \
    "                    answer with one (RFC 8656 §7) [ip4]"
/* A server more, whose address is not known yet (apps/names.h). < 0 with why: the URL is wrong.
 * Credentials that it lacks are taken from $RILL_TURN_USERNAME and
 * $RILL_TURN_PASSWORD. */
int rill_turn_streams_add(struct rill_turn_streams *t, const char *url, struct rill_err *why);

/* A stream to `to`, server number `server`, whose certificate is of `domain` when that is not
 * empty. False when none is to be had; else opened or open_failed follows. */
bool rill_turn_streams_open(struct rill_turn_streams *t, uint32_t request, enum rill_proto proto,
                            const struct rill_addr *to, size_t server, struct rill_view domain);
/* A connection to the peer, `from` one of our addresses. As open. */
bool rill_turn_streams_connect(struct rill_turn_streams *t, uint32_t request,
                               const struct rill_addr *from, const struct rill_addr *to);
/* One that came to a listener of ours and that the machine wants. False: there is no room. */
bool rill_turn_streams_accepted(struct rill_turn_streams *t, uint32_t socket);
/* What the reactor says; false when the socket is none of these. */
bool rill_turn_streams_event(struct rill_turn_streams *t, int64_t now,
                             const struct rill_reactor_event *e);
/* A whole message; lost when there is no room: then false. */
bool rill_turn_streams_send(struct rill_turn_streams *t, const struct rill_path *path,
                            struct rill_view message);
/* The machine needs it no more; the socket is the caller's to close. */
void rill_turn_streams_close(struct rill_turn_streams *t, uint32_t socket);
void rill_turn_streams_tick(struct rill_turn_streams *t, int64_t now);
int64_t rill_turn_streams_deadline(const struct rill_turn_streams *t);
void rill_turn_streams_free(struct rill_turn_streams *t);

#endif
