#include "media/level.h"

#include <math.h>
#include <stdlib.h>

#define LOUDEST 32768.0
#define SILENCE 127
#define VOICE 50

static double loudest(const int16_t *sample, uint8_t channels)
{
    int most = 0;
    for (uint8_t c = 0; c < channels; c++)
        most = abs(sample[c]) > most ? abs(sample[c]) : most;
    return most / LOUDEST;
}

void rill_level_take(struct rill_level *l, const struct rill_pcm *pcm)
{
    double sum = 0;
    if (pcm->frames == 0 || pcm->rate_hz == 0)
        return;
    for (size_t i = 0; i < pcm->frames; i++) {
        double v = loudest(pcm->samples + i * pcm->channels, pcm->channels);
        sum += v * v;
    }
    l->total_energy += sum / pcm->rate_hz;
    l->total_duration += (double)pcm->frames / pcm->rate_hz;
    l->last = sqrt(sum / (double)pcm->frames);
}

uint8_t rill_level_dbov(const struct rill_level *l)
{
    double db = l->last > 0 ? -20 * log10(l->last) : SILENCE;
    return db >= SILENCE ? SILENCE : db <= 0 ? 0 : (uint8_t)(db + 0.5);
}

bool rill_level_is_voice(const struct rill_level *l)
{
    return rill_level_dbov(l) < VOICE;
}
