#include "media/output_private.h"

#include "capture/errors.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool ends_with(const char *text, const char *ending)
{
    size_t n = strlen(text), m = strlen(ending);
    return n > m && rill_view_is_nocase(rill_view_at(text + n - m, m), ending);
}

static const struct rill_output_kind *kind_of(const char *name)
{
    for (size_t i = 0; i < rill_output_n_kinds; i++)
        if (ends_with(name, rill_output_kinds[i].ending) &&
            (rill_output_kinds[i].ending[0] != 'd' || strchr(name, '%')))
            return &rill_output_kinds[i];
    return NULL;
}

bool rill_output_is_file(const char *name)
{
    return kind_of(name) != NULL;
}

bool rill_output_is_misnamed(const char *name)
{
    const char *slash = strrchr(name, '/'), *base = slash ? slash + 1 : name;
    const char *dot = strrchr(base, '.');
    return !kind_of(name) && dot && dot > base && dot[1];
}

int rill_output_new(const char *path, uint32_t ogg_serial, struct rill_output **out,
                    struct rill_err *why)
{
    const struct rill_output_kind *kind = kind_of(path);
    size_t n = strlen(path) + 1;
    if (!kind)
        return rill_err_set(&rill_media_errors, RILL_MEDIA_OUTPUT_NAME, 0, 0, why);
    struct rill_output *o = calloc(1, sizeof *o);
    char *copy = o ? malloc(n) : NULL;
    if (!copy) {
        free(o);
        return rill_err_set(&rill_capture_errors, RILL_CAPTURE_OPEN, 0, ENOMEM, why);
    }
    o->path = memcpy(copy, path, n);
    o->kind = kind;
    int rc = kind->open(o, ogg_serial, why);
    if (rc < 0) {
        o->kind = NULL;
        rill_output_free(o);
        return rc;
    }
    *out = o;
    return 0;
}

const char *rill_output_path(const struct rill_output *o)
{
    return o->path;
}

bool rill_output_takes(const struct rill_output *o, enum rill_codec_id codec)
{
    return o->kind->codecs >> codec & 1;
}

int rill_output_add(struct rill_output *o, enum rill_kind kind)
{
    int stream = o->error.row ? -1 : o->kind->add(o, kind);
    if (stream >= 0)
        o->streams++;
    return stream;
}

/* The file ends where it stands. What a frame has wrong is the decoder's to name. */
static int judge(struct rill_output *o, int rc)
{
    int error = errno;
    if (rc == 0 || rc == RILL_CAPTURE_RECORD_CODEC)
        return 0;
    rill_err_set(&rill_capture_errors, rc, 0, (uint64_t)error, &o->error);
    (void)o->kind->close(o);
    return rc;
}

int rill_output_frame(struct rill_output *o, int stream, int64_t time, const struct rill_frame *f)
{
    if (stream < 0 || o->error.row || !o->kind->frame)
        return 0;
    return judge(o, o->kind->frame(o, stream, time, f));
}

int rill_output_image(struct rill_output *o, int stream, int64_t time,
                      const struct rill_image *image)
{
    if (stream < 0 || o->error.row || !o->kind->image)
        return 0;
    return judge(o, o->kind->image(o, time, image));
}

int rill_output_pcm(struct rill_output *o, int stream, int64_t time, const struct rill_pcm *pcm)
{
    if (stream < 0 || o->error.row || !o->kind->pcm)
        return 0;
    return judge(o, o->kind->pcm(o, time, pcm));
}

bool rill_output_failed(const struct rill_output *o, struct rill_err *why)
{
    if (o->error.row && why)
        *why = o->error;
    return o->error.row != NULL;
}

int rill_output_close(struct rill_output *o, struct rill_err *why)
{
    if (!o->error.row) {
        errno = 0;
        int rc = o->kind->close(o);
        if (rc < 0)
            rill_err_set(&rill_capture_errors, rc, 0, (uint64_t)errno, &o->error);
    }
    if (!o->error.row)
        return 0;
    if (why)
        *why = o->error;
    return o->error.row->code;
}

void rill_output_free(struct rill_output *o)
{
    if (!o)
        return;
    if (o->kind && o->writer)
        (void)o->kind->close(o);
    free(o->pixels);
    free(o->path);
    free(o);
}
