/* walk/files: the call as files in out/, for those who want to look for themselves: a trace a
 * client (rill trace, rill replay), a capture (Wireshark), and the two descriptions. */
#ifndef RILL_WALK_FILES_H
#define RILL_WALK_FILES_H

#include "walk/record.h"

#include <stdio.h>

/* A trace; NULL: it cannot be written, which is told. */
FILE *walk_trace_open(enum walk_place who, int64_t wall_us);
void walk_trace_point(FILE *f, const struct rill_trace_point *p, int64_t now,
                      const union rill_trace_value *values);
/* What rill replay needs beside: time begins, the certificate is made, entropy was drawn; nothing
 * more is called. */
void walk_trace_clock(FILE *f, int64_t wall_us);
void walk_trace_certificate(FILE *f, int64_t now);
void walk_trace_entropy(FILE *f, int64_t now, struct rill_view drawn);
void walk_trace_end(FILE *f, int64_t now);
/* One HTTP head or WebSocket frame between a client and the signaling server. */
void walk_trace_frame(FILE *f, int64_t now, bool sent, bool head, const struct rill_addr *local,
                      const struct rill_addr *remote, struct rill_view bytes);
void walk_trace_step(FILE *f, int64_t now, const struct rill_step *s);

/* Of what CLIENT1 sent and got; and the descriptions. False: told. */
bool walk_files_write(const struct walk_record *r, int64_t wall_us);

#endif
