/* base/g711: PCMU and PCMA, a byte a sample at 8 kHz (ITU-T G.711; RFC 3551 §4.5.14).
 *
 *   | sign (1) | segment (3) | step in it (4) |   PCMU: all bits inverted; PCMA: every other one
 *
 * The idea: the loudness's logarithm, in eight segments of sixteen steps each.
 */
#ifndef RILL_BASE_G711_H
#define RILL_BASE_G711_H

#include <stdint.h>

uint8_t rill_pcmu_encode(int16_t sample);
int16_t rill_pcmu_decode(uint8_t byte);
uint8_t rill_pcma_encode(int16_t sample);
int16_t rill_pcma_decode(uint8_t byte);

#endif
