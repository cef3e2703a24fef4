#include "media/pauses.h"

/* Frames of 20 ms: at least, when the noise has changed or was told but once, and at most. */
#define LEAST 5
#define MOST 20

static enum rill_pauses_send tell(struct rill_pauses *p)
{
    struct rill_comfort_noise now;
    rill_noise_tell(&p->heard, &now);
    bool changed = p->since >= LEAST && rill_noise_differs(&now, &p->told);
    if (p->pausing && !changed && p->since < (p->twice ? MOST : LEAST))
        return RILL_PAUSES_NOTHING;
    p->twice = p->pausing;
    p->pausing = true;
    p->told = now;
    p->since = 0;
    return RILL_PAUSES_NOISE;
}

enum rill_pauses_send rill_pauses_take(struct rill_pauses *p, const int16_t *samples, size_t n)
{
    static const struct rill_noise_heard nothing;
    bool speech = rill_speech_take(&p->speech, samples, n);
    /* Behind the last word, before it is a pause, the noise is there already. */
    if (p->speech.stands_out)
        p->heard = nothing;
    else
        rill_noise_hear(&p->heard, samples, n);
    p->talkspurt = speech && p->pausing;
    p->since++;
    if (!speech)
        return tell(p);
    p->pausing = false;
    return RILL_PAUSES_SOUND;
}
