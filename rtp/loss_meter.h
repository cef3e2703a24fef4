/* rtp/loss_meter: which share of a stream's packets is lost of late, packet by packet.
 *
 * The idea: the mean of the first ones, then a mean that forgets: of a loss that begins a third is
 * seen after some 50 packets, a second of sound; of one that ends a tenth is left after some 300.
 */
#ifndef RILL_RTP_LOSS_METER_H
#define RILL_RTP_LOSS_METER_H

#include <stdbool.h>
#include <stdint.h>

/* Packets whose mean it is. */
#define RILL_LOSS_METER_WINDOW 128
/* Fewer than so many say nothing. */
#define RILL_LOSS_METER_LEAST 50

/* Begins with zeros. */
struct rill_loss_meter {
    uint32_t n;
    int32_t share; /* /65536 */
};

/* One more packet has come, or not. */
void rill_loss_meter_packet(struct rill_loss_meter *m, bool lost);
/* One that was told as lost has come after all. */
void rill_loss_meter_found(struct rill_loss_meter *m);
/* /256, as receiver reports have it; 0 while too few packets are known. */
uint8_t rill_loss_meter_fraction(const struct rill_loss_meter *m);

#endif
