#include "tests/sim/time.h"

#include <time.h>

static int64_t now_s = 1704067200;

void rill_sim_set_time(int64_t unix_s)
{
    now_s = unix_s;
}

time_t time(time_t *out)
{
    if (out)
        *out = (time_t)now_s;
    return (time_t)now_s;
}
