#include "apps/trace_feed.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Of a file at once: the keyboard wants its turn. */
#define PIECE (1u << 20)

struct rill_trace_feed {
    int fd; /* -1: it is a URL */
    struct rill_trace_web *web;
    const char *trouble;
};

struct rill_trace_feed *rill_trace_feed_open(const char *where,
                                             const struct rill_trace_trust *trust, const char **why)
{
    struct rill_trace_feed *x = calloc(1, sizeof *x);
    bool url = !strncmp(where, "http://", 7) || !strncmp(where, "https://", 8);
    *why = "out of memory";
    if (!x)
        return NULL;
    x->fd = url ? -1 : open(where, O_RDONLY | O_CLOEXEC);
    if (!url && x->fd < 0)
        *why = strerror(errno);
    if (url)
        x->web = rill_trace_web_open(where, trust, why);
    if (x->fd >= 0 || x->web)
        return x;
    free(x);
    return NULL;
}

void rill_trace_feed_free(struct rill_trace_feed *x)
{
    if (!x)
        return;
    if (x->fd >= 0)
        close(x->fd);
    rill_trace_web_free(x->web);
    free(x);
}

size_t rill_trace_feed_poll(struct rill_trace_feed *x, struct rill_trace_reader *r)
{
    size_t all = 0;
    long n = 1;
    if (x->web)
        return rill_trace_web_poll(x->web, r);
    while (n > 0 && all < PIECE) {
        n = rill_trace_reader_fill(r, x->fd);
        all += n > 0 ? (size_t)n : 0;
        if (n <= 0)
            break;
        /* The reader wants to be emptied before it has room again. */
        if (rill_trace_reader_left(r) > PIECE)
            break;
    }
    x->trouble = n < 0 ? strerror(errno) : NULL;
    return all;
}

const char *rill_trace_feed_trouble(const struct rill_trace_feed *x)
{
    return x->web ? rill_trace_web_trouble(x->web) : x->trouble;
}
