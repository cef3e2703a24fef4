#include "capture/ivf.h"

#include "base/clock.h"
#include "base/limits.h"
#include "capture/frame_tag.h"
#include "capture/little.h"

#include <errno.h>

#define UNIT_TERM_MAX 1000000000
/* No recording is longer; keeps times in µs far from overflow. */
#define SECONDS_MAX (1 << 30)
#define SINGLE_FRAME_US 40000

const struct rill_field rill_ivf_header_field[RILL_IVF_FIELDS] = {
    [RILL_IVF_MAGIC] = {"magic", 0, 32, "IVF", "the letters DKIF"},
    [RILL_IVF_VERSION] = {"version", 32, 16, "IVF", "0"},
    [RILL_IVF_SIZE] = {"header_size", 48, 16, "IVF", "32"},
    [RILL_IVF_FOURCC] = {"fourcc", 64, 32, "IVF", "the codec in four letters: VP80, VP90, AV01"},
    [RILL_IVF_WIDTH] = {"width", 96, 16, "IVF", "pixels"},
    [RILL_IVF_HEIGHT] = {"height", 112, 16, "IVF", "pixels"},
    [RILL_IVF_DENOMINATOR] = {"denominator", 128, 32, "IVF", "units of time in numerator seconds"},
    [RILL_IVF_NUMERATOR] = {"numerator", 160, 32, "IVF", "seconds that denominator units last"},
    [RILL_IVF_COUNT] = {"count", 192, 32, "IVF", "frames in the file"},
    [RILL_IVF_UNUSED] = {"unused", 224, 32, "IVF", "0"},
};
const struct rill_field_table rill_ivf_header_fields = {"IVF header", rill_ivf_header_field,
                                                        RILL_IVF_FIELDS};

const struct rill_field rill_ivf_frame_field[RILL_IVF_FRAME_FIELDS] = {
    [RILL_IVF_FRAME_BYTES] = {"size", 0, 32, "IVF", "bytes of the frame, without this header"},
    [RILL_IVF_FRAME_TIME] = {"time", 32, 64, "IVF", "presentation time in units"},
};
const struct rill_field_table rill_ivf_frame_fields = {"IVF frame header", rill_ivf_frame_field,
                                                       RILL_IVF_FRAME_FIELDS};

static const struct {
    enum rill_codec_id codec;
    uint32_t fourcc;
} fourccs[] = {
    {RILL_CODEC_VP8, RILL_IVF_FOURCC_VP80},
    {RILL_CODEC_VP9, RILL_IVF_FOURCC_VP90},
    {RILL_CODEC_AV1, RILL_IVF_FOURCC_AV01},
};

enum rill_codec_id rill_ivf_codec(uint32_t fourcc)
{
    for (size_t i = 0; i < sizeof fourccs / sizeof fourccs[0]; i++)
        if (fourccs[i].fourcc == fourcc)
            return fourccs[i].codec;
    return RILL_CODEC_NONE;
}

uint32_t rill_ivf_fourcc(enum rill_codec_id codec)
{
    for (size_t i = 0; i < sizeof fourccs / sizeof fourccs[0]; i++)
        if (fourccs[i].codec == codec)
            return fourccs[i].fourcc;
    return 0;
}

static int refuse(int code, uint64_t offset, uint64_t value, struct rill_err *why)
{
    return rill_err_set(&rill_capture_errors, code, (size_t)offset, value, why);
}

static uint64_t get(struct rill_view header, enum rill_ivf_field which)
{
    return rill_little_get(&rill_ivf_header_field[which], header);
}

static bool is_unit(uint64_t numerator, uint64_t denominator)
{
    return numerator > 0 && denominator > 0 && numerator <= UNIT_TERM_MAX &&
           denominator <= UNIT_TERM_MAX && numerator <= 1000 * denominator;
}

static int read_header(struct rill_ivf *v, struct rill_err *why)
{
    uint8_t bytes[RILL_IVF_HEADER_SIZE];
    if (!rill_file_read(v->file, (struct rill_span){bytes, sizeof bytes}))
        return refuse(RILL_CAPTURE_IVF_HEADER, v->file->size, 0, why);
    struct rill_view h = rill_view_at(bytes, sizeof bytes);
    if (rill_field_get(&rill_ivf_header_field[RILL_IVF_MAGIC], h) != RILL_IVF_MAGIC_DKIF ||
        get(h, RILL_IVF_VERSION) != 0 || get(h, RILL_IVF_SIZE) != sizeof bytes)
        return refuse(RILL_CAPTURE_IVF_HEADER, 0, 0, why);
    v->codec = rill_ivf_codec((uint32_t)rill_field_get(&rill_ivf_header_field[RILL_IVF_FOURCC], h));
    if (v->codec == RILL_CODEC_NONE)
        return refuse(RILL_CAPTURE_IVF_CODEC, 8, 0, why);
    v->width = (uint32_t)get(h, RILL_IVF_WIDTH);
    v->height = (uint32_t)get(h, RILL_IVF_HEIGHT);
    v->unit_numerator = get(h, RILL_IVF_NUMERATOR);
    v->unit_denominator = get(h, RILL_IVF_DENOMINATOR);
    if (!is_unit(v->unit_numerator, v->unit_denominator))
        return refuse(RILL_CAPTURE_IVF_TIMEBASE, 16, 0, why);
    return 0;
}

