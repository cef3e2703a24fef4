/* data: what is relayed, in both directions (RFC 8656 §11, §12.5 … §12.7).
 *
 *   channel bound      |number|length| data                       4 bytes
 *   before that        |STUN header|XOR-PEER-ADDRESS|DATA| data   36 bytes, 48 to IPv6
 *
 * The idea: data is moved up in its own buffer and the front is written before it, so that a
 * packet is built once. */
#include "turn/client_private.h"

#include <string.h>

static size_t padding(size_t n)
{
    return (4 - n % 4) % 4;
}

/* --- out -------------------------------------------------------------------------------------- */

/* RFC 8656 §12.5: over a stream padded, over UDP not. */
static size_t wrap_channel(const struct rill_turn *x, const struct rill_turn_channel *c,
                           struct rill_span out, size_t n)
{
    size_t pad = rill_turn_is_stream(x) ? padding(n) : 0;
    size_t total = RILL_TURN_CHANNEL_HEADER + n + pad;
    if (n > UINT16_MAX || total > out.n)
        return 0;
    memmove(out.p + RILL_TURN_CHANNEL_HEADER, out.p, n);
    memset(out.p + RILL_TURN_CHANNEL_HEADER + n, 0, pad);
    rill_turn_channel_put(out, c->number, n);
    return total;
}

/* RFC 8656 §11.1: a Send indication is not sealed. */
static size_t wrap_indication(struct rill_turn *x, const struct rill_addr *peer,
                              struct rill_span out, size_t n)
{
    size_t address = 4 + 4 + rill_addr_ip_size(peer);
    size_t front = RILL_STUN_HEADER + address + 4;
    uint8_t txid[RILL_STUN_TXID];
    struct rill_stun_writer s;
    if (n > UINT16_MAX || front + n + padding(n) > out.n)
        return 0;
    memmove(out.p + front, out.p, n);
    rill_rng_fill(&x->config.rng, txid, sizeof txid);
    rill_stun_begin(&s, out, RILL_STUN_INDICATION, RILL_STUN_SEND_INDICATION, txid);
    rill_stun_put_addr(&s, RILL_STUN_XOR_PEER_ADDRESS, peer);
    rill_stun_put_here(&s, RILL_STUN_DATA, n);
    return rill_stun_end(&s);
}

size_t rill_turn_wrap(struct rill_turn *x, int64_t now, const struct rill_addr *peer,
                      struct rill_span out, size_t n)
{
    struct rill_addr addr = rill_addr_unmapped(peer);
    struct rill_turn_permit *p = rill_turn_permit_of(x, &addr);
    struct rill_turn_channel *c = rill_turn_channel_of(x, &addr);
    if (!rill_turn_has_family(x, addr.family) || !p || !p->granted)
        return 0;
    p->used_at = now;
    if (c)
        c->used_at = now;
    return c && c->bound ? wrap_channel(x, c, out, n) : wrap_indication(x, &addr, out, n);
}

/* --- in --------------------------------------------------------------------------------------- */

static int give(struct rill_turn *x, int64_t now, const struct rill_addr *peer,
                struct rill_view data, struct rill_span message, struct rill_turn_data *out,
                struct rill_err *why)
{
    /* RFC 8656 §11.6: "the client SHOULD also check that the XOR-PEER-ADDRESS attribute value
     * contains an IP address with which the client believes there is an active permission". */
    struct rill_turn_permit *p = rill_turn_permit_of(x, peer);
    if (!p || p->forbidden)
        return rill_turn_refuse(RILL_TURN_NO_PERMISSION, 0, why);
    p->used_at = now;
    out->peer = *peer;
    out->bytes = (struct rill_span){message.p + (data.p - message.p), data.n};
    return 0;
}

/* A server may use a channel as soon as it has taken the binding, before we know (§12.3). */
int rill_turn_channel_data(struct rill_turn *x, int64_t now, struct rill_span message,
                           struct rill_turn_data *out, struct rill_err *why)
{
    struct rill_turn_channel_data d;
    int rc = rill_turn_channel_decode(rill_view_at(message.p, message.n), &d, why);
    if (rc < 0)
        return rc;
    for (size_t i = 0; x->state == RILL_TURN_ALLOCATED && i < x->cap; i++) {
        struct rill_turn_channel *c = &x->channels[i];
        if (c->used && !c->refused && c->number == d.channel) {
            c->used_at = now;
            return give(x, now, &c->peer, d.data, message, out, why);
        }
    }
    return rill_turn_refuse(RILL_TURN_CHANNEL_UNBOUND, d.channel, why);
}

int rill_turn_data_indication(struct rill_turn *x, int64_t now, const struct rill_stun_msg *m,
                              struct rill_span message, struct rill_turn_data *out,
                              struct rill_err *why)
{
    struct rill_addr peer;
    struct rill_view data;
    if (!rill_stun_get_addr(m, RILL_STUN_XOR_PEER_ADDRESS, &peer) ||
        !rill_stun_find(m, RILL_STUN_DATA, &data))
        return rill_turn_refuse(RILL_TURN_DATA, 0, why);
    peer = rill_addr_unmapped(&peer);
    if (!rill_turn_has_family(x, peer.family))
        return rill_turn_refuse(RILL_TURN_DATA, 0, why);
    return give(x, now, &peer, data, message, out, why);
}
