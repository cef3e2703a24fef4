/* capture/alsa_in: a microphone as a source: "alsa:NAME".
 *
 * The idea: what the card has is read whenever it is asked for, made 48 kHz and cut into blocks
 * of 20 ms. What was lost when the card ran over becomes silence, so that time goes on. */
#include "capture/alsa_private.h"
#include "capture/devices.h"
#include "capture/source_private.h"
#include "capture/voice.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FIFO RILL_SOURCE_RATE_HZ /* frames: a second */
#define PREFIX 5                 /* "alsa:" */
#define JUMP (50 * RILL_MS)      /* so far from where it is due, sound has a new time */
#define SLEW 64

struct microphone {
    struct rill_alsa alsa;
    struct rill_rate *rate; /* NULL: the card has 48 kHz */
    struct rill_voice *voice;
    uint8_t channels;
    int16_t fifo[FIFO * 2];
    size_t n;      /* frames in it */
    int64_t until; /* when the last of them was heard */
    bool stamped;
    int64_t stamp; /* the time of the last block that was given */
    int16_t block[RILL_SOURCE_BLOCK_FRAMES * 2];
    int16_t read[RILL_ALSA_CHUNK * 2];
};

static struct microphone *own(const struct rill_source *s)
{
    return s->own;
}

/* --- waiting ------------------------------------------------------------------------------- */

static void start(struct rill_source *s, int64_t now)
{
    struct microphone *m = own(s);
    m->alsa.since = m->until = now;
    int rc = snd_pcm_start(m->alsa.pcm);
    if (rc < 0)
        (void)rill_alsa_recover(&m->alsa, now, rc);
}

static int64_t deadline(const struct rill_source *s)
{
    return rill_alsa_deadline(&own(s)->alsa);
}

static size_t descriptors(const struct rill_source *s, struct rill_source_fd *out)
{
    return rill_alsa_descriptors(&own(s)->alsa, out);
}

static void polled(struct rill_source *s, const struct rill_source_fd *fds, size_t n)
{
    rill_alsa_polled(&own(s)->alsa, fds, n);
}

/* --- sound --------------------------------------------------------------------------------- */

static int16_t *tail(struct microphone *m)
{
    return m->fifo + m->n * m->channels;
}

static void add_silence(struct microphone *m, size_t frames)
{
    if (frames > FIFO - m->n)
        frames = FIFO - m->n;
    memset(tail(m), 0, frames * m->channels * sizeof *m->fifo);
    m->n += frames;
}

static void add(struct microphone *m, size_t frames)
{
    size_t in = frames, out = FIFO - m->n;
    rill_alsa_from_raw(&m->alsa, m->rate ? m->read : tail(m), m->channels, frames);
    if (m->rate)
        rill_rate_run(m->rate, m->read, &in, tail(m), &out);
    m->n += m->rate ? out : frames;
}

/* From when the last sound was heard to now nothing was. */
static void resume(struct rill_source *s, int64_t now, int error)
{
    struct microphone *m = own(s);
    if (rill_alsa_recover(&m->alsa, now, error) < 0)
        return;
    int64_t lost = (now - m->until) * RILL_SOURCE_RATE_HZ / RILL_SECOND;
    if (lost > 0) {
        add_silence(m, (size_t)lost);
        s->dropped += (uint64_t)lost / RILL_SOURCE_BLOCK_FRAMES;
    }
    m->until = now;
}

/* What one call gives; false when there is nothing more for now. */
static bool take(struct rill_source *s, int64_t now)
{
    struct microphone *m = own(s);
    struct rill_alsa *a = &m->alsa;
    size_t want = rill_alsa_may(a, now, RILL_ALSA_CHUNK);
    /* The fifo has room for whatever a chunk becomes. */
    if (want == 0 || FIFO - m->n < (size_t)RILL_ALSA_CHUNK * RILL_SOURCE_RATE_HZ / a->rate_hz + 64)
        return false;
    snd_pcm_sframes_t n = snd_pcm_readi(a->pcm, a->raw, want);
    if (n == -EAGAIN || n == 0)
        return false;
    if (n < 0) {
        resume(s, now, (int)n);
        return a->pcm && !a->again_at;
    }
    rill_alsa_passed(a, now, (size_t)n);
    add(m, (size_t)n);
    snd_pcm_sframes_t left = snd_pcm_avail_update(a->pcm);
    m->until = now - (left > 0 ? left : 0) * RILL_SECOND / a->rate_hz;
    return true;
}

/* A card counts evenly and is looked at unevenly: each block follows the one before by its
 * length, and what that is off the clock is made good little by little. */
