/* trace_html: `rill trace html`: the page of traces with one trace in it, as one file.
 *
 * The idea: the page (web/trace.html) has an empty element where a trace may stand. The trace goes
 * there as base64, whose alphabet has nothing that could end the element: so whatever a trace
 * says, it is data. */
#include "apps/app.h"
#include "apps/serve_files.h"
#include "apps/trace.h"
#include "signaling/base64.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Where the trace goes: once in the page, before </script>. */
static const char place[] = "<script id=\"embedded\" type=\"application/octet-stream\">";

/* A multiple of three, so that the pieces' base64 is that of the whole. */
#define PIECE (3 * 16384)

struct html {
    const char *trace, *out; /* out NULL: the trace's name with .html */
    const char *www;         /* NULL: as rill serve finds it */
    char name[4096];
};

static void usage(FILE *out)
{
    fputs("usage: rill trace html [options] FILE\n\n"
          "One page that shows the trace and needs nothing else: no server, no network.\n\n"
          "  -o, --output FILE|-   where to [FILE's name with .html]\n"
          "  --www DIR             the folder of the page [web]\n\n"
          "example: rill trace html call.sqlog\n",
          out);
}

static bool complain(const char *path, const char *what)
{
    fprintf(stderr, "rill trace html: %s: %s\n", path, what);
    return false;
}

/* --- writing ---------------------------------------------------------------------------- */

static bool put(FILE *out, struct rill_view v)
{
    return fwrite(v.p, 1, v.n, out) == v.n;
}

static bool put_trace(FILE *in, FILE *out)
{
    static uint8_t bytes[PIECE];
    static uint8_t text[PIECE / 3 * 4];
    size_t n;
    while ((n = fread(bytes, 1, sizeof bytes, in)) > 0) {
        struct rill_writer w = rill_writer_of((struct rill_span){text, sizeof text});
        rill_base64_write(&w, rill_view_at(bytes, n));
        if (!put(out, rill_w_view(&w)))
            return false;
    }
    return !ferror(in);
}

/* page[0, at) + the trace + page[at, …) */
static bool put_all(struct rill_view page, size_t at, FILE *in, FILE *out)
{
    return put(out, rill_view_sub(page, 0, at)) && put_trace(in, out) &&
           put(out, rill_view_sub(page, at, page.n - at));
}

/* --- the page --------------------------------------------------------------------------- */

/* Behind the tag that opens the place; 0: there is none. */
static size_t find_place(struct rill_view page)
{
    size_t n = sizeof place - 1;
    for (size_t i = 0; i + n <= page.n; i++)
        if (!memcmp(page.p + i, place, n))
            return i + n;
    return 0;
}

static struct rill_span read_page(const char *www)
{
    int root = rill_serve_open_root(www);
    struct rill_span page = {0};
    if (root >= 0) {
        page = rill_serve_read(root, "/trace.html");
        close(root);
    }
    if (!page.p)
        complain(www ? www : "web", "there is no trace.html; --www DIR tells where it is");
    return page;
}

/* --- all together ----------------------------------------------------------------------- */

/* The name of what is read, ".sqlog" less, and ".html". */
static bool name_output(struct html *h)
{
    size_t n = strlen(h->trace);
    if (n > 6 && !strcmp(h->trace + n - 6, ".sqlog"))
        n -= 6;
    if (n + sizeof ".html" > sizeof h->name)
        return complain(h->trace, "its name is too long");
    memcpy(h->name, h->trace, n);
    strcpy(h->name + n, ".html");
    h->out = h->name;
    return true;
}

/* For its owner alone, as the trace is. */
static FILE *create(const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    return fd < 0 ? NULL : fdopen(fd, "wb");
}

static bool write_output(const struct html *h, struct rill_view page, size_t at, FILE *in)
{
    bool standard = !strcmp(h->out, "-");
    FILE *out = standard ? stdout : create(h->out);
    if (!out)
        return complain(h->out, strerror(errno));
    bool good = put_all(page, at, in, out);
    good = (standard ? fflush(out) : fclose(out)) == 0 && good;
    return good || complain(h->out, "it could not be written");
}

static bool make(const struct html *h)
{
    FILE *in = fopen(h->trace, "rb");
    if (!in)
        return complain(h->trace, strerror(errno));
    struct rill_span page = read_page(h->www);
    struct rill_view v = rill_view_at(page.p, page.n);
    size_t at = page.p ? find_place(v) : 0;
    if (page.p && !at)
        complain("trace.html", "it has no place for a trace");
    bool good = at && write_output(h, v, at, in);
    free(page.p);
    fclose(in);
    return good;
}

int rill_app_trace_html(int argc, char **argv)
{
    static const struct option options[] = {
        {"output", required_argument, NULL, 'o'},
        {"www", required_argument, NULL, 'w'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    static struct html h;
    int c;
    while ((c = getopt_long(argc, argv, "ho:", options, NULL)) != -1) {
        if (c == 'h') {
            usage(stdout);
            return RILL_EXIT_DONE;
        }
        if (c == 'o')
            h.out = optarg;
        else if (c == 'w')
            h.www = optarg;
        else {
            usage(stderr);
            return RILL_EXIT_USAGE;
        }
    }
    if (optind + 1 != argc) {
        usage(stderr);
        return RILL_EXIT_USAGE;
    }
    h.trace = argv[optind];
    if (!h.out && !name_output(&h))
        return RILL_EXIT_FAILED;
    return make(&h) ? RILL_EXIT_DONE : RILL_EXIT_FAILED;
}
