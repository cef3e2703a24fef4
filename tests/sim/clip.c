/* clip: see clip.h. */
#include "tests/sim/clip.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct rill_view read_file(struct rill_sim_clip *c, const char *path)
{
    FILE *f = fopen(path, "rb");
    memset(c, 0, sizeof *c);
    c->file = malloc(1 << 20);
    if (!f || !c->file) {
        fprintf(stderr, "%s cannot be read (run from the top of the project)\n", path);
        exit(1);
    }
    size_t n = fread(c->file, 1, 1 << 20, f);
    fclose(f);
    return rill_view_at(c->file, n);
}

static uint32_t little32(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* IVF: a header of 32 bytes, then frames of size (4), time (8), bytes. */
void rill_sim_clip_read_ivf(struct rill_sim_clip *c, const char *path)
{
    struct rill_view v = read_file(c, path);
    for (size_t at = 32; at + 12 <= v.n && c->n < RILL_SIM_CLIP_FRAMES;) {
        size_t size = little32(v.p + at);
        c->frames[c->n++] = rill_view_sub(v, at + 12, size);
        at += 12 + size;
    }
}

/* Ogg: pages of a header of 27 bytes, a table of segment sizes, the segments; a packet ends
 * with a segment shorter than 255. The first two packets are headers (RFC 7845 §3). */
void rill_sim_clip_read_ogg(struct rill_sim_clip *c, const char *path)
{
    struct rill_view v = read_file(c, path);
    size_t packets = 0;
    for (size_t at = 0; at + 27 <= v.n;) {
        size_t segments = v.p[at + 26], body = at + 27 + segments, size = 0;
        for (size_t i = 0; i < segments; i++) {
            size_t lacing = v.p[at + 27 + i];
            size += lacing;
            if (lacing == 255)
                continue;
            if (packets++ >= 2 && c->n < RILL_SIM_CLIP_FRAMES)
                c->frames[c->n++] = rill_view_sub(v, body, size);
            body += size;
            size = 0;
        }
        at = body;
    }
}

void rill_sim_clip_free(struct rill_sim_clip *c)
{
    free(c->file);
    c->file = NULL;
}
