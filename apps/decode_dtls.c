/* decode_dtls: `rill decode dtls`: a JSON list of hex datagrams, given to a DTLS server.
 *
 * The idea: a real association with a seeded certificate hears the datagrams a millisecond
 * apart, and what it does is told: each datagram's fate, whether a hello was answered, and
 * whether an honest client could still connect. */
#include "apps/decode_list.h"
#include "dtls/conn.h"
#include "dtls/record.h"

#include <stdlib.h>
#include <string.h>

#define DATAGRAMS_MAX 4096

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

static int hear_all(struct server *s, const json_t *list, json_t *out, struct rill_err *why)
{
    json_t *fates = json_array();
    for (size_t i = 0; i < json_array_size(list); i++) {
        struct rill_view datagram;
        uint8_t *bytes = rill_decode_list_item(list, i, &datagram);
        if (!bytes) {
            json_decref(fates);
            return rill_decode_list_refuse(i, why);
        }
        json_array_append_new(fates, tell(s, datagram));
        free(bytes);
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
    json_t *list;
    int rc = rill_decode_list(in, DATAGRAMS_MAX, &list, why);
    if (rc < 0)
        return rc;
    struct server s = {.now = RILL_SECOND};
    rc = open_server(&s) ? hear_all(&s, list, out, why)
                         : rill_err_set(&rill_dtls_errors, RILL_DTLS_CERT_FAILED, 0, 0, why);
    close_server(&s);
    json_decref(list);
    return rc;
}
