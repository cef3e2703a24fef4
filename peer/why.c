/* peer/why: see why.h. */
#include "peer/why.h"

#include "peer/connection.h"
#include "peer/transports.h"

/* What the rules ask for beside the facts of ICE. */
struct facts {
    enum rill_peer_signaling_state signaling;
    bool agreed;
    bool started, client, keyed, data_came;
    int error;
};

typedef bool rule(const struct facts *f);

/* Anything but STUN that came over a pair: DTLS, since nothing else is sent before. */
static bool data_came(const struct rill_ice *ice)
{
    struct rill_ice_pair_stats p;
    size_t at = 0;
    bool came = false;
    while (rill_ice_next_pair(ice, &at, &p))
        came = came || p.counts.packets_received > 0;
    return came;
}

static const struct rill_peer_component *in_use(const struct rill_peer *x, size_t number)
{
    const struct rill_peer_component *c;
    for (size_t k = 0; (c = rill_peer_component(x, k)); k++)
        if (c->used && rill_peer_transport_is_live(c->of) && number-- == 0)
            return c;
    return NULL;
}

static bool has_failed(const struct rill_peer_component *c)
{
    return rill_ice_state(c->ice) == RILL_ICE_FAILED;
}

/* Of several, the first that has failed is what the others wait for; else the first without keys;
 * else the first. */
static const struct rill_peer_component *in_question(const struct rill_peer *x)
{
    const struct rill_peer_component *c, *found = NULL;
    for (size_t k = 0; (c = in_use(x, k)); k++)
        if (!found || (!has_failed(found) && (has_failed(c) || (found->srtp && !c->srtp))))
            found = c;
    return found ? found : rill_peer_component(x, 0);
}

static struct facts facts_of(const struct rill_peer *x, const struct rill_peer_component *t)
{
    return (struct facts){
        .signaling = x->jsep.state,
        .agreed = x->jsep.agreed,
        .started = t->dtls != NULL,
        .client = t->dtls_is_client,
        .keyed = t->srtp != NULL,
        .data_came = data_came(t->ice),
        .error = x->error,
    };
}

/* --- signaling ------------------------------------------------------------------------------ */

static bool no_description(const struct facts *f)
{
    return !f->agreed && f->signaling == RILL_PEER_STABLE;
}

static bool no_answer(const struct facts *f)
{
    return !f->agreed && f->signaling == RILL_PEER_HAVE_LOCAL_OFFER;
}

static bool not_answered(const struct facts *f)
{
    return !f->agreed && f->signaling == RILL_PEER_HAVE_REMOTE_OFFER;
}

/* --- DTLS ------------------------------------------------------------------------------------ */

/* Nothing else was wrong: it only did not come to an end. */
static bool unfinished(const struct facts *f)
{
    return f->started && !f->keyed && (f->error == 0 || f->error == RILL_DTLS_TIMEOUT);
}

static bool dtls_silent(const struct facts *f)
{
    return unfinished(f) && f->client && !f->data_came;
}

static bool no_client_hello(const struct facts *f)
{
    return unfinished(f) && !f->client && !f->data_came;
}

static bool dtls_unfinished(const struct facts *f)
{
    return unfinished(f) && f->data_came;
}

static bool fingerprint(const struct facts *f)
{
    return f->error == RILL_DTLS_FINGERPRINT_MISMATCH;
}

static bool no_fingerprint(const struct facts *f)
{
    return f->error == RILL_DTLS_NO_FINGERPRINT;
}

static bool no_certificate(const struct facts *f)
{
    return f->error == RILL_DTLS_NO_CERTIFICATE;
}

static bool no_srtp_profile(const struct facts *f)
{
    return f->error == RILL_DTLS_NO_SRTP_PROFILE;
}

static bool no_cipher(const struct facts *f)
{
    return f->error == RILL_DTLS_NO_CIPHER;
}

static bool alert(const struct facts *f)
{
    return f->error == RILL_DTLS_PEER_ALERT;
}

static bool broke_off(const struct facts *f)
{
    return f->error == RILL_DTLS_HANDSHAKE;
}

/* --- the table -------------------------------------------------------------------------------- */

