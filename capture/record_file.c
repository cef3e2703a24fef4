#include "capture/record_file.h"

#include <errno.h>
#include <stdlib.h>

void *rill_record_open(const char *path, size_t size, FILE **stream, struct rill_err *why)
{
    void *writer = calloc(1, size);
    *stream = writer ? fopen(path, "wb") : NULL;
    if (*stream)
        return writer;
    rill_err_set(&rill_capture_errors, RILL_CAPTURE_OPEN, 0, (uint64_t)errno, why);
    free(writer);
    return NULL;
}

int rill_record_give_up(void *writer, FILE *stream, struct rill_err *why)
{
    int rc = rill_err_set(&rill_capture_errors, RILL_CAPTURE_WRITE, 0, (uint64_t)errno, why);
    fclose(stream);
    free(writer);
    return rc;
}

int rill_record_close(void *writer, FILE *stream, bool whole)
{
    whole = fclose(stream) == 0 && whole;
    free(writer);
    return whole ? 0 : RILL_CAPTURE_WRITE;
}
