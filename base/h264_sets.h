/* base/h264_sets: what must be known of H.264's parameter sets (ITU-T H.264 §7.3.2) to tell the
 * size of pictures, and to tell coded frames from coded fields. NAL units come with their octet. */
#ifndef RILL_BASE_H264_SETS_H
#define RILL_BASE_H264_SETS_H

#include "base/bytes.h"

#define RILL_H264_SPS_IDS 32  /* §7.4.2.1.1 */
#define RILL_H264_PPS_IDS 256 /* §7.4.2.2 */
#define RILL_H264_FRAME_NUM_BITS_MAX 16

struct rill_h264_sps {
    uint8_t profile_idc;
    uint32_t id;
    uint32_t frame_num_bits; /* of slices; 0 in none that was read */
    bool separate_planes;
    bool frames_only;       /* no picture is a field */
    uint32_t width, height; /* pixels, less what is cropped */
};
/* False when it cannot be read; out is untouched. */
bool rill_h264_sps_read(struct rill_view sps, struct rill_h264_sps *out);

/* What a NAL unit holds behind its octet, as much as there is room for, without what keeps start
 * codes from it (§7.4.1). */
struct rill_view rill_h264_held(struct rill_view nal, struct rill_span room);

/* The sets of a stream so far. Begins as zeros. */
struct rill_h264_sets {
    struct rill_h264_sps sps[RILL_H264_SPS_IDS];
    uint8_t sps_of[RILL_H264_PPS_IDS];
};
/* nal: any; one that is no parameter set, or cannot be read, is passed over. */
void rill_h264_sets_learn(struct rill_h264_sets *sets, struct rill_view nal);

struct rill_h264_structure {
    bool field, bottom;
    uint32_t frame_num; /* of fields: those of one frame have the same */
};
/* Of the picture that a slice (§7.3.3) is of: a frame where its sets are not known. */
struct rill_h264_structure rill_h264_slice_structure(const struct rill_h264_sets *sets,
                                                     struct rill_view nal);

#endif
