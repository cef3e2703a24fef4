#include "apps/trace_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FIRST_CAP (256u * 1024)
/* One event has a frame of RILL_VIDEO_FRAME_MAX at most, in hex. */
#define LARGEST_CAP (8u << 20)
#define LATEST (200 * RILL_MS)

static void complain(const struct rill_trace_file *f, const char *what)
{
    fprintf(stderr, "rill: %s %s: %s%s\n", f->option, f->path, strerror(errno), what);
}

/* Its mode comes before its bytes: nobody may open it in between. What is no regular file (a pipe,
 * /dev/stderr) is left as it is. */
static bool make_private(int fd, bool append)
{
    struct stat s;
    if (fstat(fd, &s) < 0)
        return false;
    if (!S_ISREG(s.st_mode))
        return true;
    return fchmod(fd, S_IRUSR | S_IWUSR) == 0 && (append || ftruncate(fd, 0) == 0);
}

bool rill_trace_file_open(struct rill_trace_file *f, const char *option, const char *path,
                          bool append)
{
    int flags = O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY | (append ? O_APPEND : 0);
    *f = (struct rill_trace_file){.option = option, .path = path, .waits_since = RILL_NEVER};
    f->fd = open(path, flags, S_IRUSR | S_IWUSR);
    f->bytes = f->fd < 0 ? NULL : malloc(FIRST_CAP);
    if (f->bytes && make_private(f->fd, append)) {
        f->cap = FIRST_CAP;
        f->open = true;
        return true;
    }
    complain(f, "");
    if (f->fd >= 0)
        close(f->fd);
    free(f->bytes);
    *f = (struct rill_trace_file){0};
    return false;
}

struct rill_writer rill_trace_file_begin(struct rill_trace_file *f)
{
    return rill_writer_of((struct rill_span){f->bytes + f->n, f->cap - f->n});
}

/* The bytes that wait may be secrets. */
static bool grow(struct rill_trace_file *f)
{
    uint8_t *bytes = 2 * f->cap > LARGEST_CAP ? NULL : malloc(2 * f->cap);
    if (!bytes)
        return false;
    rill_wipe(f->bytes, f->cap);
    free(f->bytes);
    f->bytes = bytes;
    f->cap *= 2;
    return true;
}

bool rill_trace_file_end(struct rill_trace_file *f, int64_t now, const struct rill_writer *w)
{
    if (f->broken)
        return true;
    if (w->bad) {
        bool was_empty = f->n == 0;
        rill_trace_file_flush(f);
        return was_empty && !grow(f);
    }
    f->n += w->at;
    if (f->n && f->waits_since == RILL_NEVER)
        f->waits_since = now;
    if (f->n > FIRST_CAP / 2)
        rill_trace_file_flush(f);
    else
        rill_trace_file_tick(f, now);
    return true;
}

void rill_trace_file_tick(struct rill_trace_file *f, int64_t now)
{
    if (f->open && f->waits_since != RILL_NEVER && now >= f->waits_since + LATEST)
        rill_trace_file_flush(f);
}

int64_t rill_trace_file_deadline(const struct rill_trace_file *f)
{
    return f->open && f->waits_since != RILL_NEVER ? f->waits_since + LATEST : RILL_NEVER;
}

/* A disk that is full ends the trace, not the call. */
void rill_trace_file_flush(struct rill_trace_file *f)
{
    size_t at = 0;
    while (f->open && !f->broken && at < f->n) {
        ssize_t n = write(f->fd, f->bytes + at, f->n - at);
        if (n > 0)
            at += (size_t)n;
        else if (n < 0 && errno != EINTR)
            f->broken = true;
    }
    if (f->broken && at < f->n)
        complain(f, "; nothing more is written to it");
    f->n = 0;
    f->waits_since = RILL_NEVER;
}

void rill_trace_file_close(struct rill_trace_file *f)
{
    if (!f->open)
        return;
    rill_trace_file_flush(f);
    if (close(f->fd) < 0 && !f->broken)
        complain(f, "");
    rill_wipe(f->bytes, f->cap);
    free(f->bytes);
    *f = (struct rill_trace_file){0};
}
