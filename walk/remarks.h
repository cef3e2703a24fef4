/* walk/remarks: what a learner should know of each line of a description. */
#ifndef RILL_WALK_REMARKS_H
#define RILL_WALK_REMARKS_H

#include "base/bytes.h"

struct walk_remark {
    const char *begins; /* of the line; # is any number */
    const char *clause, *text;
};

/* NULL: nothing is said of this line. */
const struct walk_remark *walk_remark(struct rill_view line);

#endif
