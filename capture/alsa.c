#include "capture/alsa_private.h"

#include <alloca.h>
#include <errno.h>
#include <poll.h>
#include <string.h>

#define RATE_HZ 48000
#define PERIOD_US 10000
#define BUFFER_US 80000
#define AGAIN_AFTER (250 * RILL_MS)
#define FAILURES_MAX 20
#define AT_ONCE_MAX 2
/* No card's clock is a fifth of a percent from the true one. */
#define SLACK 500

static void say_nothing(const char *file, int line, const char *function, int error,
                        const char *format, ...)
{
    (void)file;
    (void)line;
    (void)function;
    (void)error;
    (void)format;
}

void rill_alsa_quiet(void)
{
    snd_lib_error_set_handler(say_nothing);
}

static int refuse(int error, struct rill_err *why)
{
    int code = error == -EACCES || error == -EPERM ? RILL_CAPTURE_NOT_ALLOWED
               : error == -ENOENT || error == -ENODEV || error == -ENXIO || error == -ENOTDIR
                   ? RILL_CAPTURE_NOT_FOUND
                   : RILL_CAPTURE_NOT_READABLE;
    return rill_err_set(&rill_capture_errors, code, 0, (uint64_t)-error, why);
}

/* --- the format ---------------------------------------------------------------------------- */

static int set_format(struct rill_alsa *a, snd_pcm_hw_params_t *hw)
{
    static const snd_pcm_format_t formats[] = {SND_PCM_FORMAT_S16, SND_PCM_FORMAT_S32,
                                               SND_PCM_FORMAT_FLOAT};
    int rc = -EINVAL;
    for (size_t i = 0; i < 3 && rc < 0; i++) {
        a->format = formats[i];
        rc = snd_pcm_hw_params_set_format(a->pcm, hw, formats[i]);
    }
    return rc;
}

/* What lies nearest to what we would like; the rest is our own to convert. */
static int set_hw(struct rill_alsa *a, unsigned channels)
{
    snd_pcm_hw_params_t *hw;
    unsigned period = PERIOD_US, buffer = BUFFER_US;
    snd_pcm_hw_params_alloca(&hw);
    a->channels = channels;
    a->rate_hz = RATE_HZ;
    int rc = snd_pcm_hw_params_any(a->pcm, hw);
    if (rc >= 0)
        rc = snd_pcm_hw_params_set_access(a->pcm, hw, SND_PCM_ACCESS_RW_INTERLEAVED);
    if (rc >= 0)
        rc = set_format(a, hw);
    if (rc >= 0)
        rc = snd_pcm_hw_params_set_channels_near(a->pcm, hw, &a->channels);
    if (rc >= 0)
        rc = snd_pcm_hw_params_set_rate_near(a->pcm, hw, &a->rate_hz, NULL);
    if (rc >= 0)
        rc = snd_pcm_hw_params_set_period_time_near(a->pcm, hw, &period, NULL);
    if (rc >= 0)
        rc = snd_pcm_hw_params_set_buffer_time_near(a->pcm, hw, &buffer, NULL);
    if (rc >= 0)
        rc = snd_pcm_hw_params(a->pcm, hw);
    if (rc >= 0)
        rc = snd_pcm_hw_params_get_buffer_size(hw, &a->buffer);
    if (rc >= 0)
        rc = snd_pcm_hw_params_get_period_size(hw, &a->period, NULL);
    if (rc >= 0 && (a->channels < 1 || a->channels > RILL_ALSA_CHANNELS_MAX || a->rate_hz < 4000 ||
                    a->rate_hz > 384000))
        rc = -EINVAL;
    return rc;
}

static int set_sw(struct rill_alsa *a)
{
    snd_pcm_sw_params_t *sw;
    snd_pcm_uframes_t start = snd_pcm_stream(a->pcm) == SND_PCM_STREAM_PLAYBACK
                                  ? (a->buffer / a->period - 1) * a->period
                                  : a->buffer * 2;
    snd_pcm_sw_params_alloca(&sw);
    int rc = snd_pcm_sw_params_current(a->pcm, sw);
    if (rc >= 0)
        rc = snd_pcm_sw_params_set_avail_min(a->pcm, sw, a->period);
    if (rc >= 0)
        rc = snd_pcm_sw_params_set_start_threshold(a->pcm, sw, start ? start : 1);
    return rc < 0 ? rc : snd_pcm_sw_params(a->pcm, sw);
}

