/* apps/trace_feed: where the bytes of a trace come from, and go on coming: a file that may still be
 * written, or an http: or https: URL that is asked for more. */
#ifndef RILL_APPS_TRACE_FEED_H
#define RILL_APPS_TRACE_FEED_H

#include "apps/trace_read.h"

struct rill_trace_feed;

/* Whom https: believes. */
struct rill_trace_trust {
    const char *ca; /* a file of certificates; NULL: the system's */
    bool insecure;  /* anybody */
};

/* NULL: *why says in words what is wrong. */
struct rill_trace_feed *
rill_trace_feed_open(const char *where, const struct rill_trace_trust *trust, const char **why);
void rill_trace_feed_free(struct rill_trace_feed *x);
/* Puts into the reader what has come; how many bytes, 0: none for now. Never waits. */
size_t rill_trace_feed_poll(struct rill_trace_feed *x, struct rill_trace_reader *r);
/* In words, what keeps more from coming; NULL: nothing does. */
const char *rill_trace_feed_trouble(const struct rill_trace_feed *x);

/* trace_feed_http.c: the same of a URL. */
struct rill_trace_web;
struct rill_trace_web *rill_trace_web_open(const char *url, const struct rill_trace_trust *trust,
                                           const char **why);
void rill_trace_web_free(struct rill_trace_web *x);
size_t rill_trace_web_poll(struct rill_trace_web *x, struct rill_trace_reader *r);
const char *rill_trace_web_trouble(const struct rill_trace_web *x);

#endif
