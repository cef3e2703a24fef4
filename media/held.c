#include "media/held.h"

#include <stdlib.h>
#include <string.h>

static void copy_plane(struct rill_image *to, const struct rill_image *from, int plane)
{
    size_t width = plane ? (from->width + 1) / 2 : from->width;
    size_t height = plane ? (from->height + 1) / 2 : from->height;
    for (size_t y = 0; y < height; y++)
        memcpy(to->plane[plane] + y * to->stride[plane],
               from->plane[plane] + y * from->stride[plane], width);
}

void rill_held_copy(struct rill_image *to, const struct rill_image *from)
{
    for (int i = 0; i < 3; i++)
        copy_plane(to, from, i);
}

bool rill_held_put(struct rill_held *h, const struct rill_image *image)
{
    struct rill_held_picture *p = &h->pictures[(h->first + h->n) % RILL_HELD_MAX];
    if (!p->bytes || p->image.width != image->width || p->image.height != image->height) {
        free(p->bytes);
        p->bytes = malloc(rill_image_size(image->width, image->height));
    }
    if (!p->bytes)
        return false;
    p->image = rill_image_over(p->bytes, image->width, image->height);
    p->image.time = image->time;
    rill_held_copy(&p->image, image);
    h->n++;
    return true;
}

const struct rill_image *rill_held_first(const struct rill_held *h)
{
    return h->n ? &h->pictures[h->first].image : NULL;
}

void rill_held_pass(struct rill_held *h)
{
    h->first = (h->first + 1) % RILL_HELD_MAX;
    h->n--;
}

void rill_held_free(struct rill_held *h)
{
    for (size_t i = 0; i < RILL_HELD_MAX; i++)
        free(h->pictures[i].bytes);
}