static int64_t stamp(struct microphone *m, int64_t measured)
{
    int64_t due = m->stamp + RILL_SOURCE_BLOCK_US;
    int64_t off = measured - due;
    bool follows = m->stamped && off < JUMP && off > -JUMP;
    m->stamped = true;
    m->stamp = follows ? due + off / SLEW : measured;
    return m->stamp;
}

static void give_block(struct rill_source *s, struct rill_pcm *out)
{
    struct microphone *m = own(s);
    size_t size = RILL_SOURCE_BLOCK_FRAMES * (size_t)m->channels;
    *out = (struct rill_pcm){
        .samples = m->block,
        .frames = RILL_SOURCE_BLOCK_FRAMES,
        .rate_hz = RILL_SOURCE_RATE_HZ,
        .channels = m->channels,
        .time = stamp(m, m->until - (int64_t)m->n * RILL_SECOND / RILL_SOURCE_RATE_HZ),
    };
    memcpy(m->block, m->fifo, size * sizeof *m->block);
    m->n -= RILL_SOURCE_BLOCK_FRAMES;
    memmove(m->fifo, m->fifo + size, m->n * m->channels * sizeof *m->fifo);
    rill_voice_run(m->voice, out);
}

static bool give_pcm(struct rill_source *s, int64_t now, struct rill_pcm *out)
{
    struct microphone *m = own(s);
    if (m->alsa.again_at && now >= m->alsa.again_at)
        resume(s, now, -EIO);
    while (m->alsa.pcm && !m->alsa.again_at && m->n < RILL_SOURCE_BLOCK_FRAMES && take(s, now)) {
    }
    if (m->n >= RILL_SOURCE_BLOCK_FRAMES) {
        give_block(s, out);
        return true;
    }
    if (!m->alsa.pcm)
        rill_source_end(s, m->alsa.why.row->code, m->alsa.why.value);
    return false;
}

static void apply(struct rill_source *s, const struct rill_settings *settings)
{
    rill_voice_apply(own(s)->voice, settings);
}

/* --- opening ------------------------------------------------------------------------------- */

static void close_microphone(struct rill_source *s)
{
    struct microphone *m = own(s);
    rill_alsa_close(&m->alsa);
    rill_rate_free(m->rate);
    rill_voice_free(m->voice);
    free(m);
}

static const struct rill_source_ops ops = {
    .close = close_microphone,
    .start = start,
    .deadline = deadline,
    .descriptors = descriptors,
    .polled = polled,
    .pcm = give_pcm,
    .apply = apply,
};

static int prepare(struct rill_source *s, struct rill_echo *echo, struct rill_err *why)
{
    struct microphone *m = own(s);
    if (m->alsa.rate_hz != RILL_SOURCE_RATE_HZ)
        m->rate = rill_rate_new(m->channels, m->alsa.rate_hz, RILL_SOURCE_RATE_HZ);
    m->voice = rill_voice_new(m->channels, echo);
    if (!m->voice || (m->alsa.rate_hz != RILL_SOURCE_RATE_HZ && !m->rate))
        return rill_err_set(&rill_capture_errors, RILL_CAPTURE_NOT_READABLE, 0, ENOMEM, why);
    rill_voice_apply(m->voice, &s->settings);
    return 0;
}

int rill_alsa_in_open(struct rill_source *s, const struct rill_source_config *config,
                      const struct rill_source_options *options, struct rill_err *why)
{
    char name[128] = "";
    struct microphone *m = calloc(1, sizeof *m);
    if (!m || options->name.n - PREFIX >= sizeof name) {
        free(m);
        return rill_err_set(&rill_capture_errors, RILL_CAPTURE_NOT_FOUND, 0, ENOENT, why);
    }
    s->ops = &ops;
    s->own = m;
    s->kind = RILL_AUDIO;
    s->live = true;
    memcpy(name, options->name.p + PREFIX, options->name.n - PREFIX);
    s->can.sample_rate_hz = (struct rill_range){RILL_SOURCE_RATE_HZ, RILL_SOURCE_RATE_HZ, 1};
    s->can.channel_count = (struct rill_range){1, 2, 1};
    s->can.processing = true;
    rill_device_hash("audioinput", name, s->can.device_id);
    int rc = rill_source_select(s, &options->constraints, why);
    if (rc < 0)
        return rc;
    m->channels = (uint8_t)s->settings.channel_count;
    s->can.channel_count = (struct rill_range){m->channels, m->channels, 1};
    rc = rill_alsa_open(&m->alsa, name, SND_PCM_STREAM_CAPTURE, m->channels, why);
    return rc < 0 ? rc : prepare(s, config->echo, why);
}
