#include "capture/echo.h"

#include "base/clock.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define KEPT 65536 /* samples: 1.4 s */
/* Times jitter; only what differs by more than so many samples is another place. */
#define TOLERANCE 960

struct rill_echo {
    pthread_mutex_t lock;
    int16_t samples[KEPT]; /* sample p lies at p % KEPT */
    int64_t end;           /* the sample behind the last */
    int64_t end_time;      /* and when it would be heard */
    int64_t next;          /* where the last question ended */
};

struct rill_echo *rill_echo_new(void)
{
    struct rill_echo *e = calloc(1, sizeof *e);
    if (e && pthread_mutex_init(&e->lock, NULL) != 0) {
        free(e);
        return NULL;
    }
    return e;
}

void rill_echo_free(struct rill_echo *e)
{
    if (!e)
        return;
    pthread_mutex_destroy(&e->lock);
    free(e);
}

static int64_t frames_in(int64_t us)
{
    return us * 48 / 1000;
}

static void put(struct rill_echo *e, int16_t sample)
{
    e->samples[e->end++ % KEPT] = sample;
}

/* A pause between two blocks; a longer one than is kept forgets everything. */
static void put_silence(struct rill_echo *e, int64_t frames)
{
    if (frames > KEPT) {
        e->end += frames - KEPT;
        frames = KEPT;
    }
    while (frames-- > 0)
        put(e, 0);
}

void rill_echo_played(struct rill_echo *e, int64_t time, const struct rill_pcm *pcm)
{
    pthread_mutex_lock(&e->lock);
    int64_t gap = e->end > 0 ? frames_in(time - e->end_time) : 0;
    if (gap > TOLERANCE)
        put_silence(e, gap);
    for (size_t i = 0; i < pcm->frames; i++) {
        const int16_t *s = pcm->samples + i * pcm->channels;
        put(e, (int16_t)((s[0] + s[pcm->channels - 1]) / 2));
    }
    int64_t length = (int64_t)pcm->frames * 1000 / 48;
    int64_t expected = e->end_time + length;
    /* Small differences are the jitter of what the card says; they are followed slowly. */
    if (e->end > (int64_t)pcm->frames && gap <= TOLERANCE && gap >= -TOLERANCE)
        e->end_time = expected + (time + length - expected) / 64;
    else
        e->end_time = time + length;
    pthread_mutex_unlock(&e->lock);
}

void rill_echo_heard(struct rill_echo *e, int64_t time, int16_t *out, size_t frames)
{
    pthread_mutex_lock(&e->lock);
    int64_t from = e->end + frames_in(time - e->end_time);
    if (from - e->next < TOLERANCE / 2 && e->next - from < TOLERANCE / 2)
        from = e->next;
    for (size_t i = 0; i < frames; i++) {
        int64_t p = from + (int64_t)i;
        out[i] = p >= 0 && p < e->end && p >= e->end - KEPT ? e->samples[p % KEPT] : 0;
    }
    e->next = from + (int64_t)frames;
    pthread_mutex_unlock(&e->lock);
}
