#include "apps/trace_store.h"

#include <stdlib.h>
#include <string.h>

#define SERVERS_MAX 64

struct rill_trace_store {
    struct rill_trace_row *rows;
    size_t n, cap;
    uint8_t *text;
    size_t n_text, text_cap;
    struct rill_addr servers[SERVERS_MAX];
    size_t n_servers;
    json_t *json, *empty;
};

struct rill_trace_store *rill_trace_store_new(void)
{
    struct rill_trace_store *x = calloc(1, sizeof *x);
    if (x && !(x->empty = json_object())) {
        free(x);
        return NULL;
    }
    return x;
}

void rill_trace_store_free(struct rill_trace_store *x)
{
    if (!x)
        return;
    if (x->text)
        rill_wipe(x->text, x->text_cap); /* there may be secrets in it */
    free(x->text);
    free(x->rows);
    json_decref(x->json);
    json_decref(x->empty);
    free(x);
}

/* --- whom it is between ------------------------------------------------------------------------
 */

static bool is_server(const struct rill_trace_store *x, const struct rill_addr *a)
{
    for (size_t i = 0; i < x->n_servers; i++)
        if (rill_addr_equal(&x->servers[i], a))
            return true;
    return false;
}

/* Events of the rooms of ICE and TURN name the servers that they ask. */
static void learn_server(struct rill_trace_store *x, const struct rill_trace_event *e)
{
    struct rill_addr a;
    if (rill_trace_get_addr(e->data, "server", &a) && a.family && !is_server(x, &a) &&
        x->n_servers < SERVERS_MAX)
        x->servers[x->n_servers++] = a;
}

static bool begins(const char *name, const char *with)
{
    return !strncmp(name, with, strlen(with));
}

static enum rill_trace_lane lane_of(const struct rill_trace_store *x,
                                    const struct rill_trace_event *e)
{
    if (!e->has_packet)
        return RILL_TRACE_ALONE;
    if (begins(e->name, "signaling:"))
        return RILL_TRACE_SIGNALING;
    if (begins(e->name, "peer:datagram_") && is_server(x, &e->remote))
        return RILL_TRACE_SERVER;
    bool told = e->kind == RILL_DISSECT_SDP || e->kind == RILL_DISSECT_CANDIDATE;
    return told ? RILL_TRACE_ALONE : RILL_TRACE_OTHER;
}

static bool is_sent(const char *name)
{
    size_t n = strlen(name);
    return n > 4 && !strcmp(name + n - 4, "sent");
}

/* --- keeping -----------------------------------------------------------------------------------
 */

/* Room for one more of `size` behind n of them. */
static bool grow(void **p, size_t *cap, size_t need, size_t size)
{
    size_t want = *cap ? *cap : 4096;
    while (want < need)
        want *= 2;
    if (want == *cap)
        return true;
    void *more = realloc(*p, want * size);
    if (!more)
        return false;
    *p = more;
    *cap = want;
    return true;
}

bool rill_trace_store_add(struct rill_trace_store *x, const struct rill_trace_record *r,
                          const struct rill_trace_event *e)
{
    void *rows = x->rows, *text = x->text;
    bool room = grow(&rows, &x->cap, x->n + 1, sizeof *x->rows);
    x->rows = rows;
    room = room && grow(&text, &x->text_cap, x->n_text + r->text.n, 1);
    x->text = text;
    if (!room)
        return false;
    learn_server(x, e);
    memcpy(x->text + x->n_text, r->text.p, r->text.n);
    x->rows[x->n++] = (struct rill_trace_row){
        .time = e->time,
        .at = x->n_text,
        .n = r->text.n,
        .step = (uint16_t)e->step,
        .lane = (uint8_t)lane_of(x, e),
        .sent = is_sent(e->name),
        .has_packet = e->has_packet,
    };
    x->n_text += r->text.n;
    return true;
}

size_t rill_trace_store_count(const struct rill_trace_store *x)
{
    return x->n;
}

const struct rill_trace_row *rill_trace_store_row(const struct rill_trace_store *x, size_t i)
{
    return &x->rows[i];
}

struct rill_view rill_trace_store_text(const struct rill_trace_store *x, size_t i)
{
    return rill_view_at(x->text + x->rows[i].at, x->rows[i].n);
}

bool rill_trace_store_read(struct rill_trace_store *x, size_t i, struct rill_trace_record *out)
{
    struct rill_view text = rill_trace_store_text(x, i);
    json_decref(x->json);
    x->json = json_loadb((const char *)text.p, text.n, 0, NULL);
    const char *name = json_string_value(json_object_get(x->json, "name"));
    json_t *data = json_object_get(x->json, "data");
    if (!name)
        return false;
    *out = (struct rill_trace_record){
        .text = text,
        .json = x->json,
        .time = x->rows[i].time,
        .name = name,
        .data = json_is_object(data) ? data : x->empty,
    };
    return true;
}
