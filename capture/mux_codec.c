#include "capture/mux_codec.h"

#include "base/annexb.h"

#define SPS 7
#define PPS 8
#define SEQUENCE_HEADER 1
#define HAS_SIZE 0x02
#define HAS_EXTENSION 0x04

static const struct {
    enum rill_codec_id codec;
    enum AVCodecID id;
    bool webm;
} codecs[] = {
    {RILL_CODEC_VP8, AV_CODEC_ID_VP8, true},        {RILL_CODEC_VP9, AV_CODEC_ID_VP9, true},
    {RILL_CODEC_AV1, AV_CODEC_ID_AV1, true},        {RILL_CODEC_H264, AV_CODEC_ID_H264, false},
    {RILL_CODEC_OPUS, AV_CODEC_ID_OPUS, true},      {RILL_CODEC_PCMU, AV_CODEC_ID_PCM_MULAW, false},
    {RILL_CODEC_PCMA, AV_CODEC_ID_PCM_ALAW, false},
};

bool rill_mux_takes(enum rill_codec_id codec, bool webm)
{
    for (size_t i = 0; i < sizeof codecs / sizeof codecs[0]; i++)
        if (codecs[i].codec == codec)
            return !webm || codecs[i].webm;
    return false;
}

enum AVCodecID rill_mux_codec_id(enum rill_codec_id codec)
{
    for (size_t i = 0; i < sizeof codecs / sizeof codecs[0]; i++)
        if (codecs[i].codec == codec)
            return codecs[i].id;
    return AV_CODEC_ID_NONE;
}

static bool parameter_sets(struct rill_view frame, struct rill_writer *w)
{
    struct rill_view nal;
    bool sps = false;
    for (size_t at = 0; rill_annexb_next(frame, &at, &nal);) {
        uint8_t type = nal.p[0] & 0x1f;
        if (type != SPS && type != PPS)
            continue;
        rill_w_u32(w, 1);
        rill_w_bytes(w, nal);
        sps = sps || type == SPS;
    }
    return sps;
}

/* AV1 §5.3: OBUs with their sizes (leb128), one after the other. */
static bool sequence_header(struct rill_view frame, struct rill_writer *w)
{
    struct rill_reader r = rill_reader_of(frame);
    while (rill_r_left(&r) > 0 && !r.bad) {
        size_t from = r.at, size = 0;
        uint8_t head = rill_r_u8(&r), byte = head & HAS_SIZE ? 0x80 : 0;
        if (head & HAS_EXTENSION)
            rill_r_skip(&r, 1);
        for (unsigned i = 0; byte & 0x80 && i < 4; i++) {
            byte = rill_r_u8(&r);
            size |= (size_t)(byte & 0x7f) << (7 * i);
        }
        rill_r_skip(&r, size);
        if (!r.bad && (head >> 3 & 15) == SEQUENCE_HEADER) {
            rill_w_bytes(w, rill_view_sub(frame, from, r.at - from));
            return true;
        }
    }
    return false;
}

bool rill_mux_private(enum rill_codec_id codec, struct rill_view frame, struct rill_writer *w)
{
    bool found = codec == RILL_CODEC_H264  ? parameter_sets(frame, w)
                 : codec == RILL_CODEC_AV1 ? sequence_header(frame, w)
                                           : true;
    return found && !w->bad;
}
