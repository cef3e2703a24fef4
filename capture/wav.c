#include "capture/wav.h"

#include "base/g711.h"
#include "capture/little.h"

#include <string.h>

#define FORMAT_SIZE 16
#define EXTENSIBLE_SIZE 40
#define RATE_MIN 1000
#define RATE_MAX 384000
#define RIFF_HEADER 8

enum {
    ENCODING_PCM = 1,
    ENCODING_FLOAT = 3,
    ENCODING_PCMA = 6,
    ENCODING_PCMU = 7,
    ENCODING_EXTENSIBLE = 0xfffe,
};

enum {
    ENCODING,
    CHANNELS,
    RATE,
    BYTE_RATE,
    BLOCK,
    BITS,
    EXTENSION_SIZE,
    VALID_BITS,
    SPEAKERS,
    SUBFORMAT,
    FIELDS,
};

static const struct rill_field fields[FIELDS] = {
    [ENCODING] = {"encoding", 0, 16, "WAVE",
                  "1 PCM, 3 float, 6 A-law, 7 mu-law, 65534: see subformat"},
    [CHANNELS] = {"channels", 16, 16, "WAVE", "1 mono, 2 stereo"},
    [RATE] = {"rate", 32, 32, "WAVE", "samples a second and channel"},
    [BYTE_RATE] = {"byte_rate", 64, 32, "WAVE", "bytes a second"},
    [BLOCK] = {"block", 96, 16, "WAVE", "bytes of one sample of all channels"},
    [BITS] = {"bits", 112, 16, "WAVE", "of a sample"},
    [EXTENSION_SIZE] = {"extension_size", 128, 16, "WAVE_FORMAT_EXTENSIBLE", "22"},
    [VALID_BITS] = {"valid_bits", 144, 16, "WAVE_FORMAT_EXTENSIBLE",
                    "of the bits, those that count"},
    [SPEAKERS] = {"speakers", 160, 32, "WAVE_FORMAT_EXTENSIBLE", "a bit for each position"},
    [SUBFORMAT] = {"subformat", 192, 16, "WAVE_FORMAT_EXTENSIBLE", "the encoding, first of a GUID"},
};
const struct rill_field_table rill_wav_format_fields = {"WAVE fmt chunk", fields, FIELDS};

struct chunk {
    uint8_t name[4];
    uint32_t size;
};

static int refuse(int code, uint64_t offset, uint64_t value, struct rill_err *why)
{
    return rill_err_set(&rill_capture_errors, code, (size_t)offset, value, why);
}

