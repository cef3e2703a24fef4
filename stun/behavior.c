/* stun/behavior: see behavior.h. */
#include "stun/behavior.h"

#include "stun/server.h"

#define SOFTWARE "rill"
#define UNKNOWN_MAX 16

struct rill_addr rill_stun_behavior_addr(const struct rill_stun_behavior *b, unsigned socket)
{
    struct rill_addr a = b->address[socket >> 1 & 1];
    a.port = b->port[socket & 1];
    return a;
}

/* RFC 5780 §6.1, Table 1. */
static unsigned changed(unsigned socket, uint32_t flags)
{
    unsigned ip = (flags & RILL_STUN_CHANGE_IP) != 0, port = (flags & RILL_STUN_CHANGE_PORT) != 0;
    return socket ^ (2 * ip + port);
}

/* 0, 400, or 420 with the attributes that are not known. */
static unsigned judge(const struct rill_stun_msg *m, uint16_t unknown[UNKNOWN_MAX], size_t *n)
{
    static const uint16_t more[] = {RILL_STUN_CHANGE_REQUEST, RILL_STUN_PADDING,
                                    RILL_STUN_RESPONSE_PORT};
    struct rill_view padding, value;
    uint16_t port = 0;
    *n = rill_stun_unknown_required(m, more, sizeof more / sizeof more[0], unknown, UNKNOWN_MAX);
    if (*n)
        return 420;
    if (!rill_stun_find(m, RILL_STUN_RESPONSE_PORT, &value))
        return 0;
    /* RFC 5780 §6.1: with PADDING "the server MUST return an error response of type 400". */
    bool right = rill_stun_get_port(m, RILL_STUN_RESPONSE_PORT, &port) && port != 0 &&
                 !rill_stun_find(m, RILL_STUN_PADDING, &padding);
    return right ? 0 : 400;
}

static void put_success(struct rill_stun_writer *s, const struct rill_stun_behavior *b,
                        const struct rill_stun_msg *m, const struct rill_addr *source,
                        unsigned socket, unsigned from)
{
    struct rill_addr origin = rill_stun_behavior_addr(b, from);
    struct rill_addr other = rill_stun_behavior_addr(b, socket ^ 3);
    struct rill_view padding;
    rill_stun_put_addr(s, RILL_STUN_MAPPED_ADDRESS, source);
    rill_stun_put_addr(s, RILL_STUN_XOR_MAPPED_ADDRESS, source);
    rill_stun_put_addr(s, RILL_STUN_RESPONSE_ORIGIN, &origin);
    rill_stun_put_addr(s, RILL_STUN_OTHER_ADDRESS, &other);
    if (rill_stun_find(m, RILL_STUN_PADDING, &padding))
        rill_stun_put(s, RILL_STUN_PADDING, padding);
}

size_t rill_stun_behavior_answer(const struct rill_stun_behavior *b, struct rill_view request,
                                 const struct rill_addr *source, unsigned socket,
                                 struct rill_stun_reply *reply, struct rill_span out,
                                 struct rill_err *why)
{
    struct rill_stun_msg m;
    struct rill_stun_writer s;
    uint16_t unknown[UNKNOWN_MAX];
    uint32_t flags = 0;
    size_t n;
    if (rill_stun_server_read(request, &m, why) < 0)
        return 0;
    unsigned code = judge(&m, unknown, &n);
    *reply = (struct rill_stun_reply){socket, *source};
    rill_stun_begin(&s, out, code ? RILL_STUN_ERROR : RILL_STUN_SUCCESS, m.method, m.txid.p);
    if (code)
        rill_stun_put_error(&s, code, code == 420 ? "Unknown Attribute" : "Bad Request");
    if (code == 420)
        rill_stun_put_unknown(&s, unknown, n);
    if (code == 0) {
        (void)rill_stun_get_u32(&m, RILL_STUN_CHANGE_REQUEST, &flags);
        (void)rill_stun_get_port(&m, RILL_STUN_RESPONSE_PORT, &reply->to.port);
        reply->socket = changed(socket, flags);
        put_success(&s, b, &m, source, socket, reply->socket);
    }
    rill_stun_put(&s, RILL_STUN_SOFTWARE, rill_view_of(SOFTWARE));
    if (m.fingerprint_at)
        rill_stun_put_fingerprint(&s);
    size_t size = rill_stun_end(&s);
    if (size == 0)
        rill_err_set(&rill_stun_errors, RILL_STUN_NO_ROOM, 0, out.n, why);
    return size;
}
