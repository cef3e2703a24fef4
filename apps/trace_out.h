/* apps/trace_out: where the events of a run go: to standard error, to a trace, a capture and a key
 * log. Each sink has its formatter in trace/; here is who gets what, and when time 0 was. */
#ifndef RILL_APPS_TRACE_OUT_H
#define RILL_APPS_TRACE_OUT_H

#include "apps/trace_capture.h"
#include "apps/trace_explain.h"
#include "apps/trace_file.h"
#include "base/limits.h"
#include "base/rng.h"
#include "base/trace.h"

/* Entropy that is kept in one event. */
#define RILL_TRACE_DRAWN_MAX 4096

/* Files: NULL for none. */
struct rill_trace_options {
    const char *trace;  /* --trace FILE: docs/trace.md */
    const char *pcapng; /* --pcapng FILE: packets, for Wireshark */
    const char *keylog; /* --keylog FILE, or $SSLKEYLOGFILE: what opens TLS and DTLS */
    bool keylog_by_environment;
    bool secrets; /* --trace-secrets: keys are in the first two, and what rill replay needs */
    bool explain; /* --explain: each event in words on standard error */
    bool verbose; /* -v: each decision as it is on standard error */
};

/* For commands that have these three; getopt_long gives their letters. */
#define RILL_TRACE_OPTIONS                                                                         \
    {"trace", required_argument, NULL, 'T'}, {"pcapng", required_argument, NULL, 'P'},             \
    {                                                                                              \
        "explain", no_argument, NULL, 'E'                                                          \
    }
#define RILL_TRACE_OPTIONS_HELP                                                                    \
    "  --trace FILE      keep packets and decisions (docs/trace.md)\n"                             \
    "  --pcapng FILE     keep the packets, for Wireshark\n"                                        \
    "  --explain         tell each event in words on standard error\n"
/* False: it is none of them. */
bool rill_trace_options_take(struct rill_trace_options *o, int letter, const char *value);

struct rill_trace_out {
    struct rill_trace trace; /* for the machines; its emit is NULL when nobody listens */
    const struct rill_trace_options *options;
    const char *who;      /* in front of each line */
    int64_t origin, last; /* time 0; the newest event's time */
    int64_t wall_us;      /* µs since 1970 at time 0 */
    int64_t unix_s;       /* what time() answers libraries; 0: what the clock says */
    struct rill_rng entropy;
    uint8_t drawn[RILL_TRACE_DRAWN_MAX]; /* by the verb that goes on, and is told behind it */
    size_t n_drawn;
    uint8_t scrubbed[RILL_SDP_TEXT_MAX + 4096]; /* texts without what is secret in them */
    struct rill_trace_explainer explainer;
    struct rill_trace_file json, keylog;
    struct rill_trace_capture capture;
};

/* $SSLKEYLOGFILE where no --keylog was given; a sentence when the options do not fit together. */
const char *rill_trace_options_check(struct rill_trace_options *o);

/* title: "rill call"; name: of the vantage point. now and wall_us are the same instant, time 0.
 * False: a file cannot be opened, which was told. */
bool rill_trace_out_open(struct rill_trace_out *x, const struct rill_trace_options *options,
                         const char *title, const char *name, int64_t now, int64_t wall_us);
/* --- what rill replay needs, for a trace with secrets; else nothing happens ---------------- */

/* Inputs are kept from here on. unix_s: what time() answers for all of the run; 0: as time goes. */
void rill_trace_out_begin_inputs(struct rill_trace_out *x, int64_t unix_s);
/* The certificate is made next, out of what rill_trace_out_rng() gives. */
void rill_trace_out_certificate(struct rill_trace_out *x, int64_t now);
/* Draws from `of`, and what is drawn is kept. */
struct rill_rng rill_trace_out_rng(struct rill_trace_out *x, struct rill_rng of);
/* What time() says to libraries at `time`, to this program and to rill replay. */
int64_t rill_trace_unix_s(int64_t wall_us, int64_t unix_s, int64_t time);

void rill_trace_out_tick(struct rill_trace_out *x, int64_t now);
int64_t rill_trace_out_deadline(const struct rill_trace_out *x);
/* What waits is written. No event may come after it. */
void rill_trace_out_close(struct rill_trace_out *x);

#endif
