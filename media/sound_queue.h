/* media/sound_queue: packets of sound that wait, by their place on a line of samples.
 *
 * The idea: what a packet holds is copied once into a slot; the order is a row of pointers, whose
 * first n wait and whose others are free. */
#ifndef RILL_MEDIA_SOUND_QUEUE_H
#define RILL_MEDIA_SOUND_QUEUE_H

#include "base/frame.h"

#define RILL_SOUND_QUEUE 128
#define RILL_SOUND_PACKET_MAX 1500

struct rill_sound_packet {
    int64_t at; /* on the line of samples */
    int frames;
    struct rill_frame frame; /* its bytes lie here */
    uint8_t bytes[RILL_SOUND_PACKET_MAX];
};

struct rill_sound_queue {
    struct rill_sound_packet *slots, *order[RILL_SOUND_QUEUE];
    size_t n;
};

/* False when memory is out. */
bool rill_sound_queue_init(struct rill_sound_queue *q);
void rill_sound_queue_free(struct rill_sound_queue *q);
/* Where one of this place goes: behind those that are not later. */
size_t rill_sound_queue_place(const struct rill_sound_queue *q, int64_t at);
/* Before that of this place (0 to n), where there is room for one more. Its bytes, at most
 * RILL_SOUND_PACKET_MAX, are copied. */
void rill_sound_queue_insert(struct rill_sound_queue *q, size_t place, int64_t at, int frames,
                             const struct rill_frame *f);
/* NULL: none waits. */
struct rill_sound_packet *rill_sound_queue_first(const struct rill_sound_queue *q);
/* The first goes; what it holds stays until the next is inserted. */
void rill_sound_queue_drop(struct rill_sound_queue *q);

#endif