static uint32_t little32(const uint8_t *p)
{
    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static bool read_chunk(struct rill_wav *w, struct chunk *out)
{
    uint8_t bytes[8];
    if (!rill_file_read(w->file, (struct rill_span){bytes, sizeof bytes}))
        return false;
    memcpy(out->name, bytes, 4);
    out->size = little32(bytes + 4);
    return true;
}

static bool is_named(const struct chunk *c, const char *name)
{
    return memcmp(c->name, name, 4) == 0;
}

static int judge_format(struct rill_wav *w, struct rill_view f, struct rill_err *why)
{
    uint64_t at = w->file->at - f.n;
    uint64_t encoding = rill_little_get(&fields[ENCODING], f);
    uint64_t channels = rill_little_get(&fields[CHANNELS], f);
    uint64_t rate = rill_little_get(&fields[RATE], f);
    uint64_t bits = rill_little_get(&fields[BITS], f);
    if (encoding == ENCODING_EXTENSIBLE)
        encoding = rill_little_get(&fields[SUBFORMAT], f);
    bool is_law = encoding == ENCODING_PCMA || encoding == ENCODING_PCMU;
    if (encoding != ENCODING_PCM && encoding != ENCODING_FLOAT && !is_law)
        return refuse(RILL_CAPTURE_WAV_ENCODING, at, encoding, why);
    if (channels != 1 && channels != 2)
        return refuse(RILL_CAPTURE_WAV_CHANNELS, at + 2, channels, why);
    if (rate < RATE_MIN || rate > RATE_MAX)
        return refuse(RILL_CAPTURE_WAV_RATE, at + 4, rate, why);
    bool is_float = encoding == ENCODING_FLOAT;
    bool known = is_law     ? bits == 8
                 : is_float ? bits == 32
                            : bits == 8 || bits == 16 || bits == 24 || bits == 32;
    if (!known || rill_little_get(&fields[BLOCK], f) != channels * bits / 8)
        return refuse(RILL_CAPTURE_WAV_BITS, at + 14, bits, why);
    w->rate_hz = (uint32_t)rate;
    w->channels = (uint8_t)channels;
    w->sample_bytes = (uint8_t)(bits / 8);
    w->is_float = is_float;
    w->law = encoding == ENCODING_PCMU   ? RILL_CODEC_PCMU
             : encoding == ENCODING_PCMA ? RILL_CODEC_PCMA
                                         : RILL_CODEC_NONE;
    return 0;
}

static int read_format(struct rill_wav *w, uint32_t size, struct rill_err *why)
{
    uint8_t bytes[EXTENSIBLE_SIZE] = {0};
    size_t n = size < sizeof bytes ? size : sizeof bytes;
    if (size < FORMAT_SIZE || !rill_file_read(w->file, (struct rill_span){bytes, n}))
        return refuse(RILL_CAPTURE_WAV_FORMAT, w->file->at, 0, why);
    int rc = judge_format(w, rill_view_at(bytes, n), why);
    if (rc < 0)
        return rc;
    rill_file_skip(w->file, size - n);
    return 0;
}

/* How many bytes of sound there are. A writer that cannot seek back leaves a size that means
 * nothing: the largest there is, or none, where the file's own size tells of none either. And one
 * that was broken off has not what it says. */
static uint64_t data_size(const struct rill_wav *w, uint32_t size, uint32_t riff_size)
{
    uint64_t left = rill_file_left(w->file);
    bool unknown = size == 0 && (uint64_t)riff_size + RIFF_HEADER <= w->file->at;
    return unknown || size > left ? left : size;
}

static int find_data(struct rill_wav *w, uint32_t size, uint32_t riff_size, struct rill_err *why)
{
    if (w->channels == 0)
        return refuse(RILL_CAPTURE_WAV_FORMAT, w->file->at, 0, why);
    w->data_at = w->file->at;
    w->frames = data_size(w, size, riff_size) / w->sample_bytes / w->channels;
    return w->frames ? 0 : refuse(RILL_CAPTURE_WAV_EMPTY, w->data_at, 0, why);
}

int rill_wav_open(struct rill_wav *w, struct rill_file *file, struct rill_err *why)
{
    struct chunk c;
    uint8_t form[4];
    *w = (struct rill_wav){.file = file};
    if (!read_chunk(w, &c) || !is_named(&c, "RIFF") ||
        !rill_file_read(file, (struct rill_span){form, 4}) || memcmp(form, "WAVE", 4) != 0)
        return refuse(RILL_CAPTURE_WAV_HEADER, 0, 0, why);
    uint32_t riff_size = c.size;
    while (read_chunk(w, &c)) {
        uint64_t end = file->at + c.size;
        if (is_named(&c, "data"))
            return find_data(w, c.size, riff_size, why);
        int rc = is_named(&c, "fmt ") ? read_format(w, c.size, why) : 0;
        if (rc < 0)
            return rc;
        if (!rill_file_seek(file, end + end % 2))
            break;
    }
    return refuse(RILL_CAPTURE_WAV_EMPTY, file->at, 0, why);
}

/* IEEE 754 single, -1 to 1; what is no number is silence. */
static int16_t from_float(const uint8_t *p)
{
    uint32_t bits = little32(p);
    float v = 0;
    memcpy(&v, &bits, sizeof v);
    if (!(v >= -1.0f))
        return v < -1.0f ? INT16_MIN : 0;
    return v >= 1.0f ? INT16_MAX : (int16_t)(v * 32767.0f);
}

/* The upper 16 bits of a sample. 8-bit PCM is unsigned around 128, wider is signed. */
static int16_t from_pcm(const uint8_t *p, size_t n)
{
    if (n == 1)
        return (int16_t)((p[0] - 128) * 256);
    return (int16_t)(uint16_t)(p[n - 2] | p[n - 1] << 8);
}

bool rill_wav_read(struct rill_wav *w, int16_t out[2])
{
    uint8_t bytes[8];
    size_t n = (size_t)w->sample_bytes * w->channels;
    if (w->next == w->frames || !rill_file_read(w->file, (struct rill_span){bytes, n}))
        return false;
    w->next++;
    out[1] = 0;
    for (size_t i = 0; i < w->channels; i++) {
        const uint8_t *p = bytes + i * w->sample_bytes;
        out[i] = w->law == RILL_CODEC_PCMU   ? rill_pcmu_decode(*p)
                 : w->law == RILL_CODEC_PCMA ? rill_pcma_decode(*p)
                 : w->is_float               ? from_float(p)
                                             : from_pcm(p, w->sample_bytes);
    }
    return true;
}

bool rill_wav_rewind(struct rill_wav *w)
{
    w->next = 0;
    return rill_file_seek(w->file, w->data_at);
}
