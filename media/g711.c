#include "media/g711.h"

#include "base/g711.h"
#include "capture/rate.h"

#include <stdlib.h>

#define HZ 8000
#define WIDE_HZ 48000
#define RATIO (WIDE_HZ / HZ)
#define NARROW_MAX 480
#define WIDE_MAX (NARROW_MAX * RATIO)
#define DECODED_MAX (RILL_G711_PACKET_MAX * RATIO)

struct rill_g711 {
    bool a_law;
    struct rill_rate *down, *up;
    int16_t narrow[RILL_G711_PACKET_MAX], wide[DECODED_MAX + 64];
};

struct rill_g711 *rill_g711_new(enum rill_codec_id codec)
{
    struct rill_g711 *g = calloc(1, sizeof *g);
    if (!g)
        return NULL;
    g->a_law = codec == RILL_CODEC_PCMA;
    g->down = rill_rate_new(1, WIDE_HZ, HZ);
    g->up = rill_rate_new(1, HZ, WIDE_HZ);
    if (g->down && g->up)
        return g;
    rill_g711_free(g);
    return NULL;
}

void rill_g711_free(struct rill_g711 *g)
{
    if (!g)
        return;
    rill_rate_free(g->down);
    rill_rate_free(g->up);
    free(g);
}

size_t rill_g711_encode(struct rill_g711 *g, const struct rill_pcm *pcm, struct rill_span out)
{
    size_t in = pcm->frames < WIDE_MAX ? pcm->frames : WIDE_MAX;
    size_t n = out.n < NARROW_MAX ? out.n : NARROW_MAX;
    for (size_t i = 0; i < in; i++) {
        const int16_t *s = pcm->samples + i * pcm->channels;
        g->wide[i] = (int16_t)((s[0] + s[pcm->channels - 1]) / 2);
    }
    rill_rate_run(g->down, g->wide, &in, g->narrow, &n);
    for (size_t i = 0; i < n; i++)
        out.p[i] = g->a_law ? rill_pcma_encode(g->narrow[i]) : rill_pcmu_encode(g->narrow[i]);
    return n;
}

const int16_t *rill_g711_narrow(const struct rill_g711 *g)
{
    return g->narrow;
}

void rill_g711_widen(struct rill_g711 *g, const int16_t *narrow, size_t n, struct rill_pcm *out)
{
    size_t in = n < RILL_G711_PACKET_MAX ? n : RILL_G711_PACKET_MAX, wide = DECODED_MAX;
    rill_rate_run(g->up, narrow, &in, g->wide, &wide);
    *out = (struct rill_pcm){.samples = g->wide, .frames = wide, .rate_hz = WIDE_HZ, .channels = 1};
}

bool rill_g711_decode(struct rill_g711 *g, struct rill_view packet, struct rill_pcm *out)
{
    if (packet.n > RILL_G711_PACKET_MAX)
        return false;
    for (size_t i = 0; i < packet.n; i++)
        g->narrow[i] = g->a_law ? rill_pcma_decode(packet.p[i]) : rill_pcmu_decode(packet.p[i]);
    rill_g711_widen(g, g->narrow, packet.n, out);
    return true;
}

size_t rill_g711_lag(const struct rill_g711 *g)
{
    return rill_rate_lag(g->up);
}
