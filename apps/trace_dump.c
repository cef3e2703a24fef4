/* trace_dump: `rill trace dump`: a line an event, its fields below it, or as JSON.
 *
 * The idea: one record after another, nothing is kept; so a pipe will do, and a trace of any size.
 */
#include "apps/app.h"
#include "apps/trace.h"
#include "apps/trace_explain.h"
#include "apps/trace_lens.h"

#include "trace/format.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TEXT_MAX (16u << 20)
#define INDENT 13

struct dump {
    const char *path;
    bool fields, json, colour;
    struct rill_filter filter;
    struct rill_trace_reader *reader;
    struct rill_trace_lens *lens;
    struct rill_span text;
    unsigned faults;
};

static void usage(FILE *out)
{
    fputs("usage: rill trace dump [options] FILE|-\n\n"
          "One line an event: milliseconds since the start, its name, what it says.\n\n"
          "  -f, --fields         every field of its packet below it\n"
          "  -F, --filter EXPR    these events alone, e.g. 'stun and ip == 192.0.2.1'\n"
          "  -j, --json           a JSON object a line: the record, step, summary and fields\n\n"
          "docs/trace.md has the language of filters.\n\n"
          "example: rill trace dump --filter 'rtcp.nack' call.sqlog\n",
          out);
}

/* --- one event -------------------------------------------------------------------------------- */

static void print_node(const struct dump *d, struct rill_writer *w,
                       const struct rill_dissect_node *node)
{
    w->at = 0;
    for (size_t i = 0; i < INDENT + 2u * node->depth; i++)
        rill_w_char(w, ' ');
    if (d->colour && node->bad)
        rill_w_str(w, "\x1b[31m");
    rill_w_str(w, node->name);
    if (node->type != RILL_DISSECT_NONE)
        rill_w_str(w, ": ");
    rill_dissect_write_value(w, node);
    if (node->meaning) {
        rill_w_str(w, node->bad ? " (bad: " : " (");
        rill_dissect_write_meaning(w, node);
        rill_w_char(w, ')');
    }
    if (d->colour)
        rill_w_str(w, "\x1b[0;2m");
    if (node->clause) {
        rill_w_str(w, "  ");
        rill_w_str(w, node->clause);
    }
    if (node->sentence) {
        rill_w_str(w, node->clause ? ": " : "  ");
        rill_w_str(w, node->sentence);
    }
    if (d->colour)
        rill_w_str(w, "\x1b[0m");
    rill_w_char(w, '\n');
    fwrite(w->p, 1, w->at, stdout);
}

static void print_line(struct dump *d, const struct rill_trace_event *e)
{
    struct rill_writer w = rill_writer_of(d->text);
    rill_trace_lens_write(d->lens, e, &w);
    printf("%s%10.3f%s %-24s %.*s\n", d->colour ? "\x1b[2m" : "", (double)e->time / 1e3,
           d->colour ? "\x1b[0m" : "", e->name, (int)w.at, (const char *)w.p);
    if (!d->fields)
        return;
    const struct rill_dissection *tree = rill_trace_lens_tree(d->lens, e);
    for (size_t i = 0; i < tree->n; i++)
        print_node(d, &w, &tree->nodes[i]);
}

/* {"number":…,"time":…,"name":…,"step":…,"data":…,"summary":…,"fields":[…]} */
static void print_json(struct dump *d, const struct rill_trace_record *r,
                       const struct rill_trace_event *e)
{
    struct rill_writer w = rill_writer_of(d->text);
    uint8_t summary[2048];
    struct rill_writer line = rill_writer_of((struct rill_span){summary, sizeof summary});
    rill_trace_lens_write(d->lens, e, &line);
    char *data = json_dumps(e->data, JSON_COMPACT);
    printf("{\"number\":%llu,\"time\":%.3f,\"name\":", (unsigned long long)r->number,
           (double)e->time / 1e3);
    rill_trace_write_json_string(&w, rill_view_of(e->name));
    rill_w_str(&w, ",\"step\":");
    rill_w_dec(&w, e->step);
    rill_w_str(&w, ",\"data\":");
    rill_w_str(&w, data ? data : "{}");
    rill_w_str(&w, ",\"summary\":");
    rill_trace_write_json_string(&w, rill_w_view(&line));
    if (d->fields) {
        rill_w_str(&w, ",\"fields\":");
        rill_dissect_write_json(&w, rill_trace_lens_tree(d->lens, e));
    }
    rill_w_str(&w, "}\n");
    fwrite(w.p, 1, w.at, stdout);
    free(data);
}

