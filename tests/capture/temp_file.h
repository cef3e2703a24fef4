/* temp_file: files that a test writes, in a directory of its own that goes when it ends, and
 * what ffprobe says of them. */
#ifndef RILL_TESTS_TEMP_FILE_H
#define RILL_TESTS_TEMP_FILE_H

#include "tests/rill_test.h"

#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#define TEMP_FILES 48

static char temp_directory[256];
static char temp_paths[TEMP_FILES][320];
static size_t temp_count;

static inline void temp_remove(void)
{
    for (size_t i = 0; i < temp_count; i++)
        remove(temp_paths[i]);
    rmdir(temp_directory);
}

/* The path of that name in this test's directory; the same name gives the same path. */
static inline const char *temp_path(const char *name)
{
    if (!temp_directory[0]) {
        const char *root = getenv("TMPDIR");
        snprintf(temp_directory, sizeof temp_directory, "%s/rill-test-XXXXXX",
                 root ? root : "/tmp");
        assert_non_null(mkdtemp(temp_directory));
        atexit(temp_remove);
    }
    char path[320];
    snprintf(path, sizeof path, "%s/%s", temp_directory, name);
    for (size_t i = 0; i < temp_count; i++)
        if (strcmp(temp_paths[i], path) == 0)
            return temp_paths[i];
    assert_true(temp_count < TEMP_FILES);
    memcpy(temp_paths[temp_count], path, sizeof path);
    return temp_paths[temp_count++];
}

static inline const char *temp_write(const char *name, struct rill_view bytes)
{
    const char *path = temp_path(name);
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    if (bytes.n > 0)
        assert_int_equal(fwrite(bytes.p, bytes.n, 1, f), 1);
    assert_int_equal(fclose(f), 0);
    return path;
}

/* A whole file in `room`. */
static inline struct rill_view temp_read(const char *path, uint8_t *room, size_t cap)
{
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    size_t n = fread(room, 1, cap, f);
    assert_true(feof(f) || n < cap);
    fclose(f);
    return rill_view_at(room, n);
}

/* Files of this process grow to n bytes and no further, as on a full disk. */
static struct rlimit temp_file_size;

static inline void temp_limit_file_size(size_t n)
{
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &temp_file_size), 0);
    struct rlimit limit = {n, temp_file_size.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static inline void temp_unlimit_file_size(void)
{
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &temp_file_size), 0);
}

/* What a shell command prints, on one line; its success is asserted. */
static inline const char *temp_run(const char *command, const char *path)
{
    static char answer[4096];
    char line[1024];
    snprintf(line, sizeof line, command, path);
    FILE *p = popen(line, "r");
    assert_non_null(p);
    size_t n = fread(answer, 1, sizeof answer - 1, p);
    answer[n] = '\0';
    assert_int_equal(pclose(p), 0);
    for (size_t i = 0; i < n; i++)
        if (answer[i] == '\n')
            answer[i] = i + 1 == n ? '\0' : ' ';
    return answer;
}

#endif
