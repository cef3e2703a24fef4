/* serve_files: reading below a root that is never left.
 *
 * The idea: each segment is opened from the folder before it and no link is followed, so
 * there is no name to check and no moment between a check and its use. */
#include "apps/serve_files.h"

#include "dtls/der.h"
#include "signaling/http.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int open_folder(const char *path)
{
    return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* /…/build/release/rill → /…/web; suffix: "/../../web" */
static int open_beside_program(const char *suffix)
{
    char path[4096];
    ssize_t n = readlink("/proc/self/exe", path, sizeof path - 96);
    if (n <= 0)
        return -1;
    path[n] = 0;
    char *slash = strrchr(path, '/');
    if (!slash)
        return -1;
    memcpy(slash, suffix, strlen(suffix) + 1);
    return open_folder(path);
}

int rill_serve_open_root(const char *path)
{
    if (path)
        return open_folder(path);
    if (access("web/index.html", R_OK) == 0)
        return open_folder("web");
    return open_beside_program("/../../web");
}

/* The descriptor of the file that path names below root, or -1. */
static int open_below(int root, const char *path)
{
    int at = root;
    while (*path == '/') {
        char segment[256];
        size_t n = strcspn(++path, "/");
        bool last = path[n] == 0;
        if (n == 0 || n >= sizeof segment || path[0] == '.')
            break;
        memcpy(segment, path, n);
        segment[n] = 0;
        /* O_NONBLOCK: a named pipe in the folder must not hold the server up. */
        int flags = O_RDONLY | O_NOFOLLOW | O_CLOEXEC | (last ? O_NONBLOCK : O_DIRECTORY);
        int next = openat(at, segment, flags);
        if (at != root)
            close(at);
        if (last || next < 0)
            return next;
        at = next;
        path += n;
    }
    if (at != root)
        close(at);
    return -1;
}

static bool read_all(int fd, uint8_t *out, size_t n)
{
    size_t at = 0;
    while (at < n) {
        ssize_t got = read(fd, out + at, n - at);
        if (got <= 0)
            return false;
        at += (size_t)got;
    }
    return true;
}

struct rill_span rill_serve_read(int root, const char *path)
{
    struct rill_span out = {0};
    struct stat st;
    int fd = open_below(root, path);
    if (fd < 0)
        return out;
    bool good = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size >= 0 &&
                st.st_size <= (off_t)RILL_SERVE_FILE_MAX;
    if (good) {
        size_t n = (size_t)st.st_size;
        uint8_t *bytes = malloc(n + 1);
        if (bytes && read_all(fd, bytes, n))
            out = (struct rill_span){bytes, n};
        else
            free(bytes);
    }
    close(fd);
    return out;
}

/* --- socket.io-client ---------------------------------------------------------------- */

int rill_serve_open_socketio(void)
{
    static const char *const here[] = {
        "node_modules/socket.io-client/dist",
        "tests/interop/node_modules/socket.io-client/dist",
    };
    int fd = -1;
    for (size_t i = 0; fd < 0 && i < sizeof here / sizeof here[0]; i++)
        fd = open_folder(here[i]);
    return fd < 0 ? open_beside_program("/../../tests/interop/node_modules/socket.io-client/dist")
                  : fd;
}

struct rill_span rill_serve_socketio(int folder, const char *path)
{
    static const char how[] = "// socket.io-client is not installed: npm install "
                              "socket.io-client@4 in the folder where rill serve runs\n";
    struct rill_span out = {0};
    if (folder >= 0)
        return rill_serve_read(folder, path + sizeof "/socket.io" - 1);
    out.p = malloc(sizeof how);
    if (out.p) {
        memcpy(out.p, how, sizeof how);
        out.n = sizeof how - 1;
    }
    return out;
}

/* --- whatever is asked for ------------------------------------------------------------ */

/* What the page asks before a call: where the STUN server is. */
static struct rill_span config_json(const struct serve *s)
{
    char *text = malloc(32);
    int n = 0;
    if (text && s->stun_port)
        n = snprintf(text, 32, "{\"stun\":%u}\n", (unsigned)s->stun_port);
    else if (text)
        n = snprintf(text, 32, "{\"stun\":null}\n");
    return (struct rill_span){(uint8_t *)text, (size_t)n};
}

/* Written anew: whatever else lies in the CA's file stays there. */
struct rill_span serve_ca_crt(const struct serve *s)
{
    struct rill_span out = {0};
    if (!s->certs.list || !s->certs.list->identity.ca.id)
        return out;
    struct rill_view der = rill_tls_identity_der(s->certs.list->identity.ca.id);
    size_t cap = 2 * der.n + 128;
    out.p = malloc(cap);
    if (!out.p)
        return out;
    struct rill_writer w = rill_writer_of((struct rill_span){out.p, cap});
    rill_pem_write(&w, "CERTIFICATE", der);
    out.n = w.at;
    return out;
}

const char *serve_file_type(struct rill_view path)
{
    return rill_view_is(path, "/ca.crt") ? SERVE_CA_TYPE : rill_http_content_type(path);
}

/* What the page of traces is built from, and with; the page itself is one file, and needs none of
 * it (serve_traces.c). */
static bool is_source(struct rill_view path)
{
    return rill_view_starts(path, "/trace/");
}

struct rill_span serve_file(const struct serve *s, struct rill_view path)
{
    if (is_source(path))
        return (struct rill_span){0};
    if (rill_view_is(path, "/ca.crt"))
        return serve_ca_crt(s);
    if (rill_view_is(path, "/config.json"))
        return config_json(s);
    if (rill_view_starts(path, "/socket.io/"))
        return rill_serve_socketio(s->socketio, (const char *)path.p);
    return rill_serve_read(s->root, (const char *)path.p);
}
