#include "rtp/comfort_noise.h"

#define LEVEL_MOST 127
#define MIDDLE 127
#define STEP 258

static const struct rill_field fields[] = {
    {"reserved", 0, 1, "RFC 3389 §3.1", "0"},
    {"level", 1, 7, "RFC 3389 §3.1", "dB below the overload of the system"},
    {"coefficient", 8, 8, "RFC 3389 §3.2", "of the filter: 258 (N - 127) / 32768"},
};

const struct rill_field_table rill_comfort_noise_fields = {"comfort noise", fields,
                                                           sizeof fields / sizeof fields[0]};

int rill_comfort_noise_parse(struct rill_view payload, struct rill_comfort_noise *out,
                             struct rill_err *why)
{
    struct rill_reader r = rill_reader_of(payload);
    struct rill_comfort_noise n = {.level = rill_r_u8(&r) & LEVEL_MOST};
    if (r.bad)
        return rill_err_set(&rill_rtp_errors, RILL_COMFORT_NOISE_EMPTY, 0, 0, why);
    while (rill_r_left(&r) && n.order < RILL_COMFORT_NOISE_ORDER_MAX) {
        uint8_t index = rill_r_u8(&r);
        if (index == RILL_COMFORT_NOISE_RESERVED)
            return rill_err_set(&rill_rtp_errors, RILL_COMFORT_NOISE_INDEX, 1u + n.order, n.order,
                                why);
        n.indices[n.order++] = index;
    }
    *out = n;
    return 0;
}

void rill_comfort_noise_write(struct rill_writer *w, const struct rill_comfort_noise *n)
{
    if (n->level > LEVEL_MOST || n->order > RILL_COMFORT_NOISE_ORDER_MAX) {
        w->bad = true;
        return;
    }
    rill_w_u8(w, n->level);
    for (size_t i = 0; i < n->order; i++)
        rill_w_u8(w, n->indices[i]);
}

int32_t rill_comfort_noise_q15(uint8_t index)
{
    return STEP * ((int32_t)index - MIDDLE);
}

uint8_t rill_comfort_noise_index(int32_t q15)
{
    int32_t steps = (q15 + (q15 < 0 ? -STEP / 2 : STEP / 2)) / STEP;
    if (steps < -MIDDLE)
        steps = -MIDDLE;
    return (uint8_t)(MIDDLE + (steps > MIDDLE ? MIDDLE : steps));
}