static const struct {
    rule *fits;
    struct rill_cause cause;
} rules[] = {
    {no_description,
     {"no-description", "RFC 9429 §3.2", "neither side has offered anything",
      "make an offer, or see that the other side's reaches this one", 1}},
    {no_answer,
     {"no-answer", "RFC 3264 §4", "our offer has had no answer",
      "is the other side there, in the same room, and does its answer pass through signaling?", 1}},
    {not_answered,
     {"not-answered", "RFC 3264 §4", "the other side's offer has not been answered here",
      "answer it", 1}},
    {fingerprint,
     {"dtls-fingerprint", "RFC 8842 §5.1",
      "the certificate of the other side is not the one its a=fingerprint names",
      "signaling changed or mixed up a description, or somebody stands in between: do not go on",
      1}},
    {no_fingerprint,
     {"dtls-no-fingerprint", "RFC 8122 §6.2",
      "the other side's description has no a=fingerprint that can be used",
      "it needs one of sha-256, sha-384 or sha-512", 1}},
    {no_certificate,
     {"dtls-no-certificate", "RFC 8122 §6.2", "the other side showed no certificate",
      "its DTLS stack must present one, as server and as client", 1}},
    {no_srtp_profile,
     {"dtls-no-srtp", "RFC 5764 §4.1.1", "no SRTP protection profile was agreed",
      "the other side must offer SRTP_AES128_CM_HMAC_SHA1_80 in use_srtp", 1}},
    {no_cipher,
     {"dtls-no-cipher", "RFC 8827 §6.5",
      "the other side has no DTLS 1.2 with ephemeral keys and authenticated encryption",
      "its DTLS stack is too old, or speaks DTLS 1.3 alone", 1}},
    {alert,
     {"dtls-alert", "RFC 5246 §7.2.2", "the other side ended the handshake with a fatal alert",
      "its log tells why; often it is our a=fingerprint, changed on its way", 1}},
    {broke_off,
     {"dtls-handshake", "RFC 6347 §4.2", "the DTLS handshake broke off",
      "what came made no sense: another implementation, or somebody who forges", 1}},
    {dtls_silent,
     {"dtls-silent", "RFC 6347 §4.2.4",
      "ICE has a pair, our ClientHello was sent again and again, and nothing but STUN came back",
      "a firewall passes STUN alone, or the other side waits for keys or a role of another "
      "description",
      1}},
    {no_client_hello,
     {"dtls-no-hello", "RFC 8842 §5.1",
      "ICE has a pair, this side waits for a ClientHello, and nothing but STUN came",
      "both sides wait when both took setup:passive, or a firewall passes STUN alone", 1}},
    {dtls_unfinished,
     {"dtls-unfinished", "RFC 6347 §4.2.4", "the DTLS handshake has begun and is not done",
      "datagrams are lost, the larger ones first: look at MTU and loss", 1}},
};

const struct rill_ice *rill_peer_ice(const struct rill_peer *x, size_t transport)
{
    const struct rill_peer_component *c = in_use(x, transport);
    return c ? c->ice : NULL;
}

size_t rill_peer_causes(const struct rill_peer *x, struct rill_cause *out, size_t cap)
{
    const struct rill_peer_component *c = in_question(x);
    struct rill_ice_facts ice;
    rill_ice_facts(c->ice, &ice);
    struct facts f = facts_of(x, c);
    size_t n = 0;
    for (size_t i = 0; n < cap && i < sizeof rules / sizeof rules[0]; i++)
        if (rules[i].fits(&f))
            out[n++] = rules[i].cause;
    /* That no credentials came is no news where no description did. */
    if (f.agreed)
        n += rill_ice_causes(&ice, out + n, cap - n);
    return n;
}

static void dtls_line(const struct rill_peer *x, const struct rill_peer_component *c,
                      struct rill_writer *w)
{
    struct rill_dtls_info info;
    rill_dtls_info(c->dtls, &info);
    rill_w_str(w, info.role == RILL_DTLS_CLIENT ? "DTLS as client: " : "DTLS as server: ");
    rill_w_dec(w, info.flights_sent);
    rill_w_str(w, info.flights_sent == 1 ? " flight sent, " : " flights sent, ");
    if (c->srtp)
        rill_w_str(w, "done, with keys for SRTP");
    else if (x->error)
        rill_w_str(w, "failed");
    else
        rill_w_str(w, data_came(c->ice) ? "not done" : "nothing came");
}

/* Of the component whose number is in the upper bits: ICE's lines, then DTLS's. */
#define LINES 0x10000u
#define LAST (LINES - 1)

bool rill_peer_why_line(const struct rill_peer *x, size_t *at, struct rill_writer *w)
{
    const struct rill_peer_component *c;
    while ((c = in_use(x, *at / LINES))) {
        size_t line = *at % LINES, begin = *at - line;
        if (line < LAST && rill_ice_why_line(c->ice, &line, w)) {
            *at = begin + line;
            return true;
        }
        bool told = line == LAST || !c->dtls;
        *at = told ? begin + LINES : begin + LAST;
        if (!told) {
            dtls_line(x, c, w);
            return true;
        }
    }
    return false;
}