/* Units after the first frame to µs; false when that is out of all reason. */
static bool elapsed_us(const struct rill_ivf *v, uint64_t units, int64_t *out)
{
    if (units > (uint64_t)INT64_MAX / v->unit_numerator)
        return false;
    uint64_t scaled = units * v->unit_numerator;
    uint64_t seconds = scaled / v->unit_denominator;
    uint64_t rest = scaled % v->unit_denominator;
    if (seconds > SECONDS_MAX)
        return false;
    *out = (int64_t)(seconds * RILL_SECOND + rest * RILL_SECOND / v->unit_denominator);
    return true;
}

/* A picture that others refer to and nobody sees (VP8: RFC 6386 §9.1, show_frame) is given the time
 * of the one behind it by libvpx; as a frame of its own that one comes a little later. */
static bool is_in_order(struct rill_ivf *v, uint64_t time, struct rill_file_frame *frame)
{
    size_t n = v->index.n;
    if (time < v->last_time || !elapsed_us(v, time - v->first_time, &frame->elapsed))
        return false;
    v->last_time = time;
    if (n > 0 && frame->elapsed <= v->index.frames[n - 1].elapsed)
        frame->elapsed = v->index.frames[n - 1].elapsed + RILL_MS;
    return true;
}

/* What of a frame is kept in the index, from its header and its first bytes. */
static int judge_frame(struct rill_ivf *v, uint64_t begin, struct rill_view header,
                       struct rill_err *why)
{
    uint64_t size = rill_little_get(&rill_ivf_frame_field[RILL_IVF_FRAME_BYTES], header);
    uint64_t time = rill_little_get(&rill_ivf_frame_field[RILL_IVF_FRAME_TIME], header);
    struct rill_file_frame frame = {.at = v->file->at, .size = (uint32_t)size};
    /* The encoder has left it out: what was there before stays. */
    if (size == 0)
        return 0;
    if (size > RILL_VIDEO_FRAME_MAX)
        return refuse(RILL_CAPTURE_IVF_FRAME_SIZE, begin, size, why);
    if (size > rill_file_left(v->file))
        return refuse(RILL_CAPTURE_TRUNCATED, v->file->size, size - rill_file_left(v->file), why);
    if (v->index.n == 0)
        v->first_time = v->last_time = time;
    if (!is_in_order(v, time, &frame))
        return refuse(RILL_CAPTURE_IVF_TIME, begin, v->index.n, why);
    uint8_t head[RILL_FRAME_TAG_HEAD];
    size_t n = size < sizeof head ? (size_t)size : sizeof head;
    if (!rill_file_read(v->file, (struct rill_span){head, n}))
        return refuse(RILL_CAPTURE_OPEN, begin, EIO, why);
    frame.keyframe = rill_frame_tag_is_keyframe(v->codec, rill_view_at(head, n));
    if (v->index.n == 0 && !frame.keyframe)
        return refuse(RILL_CAPTURE_IVF_KEYFRAME, begin, 0, why);
    if (!rill_file_skip(v->file, size - n) || !rill_file_index_add(&v->index, frame))
        return refuse(RILL_CAPTURE_OPEN, begin, ENOMEM, why);
    v->largest = frame.size > v->largest ? frame.size : v->largest;
    return 0;
}

static int find_frame(struct rill_ivf *v, struct rill_err *why)
{
    uint8_t bytes[RILL_IVF_FRAME_HEADER_SIZE];
    uint64_t begin = v->file->at;
    uint64_t left = rill_file_left(v->file);
    if (!rill_file_read(v->file, (struct rill_span){bytes, sizeof bytes}))
        return refuse(RILL_CAPTURE_TRUNCATED, v->file->size, sizeof bytes - left, why);
    return judge_frame(v, begin, rill_view_at(bytes, sizeof bytes), why);
}

/* The last frame is taken to last as long as the others do on average. */
static int measure(struct rill_ivf *v, struct rill_err *why)
{
    size_t n = v->index.n;
    if (n == 0)
        return refuse(RILL_CAPTURE_NO_FRAMES, v->file->at, 0, why);
    int64_t last = v->index.frames[n - 1].elapsed;
    v->duration = n > 1 ? last + last / (int64_t)(n - 1) : SINGLE_FRAME_US;
    if (v->duration < (int64_t)n * RILL_MS)
        return refuse(RILL_CAPTURE_IVF_RATE, 0, n, why);
    return 0;
}

int rill_ivf_open(struct rill_ivf *v, struct rill_file *file, struct rill_err *why)
{
    *v = (struct rill_ivf){.file = file};
    int rc = read_header(v, why);
    while (rc == 0 && rill_file_left(file) > 0)
        rc = find_frame(v, why);
    /* A recording that was broken off is good as far as its frames are whole. */
    if (rc == RILL_CAPTURE_TRUNCATED && v->index.n > 0)
        rc = 0;
    if (rc == 0)
        rc = measure(v, why);
    if (rc < 0)
        rill_ivf_close(v);
    return rc;
}

void rill_ivf_close(struct rill_ivf *v)
{
    rill_file_index_free(&v->index);
}

bool rill_ivf_read(struct rill_ivf *v, size_t k, uint8_t *bytes)
{
    const struct rill_file_frame *frame = &v->index.frames[k];
    return rill_file_seek(v->file, frame->at) &&
           rill_file_read(v->file, (struct rill_span){bytes, frame->size});
}
