/* base/picture_size: how large pictures are, by the headers that stand before them: H.264's
 * sequence parameter set (ITU-T H.264 §7.3.2.1.1) and AV1's sequence header (AV1 §5.5). Nothing
 * else of them is kept. */
#ifndef RILL_BASE_PICTURE_SIZE_H
#define RILL_BASE_PICTURE_SIZE_H

#include "base/bytes.h"

/* sps: a NAL unit with its octet, of type 7. False when it cannot be read; out is untouched. */
bool rill_h264_sps_size(struct rill_view sps, uint32_t *width, uint32_t *height);
/* header: an OBU of type 1 without its header. What it says is the largest that pictures of the
 * sequence may be, which they are where nobody scales them. */
bool rill_av1_sequence_size(struct rill_view header, uint32_t *width, uint32_t *height);
/* Of the first such header of an access unit in Annex B, or of a temporal unit in the low-overhead
 * format (AV1 §5.2). False when there is none that can be read. */
bool rill_h264_unit_size(struct rill_view unit, uint32_t *width, uint32_t *height);
bool rill_av1_unit_size(struct rill_view unit, uint32_t *width, uint32_t *height);

#endif
