/* dissect/tree (room-internal): how nodes are added.
 *
 * The idea: a part is bytes and the place they have in what was dissected; a scan goes through a
 * part from front to back and adds a node for all that it takes, so that no byte is passed over
 * and none is told twice. Where the bytes end too early the scan says so itself, in a bad node with
 * the clause of the field that is not there; after that it adds nothing. What else is wrong the
 * room's own parser knows: its refusal is laid on the node at that place.
 */
#ifndef RILL_DISSECT_TREE_H
#define RILL_DISSECT_TREE_H

#include "base/err.h"
#include "base/field.h"
#include "dissect/dissect.h"

/* Datagrams in datagrams. */
#define RILL_DISSECT_NESTED_MAX 3

struct rill_dtls_message;

struct rill_tree {
    struct rill_dissection *out;
    const struct rill_dissect_hints *hints; /* never NULL */
    uint8_t depth;
    uint8_t nested;
    bool partial; /* the bytes are the first fragment of something: that they end is no fault */
    size_t scratch;
    struct rill_view datagram;      /* of DTLS, that the record at hand is in */
    unsigned joins;                 /* fragments in it that others were looked for */
    struct rill_dissect_node spare; /* filled when there is no room */
};

struct rill_part {
    struct rill_view v;
    size_t at;
};

/* n bytes from `from` on, as many as there are. */
struct rill_part rill_part_sub(struct rill_part p, size_t from, size_t n);
struct rill_part rill_part_from(struct rill_part p, size_t from);

/* A node over bits of p: a heading, until the caller gives it a value. name, clause and sentence
 * are the row's. Never NULL. */
struct rill_dissect_node *rill_tree_add(struct rill_tree *t, const struct rill_field *row,
                                        struct rill_part p, size_t bit, size_t bits);
/* The same over all of p, and what is added next lies below it. */
struct rill_dissect_node *rill_tree_open(struct rill_tree *t, const struct rill_field *row,
                                         struct rill_part p);
void rill_tree_close(struct rill_tree *t);
/* A field of a fixed place, with its value. */
struct rill_dissect_node *rill_tree_field(struct rill_tree *t, const struct rill_field *row,
                                          struct rill_part p);
/* Bits and bytes at a place of the caller's. */
struct rill_dissect_node *rill_tree_bits(struct rill_tree *t, const struct rill_field *row,
                                         struct rill_part p, size_t bit, size_t bits);
struct rill_dissect_node *rill_tree_bytes(struct rill_tree *t, const struct rill_field *row,
                                          struct rill_part p);
struct rill_dissect_node *rill_tree_text(struct rill_tree *t, const struct rill_field *row,
                                         struct rill_part p);
/* A value that has no bytes of its own. */
struct rill_dissect_node *rill_tree_told(struct rill_tree *t, const struct rill_field *row,
                                         uint64_t u);
/* n bytes of the caller's scratch that stay until the end; n 0 when there are not so many. */
struct rill_span rill_tree_scratch(struct rill_tree *t, size_t n);
/* This node is not as it should be. */
void rill_tree_mark(struct rill_dissect_node *node, const char *meaning, uint64_t amount);
/* Lays a refusal on the smallest node at its byte, among those from `first` on; on that one where
 * there is none. Nothing when one of them is bad already. p: what the offset counts from. */
void rill_tree_blame(struct rill_tree *t, size_t first, struct rill_part p,
                     const struct rill_err *why);

struct rill_scan {
    struct rill_tree *t;
    struct rill_part p;
    size_t at;
    bool bad;
};

struct rill_scan rill_scan_of(struct rill_tree *t, struct rill_part p);
size_t rill_scan_left(const struct rill_scan *s);
/* n bytes that nobody has told of yet. Fewer are there: a bad node over them, and an empty part. */
struct rill_part rill_scan_take(struct rill_scan *s, const struct rill_field *row, size_t n);
struct rill_part rill_scan_rest(struct rill_scan *s);
/* A number of n bytes, at most 8; its node. */
struct rill_dissect_node *rill_scan_int(struct rill_scan *s, const struct rill_field *row,
                                        size_t n);
struct rill_dissect_node *rill_scan_bytes(struct rill_scan *s, const struct rill_field *row,
                                          size_t n);
struct rill_dissect_node *rill_scan_text(struct rill_scan *s, const struct rill_field *row,
                                         size_t n);
/* The fixed fields of a table, n bytes in all; the first of their nodes, or NULL when they were not
 * there. */
struct rill_part rill_scan_table(struct rill_scan *s, const struct rill_field_table *table,
                                 size_t n);
/* What is left, if anything. */
void rill_scan_end(struct rill_scan *s, const struct rill_field *row);

/* --- the formats: one file each -------------------------------------------------------------- */

typedef void rill_dissect_fn(struct rill_tree *t, struct rill_part p);

rill_dissect_fn rill_dissect_datagram, rill_dissect_stun, rill_dissect_channel, rill_dissect_dtls,
    rill_dissect_rtp, rill_dissect_rtcp, rill_dissect_srtp, rill_dissect_srtcp, rill_dissect_stream,
    rill_dissect_framed, rill_dissect_sdp, rill_dissect_candidate, rill_dissect_http,
    rill_dissect_websocket, rill_dissect_dns;
/* join.c: below a fragment of a handshake message: how much of it has come, or all of it. */
void rill_dissect_join(struct rill_tree *t, const struct rill_dtls_message *m);
/* The body of a handshake message that is there as a whole. */
void rill_dissect_handshake(struct rill_tree *t, struct rill_part p, uint8_t type);

/* The words of a candidate line, without a heading. */
void rill_dissect_candidate_words(struct rill_tree *t, struct rill_part p);

#endif
