/* trace_points: what each event of a trace means: the sentences of all trace points, which
 * scripts/trace-points.sh collects when rill is built. */
#include "apps/trace_lens.h"

#include <stdlib.h>
#include <string.h>

struct point {
    const char *name, *sentence;
};

/* By name. */
static const struct point points[] = {
#include "trace_points.def"
};

static int compare(const void *key, const void *point)
{
    return strcmp(key, ((const struct point *)point)->name);
}

const char *rill_trace_sentence(const char *name)
{
    const struct point *p =
        bsearch(name, points, sizeof points / sizeof points[0], sizeof points[0], compare);
    if (!p && !strncmp(name, "input:", 6))
        return "the peer connection was called"; /* peer/inputs.c has a macro for these */
    return p ? p->sentence : NULL;
}
