/* fuzz/media_files: the readers of .y4m, .ivf, .h264, .wav and .opus over hostile bytes. The first
 * byte chooses the reader, the rest is the file. What is accepted is read through. */
#include "capture/frame_tag.h"
#include "capture/h264.h"
#include "capture/ivf.h"
#include "capture/opus_file.h"
#include "capture/resample.h"
#include "capture/wav.h"
#include "capture/y4m.h"

#include <stdlib.h>

#define FRAMES_MAX 16

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void read_y4m(struct rill_file *file)
{
    struct rill_y4m y;
    if (rill_y4m_open(&y, file, NULL) < 0)
        return;
    uint8_t *pixels = malloc(rill_image_size(y.width, y.height));
    for (size_t k = 0; pixels && k < y.index.n && k < FRAMES_MAX; k++)
        if (!rill_y4m_read(&y, y.index.n - 1 - k, pixels))
            abort();
    free(pixels);
    rill_y4m_close(&y);
}

static void read_ivf(struct rill_file *file)
{
    struct rill_ivf v;
    if (rill_ivf_open(&v, file, NULL) < 0)
        return;
    uint8_t *bytes = malloc(v.largest);
    for (size_t k = 0; bytes && k < v.index.n && k < FRAMES_MAX; k++) {
        uint32_t width = 0;
        uint32_t height = 0;
        if (!rill_ivf_read(&v, k, bytes) ||
            (k > 0 && v.index.frames[k].elapsed <= v.index.frames[k - 1].elapsed))
            abort();
        rill_frame_tag_size(v.codec, rill_view_at(bytes, v.index.frames[k].size), &width, &height);
    }
    free(bytes);
    rill_ivf_close(&v);
}

static void read_h264(struct rill_file *file)
{
    struct rill_h264_file h;
    if (rill_h264_file_open(&h, file, NULL) < 0)
        return;
    uint8_t *bytes = malloc(h.largest);
    uint64_t end = 0;
    for (size_t k = 0; bytes && k < h.index.n; k++) {
        if (h.index.frames[k].at < end || !rill_h264_file_read(&h, k, bytes))
            abort();
        end = h.index.frames[k].at + h.index.frames[k].size;
    }
    free(bytes);
    rill_h264_file_close(&h);
}

static void read_wav(struct rill_file *file)
{
    struct rill_wav w;
    int16_t samples[960 * 2];
    if (rill_wav_open(&w, file, NULL) < 0)
        return;
    if (rill_resample_length(&w) == 0)
        abort();
    struct rill_resample r;
    if (!rill_resample_init(&r, &w, true))
        return;
    for (int k = 0; k < FRAMES_MAX; k++)
        rill_resample_fill(&r, samples, 960);
    rill_resample_free(&r);
}

static void read_opus(struct rill_file *file)
{
    struct rill_opus_file *o;
    int16_t samples[960 * 2];
    if (rill_opus_file_open(file, &o, NULL) < 0)
        return;
    if (rill_opus_file_frames(o) == 0 || rill_opus_file_channels(o) > 2)
        abort();
    for (int k = 0; k < FRAMES_MAX; k++)
        if (!rill_opus_file_fill(o, true, samples, 960))
            break;
    rill_opus_file_close(o);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    if (n == 0)
        return 0;
    struct rill_file file = rill_file_over(rill_view_at(data + 1, n - 1));
    static void (*const readers[])(struct rill_file *) = {read_y4m, read_ivf, read_wav, read_opus};
    (data[0] & 4 ? read_h264 : readers[data[0] % 4])(&file);
    return 0;
}