static void one_record(struct dump *d, const struct rill_trace_record *r)
{
    struct rill_trace_event e;
    if (r->is_header)
        return;
    rill_trace_lens_event(d->lens, r, &e);
    if (!rill_trace_lens_match(d->lens, &e, r->text, &d->filter))
        return;
    if (d->json)
        print_json(d, r, &e);
    else
        print_line(d, &e);
}

/* --- all of them ------------------------------------------------------------------------------ */

static void complain(struct dump *d, uint64_t offset, const struct rill_err *why)
{
    char text[512];
    struct rill_writer w = rill_writer_of((struct rill_span){(uint8_t *)text, sizeof text});
    rill_err_write(&w, why);
    rill_w_end_text(&w);
    fflush(stdout);
    fprintf(stderr, "rill trace dump: %s: record %zu, byte %llu: %s (%s)\n", d->path, why->offset,
            (unsigned long long)offset, text, why->row ? why->row->clause : "");
    d->faults++;
}

static void drain(struct dump *d)
{
    struct rill_trace_record r;
    struct rill_err why;
    int rc;
    do {
        uint64_t offset = rill_trace_reader_offset(d->reader);
        rc = rill_trace_reader_next(d->reader, &r, &why);
        if (rc > 0)
            one_record(d, &r);
        if (rc < 0)
            complain(d, offset, &why);
    } while (rc != 0 && !ferror(stdout));
}

static int dump(struct dump *d)
{
    bool standard = !strcmp(d->path, "-");
    int fd = standard ? STDIN_FILENO : open(d->path, O_RDONLY | O_CLOEXEC);
    long n = -1;
    if (fd >= 0)
        while ((n = rill_trace_reader_fill(d->reader, fd)) > 0 && !ferror(stdout))
            drain(d);
    if (n < 0) {
        fprintf(stderr, "rill trace dump: %s: %s\n", d->path, strerror(errno));
        d->faults++;
    } else if (rill_trace_reader_offset(d->reader) == 0 && !rill_trace_reader_left(d->reader)) {
        fprintf(stderr, "rill trace dump: %s: it is empty\n", d->path);
        d->faults++;
    } else if (rill_trace_reader_left(d->reader)) {
        fflush(stdout);
        fprintf(stderr, "rill trace dump: %s: byte %llu: the last record is cut off; passed over\n",
                d->path, (unsigned long long)rill_trace_reader_offset(d->reader));
    }
    if (fd > STDIN_FILENO)
        close(fd);
    return d->faults ? RILL_EXIT_FAILED : RILL_EXIT_DONE;
}

static bool compile(struct dump *d, const char *text)
{
    struct rill_err why;
    if (rill_filter_compile(&d->filter, rill_view_of(text), &why) == 0)
        return true;
    fprintf(stderr, "rill trace dump: --filter, column %zu: %s\n  %s\n  %*s^\n", why.offset,
            why.row->sentence, text, (int)why.offset - 1, "");
    return false;
}

static bool read_options(struct dump *d, int argc, char **argv, int *rc)
{
    static const struct option options[] = {
        {"fields", no_argument, NULL, 'f'},
        {"filter", required_argument, NULL, 'F'},
        {"json", no_argument, NULL, 'j'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    int c;
    *rc = RILL_EXIT_USAGE;
    while ((c = getopt_long(argc, argv, "fF:jh", options, NULL)) != -1) {
        if (c == 'h') {
            usage(stdout);
            *rc = RILL_EXIT_DONE;
            return false;
        }
        d->fields |= c == 'f';
        d->json |= c == 'j';
        if (c == '?' || (c == 'F' && !compile(d, optarg))) {
            if (c == '?')
                usage(stderr);
            return false;
        }
    }
    if (optind + 1 != argc) {
        usage(stderr);
        return false;
    }
    d->path = argv[optind];
    return true;
}

int rill_app_trace_dump(int argc, char **argv)
{
    static struct dump d;
    int rc;
    if (!read_options(&d, argc, argv, &rc))
        return rc;
    d.colour = rill_trace_may_colour(stdout);
    d.reader = rill_trace_reader_new();
    d.lens = rill_trace_lens_new();
    d.text = (struct rill_span){malloc(TEXT_MAX), TEXT_MAX};
    if (d.reader && d.lens && d.text.p) {
        rc = dump(&d);
    } else {
        fputs("rill trace dump: there is no memory for it\n", stderr);
        rc = RILL_EXIT_FAILED;
    }
    rill_trace_reader_free(d.reader);
    rill_trace_lens_free(d.lens);
    free(d.text.p);
    return rc;
}
