/* walk/show: bytes, fields, texts and states as Markdown. */
#ifndef RILL_WALK_SHOW_H
#define RILL_WALK_SHOW_H

#include "dissect/dissect.h"
#include "walk/record.h"

#include <stdio.h>

/* Seconds since the call began, "1.085 s". */
void show_time(FILE *out, int64_t at);
/* A view as it is; what would break a table or cannot be seen becomes "." or is escaped. */
void show_text(FILE *out, struct rill_view v);
void show_addr(FILE *out, const struct rill_addr *a);
/* Lines of 16 bytes with their offsets, in a fence of their own; what is beyond `limit` is counted
 * (0: all are shown). */
void show_hex(FILE *out, struct rill_view v, size_t limit);
/* The same of a few bytes, on a line. */
void show_bytes(FILE *out, struct rill_view v, size_t limit);
/* A table of the fields: those whose bytes begin before `limit` (0: all), and that are no deeper
 * than `deepest` (0: all). */
void show_fields(FILE *out, enum rill_dissect_kind kind, struct rill_view v,
                 const struct rill_dissect_hints *hints, size_t limit, uint8_t deepest);
/* Who says it to whom, how many bytes and when; then the bytes. */
void show_datagram(FILE *out, const struct walk_row *row, size_t limit);
/* What was said in a frame, unmasked, in lines; it ends behind `limit` characters (0: all). */
void show_payload(FILE *out, const struct walk_row *row, size_t limit);
/* The bytes of a frame behind its header, unmasked into out->p; returns them. */
struct rill_view show_unmask(struct rill_view frame, struct rill_span out);
void show_states(FILE *out, const struct walk_row *step);
/* One line, in a fence: when, who, what, and the sentence of the trace point when no row from
 * `from` on had it. */
void show_decision(FILE *out, const struct walk_record *r, size_t from, size_t i);

#endif
