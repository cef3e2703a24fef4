/* capture/file: the bytes of a file, or of memory, read front to back within bounds.
 *
 * The idea: a reader always knows how many bytes are left, so a size that a header claims is
 * compared with the truth before anything is allocated or skipped. Parsers see only this, and
 * run over memory as they do over a file. */
#ifndef RILL_CAPTURE_FILE_H
#define RILL_CAPTURE_FILE_H

#include "capture/errors.h"

#include <stdio.h>

struct rill_file {
    FILE *stream; /* NULL: memory */
    struct rill_view memory;
    uint64_t size;
    uint64_t at;
};

/* Errors: RILL_CAPTURE_OPEN, _NOT_A_FILE. */
int rill_file_open(const char *path, struct rill_file *out, struct rill_err *why);
/* Over bytes that outlive it. */
struct rill_file rill_file_over(struct rill_view bytes);
void rill_file_close(struct rill_file *f);

uint64_t rill_file_left(const struct rill_file *f);
/* Fills out wholly, or nothing is promised of it and false. */
bool rill_file_read(struct rill_file *f, struct rill_span out);
bool rill_file_seek(struct rill_file *f, uint64_t at);
/* Moves on by n; false when fewer are left. */
bool rill_file_skip(struct rill_file *f, uint64_t n);
/* One line without its '\n'; false when there is no '\n' within room bytes. */
bool rill_file_line(struct rill_file *f, struct rill_span room, struct rill_view *out);

/* The offsets of a file's frames, found once when it is opened. */
struct rill_file_frame {
    uint64_t at;
    uint32_t size;
    bool keyframe;
    int64_t elapsed; /* µs after the first */
};

struct rill_file_index {
    struct rill_file_frame *frames;
    size_t n;
    size_t cap;
};

/* False when memory ran out. */
bool rill_file_index_add(struct rill_file_index *index, struct rill_file_frame frame);
void rill_file_index_free(struct rill_file_index *index);

#endif
