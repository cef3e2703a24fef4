/* apps/trace_file: a file that a trace is written to: in large pieces, but seldom later than 200
 * ms, so that it can be read while the call goes on.
 *
 *   do {
 *       w = rill_trace_file_begin(f);
 *       …
 *   } while (!rill_trace_file_end(f, now, &w));
 */
#ifndef RILL_APPS_TRACE_FILE_H
#define RILL_APPS_TRACE_FILE_H

#include "base/bytes.h"
#include "base/clock.h"

struct rill_trace_file {
    bool open;
    int fd;
    const char *option, *path; /* "--trace" */
    uint8_t *bytes;            /* [0, n) wait */
    size_t cap, n;
    int64_t waits_since; /* RILL_NEVER: nothing waits */
    bool broken;         /* it was told; nothing more is written */
};

/* For its owner alone (mode 0600), whatever it was before. append: goes on behind what is there.
 * False: it was told why on standard error. */
bool rill_trace_file_open(struct rill_trace_file *f, const char *option, const char *path,
                          bool append);

struct rill_writer rill_trace_file_begin(struct rill_trace_file *f);
/* What was written since begin is kept; false: there was not room enough, and now there is more. */
bool rill_trace_file_end(struct rill_trace_file *f, int64_t now, const struct rill_writer *w);

/* Writes what has waited long enough; all of it. */
void rill_trace_file_tick(struct rill_trace_file *f, int64_t now);
void rill_trace_file_flush(struct rill_trace_file *f);
int64_t rill_trace_file_deadline(const struct rill_trace_file *f);
void rill_trace_file_close(struct rill_trace_file *f);

#endif
