/* fuzz replay: any bytes as a trace: they are read record by record, and what can be run is run,
 * on a peer that believes in nothing but its own checks. */
#include "apps/replay.h"

#include "srtp/srtp.h"

#include <stdlib.h>
#include <string.h>

#define RECORDS 400

static void put(struct rill_trace_reader *reader, struct rill_view bytes)
{
    while (bytes.n) {
        struct rill_span room = rill_trace_reader_room(reader);
        size_t n = bytes.n < room.n ? bytes.n : room.n;
        if (n == 0)
            abort(); /* less than one record has is there */
        memcpy(room.p, bytes.p, n);
        rill_trace_reader_put(reader, n);
        bytes = rill_view_sub(bytes, n, bytes.n - n);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct replay r;
    static bool started;
    struct rill_trace_record record;
    struct rill_err why;
    int rc = 1;
    if (!started && rill_srtp_global_init() < 0)
        abort();
    started = true;
    struct rill_trace_reader *reader = rill_trace_reader_new();
    if (!reader || !replay_begin(&r))
        abort();
    r.lenient = true;
    put(reader, rill_view_at(data, size));
    for (int n = 0; rc != 0 && n < RECORDS; n++) {
        rc = rill_trace_reader_next(reader, &record, &why);
        if (rc > 0)
            replay_take(&r, &record);
    }
    replay_end(&r);
    replay_free(&r);
    rill_trace_reader_free(reader);
    return 0;
}
