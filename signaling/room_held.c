/* room_held: how much the rooms hold now, for whoever watches the server. */
#include "signaling/room_private.h"

struct rill_rooms_held rill_rooms_held(const struct rill_rooms *x)
{
    struct rill_rooms_held held = {0};
    for (size_t i = 0; i < x->config.offers; i++) {
        const struct rill_room_offer *o = &x->offers[i];
        if (!o->used)
            continue;
        held.offers++;
        held.candidates += o->n_candidates[OFFERER] + o->n_candidates[ANSWERER];
    }
    return held;
}
