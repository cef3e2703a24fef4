/* fake_card: the plug-in, built as a shared object that ALSA loads by its configuration. */
#include "tests/capture/fake_card.h"

#include <alsa/asoundlib.h>
#include <alsa/pcm_external.h>

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct plugin {
    snd_pcm_ioplug_t io;
    struct fake_card *card;
    bool running;
    int64_t start;
    uint64_t position; /* frames transferred since the start */
};

static uint64_t elapsed(const struct plugin *p)
{
    double us = (double)(p->card->now - p->card->lag - p->start) * (1 + p->card->ppm / 1e6);
    return (uint64_t)(us * p->card->rate_hz / 1e6);
}

static int begin(snd_pcm_ioplug_t *io)
{
    struct plugin *p = io->private_data;
    p->running = true;
    p->start = p->card->now;
    p->position = 0;
    /* What lies in the buffer already counts. */
    if (io->stream == SND_PCM_STREAM_PLAYBACK)
        p->position = io->appl_ptr;
    return p->card->lost ? -ENODEV : 0;
}

static int stop(snd_pcm_ioplug_t *io)
{
    ((struct plugin *)io->private_data)->running = false;
    return 0;
}

static snd_pcm_sframes_t pointer(snd_pcm_ioplug_t *io)
{
    struct plugin *p = io->private_data;
    if (p->card->lost)
        return -ENODEV;
    if (!p->running)
        return 0;
    uint64_t at = elapsed(p);
    if (p->card->suspended) {
        p->card->suspended = 0;
        snd_pcm_ioplug_set_state(io, SND_PCM_STATE_SUSPENDED);
        return (snd_pcm_sframes_t)(at % io->buffer_size);
    }
    bool over = io->stream == SND_PCM_STREAM_PLAYBACK ? at > p->position
                                                      : at > p->position + io->buffer_size;
    if (over) {
        p->card->xruns++;
        return -EPIPE;
    }
    return (snd_pcm_sframes_t)(at % io->buffer_size);
}

static double heard(const struct fake_card *c, uint64_t at)
{
    if (c->hears)
        return at < c->hears_n ? c->hears[at] / 32768.0 : 0;
    return 0.5 * sin(6.283185307179586 * c->tone_hz * (double)at / c->rate_hz);
}

static void put(struct fake_card *c, void *to, double v)
{
    int16_t narrow = (int16_t)lrint(v * 32767);
    int32_t wide = (int32_t)lrint(v * 2147483647.0);
    float real = (float)v;
    if (c->format == FAKE_S16)
        memcpy(to, &narrow, sizeof narrow);
    else if (c->format == FAKE_S32)
        memcpy(to, &wide, sizeof wide);
    else
        memcpy(to, &real, sizeof real);
}

static int16_t get(const struct fake_card *c, const void *from)
{
    int16_t narrow;
    int32_t wide;
    float real;
    if (c->format == FAKE_S16) {
        memcpy(&narrow, from, sizeof narrow);
        return narrow;
    }
    if (c->format == FAKE_S32) {
        memcpy(&wide, from, sizeof wide);
        return (int16_t)(wide / 65536);
    }
    memcpy(&real, from, sizeof real);
    return (int16_t)lrint(real * 32767);
}

static snd_pcm_sframes_t transfer(snd_pcm_ioplug_t *io, const snd_pcm_channel_area_t *areas,
                                  snd_pcm_uframes_t offset, snd_pcm_uframes_t size)
{
    struct plugin *p = io->private_data;
    struct fake_card *c = p->card;
    if (c->lost)
        return -ENODEV;
    for (snd_pcm_uframes_t i = 0; i < size; i++) {
        for (unsigned k = 0; k < c->channels; k++) {
            char *at = (char *)areas[k].addr + (areas[k].first + (offset + i) * areas[k].step) / 8;
            if (io->stream == SND_PCM_STREAM_CAPTURE)
                put(c, at, heard(c, p->position + i));
            else if (k == 0 && c->n_played < sizeof c->played / sizeof c->played[0])
                c->played[c->n_played++] = get(c, at);
        }
    }
    p->position += size;
    return (snd_pcm_sframes_t)size;
}

