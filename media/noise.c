#include "media/noise.h"

#include <math.h>
#include <string.h>

#define SILENCE 127
/* Each new frame counts as one of so many. */
#define FRAMES 8
#define PI 3.14159265358979
/* So many samples of a frame are looked at; 20 ms are 160. */
#define WINDOW_MAX 480
/* Less than nothing in the way of white noise, so that no pole lies on the circle. */
#define WHITE 1.0001
#define DIFFERENT_DB 2
#define OTHER_SHAPE_DB 5
/* How far the gain goes with each sample: most of the way in 20 ms. */
#define SLOWLY (1.0 / 64)

double rill_noise_dbov(const int16_t *samples, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += (double)samples[i] * samples[i];
    if (sum <= 0)
        return -SILENCE;
    double db = 10 * log10(sum / (double)n / (RILL_NOISE_LOUDEST * RILL_NOISE_LOUDEST));
    return db < -SILENCE ? -SILENCE : db;
}

/* --- heard ---------------------------------------------------------------------------------- */

static void correlate(const int16_t *samples, size_t n, double out[RILL_NOISE_ORDER + 1])
{
    double v[WINDOW_MAX];
    for (size_t i = 0; i < n; i++)
        v[i] = samples[i] * (0.54 - 0.46 * cos(2 * PI * ((double)i + 0.5) / (double)n));
    for (size_t lag = 0; lag <= RILL_NOISE_ORDER; lag++) {
        out[lag] = 0;
        for (size_t i = lag; i < n; i++)
            out[lag] += v[i] * v[i - lag];
    }
}

void rill_noise_hear(struct rill_noise_heard *h, const int16_t *samples, size_t n)
{
    double correlation[RILL_NOISE_ORDER + 1], power = 0;
    n = n < WINDOW_MAX ? n : WINDOW_MAX;
    if (n == 0)
        return;
    h->frames += h->frames < FRAMES;
    for (size_t i = 0; i < n; i++)
        power += (double)samples[i] * samples[i] / (double)n;
    correlate(samples, n, correlation);
    h->power += (power - h->power) / h->frames;
    for (size_t i = 0; i <= RILL_NOISE_ORDER; i++)
        h->correlation[i] += (correlation[i] - h->correlation[i]) / h->frames;
}

/* Levinson and Durbin: the coefficient of each order makes what is left of the power least. */
static size_t reflect(const double r[RILL_NOISE_ORDER + 1], double k[RILL_NOISE_ORDER])
{
    double a[RILL_NOISE_ORDER + 1] = {1}, left = r[0] * WHITE;
    for (size_t m = 1; m <= RILL_NOISE_ORDER; m++) {
        double before[RILL_NOISE_ORDER + 1], sum = 0;
        if (left <= 0)
            return m - 1;
        for (size_t i = 0; i < m; i++)
            sum += a[i] * r[m - i];
        k[m - 1] = -sum / left;
        memcpy(before, a, sizeof a);
        for (size_t i = 1; i <= m; i++)
            a[i] = before[i] + k[m - 1] * before[m - i];
        left *= 1 - k[m - 1] * k[m - 1];
    }
    return RILL_NOISE_ORDER;
}

void rill_noise_tell(const struct rill_noise_heard *h, struct rill_comfort_noise *out)
{
    double k[RILL_NOISE_ORDER];
    double ratio = h->power / (RILL_NOISE_LOUDEST * RILL_NOISE_LOUDEST);
    double db = ratio > 0 ? -10 * log10(ratio) : SILENCE;
    *out = (struct rill_comfort_noise){.level = db >= SILENCE ? SILENCE
                                                : db > 0      ? (uint8_t)(db + 0.5)
                                                              : 0};
    size_t order = out->level < SILENCE ? reflect(h->correlation, k) : 0;
    for (size_t i = 0; i < order; i++)
        out->indices[out->order++] = rill_comfort_noise_index((int32_t)lrint(k[i] * 32768));
}

/* By their logarithmic area ratios, in which hearing is even. */
static double ratio_db(const struct rill_comfort_noise *n, size_t i)
{
    double k = i < n->order ? rill_comfort_noise_q15(n->indices[i]) / 32768.0 : 0;
    return 10 * log10((1 + k) / (1 - k));
}

bool rill_noise_differs(const struct rill_comfort_noise *a, const struct rill_comfort_noise *b)
{
    double sum = 0;
    int louder = a->level - b->level;
    size_t order = a->order > b->order ? a->order : b->order;
    for (size_t i = 0; i < order; i++)
        sum += pow(ratio_db(a, i) - ratio_db(b, i), 2);
    return louder >= DIFFERENT_DB || louder <= -DIFFERENT_DB || sqrt(sum) >= OTHER_SHAPE_DB;
}

/* --- made ----------------------------------------------------------------------------------- */

void rill_noise_set(struct rill_noise_made *m, const struct rill_comfort_noise *n, bool fresh)
{
    /* White noise of as much power as the filter leaves room for. */
    double power = n->level < SILENCE
                       ? pow(10, -n->level / 10.0) * RILL_NOISE_LOUDEST * RILL_NOISE_LOUDEST
                       : 0;
    m->order = n->order;
    for (size_t i = 0; i < n->order; i++) {
        m->k[i] = rill_comfort_noise_q15(n->indices[i]) / 32768.0;
        power *= 1 - m->k[i] * m->k[i];
    }
    m->target = sqrt(power);
    if (fresh || !m->told) {
        m->gain = m->target;
        memset(m->state, 0, sizeof m->state);
    }
    m->told = true;
}

/* Nearly normal, of mean 0 and power 1: four even ones, each of power 1/12. */
static double white(struct rill_noise_made *m)
{
    double sum = 0;
    for (int i = 0; i < 4; i++) {
        m->random = m->random * 1664525u + 1013904223u;
        sum += (double)(m->random >> 8) / (1 << 24) - 0.5;
    }
    return sum * sqrt(3);
}

/* One sample through the lattice; state[i] is the backward error of order i, one sample ago. */
static double filter(struct rill_noise_made *m, double forward)
{
    for (size_t i = m->order; i-- > 0;) {
        forward -= m->k[i] * m->state[i];
        m->state[i + 1] = m->state[i] + m->k[i] * forward;
    }
    m->state[0] = forward;
    return forward;
}

void rill_noise_make(struct rill_noise_made *m, int16_t *out, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        m->gain += (m->target - m->gain) * SLOWLY;
        double v = m->told ? filter(m, m->gain * white(m)) : 0;
        out[i] = v > INT16_MAX ? INT16_MAX : v < INT16_MIN ? INT16_MIN : (int16_t)lrint(v);
    }
}
