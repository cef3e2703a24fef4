/* fuzz replay: any bytes as a recording of packets: what it holds lies inside it, and what frames
 * there are come out in a bounded time. */
#include "media/replay.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static int64_t calls;

static int64_t ticks(void)
{
    return calls++;
}

static void walk(struct rill_view bytes)
{
    struct rill_packet_file file;
    struct rill_packet_file_datagram d;
    if (rill_packet_file_open(&file, bytes, NULL) < 0)
        return;
    while (rill_packet_file_next(&file, &d))
        if (d.bytes.n && (d.bytes.p < bytes.p || d.bytes.p + d.bytes.n > bytes.p + bytes.n ||
                          d.length < d.bytes.n))
            abort();
    if (file.at > bytes.n || rill_packet_file_next(&file, &d))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct rill_replay out;
    struct rill_err why = {0};
    walk(rill_view_at(data, n));
    calls = 0;
    if (rill_replay(rill_view_at(data, n), ticks, 64, &out, &why) < 0) {
        if (!why.row)
            abort();
        return 0;
    }
    if (out.packets != out.rtp_ok + out.rtcp + out.other)
        abort();
    for (size_t i = 0; i < out.n_streams; i++)
        if (out.streams[i].decoded > out.streams[i].frames)
            abort();
    return 0;
}
