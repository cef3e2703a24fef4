#include "capture/file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static int refuse(int code, int error, struct rill_err *why)
{
    return rill_err_set(&rill_capture_errors, code, 0, (uint64_t)error, why);
}

int rill_file_open(const char *path, struct rill_file *out, struct rill_err *why)
{
    struct stat status;
    /* Asked before opening, because opening a FIFO would wait for its writer. */
    if (stat(path, &status) != 0)
        return refuse(RILL_CAPTURE_OPEN, errno, why);
    if (!S_ISREG(status.st_mode))
        return refuse(RILL_CAPTURE_NOT_A_FILE, 0, why);
    FILE *stream = fopen(path, "rb");
    if (!stream)
        return refuse(RILL_CAPTURE_OPEN, errno, why);
    *out = (struct rill_file){.stream = stream, .size = (uint64_t)status.st_size};
    return 0;
}

struct rill_file rill_file_over(struct rill_view bytes)
{
    return (struct rill_file){.memory = bytes, .size = bytes.n};
}

void rill_file_close(struct rill_file *f)
{
    if (f->stream)
        fclose(f->stream);
    f->stream = NULL;
}

uint64_t rill_file_left(const struct rill_file *f)
{
    return f->size - f->at;
}

bool rill_file_read(struct rill_file *f, struct rill_span out)
{
    if (out.n > rill_file_left(f))
        return false;
    /* The file may have shrunk since it was opened, so what fread says still counts. */
    if (f->stream && fread(out.p, 1, out.n, f->stream) != out.n)
        return false;
    if (!f->stream && out.n > 0)
        memcpy(out.p, f->memory.p + f->at, out.n);
    f->at += out.n;
    return true;
}

bool rill_file_seek(struct rill_file *f, uint64_t at)
{
    if (at > f->size)
        return false;
    if (f->stream && at != f->at && fseeko(f->stream, (off_t)at, SEEK_SET) != 0)
        return false;
    f->at = at;
    return true;
}

bool rill_file_skip(struct rill_file *f, uint64_t n)
{
    return n <= rill_file_left(f) && rill_file_seek(f, f->at + n);
}

bool rill_file_line(struct rill_file *f, struct rill_span room, struct rill_view *out)
{
    for (size_t n = 0; n < room.n; n++) {
        if (!rill_file_read(f, (struct rill_span){room.p + n, 1}))
            return false;
        if (room.p[n] == '\n') {
            *out = rill_view_at(room.p, n);
            return true;
        }
    }
    return false;
}

bool rill_file_index_add(struct rill_file_index *index, struct rill_file_frame frame)
{
    if (index->n == index->cap) {
        size_t cap = index->cap ? index->cap * 2 : 64;
        struct rill_file_frame *frames = realloc(index->frames, cap * sizeof *frames);
        if (!frames)
            return false;
        index->frames = frames;
        index->cap = cap;
    }
    index->frames[index->n++] = frame;
    return true;
}

void rill_file_index_free(struct rill_file_index *index)
{
    free(index->frames);
    *index = (struct rill_file_index){0};
}
