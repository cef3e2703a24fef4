#include "media/speech.h"

#include "media/noise.h"

#include <string.h>

/* 400 ms. */
#define SPAN 20
/* Noise by itself is up to 3 dB above the quietest of its frames. */
#define STANDS_OUT_DB 8
/* What mu-law makes of a bit that comes and goes is no speech. */
#define FLOOR_LEAST (-72)
#define LOUD (-35)
#define HANGOVER 12

static double floor_of(const struct rill_speech *s)
{
    double least = s->quietest[0];
    for (unsigned i = 1; i < s->spans; i++)
        least = s->quietest[i] < least ? s->quietest[i] : least;
    return least > FLOOR_LEAST ? least : FLOOR_LEAST;
}

static void follow(struct rill_speech *s, double db)
{
    if (s->spans == 0) /* nothing is known yet */
        s->hangover = HANGOVER;
    if (s->spans == 0 || s->frames == SPAN) {
        if (s->spans == RILL_SPEECH_SPANS)
            memmove(s->quietest, s->quietest + 1, sizeof s->quietest - sizeof s->quietest[0]);
        else
            s->spans++;
        s->quietest[s->spans - 1] = db;
        s->frames = 0;
    }
    if (db < s->quietest[s->spans - 1])
        s->quietest[s->spans - 1] = db;
    s->frames++;
}

bool rill_speech_take(struct rill_speech *s, const int16_t *samples, size_t n)
{
    double db = rill_noise_dbov(samples, n);
    follow(s, db);
    s->stands_out = db > LOUD || db > floor_of(s) + STANDS_OUT_DB;
    if (s->stands_out)
        s->hangover = HANGOVER;
    else if (s->hangover > 0)
        s->hangover--;
    return s->stands_out || s->hangover > 0;
}
