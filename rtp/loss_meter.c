#include "rtp/loss_meter.h"

#define ALL 65536

void rill_loss_meter_packet(struct rill_loss_meter *m, bool lost)
{
    m->n += m->n < RILL_LOSS_METER_WINDOW;
    m->share += ((lost ? ALL : 0) - m->share) / (int32_t)m->n;
}

void rill_loss_meter_found(struct rill_loss_meter *m)
{
    int32_t one = m->n ? ALL / (int32_t)m->n : 0;
    m->share = m->share > one ? m->share - one : 0;
}

uint8_t rill_loss_meter_fraction(const struct rill_loss_meter *m)
{
    int32_t fraction = m->n < RILL_LOSS_METER_LEAST ? 0 : m->share * 256 / ALL;
    return (uint8_t)(fraction > 255 ? 255 : fraction);
}
