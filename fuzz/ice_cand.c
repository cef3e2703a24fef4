/* fuzz ice_cand: any bytes as a candidate line: what is read can be written and read again. */
#include "ice/cand.h"

#include <stdlib.h>
#include <string.h>

static void check(bool holds)
{
    if (!holds)
        abort();
}

static struct rill_ice_cand kept(const struct rill_ice_cand_line *l)
{
    struct rill_ice_cand c = {.type = l->type,
                              .component = (uint8_t)l->component,
                              .priority = l->priority,
                              .addr = l->addr,
                              .related = l->related};
    memcpy(c.foundation, l->foundation.p, l->foundation.n);
    return c;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct rill_ice_cand_line first, second;
    struct rill_err why;
    char text[512];
    if (rill_ice_cand_parse(rill_view_at(data, n), &first, &why) < 0) {
        check(why.row != NULL && why.offset <= n);
        return 0;
    }
    check(first.component >= 1 && first.component <= 256 && first.priority >= 1);
    if (first.addr.family == RILL_ADDR_NONE || !first.known_type || first.component > 255)
        return 0;
    struct rill_ice_cand c = kept(&first);
    struct rill_writer w = rill_writer_of((struct rill_span){(uint8_t *)text, sizeof text});
    rill_ice_cand_write(&w, &c, (struct rill_view){0});
    check(!w.bad);
    check(rill_ice_cand_parse(rill_w_view(&w), &second, NULL) == 0);
    check(rill_view_equal(first.foundation, second.foundation));
    check(rill_addr_equal(&first.addr, &second.addr) && first.priority == second.priority);
    return 0;
}
