/* store_reply: hiredis' reader, with trees of our own so that each of them is bounded. */
#include "signaling/store_reply.h"

#include <hiredis/read.h>
#include <stdlib.h>
#include <string.h>

struct rill_reply_reader {
    redisReader *reader;
    size_t n_waiting; /* bytes of a reply that is not whole */
    size_t n_nodes;   /* of that reply */
    bool is_too_large;
};

/* --- the tree ------------------------------------------------------------------------ */

void rill_reply_free(struct rill_reply *reply)
{
    if (!reply)
        return;
    for (size_t i = 0; i < reply->n; i++)
        rill_reply_free(reply->items[i]);
    free(reply->items);
    free(reply);
}

static void free_object(void *reply)
{
    rill_reply_free(reply);
}

/* A node in its place; NULL when that is more than is believed, or there is no memory. */
static struct rill_reply *node(const redisReadTask *task, enum rill_reply_type type, size_t text_n)
{
    struct rill_reply_reader *r = task->privdata;
    if (r->n_nodes == RILL_LIMIT_STORE_NODES) {
        r->is_too_large = true;
        return NULL;
    }
    struct rill_reply *x = calloc(1, sizeof *x + text_n);
    if (!x)
        return NULL;
    r->n_nodes++;
    x->type = type;
    if (task->parent)
        ((struct rill_reply *)task->parent->obj)->items[task->idx] = x;
    return x;
}

static void *create_string(const redisReadTask *task, char *text, size_t n)
{
    bool is_error = task->type == REDIS_REPLY_ERROR;
    struct rill_reply *x = node(task, is_error ? RILL_REPLY_ERROR : RILL_REPLY_TEXT, n);
    if (!x)
        return NULL;
    if (n)
        memcpy(x + 1, text, n);
    x->text = rill_view_at(x + 1, n);
    return x;
}

static void *create_array(const redisReadTask *task, int n)
{
    struct rill_reply_reader *r = task->privdata;
    if (n < 0 || (size_t)n > RILL_LIMIT_STORE_NODES - r->n_nodes) {
        r->is_too_large = true;
        return NULL;
    }
    struct rill_reply *x = node(task, RILL_REPLY_ARRAY, 0);
    if (!x || n == 0)
        return x;
    x->items = calloc((size_t)n, sizeof *x->items);
    if (x->items) {
        x->n = (size_t)n;
        return x;
    }
    if (task->parent)
        ((struct rill_reply *)task->parent->obj)->items[task->idx] = NULL;
    free(x);
    return NULL;
}

static void *create_integer(const redisReadTask *task, long long value)
{
    struct rill_reply *x = node(task, RILL_REPLY_INTEGER, 0);
    if (x)
        x->integer = value;
    return x;
}

static void *create_nil(const redisReadTask *task)
{
    return node(task, RILL_REPLY_NIL, 0);
}

/* --- the reader ---------------------------------------------------------------------- */

struct rill_reply_reader *rill_reply_reader_new(void)
{
    static redisReplyObjectFunctions functions = {create_string, create_array, create_integer,
                                                  create_nil, free_object};
    struct rill_reply_reader *r = calloc(1, sizeof *r);
    redisReader *reader = r ? redisReaderCreateWithFunctions(&functions) : NULL;
    if (!reader) {
        free(r);
        return NULL;
    }
    r->reader = reader;
    reader->privdata = r;
    return r;
}

void rill_reply_reader_free(struct rill_reply_reader *r)
{
    if (!r)
        return;
    redisReaderFree(r->reader);
    free(r);
}

int rill_reply_feed(struct rill_reply_reader *r, struct rill_view bytes, struct rill_err *why)
{
    if (bytes.n > RILL_LIMIT_STORE_REPLY - r->n_waiting)
        return rill_err_set(&rill_signaling_errors, RILL_SIGNALING_STORE_TOO_LARGE, r->n_waiting,
                            RILL_LIMIT_STORE_REPLY, why);
    r->n_waiting += bytes.n;
    if (bytes.n && redisReaderFeed(r->reader, (const char *)bytes.p, bytes.n) != 0)
        return rill_err_set(&rill_signaling_errors, RILL_SIGNALING_STORE_TOO_LARGE, 0, bytes.n,
                            why);
    return 0;
}

int rill_reply_next(struct rill_reply_reader *r, struct rill_reply **out, struct rill_err *why)
{
    void *reply = NULL;
    if (redisReaderGetReply(r->reader, &reply) != 0) {
        int row = r->is_too_large ? RILL_SIGNALING_STORE_TOO_LARGE : RILL_SIGNALING_STORE_PROTOCOL;
        return rill_err_set(&rill_signaling_errors, row, 0, RILL_LIMIT_STORE_NODES, why);
    }
    if (!reply)
        return 0;
    r->n_nodes = 0;
    r->n_waiting = r->reader->len - r->reader->pos;
    *out = reply;
    return 1;
}

struct rill_view rill_reply_field(const struct rill_reply *pairs, const char *name)
{
    for (size_t i = 0; pairs && i + 1 < pairs->n; i += 2)
        if (pairs->items[i]->type == RILL_REPLY_TEXT && rill_view_is(pairs->items[i]->text, name) &&
            pairs->items[i + 1]->type == RILL_REPLY_TEXT)
            return pairs->items[i + 1]->text;
    return (struct rill_view){0};
}
