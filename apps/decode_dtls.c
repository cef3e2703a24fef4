/* decode_dtls: `rill decode dtls`: a JSON list of hex datagrams, given to a DTLS server.
 *
 * The idea: a real association with a seeded certificate hears the datagrams a millisecond
 * apart, and what it does is told: each datagram's fate, whether a hello was answered, and
 * whether an honest client could still connect. */
#include "apps/app.h"
#include "dtls/conn.h"
#include "dtls/record.h"

#include <stdlib.h>
#include <string.h>

#define DATAGRAMS_MAX 4096

static const struct rill_err_row not_a_list = {
    -1, "DECODE_LIST", "RFC 8259 §5", "not a JSON list of at most 4096 strings of hex digits"};

static int refuse_list(size_t offset, struct rill_err *why)
{
    *why = (struct rill_err){&not_a_list, offset, 0};
    return not_a_list.code;
}

struct server {
    struct rill_rng_seeded seed;
    void *cert_block;
    struct rill_dtls_cert *cert;
    void *block;
    struct rill_dtls *x;
    int64_t now;
    bool answered;
};

static bool open_server(struct server *s)
{
    rill_rng_seeded_init(&s->seed, 1);
    struct rill_rng rng = rill_rng_seeded(&s->seed);
    s->cert_block = malloc(rill_dtls_cert_size());
    if (!s->cert_block || rill_dtls_cert_init(s->cert_block, &rng, &s->cert) < 0)
        return false;
    struct rill_dtls_config config = {.cert = s->cert, .role = RILL_DTLS_SERVER, .rng = rng};
    s->block = malloc(rill_dtls_size(&config));
    s->x = s->block ? rill_dtls_init(s->block, &config) : NULL;
    if (s->x)
        rill_dtls_start(s->x, s->now);
    return s->x;
}

static void close_server(struct server *s)
{
    if (s->x)
        rill_dtls_free(s->x);
    if (s->cert)
        rill_dtls_cert_free(s->cert);
    free(s->block);
    free(s->cert_block);
}

/* Does a datagram that the server sent answer the hello? */
static bool is_answer(struct rill_view rest)
{
    struct rill_dtls_record r;
    struct rill_dtls_message m;
    while (rest.n && rill_dtls_record_read(&rest, &r, NULL) == 0) {
        struct rill_view body = r.body;
        if (r.type == RILL_DTLS_HANDSHAKE_RECORD && r.epoch == 0 &&
            rill_dtls_message_read(&body, &m, NULL) == 0 &&
            (m.type == RILL_DTLS_SERVER_HELLO || m.type == RILL_DTLS_HELLO_VERIFY_REQUEST))
            return true;
    }
    return false;
}

static json_t *tell(struct server *s, struct rill_view datagram)
{
    struct rill_err why;
    uint8_t out[RILL_DATAGRAM_OUT_MAX];
    size_t n, sent = 0;
    s->now += RILL_MS;
    if (rill_dtls_deadline(s->x) <= s->now)
        rill_dtls_tick(s->x, s->now);
    rill_dtls_input(s->x, s->now, datagram, &why);
    while ((n = rill_dtls_output(s->x, s->now, (struct rill_span){out, sizeof out}))) {
        s->answered = s->answered || is_answer(rill_view_at(out, n));
        sent++;
    }
    return json_pack("{s:i,s:s?,s:i}", "bytes", (int)datagram.n, "dropped",
                     why.row ? why.row->name : NULL, "sent", (int)sent);
}

static bool hear(struct server *s, const json_t *item, json_t *fates)
{
    if (!json_is_string(item))
        return false;
    struct rill_view hex = rill_view_at(json_string_value(item), json_string_length(item));
    uint8_t *bytes = malloc(hex.n / 2 + 1);
    long n = bytes ? rill_hex_decode(hex, (struct rill_span){bytes, hex.n / 2 + 1}) : -1;
    if (n >= 0)
        json_array_append_new(fates, tell(s, rill_view_at(bytes, (size_t)n)));
    free(bytes);
    return n >= 0;
}

static int hear_all(struct server *s, const json_t *list, json_t *out, struct rill_err *why)
{
    if (!json_is_array(list) || json_array_size(list) > DATAGRAMS_MAX)
        return refuse_list(0, why);
    json_t *fates = json_array();
    for (size_t i = 0; i < json_array_size(list); i++) {
        if (!hear(s, json_array_get(list, i), fates)) {
            json_decref(fates);
            return refuse_list(i, why);
        }
    }
    enum rill_dtls_state state = rill_dtls_state(s->x);
    json_object_set_new(out, "answered", json_boolean(s->answered));
    json_object_set_new(
        out, "alive", json_boolean(state == RILL_DTLS_CONNECTING || state == RILL_DTLS_CONNECTED));
    json_object_set_new(out, "datagrams", fates);
    return 0;
}

int rill_decode_dtls(const struct rill_decode_args *args, struct rill_view in, json_t *out,
                     struct rill_err *why)
{
    (void)args;
    json_error_t error;
    json_t *list = json_loadb((const char *)in.p, in.n, 0, &error);
    if (!list)
        return refuse_list(error.position > 0 ? (size_t)error.position : 0, why);
    struct server s = {.now = RILL_SECOND};
    int rc = open_server(&s) ? hear_all(&s, list, out, why)
                             : rill_err_set(&rill_dtls_errors, RILL_DTLS_CERT_FAILED, 0, 0, why);
    close_server(&s);
    json_decref(list);
    return rc;
}
