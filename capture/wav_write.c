/* capture/wav_write: decoded sound kept as .wav.
 *
 * The idea: where a block belongs follows from its time alone. The header counts what is there
 * every tenth of a second, so that a crash costs no more than that. */
#include "capture/record.h"

#include "base/clock.h"
#include "capture/record_file.h"
#include "capture/wav.h"

#define RATE_HZ 48000
#define BLOCK 4 /* bytes of one sample a channel */
#define HEADER 44
/* Blocks that lie so near to each other touch: 5 ms. */
#define TOLERANCE 240
#define HEADER_EVERY (RATE_HZ / 10)
#define FRAMES_MAX ((UINT32_MAX - HEADER) / BLOCK)

struct rill_wav_writer {
    FILE *stream;
    uint64_t frames;  /* there are */
    uint64_t counted; /* by the header */
};

static void put(uint8_t *to, uint64_t v, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        to[i] = (uint8_t)(v >> 8 * i);
}

static bool write_header(struct rill_wav_writer *w)
{
    uint8_t h[HEADER] = "RIFF....WAVEfmt ....................data";
    put(h + 4, HEADER - 8 + w->frames * BLOCK, 4);
    put(h + 16, 16, 4);
    put(h + 20, 1, 2); /* PCM */
    put(h + 22, 2, 2);
    put(h + 24, RATE_HZ, 4);
    put(h + 28, RATE_HZ * BLOCK, 4);
    put(h + 32, BLOCK, 2);
    put(h + 34, 16, 2);
    put(h + 40, w->frames * BLOCK, 4);
    w->counted = w->frames;
    return fseeko(w->stream, 0, SEEK_SET) == 0 && fwrite(h, sizeof h, 1, w->stream) == 1 &&
           fflush(w->stream) == 0 && fseeko(w->stream, 0, SEEK_END) == 0;
}

int rill_wav_writer_open(const char *path, struct rill_wav_writer **out, struct rill_err *why)
{
    FILE *stream;
    struct rill_wav_writer *w = rill_record_open(path, sizeof *w, &stream, why);
    if (!w)
        return RILL_CAPTURE_OPEN;
    w->stream = stream;
    if (!write_header(w))
        return rill_record_give_up(w, stream, why);
    *out = w;
    return 0;
}

/* A hole in the file reads as zeros, and an hour of it is made at once. */
static bool leave_silence(struct rill_wav_writer *w, uint64_t n)
{
    w->frames += n;
    return n == 0 || fseeko(w->stream, (off_t)(n * BLOCK), SEEK_CUR) == 0;
}

/* Samples in memory are the machine's, in the file little-endian. */
static bool write_samples(struct rill_wav_writer *w, const struct rill_pcm *pcm, size_t from)
{
    uint8_t bytes[960 * BLOCK];
    while (from < pcm->frames) {
        size_t n = pcm->frames - from < 960 ? pcm->frames - from : 960;
        for (size_t i = 0; i < n; i++) {
            const int16_t *s = pcm->samples + (from + i) * pcm->channels;
            put(bytes + i * BLOCK, (uint16_t)s[0], 2);
            put(bytes + i * BLOCK + 2, (uint16_t)s[pcm->channels - 1], 2);
        }
        if (fwrite(bytes, BLOCK, n, w->stream) != n)
            return false;
        w->frames += n;
        from += n;
    }
    return true;
}

int rill_wav_writer_pcm(struct rill_wav_writer *w, int64_t time, const struct rill_pcm *pcm)
{
    int64_t ahead = time * (RATE_HZ / 1000) / 1000 - (int64_t)w->frames;
    uint64_t gap = ahead > TOLERANCE ? (uint64_t)ahead : 0;
    size_t cut = ahead < -TOLERANCE ? (size_t)-ahead : 0;
    if (pcm->rate_hz != RATE_HZ || pcm->channels < 1 || pcm->channels > 2)
        return RILL_CAPTURE_RECORD_CODEC;
    if (w->frames + gap + pcm->frames > FRAMES_MAX)
        return RILL_CAPTURE_WAV_FULL;
    if (!leave_silence(w, gap) || !write_samples(w, pcm, cut))
        return RILL_CAPTURE_WRITE;
    if (w->frames - w->counted >= HEADER_EVERY && !write_header(w))
        return RILL_CAPTURE_WRITE;
    return 0;
}

int rill_wav_writer_close(struct rill_wav_writer *w)
{
    if (!w)
        return 0;
    return rill_record_close(w, w->stream, write_header(w));
}
