/* url: the two kinds of URL a command line names: a signaling server, a STUN server. */
#ifndef RILL_APPS_URL_H
#define RILL_APPS_URL_H

#include "base/bytes.h"

#include <stdint.h>

/* NUL-terminated, so that a resolver can take them. */
struct rill_url {
    char host[256]; /* without brackets */
    uint16_t port;
    bool has_port;  /* the text had one */
    char path[256]; /* "/ws" when the URL has none */
    char room[80];  /* of ?room=NAME, else empty */
    bool secure;    /* https: or wss: */
};

/* https://HOST[:PORT][/PATH][?room=NAME]; wss:, http: and ws: alike, each with its usual port when
 * there is none. HOST[:PORT] alone is rill serve there: https, port 8181. The sentence says what is
 * wrong, NULL when nothing is. */
const char *rill_url_parse_signaling(const char *text, struct rill_url *out);

/* RFC 7064: stun:HOST[:PORT], or HOST[:PORT] alone. Port 3478 when there is none. */
const char *rill_url_parse_stun(const char *text, struct rill_url *out);

#endif
