#include "capture/speakers.h"

#include "capture/alsa_private.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

struct rill_speakers {
    struct rill_alsa alsa;
    struct rill_rate *rate; /* NULL: the card has 48 kHz */
    uint64_t frames;
    int16_t at_rate[RILL_ALSA_CHUNK * 2];
};

int rill_speakers_open(const char *device, int64_t now, struct rill_speakers **out,
                       struct rill_err *why)
{
    struct rill_speakers *s = calloc(1, sizeof *s);
    if (!s)
        return rill_err_set(&rill_capture_errors, RILL_CAPTURE_NOT_READABLE, 0, ENOMEM, why);
    int rc = rill_alsa_open(&s->alsa, device, SND_PCM_STREAM_PLAYBACK, 2, why);
    if (rc < 0) {
        free(s);
        return rc;
    }
    s->alsa.since = now;
    if (s->alsa.rate_hz != 48000)
        s->rate = rill_rate_new(2, 48000, s->alsa.rate_hz);
    if (s->alsa.rate_hz != 48000 && !s->rate) {
        rill_speakers_free(s);
        return rill_err_set(&rill_capture_errors, RILL_CAPTURE_NOT_READABLE, 0, ENOMEM, why);
    }
    *out = s;
    return 0;
}

void rill_speakers_free(struct rill_speakers *s)
{
    if (!s)
        return;
    rill_alsa_close(&s->alsa);
    rill_rate_free(s->rate);
    free(s);
}

size_t rill_speakers_descriptors(const struct rill_speakers *s,
                                 struct rill_source_fd out[RILL_SOURCE_FDS_MAX])
{
    return rill_alsa_descriptors(&s->alsa, out);
}

int64_t rill_speakers_deadline(const struct rill_speakers *s)
{
    return rill_alsa_deadline(&s->alsa);
}

/* The loop tells that a descriptor is ready, not of what: asked here once more, for the plug-ins
 * that want to be told. */
static void look(struct rill_alsa *a)
{
    struct rill_source_fd fds[RILL_SOURCE_FDS_MAX];
    struct pollfd polls[RILL_SOURCE_FDS_MAX];
    size_t n = rill_alsa_descriptors(a, fds);
    for (size_t i = 0; i < n; i++)
        polls[i] = (struct pollfd){.fd = fds[i].fd, .events = fds[i].events};
    if (n == 0 || poll(polls, (nfds_t)n, 0) <= 0)
        return;
    for (size_t i = 0; i < n; i++)
        fds[i].revents = polls[i].revents;
    rill_alsa_polled(a, fds, n);
}

size_t rill_speakers_room(struct rill_speakers *s, int64_t now)
{
    struct rill_alsa *a = &s->alsa;
    if (a->again_at && now >= a->again_at)
        (void)rill_alsa_recover(a, now, -EIO);
    if (!a->pcm || a->again_at)
        return 0;
    look(a);
    snd_pcm_sframes_t room = snd_pcm_avail(a->pcm);
    if (room < 0) {
        if (rill_alsa_recover(a, now, (int)room) < 0)
            return 0;
        room = snd_pcm_avail(a->pcm);
    }
    size_t may = room > 0 ? rill_alsa_may(a, now, (size_t)room) : 0;
    return may * 48000 / a->rate_hz;
}

static void write_raw(struct rill_speakers *s, int64_t now, const int16_t *stereo, size_t frames)
{
    struct rill_alsa *a = &s->alsa;
    rill_alsa_to_raw(a, stereo, frames);
    snd_pcm_sframes_t n = snd_pcm_writei(a->pcm, a->raw, frames);
    if (n < 0 && n != -EAGAIN && rill_alsa_recover(a, now, (int)n) == 0)
        n = snd_pcm_writei(a->pcm, a->raw, frames);
    if (n > 0) {
        s->frames += (uint64_t)n;
        rill_alsa_passed(a, now, (size_t)n);
    }
}

void rill_speakers_write(struct rill_speakers *s, int64_t now, const int16_t *stereo, size_t frames)
{
    while (frames > 0 && s->alsa.pcm && !s->alsa.again_at) {
        size_t in = frames < RILL_ALSA_CHUNK / 8 ? frames : RILL_ALSA_CHUNK / 8;
        size_t out = RILL_ALSA_CHUNK;
        if (s->rate) {
            rill_rate_run(s->rate, stereo, &in, s->at_rate, &out);
            write_raw(s, now, s->at_rate, out);
        } else {
            write_raw(s, now, stereo, in);
        }
        stereo += 2 * in;
        frames -= in;
    }
}

int64_t rill_speakers_delay(const struct rill_speakers *s)
{
    snd_pcm_sframes_t frames = 0;
    if (!s->alsa.pcm || snd_pcm_delay(s->alsa.pcm, &frames) < 0 || frames < 0)
        return 0;
    return (int64_t)frames * RILL_SECOND / s->alsa.rate_hz;
}

bool rill_speakers_ended(const struct rill_speakers *s, struct rill_err *why)
{
    if (!s->alsa.pcm && why)
        *why = s->alsa.why;
    return !s->alsa.pcm;
}

uint64_t rill_speakers_xruns(const struct rill_speakers *s)
{
    return s->alsa.xruns;
}

uint64_t rill_speakers_frames(const struct rill_speakers *s)
{
    return s->frames;
}