static int resume(snd_pcm_ioplug_t *io)
{
    struct plugin *p = io->private_data;
    p->card->resumes++;
    /* Like most: the buffer is gone, begin anew. */
    return -ENOSYS;
}

static int prepare(snd_pcm_ioplug_t *io)
{
    struct plugin *p = io->private_data;
    p->running = false;
    p->position = 0;
    return p->card->lost ? -ENODEV : 0;
}

static int finish(snd_pcm_ioplug_t *io)
{
    struct plugin *p = io->private_data;
    close(io->poll_fd);
    free(p);
    return 0;
}

static const snd_pcm_ioplug_callback_t callbacks = {
    .start = begin,
    .stop = stop,
    .pointer = pointer,
    .transfer = transfer,
    .resume = resume,
    .prepare = prepare,
    .close = finish,
};

static int constrain(struct plugin *p)
{
    static const unsigned formats[] = {SND_PCM_FORMAT_S16, SND_PCM_FORMAT_S32,
                                       SND_PCM_FORMAT_FLOAT};
    static const unsigned access = SND_PCM_ACCESS_RW_INTERLEAVED;
    snd_pcm_ioplug_t *io = &p->io;
    struct fake_card *c = p->card;
    unsigned frame = c->channels * (c->format == FAKE_S16 ? 2 : 4);
    int rc = snd_pcm_ioplug_set_param_list(io, SND_PCM_IOPLUG_HW_ACCESS, 1, &access);
    if (rc >= 0)
        rc = snd_pcm_ioplug_set_param_list(io, SND_PCM_IOPLUG_HW_FORMAT, 1, &formats[c->format]);
    if (rc >= 0)
        rc = snd_pcm_ioplug_set_param_minmax(io, SND_PCM_IOPLUG_HW_CHANNELS, c->channels,
                                             c->channels);
    if (rc >= 0)
        rc = snd_pcm_ioplug_set_param_minmax(io, SND_PCM_IOPLUG_HW_RATE, c->rate_hz, c->rate_hz);
    if (rc >= 0)
        rc = snd_pcm_ioplug_set_param_minmax(io, SND_PCM_IOPLUG_HW_PERIOD_BYTES, 64 * frame,
                                             65536 * frame);
    if (rc >= 0)
        rc = snd_pcm_ioplug_set_param_minmax(io, SND_PCM_IOPLUG_HW_PERIODS, 2, 64);
    return rc;
}

static int open_card(snd_pcm_t **pcm, const char *name, snd_config_t *conf, snd_pcm_stream_t stream,
                     int mode)
{
    const char *address = NULL;
    snd_config_iterator_t i, next;
    snd_config_for_each(i, next, conf)
    {
        snd_config_t *n = snd_config_iterator_entry(i);
        const char *id;
        if (snd_config_get_id(n, &id) >= 0 && strcmp(id, "card") == 0)
            snd_config_get_string(n, &address);
    }
    struct plugin *p = calloc(1, sizeof *p);
    if (!p || !address)
        return -EINVAL;
    p->card = (struct fake_card *)strtoull(address, NULL, 16);
    if (p->card->lost) {
        free(p);
        return -ENODEV;
    }
    p->io.version = SND_PCM_IOPLUG_VERSION;
    p->io.name = "rill's own test card";
    p->io.callback = &callbacks;
    p->io.private_data = p;
    p->io.poll_fd = eventfd(1, EFD_NONBLOCK | EFD_CLOEXEC);
    p->io.poll_events = stream == SND_PCM_STREAM_PLAYBACK ? POLLOUT : POLLIN;
    int rc = snd_pcm_ioplug_create(&p->io, name, stream, mode);
    if (rc >= 0)
        rc = constrain(p);
    if (rc < 0)
        return rc;
    *pcm = p->io.pcm;
    return 0;
}

SND_PCM_PLUGIN_DEFINE_FUNC(rill)
{
    (void)root;
    return open_card(pcmp, name, conf, stream, mode);
}
/* What ALSA asks before it calls the above; its own macro ends in a semicolon too many. */
#pragma GCC diagnostic ignored "-Wpedantic"
SND_PCM_PLUGIN_SYMBOL(rill)
