/* base/annexb: H.264 in Annex B form, for files and packets: NAL units behind start codes, and
 * which of them begin an access unit. Nothing is decoded here. */
#ifndef RILL_BASE_ANNEXB_H
#define RILL_BASE_ANNEXB_H

#include "base/bytes.h"

/* The next NAL unit from *at on, without start code and trailing zeros; false after the last. */
bool rill_annexb_next(struct rill_view bytes, size_t *at, struct rill_view *nal);

/* nal: with its octet. */
bool rill_annexb_is_slice(struct rill_view nal);
/* An access unit may begin with it: parameters, a delimiter, SEI, the types 14 to 18, or a
 * picture's first slice. Slices come in their order: that is the one whose first macroblock is the
 * first. */
bool rill_annexb_may_begin(struct rill_view nal);
/* A prefix (type 14) goes with the slice behind it, which tells whether a picture begins. */
bool rill_annexb_is_prefix(struct rill_view nal);

/* What of its access unit a NAL unit is, as far as key frames go: several, or none. */
enum rill_annexb_part {
    RILL_ANNEXB_SLICE = 1,
    RILL_ANNEXB_IDR = 2,
    RILL_ANNEXB_SPS = 4,
    RILL_ANNEXB_PPS = 8,
    RILL_ANNEXB_RECOVERY = 16, /* SEI: decoding can begin here (H.264 §D.2.8) */
};
unsigned rill_annexb_parts(struct rill_view nal);
/* Of all of an access unit: it needs no other. An IDR picture, or a recovery point with both of its
 * parameter sets; not any picture that has an SPS. */
bool rill_annexb_are_key(unsigned parts);

#endif
