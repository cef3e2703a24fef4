/* turn/uri: how a STUN or TURN server is named (RFC 7064, RFC 7065).
 *
 *   stun:HOST[:PORT]   stuns:HOST[:PORT]
 *   turn:[USER:PASS@]HOST[:PORT][?transport=udp|tcp] turns:[USER:PASS@]HOST[:PORT][?transport=tcp]
 *
 * The credentials are rill's addition: RFC 7065 has none, and configures them beside. */
#ifndef RILL_TURN_URI_H
#define RILL_TURN_URI_H

#include "base/addr.h"
#include "turn/errors.h"

#define RILL_TURN_URI_TEXT 256

/* NUL-terminated, so that a resolver can take the host. */
struct rill_turn_uri {
    bool turn;                         /* turn: or turns:; else stun: or stuns: */
    enum rill_proto proto;             /* UDP, TCP; TLS for stuns: and turns: */
    char host[RILL_TURN_URI_TEXT];     /* without brackets */
    uint16_t port;                     /* 3478, with TLS 5349, when there is none */
    bool has_port;                     /* else SRV is asked first (RFC 5928 §3) */
    char username[RILL_TURN_URI_TEXT]; /* decoded; empty when there is none */
    char password[RILL_TURN_URI_TEXT];
};

/* Errors: RILL_TURN_URI_* with the byte offset; out is untouched then. */
int rill_turn_uri_parse(struct rill_view text, struct rill_turn_uri *out, struct rill_err *why);

#endif