int rill_alsa_open(struct rill_alsa *a, const char *name, snd_pcm_stream_t stream,
                   unsigned channels, struct rill_err *why)
{
    rill_alsa_quiet();
    /* A slave that would wait for its device is not waited for. Rates are ours to convert, so
     * that we know them. */
    int rc = snd_pcm_open(&a->pcm, name, stream, SND_PCM_NONBLOCK | SND_PCM_NO_AUTO_RESAMPLE);
    if (rc < 0) {
        a->pcm = NULL;
        return refuse(rc, why);
    }
    rc = set_hw(a, channels);
    if (rc >= 0)
        rc = set_sw(a);
    if (rc >= 0)
        return 0;
    rill_alsa_close(a);
    return rill_err_set(&rill_capture_errors, RILL_CAPTURE_ALSA_FORMAT, 0, (uint64_t)-rc, why);
}

void rill_alsa_close(struct rill_alsa *a)
{
    if (a->pcm)
        snd_pcm_close(a->pcm);
    a->pcm = NULL;
}

/* --- trouble ------------------------------------------------------------------------------- */

static int end(struct rill_alsa *a, int error)
{
    rill_err_set(&rill_capture_errors, RILL_CAPTURE_DEVICE_LOST, 0, (uint64_t)-error, &a->why);
    rill_alsa_close(a);
    return error;
}

static int restart(struct rill_alsa *a)
{
    int rc = snd_pcm_prepare(a->pcm);
    if (rc >= 0 && snd_pcm_stream(a->pcm) == SND_PCM_STREAM_CAPTURE)
        rc = snd_pcm_start(a->pcm);
    return rc;
}

int rill_alsa_recover(struct rill_alsa *a, int64_t now, int error)
{
    int rc = error;
    a->again_at = 0;
    if (error == -EPIPE) {
        a->xruns++;
        rc = restart(a);
    } else if (error == -ESTRPIPE) {
        rc = snd_pcm_resume(a->pcm);
        if (rc != -EAGAIN && (rc < 0 || snd_pcm_state(a->pcm) == SND_PCM_STATE_SUSPENDED))
            rc = restart(a);
    } else if (error != -ENODEV && error != -EBADFD) {
        rc = restart(a);
    }
    /* Trouble that comes again before any sound did is given time. */
    if (rc >= 0 && ++a->failures <= AT_ONCE_MAX)
        return 0;
    if (rc == -ENODEV || a->failures > FAILURES_MAX)
        return end(a, rc < 0 ? rc : error);
    a->failures += rc < 0;
    a->again_at = now + AGAIN_AFTER;
    return rc < 0 ? rc : error;
}

/* --- waiting ------------------------------------------------------------------------------- */

static int64_t allowed(const struct rill_alsa *a, int64_t now)
{
    int64_t frames = (now - a->since) / 100 * a->rate_hz / 10000;
    return frames + frames / SLACK + (int64_t)a->buffer - (int64_t)a->passed;
}

size_t rill_alsa_may(struct rill_alsa *a, int64_t now, size_t want)
{
    int64_t left = allowed(a, now);
    a->ahead = left < (int64_t)a->period;
    if (a->ahead)
        return 0;
    return (uint64_t)left < want ? (size_t)left : want;
}

/* A card that is slower than the clock allows gets no credit for it. */
void rill_alsa_passed(struct rill_alsa *a, int64_t now, size_t frames)
{
    a->passed += frames;
    a->failures = 0;
    int64_t unused = allowed(a, now) - 2 * (int64_t)a->buffer;
    if (unused > 0)
        a->passed += (uint64_t)unused;
}

