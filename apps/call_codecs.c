#include "apps/call_codecs.h"

/* RFC 7742, RFC 7874 and the names of ffmpeg's encoders. */
static const struct {
    const char *name;
    enum rill_codec_id codec;
} names[] = {
    {"vp8", RILL_CODEC_VP8},        {"libvpx", RILL_CODEC_VP8},   {"vp9", RILL_CODEC_VP9},
    {"libvpx-vp9", RILL_CODEC_VP9}, {"h264", RILL_CODEC_H264},    {"av1", RILL_CODEC_AV1},
    {"opus", RILL_CODEC_OPUS},      {"libopus", RILL_CODEC_OPUS}, {"pcmu", RILL_CODEC_PCMU},
    {"pcm_mulaw", RILL_CODEC_PCMU}, {"pcma", RILL_CODEC_PCMA},    {"pcm_alaw", RILL_CODEC_PCMA},
};

bool call_codec_read(struct rill_view name, enum rill_codec_id *out)
{
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (rill_view_is_nocase(name, names[i].name)) {
            *out = names[i].codec;
            return true;
        }
    return false;
}

const char *call_codec_name(enum rill_codec_id codec)
{
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (names[i].codec == codec)
            return names[i].name;
    return "none";
}

bool call_codec_is_encoded(enum rill_codec_id codec)
{
    return codec != RILL_CODEC_NONE && codec != RILL_CODEC_H264 && codec != RILL_CODEC_AV1;
}

size_t call_codecs_read(const char *list, enum rill_codec_id out[CALL_CODECS])
{
    struct rill_view rest = rill_view_of(list);
    size_t n = 0;
    while (rest.p) {
        struct rill_view name = rill_view_cut(rest, ',', &rest);
        if (n == CALL_CODECS || !call_codec_read(name, &out[n]))
            return 0;
        n++;
    }
    return n;
}
