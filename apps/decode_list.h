/* decode_list: a JSON list of strings of hex digits, one a datagram. */
#ifndef RILL_APPS_DECODE_LIST_H
#define RILL_APPS_DECODE_LIST_H

#include "apps/app.h"

/* Does it begin as a JSON list? */
bool rill_decode_is_list(struct rill_view in);
/* Reads a list of at most cap items; *out is the caller's to release. */
int rill_decode_list(struct rill_view in, size_t cap, json_t **out, struct rill_err *why);
/* The bytes of item i, malloced; NULL when it is not a string of hex digits. */
uint8_t *rill_decode_list_item(const json_t *list, size_t i, struct rill_view *out);
/* What an item that is not earns; the offset is its place in the list. */
int rill_decode_list_refuse(size_t offset, struct rill_err *why);

#endif
