/* apps/serve_files: the files below one folder, and nothing else. */
#ifndef RILL_APPS_SERVE_FILES_H
#define RILL_APPS_SERVE_FILES_H

#include "apps/serve.h"

#define RILL_SERVE_FILE_MAX (8u << 20)
/* What phones know a CA's certificate by. */
#define SERVE_CA_TYPE "application/x-x509-ca-cert"

/* The folder's descriptor, or -1. path NULL: `web` beside the current directory, or where it
 * lies beside the build directory that holds this program. */
int rill_serve_open_root(const char *path);

/* The file's bytes, malloced; p NULL when there is none that may be shown: no regular file, a
 * symbolic link anywhere below the root, or more than RILL_SERVE_FILE_MAX. path: "/a/b". */
struct rill_span rill_serve_read(int root, const char *path);

/* The folder of socket.io-client's bundle, where npm puts it: node_modules in the current
 * directory or in this project's tests/interop; -1 when it is nowhere. */
int rill_serve_open_socketio(void);

/* "/socket.io/socket.io.js" and its like, malloced; without the bundle a comment that says how to
 * get it. */
struct rill_span rill_serve_socketio(int folder, const char *path);

/* Whatever is asked for, malloced; p NULL when there is nothing. path: with a NUL behind it. */
struct rill_span serve_file(const struct serve *s, struct rill_view path);
/* The certificate of the CA that signed what is shown, as PEM, malloced; p NULL when it is not
 * known. Its key is nowhere here. */
struct rill_span serve_ca_crt(const struct serve *s);
const char *serve_file_type(struct rill_view path);

#endif
