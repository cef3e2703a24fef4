/* playout_length: how long sound waits, kept to the target: where it waits too long a period of it
 * is left out, where too short one is said again (media/stretch). */
#include "media/playout_private.h"

/* Off the target by more than this, a period is left out or said again; one in 50 ms, unless much
 * is to be caught up with. */
#define TOO_LONG (8 * RILL_MS)
#define TOO_SHORT (4 * RILL_MS)
#define FAR_TOO_LONG (120 * RILL_MS)
#define CHUNKS_BETWEEN 5
#define CHUNKS_BETWEEN_FAR 2
/* How alike a period and the next have to be; far off the target less so, and then not at all. */
#define ALIKE 0.85
#define ALIKE_ENOUGH 0.4
#define VERY_FAR (250 * RILL_MS)

int64_t rill_playout_delay(const struct rill_playout *p, int64_t now)
{
    return now - rill_delay_base(&p->delay) - rill_playout_us(p->next - (int64_t)p->n_decoded);
}

static bool can_decode(const struct rill_playout *p)
{
    const struct rill_sound_packet *k = rill_sound_queue_first(&p->queue);
    return k && k->at - p->next < RILL_PLAYOUT_STEP && p->owed == 0;
}

/* No more is left out than what is too long; what is said again may be 10 ms in any case. */
static size_t most_of(int64_t off)
{
    int64_t frames = off * 48 / 1000;
    if (off < 0)
        frames = -frames > RILL_PLAYOUT_CHUNK ? -frames : RILL_PLAYOUT_CHUNK;
    return frames < RILL_STRETCH_MOST ? (size_t)frames : RILL_STRETCH_MOST;
}

void rill_playout_change_length(struct rill_playout *p, int64_t now)
{
    int64_t off = rill_playout_delay(p, now) - rill_playout_target(p, now);
    bool far = off > FAR_TOO_LONG;
    if (p->since_change++ < (far ? CHUNKS_BETWEEN_FAR : CHUNKS_BETWEEN))
        return;
    if ((off <= TOO_LONG && off >= -TOO_SHORT) || p->paused || p->made_up > 0)
        return;
    size_t wants = off > 0 ? 2 * RILL_STRETCH_MOST : RILL_PLAYOUT_CHUNK + RILL_PLAYOUT_STEP;
    while (p->n_decoded < wants && can_decode(p))
        rill_playout_decode_first(p, now);
    double alike = off > VERY_FAR ? -1 : far || off < -4 * TOO_SHORT ? ALIKE_ENOUGH : ALIKE;
    size_t most = most_of(off), left = p->n_decoded - RILL_PLAYOUT_CHUNK;
    size_t n =
        off > 0 ? rill_stretch_shorten(p->decoded, p->n_decoded, most < left ? most : left, alike)
                : rill_stretch_lengthen(p->decoded, p->n_decoded, most, alike);
    if (n == 0)
        return;
    p->since_change = 0;
    if (off > 0) {
        p->n_decoded -= n;
        p->stats.removed_samples += n;
    } else {
        p->n_decoded += n;
        p->stats.inserted_samples += n;
    }
}
