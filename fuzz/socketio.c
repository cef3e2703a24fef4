/* fuzz/socketio: what is read is written back and read the same; a session and a client take
 * anything and tell nothing of a namespace that is not connected. */
#include "signaling/json.h"
#include "signaling/sio_client.h"
#include "signaling/sio_session.h"

#include <stdlib.h>
#include <string.h>

static void packet(struct rill_view text)
{
    struct rill_sio_packet p, again;
    uint8_t *out = malloc(text.n + 32);
    struct rill_writer w = rill_writer_of((struct rill_span){out, text.n + 32});
    if (rill_sio_read(text, &p, NULL) == 0) {
        rill_sio_write(&w, &p);
        if (rill_sio_read(rill_w_view(&w), &again, NULL) < 0 || again.type != p.type ||
            again.id != p.id || again.attachments != p.attachments ||
            !rill_view_equal(again.nsp, p.nsp) || !rill_view_equal(again.json, p.json))
            abort();
    }
    free(out);
}

/* The items of what is an array stand in it one behind the other. */
static void items(struct rill_view text)
{
    struct rill_json_reader r = rill_json_reader_of(text);
    bool array = rill_json_next(&r).type == RILL_JSON_ARRAY;
    enum rill_json_type last;
    do {
        last = rill_json_next(&r).type;
    } while (last != RILL_JSON_END && last != RILL_JSON_BAD);
    if (!array || last == RILL_JSON_BAD)
        return;
    struct rill_view item, rest = text;
    const uint8_t *behind = text.p;
    while (rill_json_item(&rest, &item)) {
        if (item.n == 0 || item.p <= behind || item.p + item.n >= text.p + text.n)
            abort();
        behind = item.p + item.n;
    }
}

static void sessions(const uint8_t *data, size_t n)
{
    static const char *const namespaces[] = {"/", "/custom"};
    struct rill_rng_seeded g;
    rill_rng_seeded_init(&g, 1);
    struct rill_rng rng = rill_rng_seeded(&g);
    const struct rill_eio_session_config ec = {.max_payload = 512, .rng = rng};
    void *eio_block = malloc(rill_eio_session_size(&ec));
    const struct rill_sio_session_config sc = {.namespaces = namespaces,
                                               .n_namespaces = 2,
                                               .hold = 300,
                                               .eio = rill_eio_session_init(eio_block, &ec, 0),
                                               .rng = rng};
    void *sio_block = malloc(rill_sio_session_size(&sc));
    struct rill_sio_session *x = rill_sio_session_init(sio_block, &sc, 0);
    struct rill_sio_session_event e;
    for (size_t at = 0; at + 2 <= n;) {
        size_t m = data[at + 1] < n - at - 2 ? data[at + 1] : n - at - 2;
        uint8_t *message = malloc(m + 1);
        memcpy(message, data + at + 2, m);
        if (rill_sio_session_input(x, 0, data[at] & 1, rill_view_at(message, m), NULL) < 0)
            m = n;
        if (rill_sio_session_event(x, &e)) {
            bool connected = rill_sio_session_is_connected(x, e.nsp);
            if (connected != (e.type == RILL_SIO_SESSION_EVENT || e.type == RILL_SIO_SESSION_ACK))
                abort();
            if (e.type == RILL_SIO_SESSION_CONNECT && (data[at] & 2))
                rill_sio_session_refuse(x, 0, e.nsp, "no");
            else if (e.type == RILL_SIO_SESSION_CONNECT)
                rill_sio_session_accept(x, e.nsp);
        }
        free(message);
        at += 2 + m;
    }
    free(sio_block);
    free(eio_block);
}

static void clients(const uint8_t *data, size_t n)
{
    struct rill_sio_client x = {.silent_at = RILL_NEVER};
    struct rill_sio_client_said said;
    for (struct rill_view rest = rill_view_at(data, n); rest.p;) {
        struct rill_view text = rill_view_cut(rest, '\n', &rest);
        if (rill_sio_client_take(&x, 0, text, &said, NULL) < 0)
            break;
        if ((said.type == RILL_SIO_SAID_EVENT || said.type == RILL_SIO_SAID_ACK) &&
            x.state != RILL_SIO_CLIENT_CONNECTED)
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct rill_view text = rill_view_at(data, n);
    packet(text);
    items(text);
    sessions(data, n);
    clients(data, n);
    return 0;
}
