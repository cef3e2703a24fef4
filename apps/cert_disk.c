#include "apps/cert_disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool rill_cert_path(char *out, const char *dir, const char *name)
{
    size_t n = strlen(dir);
    const char *slash = n && dir[n - 1] == '/' ? "" : "/";
    int written = snprintf(out, RILL_CERT_PATH, "%s%s%s", dir, slash, name);
    errno = ENAMETOOLONG;
    return written > 0 && written < RILL_CERT_PATH;
}

static bool read_all(int fd, struct rill_span s)
{
    for (size_t at = 0; at < s.n;) {
        ssize_t n = read(fd, s.p + at, s.n - at);
        if (n <= 0 && !(n < 0 && errno == EINTR))
            return false;
        at += n > 0 ? (size_t)n : 0;
    }
    return true;
}

struct rill_span rill_cert_read(const char *path)
{
    struct stat st = {0};
    struct rill_span out = {0};
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return out;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size <= RILL_CERT_FILE_MAX) {
        out.n = (size_t)st.st_size;
        out.p = malloc(out.n + 1);
    } else {
        errno = S_ISREG(st.st_mode) ? EFBIG : EINVAL;
    }
    if (out.p && !read_all(fd, out)) {
        rill_cert_forget(out);
        out = (struct rill_span){0};
        errno = EIO;
    }
    close(fd);
    return out;
}

void rill_cert_forget(struct rill_span file)
{
    if (file.p)
        rill_wipe(file.p, file.n);
    free(file.p);
}

static bool write_all(int fd, struct rill_view v)
{
    for (size_t at = 0; at < v.n;) {
        ssize_t n = write(fd, v.p + at, v.n - at);
        if (n < 0 && errno != EINTR)
            return false;
        at += n > 0 ? (size_t)n : 0;
    }
    return true;
}

/* A rename is on the disk when its folder is. */
static void sync_dir_of(const char *path)
{
    char dir[RILL_CERT_PATH];
    const char *slash = strrchr(path, '/');
    int n = slash ? (int)(slash - path) + 1 : 1;
    snprintf(dir, sizeof dir, "%.*s", n, slash ? path : ".");
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        fsync(fd);
        close(fd);
    }
}

bool rill_cert_write(const char *path, struct rill_view bytes, unsigned mode)
{
    char temp[RILL_CERT_PATH + 8];
    snprintf(temp, sizeof temp, "%s.XXXXXX", path);
    int fd = mkstemp(temp); /* 0600 */
    if (fd < 0)
        return false;
    bool done = write_all(fd, bytes) && fchmod(fd, (mode_t)mode) == 0 && fsync(fd) == 0;
    int failed = errno;
    close(fd);
    if (done && rename(temp, path) == 0) {
        sync_dir_of(path);
        return true;
    }
    failed = done ? errno : failed;
    unlink(temp);
    errno = failed;
    return false;
}

bool rill_cert_make_dir(const char *path)
{
    char part[RILL_CERT_PATH];
    struct stat st;
    int n = snprintf(part, sizeof part, "%s", path);
    if (n <= 0 || n >= (int)sizeof part) {
        errno = ENAMETOOLONG;
        return false;
    }
    for (char *p = part + 1; *p; p++) {
        if (*p != '/')
            continue;
        *p = 0;
        mkdir(part, 0700);
        *p = '/';
    }
    if (mkdir(part, 0700) == 0 || (errno == EEXIST && stat(part, &st) == 0 && S_ISDIR(st.st_mode)))
        return true;
    if (errno == EEXIST)
        errno = ENOTDIR;
    return false;
}

int rill_cert_lock(const char *dir)
{
    char path[RILL_CERT_PATH];
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    if (!rill_cert_path(path, dir, ".lock"))
        return -1;
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    int rc = fd < 0 ? -1 : fcntl(fd, F_SETLKW, &whole);
    while (rc < 0 && fd >= 0 && errno == EINTR)
        rc = fcntl(fd, F_SETLKW, &whole);
    if (rc < 0 && fd >= 0)
        close(fd);
    return rc < 0 ? -1 : fd;
}
