/* server: a basic STUN server in one call (RFC 8489 §12).
 *
 * The idea: the answer depends on the request alone, so a retransmitted request gets the same
 * answer and nothing needs to be remembered (RFC 8489 §6.3.1: Binding is idempotent).
 */
#include "stun/server.h"

/* RFC 8489 §16.1.2 lets the version be left out; the name alone costs 8 bytes. */
#define SOFTWARE "rill"

/* Bounds the 420 answer; more are told once these are gone. */
#define UNKNOWN_MAX 16

static int refuse(int code, size_t offset, uint64_t value, struct rill_err *why)
{
    return rill_err_set(&rill_stun_errors, code, offset, value, why);
}

/* RFC 8489 §6.3: "If any errors are detected, the message is silently discarded." */
int rill_stun_server_read(struct rill_view request, struct rill_stun_msg *m, struct rill_err *why)
{
    int rc = rill_stun_decode(request, m, why);
    if (rc < 0)
        return rc;
    if (m->class != RILL_STUN_REQUEST)
        return refuse(RILL_STUN_NOT_A_REQUEST, 0, m->class, why);
    if (m->method != RILL_STUN_BINDING)
        return refuse(RILL_STUN_METHOD_UNKNOWN, 0, m->method, why);
    /* RFC 8489 §12: it "MAY utilize the FINGERPRINT mechanism but MUST NOT require it." */
    if (m->fingerprint_at && !rill_stun_check_fingerprint(m))
        return refuse(RILL_STUN_FINGERPRINT_BAD, m->fingerprint_at, 0, why);
    return 0;
}

/* At 20 bytes of request a success has 40 bytes (IPv4) or 52 (IPv6); a 420 needs an attribute to
 * complain of, and each type listed costs 2 bytes where the request spent 4. So the answer never
 * passes three times the request. */
size_t rill_stun_server_answer(struct rill_view request, const struct rill_addr *source,
                               struct rill_span out, struct rill_err *why)
{
    struct rill_stun_msg m;
    if (rill_stun_server_read(request, &m, why) < 0)
        return 0;

    uint16_t unknown[UNKNOWN_MAX];
    /* ICE and NAT behaviour discovery are other usages: their attributes are unknown here. */
    size_t n = rill_stun_unknown_required(&m, NULL, 0, unknown, UNKNOWN_MAX);
    struct rill_stun_writer s;
    rill_stun_begin(&s, out, n ? RILL_STUN_ERROR : RILL_STUN_SUCCESS, m.method, m.txid.p);
    if (n) {
        rill_stun_put_error(&s, 420, "Unknown Attribute");
        rill_stun_put_unknown(&s, unknown, n);
    } else {
        rill_stun_put_addr(&s, RILL_STUN_XOR_MAPPED_ADDRESS, source);
    }
    rill_stun_put(&s, RILL_STUN_SOFTWARE, rill_view_of(SOFTWARE));
    if (m.fingerprint_at)
        rill_stun_put_fingerprint(&s);

    size_t size = rill_stun_end(&s);
    if (size == 0)
        refuse(RILL_STUN_NO_ROOM, 0, out.n, why);
    return size;
}
