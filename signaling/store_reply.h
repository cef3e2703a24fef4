/* signaling/store_reply: what a store answers, read from its bytes (RESP 2, by hiredis' reader).
 *
 * The idea: a reply is a tree; hiredis finds its parts, this bounds them. Whoever is at the other
 * end may say anything: lengths are not believed, only bytes that came are kept.
 */
#ifndef RILL_SIGNALING_STORE_REPLY_H
#define RILL_SIGNALING_STORE_REPLY_H

#include "base/bytes.h"
#include "signaling/errors.h"
#include "signaling/limits.h"

enum rill_reply_type {
    RILL_REPLY_TEXT, /* a bulk or a simple string */
    RILL_REPLY_ARRAY,
    RILL_REPLY_INTEGER,
    RILL_REPLY_NIL,
    RILL_REPLY_ERROR,
};

struct rill_reply {
    enum rill_reply_type type;
    struct rill_view text; /* TEXT, ERROR */
    int64_t integer;
    struct rill_reply **items; /* ARRAY; each not NULL in a whole reply */
    size_t n;
};

struct rill_reply_reader;

/* NULL when there is no memory. */
struct rill_reply_reader *rill_reply_reader_new(void);
void rill_reply_reader_free(struct rill_reply_reader *r);
/* All bytes are taken. Errors: RILL_SIGNALING_STORE_TOO_LARGE; then the reader is of no use. */
int rill_reply_feed(struct rill_reply_reader *r, struct rill_view bytes, struct rill_err *why);
/* 1 and a reply, which is the caller's to free; 0: not whole yet. Errors:
 * RILL_SIGNALING_STORE_PROTOCOL, _TOO_LARGE; then the reader is of no use. */
int rill_reply_next(struct rill_reply_reader *r, struct rill_reply **out, struct rill_err *why);
void rill_reply_free(struct rill_reply *reply);

/* The value behind a name in [name, value, name, value …]; p NULL when there is none. */
struct rill_view rill_reply_field(const struct rill_reply *pairs, const char *name);

#endif
