/* sdp/checks (room-internal): what RFC 9429 §5.8.3 and its like ask of an m-line, one question a
 * row. What breaks a strict one is refused; what breaks another is named by lint alone, since
 * the field is sloppy there and nothing gets ambiguous. */
#ifndef RILL_SDP_CHECKS_H
#define RILL_SDP_CHECKS_H

#include "sdp/sdp.h"

/* A description, and the BUNDLE group each m-line is in: its number from 1, 0 for none. */
struct rill_sdp_judged {
    const struct rill_sdp *s;
    size_t group[RILL_SDP_MEDIA_MAX];
};
struct rill_sdp_judged rill_sdp_judged(const struct rill_sdp *s);

/* 0, or the row that m-line i breaks; *value says what is wrong. */
typedef int rill_sdp_check_fn(const struct rill_sdp_judged *j, size_t i, uint64_t *value);

struct rill_sdp_check {
    rill_sdp_check_fn *check;
    bool strict;
};

extern const struct rill_sdp_check rill_sdp_checks[];
extern const size_t rill_sdp_n_checks;

#endif
