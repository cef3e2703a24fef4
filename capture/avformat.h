/* capture/avformat: libavformat, loaded when a file first wants it.
 *
 * The idea: linked, it and all that it leans on cost every start of the command some 35 ms. So it
 * is a table of the few functions that are called, found by name in the very version whose headers
 * this was built with, and stays loaded. */
#ifndef RILL_CAPTURE_AVFORMAT_H
#define RILL_CAPTURE_AVFORMAT_H

#include <libavformat/avformat.h>
#include <stdbool.h>

#define RILL_AVFORMAT_FUNCTIONS(X)                                                                 \
    X(avformat_alloc_output_context2)                                                              \
    X(avformat_free_context)                                                                       \
    X(avformat_new_stream)                                                                         \
    X(avformat_write_header)                                                                       \
    X(av_write_frame)                                                                              \
    X(av_write_trailer)                                                                            \
    X(avio_alloc_context)                                                                          \
    X(avio_context_free)                                                                           \
    X(av_packet_alloc)                                                                             \
    X(av_packet_free)                                                                              \
    X(av_channel_layout_default)                                                                   \
    X(av_dict_set_int)                                                                             \
    X(av_dict_free)                                                                                \
    X(av_log_set_level)                                                                            \
    X(av_malloc)                                                                                   \
    X(av_mallocz)                                                                                  \
    X(av_free)                                                                                     \
    X(av_freep)                                                                                    \
    X(av_rescale_q)

struct rill_avformat {
#define RILL_AVFORMAT_MEMBER(name) __typeof__(name) *name;
    RILL_AVFORMAT_FUNCTIONS(RILL_AVFORMAT_MEMBER)
#undef RILL_AVFORMAT_MEMBER
};

/* False when this machine does not have it. */
bool rill_avformat_load(struct rill_avformat *out);

#endif
