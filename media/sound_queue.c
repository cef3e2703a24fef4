#include "media/sound_queue.h"

#include <stdlib.h>
#include <string.h>

bool rill_sound_queue_init(struct rill_sound_queue *q)
{
    q->n = 0;
    q->slots = calloc(RILL_SOUND_QUEUE, sizeof *q->slots);
    for (size_t i = 0; q->slots && i < RILL_SOUND_QUEUE; i++)
        q->order[i] = &q->slots[i];
    return q->slots != NULL;
}

void rill_sound_queue_free(struct rill_sound_queue *q)
{
    free(q->slots);
}

size_t rill_sound_queue_place(const struct rill_sound_queue *q, int64_t at)
{
    size_t place = q->n;
    while (place > 0 && q->order[place - 1]->at > at)
        place--;
    return place;
}

void rill_sound_queue_insert(struct rill_sound_queue *q, size_t place, int64_t at, int frames,
                             const struct rill_frame *f)
{
    struct rill_sound_packet *k = q->order[q->n];
    memmove(&q->order[place + 1], &q->order[place], (q->n - place) * sizeof q->order[0]);
    q->order[place] = k;
    q->n++;
    k->at = at;
    k->frames = frames;
    k->frame = *f;
    memcpy(k->bytes, f->bytes.p, f->bytes.n);
    k->frame.bytes = rill_view_at(k->bytes, f->bytes.n);
}

struct rill_sound_packet *rill_sound_queue_first(const struct rill_sound_queue *q)
{
    return q->n ? q->order[0] : NULL;
}

void rill_sound_queue_drop(struct rill_sound_queue *q)
{
    struct rill_sound_packet *k = q->order[0];
    q->n--;
    memmove(&q->order[0], &q->order[1], q->n * sizeof q->order[0]);
    q->order[q->n] = k;
}
