/* sdp/checks (room-internal): what RFC 9429 §5.8.3 and its like ask of an m-line, one question a
 * row. What breaks a strict one is refused (checks.c); what breaks a remark is named by lint alone,
 * since the field is sloppy there and nothing gets ambiguous (remarks.c). */
#ifndef RILL_SDP_CHECKS_H
#define RILL_SDP_CHECKS_H

#include "sdp/sdp.h"

/* A description, and the BUNDLE group each m-line is in: its number from 1, 0 for none; the first
 * that names it counts. */
struct rill_sdp_judged {
    const struct rill_sdp *s;
    size_t group[RILL_SDP_MEDIA_MAX];
    bool twice[RILL_SDP_MEDIA_MAX]; /* the groups name it again */
};
struct rill_sdp_judged rill_sdp_judged(const struct rill_sdp *s);
bool rill_sdp_is_in_use(const struct rill_sdp_media *m);
/* An earlier m-line of the same BUNDLE group, in use; SIZE_MAX when there is none from `from` on.
 */
size_t rill_sdp_companion(const struct rill_sdp_judged *j, size_t i, size_t from);

/* 0, or the row that m-line i breaks; *value says what is wrong. */
typedef int rill_sdp_check_fn(const struct rill_sdp_judged *j, size_t i, uint64_t *value);

/* Of m-lines in use, and of all. */
extern rill_sdp_check_fn *const rill_sdp_remarks[];
extern const size_t rill_sdp_n_remarks;
extern rill_sdp_check_fn *const rill_sdp_group_remarks[];
extern const size_t rill_sdp_n_group_remarks;

/* Everything that m-line i breaks; returns how many. */
#define RILL_SDP_BROKEN_MAX 40
struct rill_sdp_broken {
    int row;
    uint64_t value;
};
size_t rill_sdp_broken(const struct rill_sdp_judged *j, size_t i,
                       struct rill_sdp_broken out[RILL_SDP_BROKEN_MAX]);

#endif
