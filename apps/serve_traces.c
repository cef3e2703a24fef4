/* serve_traces: the page of traces at /trace, and behind it the traces of --trace-dir.
 *
 * The idea: a trace says all of a call, so none is given unless its folder was named, and of that
 * folder nothing but files whose names say that they are traces, opened as serve_files does. */
#include "apps/serve_traces.h"
#include "apps/app.h"
#include "apps/serve_files.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char files[] = "/trace/files";
static const char ending[] = ".sqlog";

/* The page itself says by their digests which program and which style are its own (a meta element),
 * and what both policies allow is allowed: so these two words let nothing else in. */
static const char policy[] =
    "default-src 'none'; script-src 'unsafe-inline' 'wasm-unsafe-eval'; style-src 'unsafe-inline'; "
    "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors "
    "'none'";

bool serve_traces_open(struct serve *s)
{
    const char *path = s->options.trace_dir;
    s->traces = path ? open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    if (path && s->traces < 0)
        rill_app_complain("--trace-dir is no folder that can be read", NULL);
    return !path || s->traces >= 0;
}

bool serve_is_trace(struct rill_view path)
{
    return rill_view_is(path, "/trace") || rill_view_starts(path, files);
}

static bool is_trace_name(const char *name)
{
    size_t n = strlen(name), end = sizeof ending - 1;
    return n > end && name[0] != '.' && !strchr(name, '/') && !strcmp(name + n - end, ending);
}

/* --- the list ----------------------------------------------------------------------------- */

static json_t *list_one(int folder, const char *name)
{
    struct stat st;
    if (!is_trace_name(name) || fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
        !S_ISREG(st.st_mode))
        return NULL;
    json_t *o = json_object();
    json_object_set_new(o, "name", rill_app_json_text(rill_view_of(name)));
    json_object_set_new(o, "size", json_integer((json_int_t)st.st_size));
    json_object_set_new(o, "modified", json_integer((json_int_t)st.st_mtime));
    return o;
}

/* The folder is opened once more, for reading a list moves its place. */
static struct rill_span list(int folder)
{
    struct rill_span out = {0};
    int again = folder < 0 ? -1 : openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = again < 0 ? NULL : fdopendir(again);
    json_t *all = json_array();
    const struct dirent *d;
    while (dir && (d = readdir(dir)) != NULL) {
        json_t *one = list_one(folder, d->d_name);
        if (one)
            json_array_append_new(all, one);
    }
    if (dir)
        closedir(dir);
    else if (again >= 0)
        close(again);
    out.p = (uint8_t *)json_dumps(all, JSON_COMPACT);
    out.n = out.p ? strlen((const char *)out.p) : 0;
    json_decref(all);
    return out;
}

/* --- a file ------------------------------------------------------------------------------- */

/* What is to be given of a file of this size: [first, first + n); false: nothing can be. */
static bool choose_part(const struct rill_sig_server_event *e, uint64_t size,
                        struct rill_sig_file *out, size_t *n)
{
    out->total = size;
    out->ranges = true;
    if (!e->has_range) {
        *n = (size_t)size;
        return size <= SERVE_TRACE_WHOLE;
    }
    out->is_part = true;
    out->first = e->range.first;
    uint64_t left = size > out->first ? size - out->first : 0;
    uint64_t asked = e->range.last - e->range.first;
    left = asked < left ? asked + 1 : left;
    *n = (size_t)(left < SERVE_TRACE_PART ? left : SERVE_TRACE_PART);
    return true;
}

static struct rill_span read_part(int fd, uint64_t first, size_t n)
{
    struct rill_span out = {malloc(n + 1), 0};
    while (out.p && out.n < n) {
        ssize_t got = pread(fd, out.p + out.n, n - out.n, (off_t)(first + out.n));
        if (got <= 0)
            break;
        out.n += (size_t)got;
    }
    return out;
}

static struct rill_span give_file(int folder, const char *name,
                                  const struct rill_sig_server_event *e, struct rill_sig_file *out)
{
    struct rill_span bytes = {0};
    struct stat st;
    size_t n;
    /* O_NONBLOCK: a named pipe in the folder must not hold the server up. */
    int fd = folder < 0 || !is_trace_name(name)
                 ? -1
                 : openat(folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return bytes;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size >= 0 &&
        choose_part(e, (uint64_t)st.st_size, out, &n))
        bytes = read_part(fd, out->first, n);
    close(fd);
    return bytes;
}

struct rill_span serve_trace(const struct serve *s, const struct rill_sig_server_event *e,
                             struct rill_sig_file *out)
{
    const char *path = (const char *)e->path.p + sizeof files - 1;
    struct rill_span bytes = {0};
    if (rill_view_is(e->path, "/trace")) {
        bytes = rill_serve_read(s->root, "/trace.html");
        out->content_type = "text/html; charset=utf-8";
        out->policy = policy;
    } else if (*path == 0) {
        bytes = list(s->traces);
        out->content_type = "application/json";
    } else if (*path == '/') {
        bytes = give_file(s->traces, path + 1, e, out);
        out->content_type = "application/octet-stream";
    }
    out->body = rill_view_at(bytes.p, bytes.n);
    return bytes;
}
