/* traced: the handshake as it goes over the wire, message by message, and its secret.
 *
 * The idea: the headers are in the clear until the keys change; what comes after that is told as
 * protected, and the Finished inside is what the key log opens. */
#include "dtls/conn_private.h"

static const struct rill_trace_point message_received = {"dtls",
                                                         "message_received",
                                                         "a handshake message, or a part of it",
                                                         4,
                                                         {{"message", RILL_TRACE_TEXT},
                                                          {"seq", RILL_TRACE_U64},
                                                          {"offset", RILL_TRACE_U64},
                                                          {"length", RILL_TRACE_U64}}};
static const struct rill_trace_point message_sent = {"dtls",
                                                     "message_sent",
                                                     "a handshake message, or a part of it",
                                                     4,
                                                     {{"message", RILL_TRACE_TEXT},
                                                      {"seq", RILL_TRACE_U64},
                                                      {"offset", RILL_TRACE_U64},
                                                      {"length", RILL_TRACE_U64}}};
static const struct rill_trace_point secret = {
    "dtls",
    "secret",
    "the master secret of the association",
    2,
    {{"client_random", RILL_TRACE_BYTES}, {"secret", RILL_TRACE_SECRET}}};

/* RFC 5246 §7.4, RFC 6347 §4.3.2 */
static const char *name_of(uint8_t type)
{
    static const char *const names[] = {
        [0] = "HelloRequest",       [1] = "ClientHello",         [2] = "ServerHello",
        [3] = "HelloVerifyRequest", [4] = "NewSessionTicket",    [11] = "Certificate",
        [12] = "ServerKeyExchange", [13] = "CertificateRequest", [14] = "ServerHelloDone",
        [15] = "CertificateVerify", [16] = "ClientKeyExchange",  [20] = "Finished"};
    const char *name = type < sizeof names / sizeof names[0] ? names[type] : NULL;
    return name ? name : "unknown";
}

static void tell(const struct rill_dtls *x, int64_t now, const struct rill_trace_point *point,
                 const char *name, const struct rill_dtls_message *m)
{
    RILL_TRACE(x->trace, now, *point, {.view = rill_view_of(name)}, {.u = m->seq}, {.u = m->offset},
               {.u = m->length});
}

static void tell_record(const struct rill_dtls *x, int64_t now,
                        const struct rill_trace_point *point, const struct rill_dtls_record *r)
{
    struct rill_dtls_message m = {.length = (uint32_t)r->body.n};
    struct rill_view rest = r->body;
    if (r->type == RILL_DTLS_CHANGE_CIPHER_SPEC_RECORD)
        tell(x, now, point, "ChangeCipherSpec", &m);
    else if (r->type == RILL_DTLS_ALERT_RECORD)
        tell(x, now, point, r->epoch ? "alert, protected" : "alert", &m);
    else if (r->type == RILL_DTLS_HANDSHAKE_RECORD && r->epoch)
        tell(x, now, point, "Finished, protected", &m);
    else if (r->type == RILL_DTLS_HANDSHAKE_RECORD)
        while (rill_dtls_message_read(&rest, &m, NULL) == 0)
            tell(x, now, point, name_of(m.type), &m);
}

static void tell_all(const struct rill_dtls *x, int64_t now, const struct rill_trace_point *point,
                     struct rill_view datagram)
{
    struct rill_dtls_record r;
    while (datagram.n && rill_dtls_record_read(&datagram, &r, NULL) == 0)
        tell_record(x, now, point, &r);
}

void rill_dtls_trace_received(const struct rill_dtls *x, int64_t now, struct rill_view datagram)
{
    if (x->trace && x->trace->emit)
        tell_all(x, now, &message_received, datagram);
}

void rill_dtls_trace_sent(const struct rill_dtls *x, int64_t now, struct rill_view datagram)
{
    if (x->trace && x->trace->emit)
        tell_all(x, now, &message_sent, datagram);
}

/* Once, and before what it protects leaves. */
void rill_dtls_trace_secret(struct rill_dtls *x, int64_t now)
{
    struct rill_dtls_keys *k = &x->session.keys;
    if (!k->known || k->told)
        return;
    k->told = true;
    RILL_TRACE(x->trace, now, secret, {.view = rill_view_at(k->randoms, 32)},
               {.view = rill_view_at(k->master, sizeof k->master)});
}
