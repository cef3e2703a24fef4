/* apps/cert_disk: files that are whole or not there: keys and certificates on disk. */
#ifndef RILL_APPS_CERT_DISK_H
#define RILL_APPS_CERT_DISK_H

#include "base/bytes.h"

#define RILL_CERT_PATH 4096
#define RILL_CERT_FILE_MAX (1u << 20)

/* "DIR/NAME"; false when it is longer than RILL_CERT_PATH. */
bool rill_cert_path(char *out, const char *dir, const char *name);

/* The file's bytes, malloced; p NULL when it cannot be read or is larger than
 * RILL_CERT_FILE_MAX (then errno tells). */
struct rill_span rill_cert_read(const char *path);
/* Wipes and frees. */
void rill_cert_forget(struct rill_span file);

/* Beside the path first, synced, then renamed over it: nobody ever sees a part. False with errno.
 */
bool rill_cert_write(const char *path, struct rill_view bytes, unsigned mode);

/* The folder and those above it, 0700 where they are new. False with errno. */
bool rill_cert_make_dir(const char *path);

/* Waits until nobody else holds the folder; the descriptor to close, or -1 with errno. */
int rill_cert_lock(const char *dir);

#endif
