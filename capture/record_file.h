/* capture/record_file: how the writers of record.h begin and end: a block of their own and a file.
 */
#ifndef RILL_CAPTURE_RECORD_FILE_H
#define RILL_CAPTURE_RECORD_FILE_H

#include "capture/errors.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* A block of size bytes, all zero, and the new file; NULL with RILL_CAPTURE_OPEN in why. */
void *rill_record_open(const char *path, size_t size, FILE **stream, struct rill_err *why);
/* The beginning could not be written: both are given back. Returns RILL_CAPTURE_WRITE. */
int rill_record_give_up(void *writer, FILE *stream, struct rill_err *why);
/* Both are given back. whole: everything was written until now. 0 or RILL_CAPTURE_WRITE. */
int rill_record_close(void *writer, FILE *stream, bool whole);

#endif
