/* signaling/json: JSON read token by token, without a tree (RFC 8259).
 *
 * The idea: Socket.IO carries JSON that is passed on as it came. To judge its form, to cut an
 * array into its items and to find the places of attachments nothing need be built: a strict
 * reader that yields one token after another and remembers one bit for each open bracket.
 */
#ifndef RILL_SIGNALING_JSON_H
#define RILL_SIGNALING_JSON_H

#include "base/bytes.h"
#include "signaling/limits.h"

#define RILL_JSON_DEPTH_MAX RILL_SIG_DEPTH_MAX

enum rill_json_type {
    RILL_JSON_END, /* the one value is over, and so is the text */
    RILL_JSON_BAD, /* not JSON from here on, or nested too deep */
    RILL_JSON_OBJECT,
    RILL_JSON_OBJECT_END,
    RILL_JSON_ARRAY,
    RILL_JSON_ARRAY_END,
    RILL_JSON_KEY,
    RILL_JSON_STRING,
    RILL_JSON_NUMBER,
    RILL_JSON_TRUE,
    RILL_JSON_FALSE,
    RILL_JSON_NULL,
};

/* text: the bytes of the token as written, quotes and escapes included. depth: how many
 * brackets stand open around it. */
struct rill_json_token {
    enum rill_json_type type;
    struct rill_view text;
    unsigned depth;
};

struct rill_json_reader {
    struct rill_view text;
    size_t at;
    unsigned depth;
    uint32_t objects; /* bit d: the bracket at depth d is a brace */
    int expects;
    bool bad;
};

/* text is UTF-8; that is for the caller to know. */
struct rill_json_reader rill_json_reader_of(struct rill_view text);
struct rill_json_token rill_json_next(struct rill_json_reader *r);

/* The next item of an array as it was written; false when there is none. *rest begins as the
 * whole text of an array that is known to be JSON, and moves on. */
bool rill_json_item(struct rill_view *rest, struct rill_view *item);

#endif
