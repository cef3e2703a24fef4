/* base/annexb: H.264 in Annex B form, for files and packets: NAL units behind start codes, and
 * which of them begin an access unit. Nothing is decoded here. */
#ifndef RILL_BASE_ANNEXB_H
#define RILL_BASE_ANNEXB_H

#include "base/bytes.h"

/* The next NAL unit from *at on, without start code and trailing zeros; false after the last. */
bool rill_annexb_next(struct rill_view bytes, size_t *at, struct rill_view *nal);

/* nal: with its octet. */
bool rill_annexb_is_slice(struct rill_view nal);
/* An access unit may begin with it: parameters, a delimiter, SEI, or a picture's first slice. */
bool rill_annexb_may_begin(struct rill_view nal);
/* It makes its access unit one that needs no other: an SPS, or the first slice of an IDR. */
bool rill_annexb_is_key(struct rill_view nal);

#endif
