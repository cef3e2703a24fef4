#include "codec/vp8_header.h"

#include "codec/errors.h"

#define TAG_SIZE 3
#define KEYFRAME_SIZE 10
#define START_CODE 0x9d012a

enum {
    SIZE_LOW,
    SHOW,
    VERSION,
    INTER,
    SIZE_MIDDLE,
    SIZE_HIGH,
    START,
    WIDTH_LOW,
    WIDTH_SCALE,
    WIDTH_HIGH,
    HEIGHT_LOW,
    HEIGHT_SCALE,
    HEIGHT_HIGH,
    FIELDS,
};

/* Numbers are little-endian, so those that cross a byte appear in parts. */
static const struct rill_field fields[FIELDS] = {
    [SIZE_LOW] = {"size_low", 0, 3, "RFC 6386 §9.1", "low bits of the first partition's size"},
    [SHOW] = {"show_frame", 3, 1, "RFC 6386 §9.1", "1 when the frame is for display"},
    [VERSION] = {"version", 4, 3, "RFC 6386 §9.1", "profile: which filters are used"},
    [INTER] = {"frame_type", 7, 1, "RFC 6386 §9.1", "0 for key frames, 1 for interframes"},
    [SIZE_MIDDLE] = {"size_middle", 8, 8, "RFC 6386 §9.1", "next bits of the size"},
    [SIZE_HIGH] = {"size_high", 16, 8, "RFC 6386 §9.1", "high bits of the size"},
    [START] = {"start_code", 24, 24, "RFC 6386 §9.1", "9d 01 2a"},
    [WIDTH_LOW] = {"width_low", 48, 8, "RFC 6386 §9.1", "low bits of the width"},
    [WIDTH_SCALE] = {"horizontal_scale", 56, 2, "RFC 6386 §9.1", "upscaling asked for"},
    [WIDTH_HIGH] = {"width_high", 58, 6, "RFC 6386 §9.1", "high bits of the width"},
    [HEIGHT_LOW] = {"height_low", 64, 8, "RFC 6386 §9.1", "low bits of the height"},
    [HEIGHT_SCALE] = {"vertical_scale", 72, 2, "RFC 6386 §9.1", "upscaling asked for"},
    [HEIGHT_HIGH] = {"height_high", 74, 6, "RFC 6386 §9.1", "high bits of the height"},
};

const struct rill_field_table rill_vp8_header_fields = {"VP8 uncompressed data chunk", fields,
                                                        FIELDS};

static uint32_t get(struct rill_view frame, int which)
{
    return (uint32_t)rill_field_get(&fields[which], frame);
}

static int refuse(int code, size_t offset, uint64_t value, struct rill_err *why)
{
    return rill_err_set(&rill_codec_errors, code, offset, value, why);
}

int rill_vp8_header_read(struct rill_view frame, struct rill_vp8_header *out, struct rill_err *why)
{
    if (frame.n < TAG_SIZE)
        return refuse(RILL_CODEC_VP8_TRUNCATED, frame.n, frame.n, why);
    struct rill_vp8_header h = {
        .keyframe = get(frame, INTER) == 0,
        .version = (uint8_t)get(frame, VERSION),
        .shown = get(frame, SHOW) == 1,
        .first_partition =
            get(frame, SIZE_LOW) | get(frame, SIZE_MIDDLE) << 3 | get(frame, SIZE_HIGH) << 11,
    };
    if (h.keyframe) {
        /* RFC 6386 §9.1: "For key frames, the frame tag is followed by a further 7 bytes". */
        if (frame.n < KEYFRAME_SIZE)
            return refuse(RILL_CODEC_VP8_TRUNCATED, frame.n, frame.n, why);
        if (get(frame, START) != START_CODE)
            return refuse(RILL_CODEC_VP8_START_CODE, TAG_SIZE, get(frame, START), why);
        h.width = get(frame, WIDTH_LOW) | get(frame, WIDTH_HIGH) << 8;
        h.height = get(frame, HEIGHT_LOW) | get(frame, HEIGHT_HIGH) << 8;
        if (h.width == 0 || h.height == 0)
            return refuse(RILL_CODEC_VP8_NO_PIXELS, 6, 0, why);
    }
    *out = h;
    return 0;
}