int64_t rill_alsa_deadline(const struct rill_alsa *a)
{
    if (!a->pcm || (!a->again_at && !a->ahead))
        return RILL_NEVER;
    if (a->again_at)
        return a->again_at;
    int64_t frames = (int64_t)(a->passed + a->period) - (int64_t)a->buffer;
    return a->since + frames * 10000 / a->rate_hz * 100;
}

size_t rill_alsa_descriptors(const struct rill_alsa *a, struct rill_source_fd *out)
{
    struct pollfd polls[RILL_SOURCE_FDS_MAX];
    if (!a->pcm || a->again_at || a->ahead)
        return 0;
    int n = snd_pcm_poll_descriptors(a->pcm, polls, RILL_SOURCE_FDS_MAX);
    for (int i = 0; i < n; i++)
        out[i] = (struct rill_source_fd){.fd = polls[i].fd, .events = polls[i].events};
    return n > 0 ? (size_t)n : 0;
}

/* What the descriptors mean is the plug-in's own; some must be told to be quiet again. What is
 * wrong shows when the PCM is used. */
void rill_alsa_polled(struct rill_alsa *a, const struct rill_source_fd *fds, size_t n)
{
    struct pollfd polls[RILL_SOURCE_FDS_MAX];
    unsigned short revents = 0;
    for (size_t i = 0; i < n; i++)
        polls[i] =
            (struct pollfd){.fd = fds[i].fd, .events = fds[i].events, .revents = fds[i].revents};
    if (a->pcm && n > 0)
        (void)snd_pcm_poll_descriptors_revents(a->pcm, polls, (unsigned)n, &revents);
}

/* --- samples ------------------------------------------------------------------------------- */

static int16_t from_float(float v)
{
    float scaled = v * 32768.0f;
    return scaled >= 32767.0f ? INT16_MAX : scaled > -32768.0f ? (int16_t)scaled : INT16_MIN;
}

static int16_t sample(const struct rill_alsa *a, size_t at)
{
    int16_t narrow;
    int32_t wide;
    float real;
    switch (a->format) {
    case SND_PCM_FORMAT_S16:
        memcpy(&narrow, a->raw + at * sizeof narrow, sizeof narrow);
        return narrow;
    case SND_PCM_FORMAT_S32:
        memcpy(&wide, a->raw + at * sizeof wide, sizeof wide);
        return (int16_t)(wide / 65536);
    default:
        memcpy(&real, a->raw + at * sizeof real, sizeof real);
        return from_float(real);
    }
}

void rill_alsa_from_raw(const struct rill_alsa *a, int16_t *out, unsigned channels, size_t frames)
{
    for (size_t i = 0; i < frames; i++) {
        int16_t left = sample(a, i * a->channels);
        int16_t right = a->channels > 1 ? sample(a, i * a->channels + 1) : left;
        if (channels == 1) {
            *out++ = (int16_t)((left + right) / 2);
            continue;
        }
        *out++ = left;
        *out++ = right;
    }
}

static void put_sample(struct rill_alsa *a, size_t at, int16_t v)
{
    int32_t wide = (int32_t)v * 65536;
    float real = (float)v / 32768.0f;
    if (a->format == SND_PCM_FORMAT_S16)
        memcpy(a->raw + at * sizeof v, &v, sizeof v);
    else if (a->format == SND_PCM_FORMAT_S32)
        memcpy(a->raw + at * sizeof wide, &wide, sizeof wide);
    else
        memcpy(a->raw + at * sizeof real, &real, sizeof real);
}

/* Of a card with more than two channels the others stay silent. */
static int16_t channel(const int16_t *frame, unsigned c, unsigned channels)
{
    if (channels == 1)
        return (int16_t)((frame[0] + frame[1]) / 2);
    return c < 2 ? frame[c] : 0;
}

void rill_alsa_to_raw(struct rill_alsa *a, const int16_t *stereo, size_t frames)
{
    for (size_t i = 0; i < frames; i++)
        for (unsigned c = 0; c < a->channels; c++)
            put_sample(a, i * a->channels + c, channel(stereo + 2 * i, c, a->channels));
}
